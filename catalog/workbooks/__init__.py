"""Workbooks (.xlsx) of the catalogue: records read from them, and templates to fill in."""
