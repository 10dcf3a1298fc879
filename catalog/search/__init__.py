"""Finding published records: a full-text index beside the catalogue, fed from its changes."""
