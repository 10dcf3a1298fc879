"""Kills workers at random moments, and has an independent reader look for what was lost."""

from benchmarks.kill_storm.run import run

__all__ = ["run"]
