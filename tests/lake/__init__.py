"""Tests of bytes and tables."""
