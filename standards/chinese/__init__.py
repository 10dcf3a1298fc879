"""Chinese text as a search compares it: one script, one case, its syllables and their initials."""
