"""The tool's version, the one place where it stands."""

from typing import Final

VERSION: Final = "0.2.0"
