"""The compose file and the images: by the schema, by the house's rules, and their commands run."""
