"""When one applicant is worse off than another: a worse range of a band, or strictly worse findings."""

from __future__ import annotations

from engine.base.record import record
from engine.language.conditions import Values


@record
class Worse:
    """What to compare: a band with its ranges from worst to best, or findings by their polarity."""

    band: str | None = None
    rising: tuple[str, ...] = ()
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()

    def is_so(self, one: Values, other: Values) -> bool:
        """Whether the other is worse off than the one."""
        if self.band is not None:
            first, second = one.get(self.band), other.get(self.band)
            return first in self.rising and second in self.rising and self._place(second) < self._place(first)
        return not self.lost(one, other, reverse=True) and bool(self.lost(one, other))

    def _place(self, value: object) -> int:
        return self.rising.index(str(value))

    def lost(self, one: Values, other: Values, *, reverse: bool = False) -> list[str]:
        """The findings by which the other is worse off than the one (in reverse: better off)."""
        if reverse:
            one, other = other, one
        gained = [name for name in self.bad if other.get(name) is True and one.get(name) is not True]
        return [
            *gained,
            *(name for name in self.good if one.get(name) is True and other.get(name) is not True),
        ]
