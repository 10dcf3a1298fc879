"""Rules of the house as tests: what a reader may rely on without reading everything."""
