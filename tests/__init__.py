"""Tests of Datong, one folder for each package."""
