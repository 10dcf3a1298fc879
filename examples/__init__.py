"""Runnable examples: a sample world, the demonstration on it, and the run on real registers."""
