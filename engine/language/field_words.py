"""The words of a field: whom advice is for, its periods, who advises; how dates and numbers are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from engine.base.record import record, replace

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DATE: Final = "{iso} ({day} {month} {year})"
_IN_TITLES: Final = "{day} {month} {year}"
_GROUPED_FROM: Final = 10_000
"""A smaller number without a unit is not grouped: it may be a year."""


@record
class Noun:
    """A word of the field, for one and for many, with its article: `a tenant`, `an applicant`."""

    one: str
    many: str
    article: str

    def __str__(self) -> str:
        return f"{self.article} {self.one}"

    @property
    def capital(self) -> str:
        """The word as a title begins: `Lease year`."""
        return self.one[:1].upper() + self.one[1:]


def noun(one: str, many: str, article: str | None = None) -> Noun:
    """A word of the field; its article follows from its first letter where none is given."""
    return Noun(one, many, article or ("an" if one[:1].lower() in "aeiou" else "a"))


@record
class Formats:
    """How dates and numbers are written; `pattern` is that of a day; with `units` a number has its own."""

    pattern: str = DATE
    months: tuple[str, ...] = MONTHS
    thousands: str = ""
    decimal: str = "."
    units: bool = False

    def day(self, day: date) -> str:
        """A day by the pattern: as declared, else `2026-09-21 (21 September 2026)`."""
        return self.pattern.format(
            iso=day.isoformat(),
            day=day.day,
            dd=f"{day.day:02}",
            month=self.months[day.month - 1],
            mm=f"{day.month:02}",
            year=day.year,
        )

    def short_day(self, day: date) -> str:
        """A day where many stand: as declared, else `2026-09-21`."""
        return day.isoformat() if self.pattern == DATE else self.day(day)

    def day_of_title(self, day: date) -> str:
        """A day in a title: as declared, else `21 September 2026`."""
        return replace(self, pattern=_IN_TITLES).day(day) if self.pattern == DATE else self.day(day)

    def number(self, value: int | Decimal, step: Decimal, unit: str | None) -> str:
        """A number in its groups, in the precision of its fact, with its unit: `1,250.50 EUR`."""
        grouped = self.thousands and (unit is not None or not -_GROUPED_FROM < value < _GROUPED_FROM)
        form = "d" if isinstance(value, int) else f".{max(_places(step), _places(value))}f"
        text = format(value, f",{form}" if grouped else form)
        text = text.translate({ord(","): self.thousands, ord("."): self.decimal})
        return f"{text} {unit}" if self.units and unit else text

    @property
    def between(self) -> str:
        """What stands between the values of a list."""
        return "; " if self.decimal == "," else ", "


def _places(number: Decimal) -> int:
    return max(-int(number.normalize().as_tuple().exponent), 0)


PLAIN: Final = Formats()
"""Where nothing is declared."""


@record
class FieldWords:
    """What a field calls whom advice is for, its periods, and who advises."""

    subject: Noun = noun("applicant", "applicants")
    period: Noun = noun("season", "seasons")
    adviser: Noun = noun("advisor", "advisors")
    formats: Formats = PLAIN

    @property
    def declared(self) -> bool:
        """Whether the folder has a word of its own for whom advice is for."""
        return self.subject != UNDECLARED.subject


UNDECLARED: Final = FieldWords()
NEUTRAL: Final = FieldWords(
    noun("subject", "subjects"), noun("period", "periods"), noun("adviser", "advisers")
)
"""Where the folder that would say cannot be read."""
