"""Base views: which records feed them, the SQL that builds them, and the files that serve them."""
