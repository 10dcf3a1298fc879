"""A sample world made from a seed: its people, its organisations, and the truth about them."""
