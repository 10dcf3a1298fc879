"""Real servers that tests start for themselves, each on free ports of this machine only."""
