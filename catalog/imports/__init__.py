"""Foreign catalogues: read through a mapping file, normalised by tables, compared for repeats."""
