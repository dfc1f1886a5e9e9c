"""Workflow commands of GitHub Actions: annotations beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Mapping


def command(level: str, properties: Mapping[str, object], message: str) -> str:
    """An annotation: `error`, `warning` or `notice`, with where it stands (`file`, `line` …)."""
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {written}::{data(message)}"


def data(text: str) -> str:
    """Text as the runner decodes it; a line of ours must not begin a command of its own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data(text).replace(":", "%3A").replace(",", "%2C")
