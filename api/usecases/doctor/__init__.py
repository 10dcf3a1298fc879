"""`datong doctor`: what is wrong with the platform, and what an operator does about it."""

from api.usecases.doctor.checks import Check, Examination, Severity
from api.usecases.doctor.examination import examine

__all__ = ["Check", "Examination", "Severity", "examine"]
