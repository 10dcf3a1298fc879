"""One delivery in: receive, decode, read, check, publish, report."""
