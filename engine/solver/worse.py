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
            places = {name: place for place, name in enumerate(self.rising)}
            first, second = (places.get(str(values.get(self.band))) for values in (one, other))
            return first is not None and second is not None and second < first
        return not self.lost(other, one) and bool(self.lost(one, other))

    def lost(self, one: Values, other: Values) -> list[str]:
        """The findings by which the other is worse off than the one."""
        gained = [name for name in self.bad if other.get(name) is True and one.get(name) is not True]
        return [
            *gained,
            *(name for name in self.good if one.get(name) is True and other.get(name) is not True),
        ]
