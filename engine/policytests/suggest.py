"""Later."""

from engine.policytests.run import PolicyTests
from datetime import date


def suggest(tests: PolicyTests, rule: str, today: date) -> str:
    """Later."""
    return ""
