"""Words of others at the end of a sentence, with one full stop."""

from __future__ import annotations


def os_reason(error: OSError) -> str:
    """Why the system did not do what was asked of it, without a full stop."""
    return (error.strerror or str(error) or type(error).__name__).rstrip(".")


def sentence(words: str) -> str:
    """Words, with a full stop unless they end in one."""
    return words if words.endswith((".", "!", "?")) else f"{words}."
