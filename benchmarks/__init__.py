"""Scripts that measure our path and the bare engine on the same work in one run."""
