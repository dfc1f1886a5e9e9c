"""What durable-rules is sent and what it answers, as text.

All conjunctions of a ruleset are alternatives of one rule with a `cap`. The library matches each by itself
and hands over all that fired in one **batch**; as rules of their own they would come one by one, which takes
five times as long. In the text of a batch each has the fact under its own name:

    {"r":[{"!":{"id":"1","_":1,"b":3}},{"a":{"id":"1","_":1,"b":3}}]}

Names have one character and the fact is the same each time, so they stand at even distances, and one slice
takes them all. The sentinel `!` always holds. It heads the batch, for the newest comes first and it is
matched last: the library takes first what it found last, and the sentinel's integer heads the message and
its alternative ends the rule.

A message carries an integer only where it makes a comparison of the ruleset true. Else it would do nothing,
for a comparison with a missing integer is false, and to read it costs the library more than to compare it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from string import ascii_letters, ascii_uppercase, digits

from engine.advising.durable.encode import EncodedComparison, Relation
from engine.advising.durable.plan import NetworkRule

HEAD, END = '{"id":"1","_":1', "}"
"""What a message begins and ends with."""

RETRACTED = '{"id":"1"}'

_SENTINEL, _ALWAYS = "!", '{"$eq":{"_":1}}'
_NAMES = ascii_letters + digits + "#%&()*+,-./:;<=>?@"
_FIRST, _ABOUT_EACH, _ABOUT_ALL = len('{"r":[{"'), len('{"!":},'), len('{"r":[]}') - len(",")
"""Of a batch: where the first name stands, how much is about each fact, and about them all."""

_CHARACTERS = ascii_letters + digits
KEY_LIMIT = len(_CHARACTERS) + len(ascii_uppercase) * len(_CHARACTERS)
"""So many integers can be told apart in one ruleset, several times as many as a fact may have."""

_COMPARE: Mapping[Relation, Callable[[int, int], bool]] = {
    "$eq": operator.eq, "$neq": operator.ne, "$gte": operator.ge, "$lte": operator.le, "$gt": operator.gt,
    "$lt": operator.lt,
}  # fmt: skip


def key(number: int) -> str:
    """The name an integer goes under: a letter or digit, a capital before it, never anybody's own words.

    durable-rules tells names apart by a 32-bit hash only. No two of these share one, nor does any share
    that of a name the library keeps for itself (`sid`); a test goes through them all.
    """
    if number >= KEY_LIMIT:
        raise OverflowError(f"a ruleset compares more than {KEY_LIMIT} different things")
    capital, last = divmod(number, len(_CHARACTERS))
    return _CHARACTERS[last] if capital == 0 else ascii_uppercase[capital - 1] + _CHARACTERS[last]


class Script:
    """A ruleset as text: `rule` is what the library is to read, `rules` are by the names in a batch."""

    def __init__(self, rules: Sequence[NetworkRule]) -> None:
        self.rules = dict(zip(_NAMES, rules, strict=False))
        if len(self.rules) < len(rules):
            raise OverflowError(f"a ruleset has more than {len(_NAMES)} alternatives")
        slots = sorted({comparison.slot for rule in rules for comparison in rule.comparisons})
        self._keys = {slot: key(number) for number, slot in enumerate(slots)}
        self._tests: dict[int, list[tuple[Callable[[int, int], bool], int]]] = {slot: [] for slot in slots}
        for comparison in {comparison for rule in rules for comparison in rule.comparisons}:
            self._tests[comparison.slot].append((_COMPARE[comparison.relation], comparison.constant))
        conditions = {name: self._conjunction(rule.comparisons) for name, rule in self.rules.items()}
        conditions[_SENTINEL] = _ALWAYS
        alternatives = [f'"all":[{{"{name}":{condition}}}]' for name, condition in conditions.items()]
        self.rule = f'{{"r":{{{",".join(alternatives)},"cap":{len(alternatives)}}}}}'

    @property
    def slots(self) -> Iterable[int]:
        """Those of the integers that are compared here."""
        return self._keys.keys()

    def part(self, integers: Iterable[tuple[int, int]]) -> str:
        """The part of a message that carries these integers, by slot, as far as they matter here."""
        text = ""
        for slot, integer in integers:
            for holds, constant in self._tests.get(slot, ()):
                if holds(integer, constant):
                    text += f',"{self._keys[slot]}":{integer}'
                    break
        return text

    def _conjunction(self, comparisons: Sequence[EncodedComparison]) -> str:
        # One object a comparison: of an object with two keys the library reads the first only.
        written = [f'{{"{c.relation}":{{"{self._keys[c.slot]}":{c.constant}}}}}' for c in comparisons]
        return f'{{"$and":[{",".join(written)}]}}' if written else _ALWAYS


def names_in(batch: str, message: str) -> str | None:
    """The names of what fired on this message, the sentinel among them; None when it is not all there."""
    each = len(message) + _ABOUT_EACH
    names = batch[_FIRST::each]
    whole = names[:1] == _SENTINEL and len(batch) == _ABOUT_ALL + len(names) * each
    return names if whole else None
