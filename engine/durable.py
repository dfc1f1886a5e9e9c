"""Fire conditions on durable-rules. Only this module touches the library, and only through this protocol.

durable-rules is quick when driven with care; driven otherwise it loses rules silently, hangs or ends the
process. What is done here, and why:

- The C module is called directly. The library's `Host` keeps timer threads that cannot be stopped, and
  decodes every message once more for every rule that fires.
- For one applicant, each ruleset goes through `assert_fact`, `start_action_for_state`,
  `complete_and_start_action` until nothing is left, and `retract_fact`. The one fact has a fixed id, so the
  same facts can be asserted again; it is retracted, so memory stays flat. The one state is deleted only with
  its ruleset, and only after it has been drained: to delete a state of which no action was started ends the
  process, and a ruleset deleted with a live state leaks it.
- Every ruleset has a **sentinel**, a rule that always holds and is the first to fire. When it does not, the
  library has lost what it matched (its stack was full, the fact was refused), and `EngineDefect` is raised
  instead of an answer with rules missing.
- Integers are all it is sent (`engine.durable_encode`), conjunctions all it is asked (`engine.durable_plan`).
  Rules go by three hexadecimal digits, so the name of a fired rule is sliced off the message.
- After an exception in the middle, also Ctrl-C, what was begun is completed and the fact retracted before the
  exception goes on. Else the next applicant would meet the last one's facts.
- One lock for the whole process: two threads in one ruleset are a segmentation fault. To use more cores, use
  more processes.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, cast

from engine.diagnostic import EngineDefect
from engine.durable_encode import Comparison, Encoding, Values, key, piece
from engine.durable_plan import Outcome, Rule, plan
from engine.model import Condition, Fact


class _Library(Protocol):
    """The part of the C module that is safe."""

    __file__: str
    error: type[Exception]

    def create_ruleset(self, name: str, rules: str, /) -> int: ...
    def delete_ruleset(self, handle: int, /) -> None: ...
    def delete_state(self, handle: int, sid: str, /) -> None: ...
    def assert_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, state: int, /) -> str | None: ...
    def retract_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...


def _load() -> _Library | None:
    try:
        return cast(_Library, import_module("durable_rules_engine"))
    except ImportError:  # not installed, or Python 3.13 and later, where it has an undefined symbol
        return None


def _version(library: _Library | None) -> str:
    if library is None:
        return ""
    installed = next(Path(library.__file__).parent.glob("durable_rules-*.dist-info"), None)
    if installed is not None:  # importlib.metadata says the same, 50 ms later
        return f"durable-rules {installed.stem.partition('-')[2]}"
    from importlib.metadata import version

    return f"durable-rules {version('durable_rules')}"


_library = _load()
_lock = threading.RLock()
"""Reentrant, because a network can be dropped, and closed, by a garbage collection inside `fire`."""

AVAILABLE = _library is not None
"""Whether durable-rules can be used on this Python."""

VERSION = _version(_library)
"""The library and its version, `durable-rules 2.0.28`; empty when it is not available."""

_SENTINEL = "000"
_ALWAYS = '{"$eq":{"_":1}}'
_HEAD = '{"id":"1","_":1'
_RETRACTED = '{"id":"1"}'
_SID = "0"
"""The state of facts that name none."""
_NAME = slice(2, 5)
"""Where a fired rule's name stands in the message: `{"000":{…`."""


class Network:
    """One stratum of conditions, compiled to durable-rules rulesets.

    `fire` may be called from several threads. A network that is dropped is closed by itself.
    """

    def __init__(self, conditions: Mapping[str, Condition], facts: Mapping[str, Fact]) -> None:
        if _library is None:
            raise EngineDefect("durable-rules is not installed, or does not work on this version of Python")
        encoding = Encoding(conditions.values(), facts)
        layout = plan(conditions, encoding)
        self._encoders = encoding.encoders()
        self._auxiliaries = {slot: piece(slot, 1) for slot in range(len(encoding), layout.slots)}
        built: list[_Ruleset] = []
        self._finalizer = weakref.finalize(self, _delete, built)
        self._finalizer.atexit = False  # the process ends anyway, and its memory with it
        with _lock:
            self._passes = tuple(
                tuple(_Ruleset(_library, rules, built) for rules in rulesets) for rulesets in layout.passes
            )

    def fire(self, values: Values) -> set[str]:
        """The names of the conditions that are true. A fact that is missing from `values` is unknown."""
        pieces = [encode(values) for encode in self._encoders]
        pieces.extend("" for _ in self._auxiliaries)
        fired: set[str] = set()
        with _lock:
            if not self._finalizer.alive:
                raise EngineDefect("this network is closed")
            for rulesets in self._passes:
                for ruleset in rulesets:
                    for outcome in ruleset.fire(pieces):
                        fired.update(outcome.names)
                        for slot in outcome.auxiliaries:
                            pieces[slot] = self._auxiliaries[slot]
        return fired

    def close(self) -> None:
        """Give the rulesets back. A closed network cannot fire."""
        with _lock:
            self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _delete(built: Iterable[_Ruleset]) -> None:
    with _lock:
        for ruleset in built:
            ruleset.delete()


class _Ruleset:
    """One ruleset of the library. To be used with the lock held."""

    def __init__(self, library: _Library, rules: Sequence[Rule], built: list[_Ruleset]) -> None:
        self._library = library
        self._outcomes = {f"{number:03x}": rule.outcome for number, rule in enumerate(rules, 1)}
        self._select = _selector({comparison.slot for rule in rules for comparison in rule.comparisons})
        self._handle = library.create_ruleset("advise", _text(zip(self._outcomes, rules, strict=True)))
        built.append(self)
        self._state = 0
        self._drained = False
        """All that ever began to fire has fired, at least once."""
        self._asserted = False
        """The fact may be in the library."""
        self._begun = False
        """A rule may be firing."""

    def fire(self, pieces: Sequence[str]) -> list[Outcome]:
        """What follows from the rules that fire on these integers."""
        try:
            if self._asserted:  # the last call was interrupted even while it settled
                self._settle()
            try:
                return self._fire("".join((_HEAD, *self._select(pieces), "}")))
            finally:
                self._settle()
        except self._library.error as error:
            raise EngineDefect(f"durable-rules: {error}") from error

    def _fire(self, message: str) -> list[Outcome]:
        complete, handle = self._library.complete_and_start_action, self._handle
        self._asserted = True
        status, state = self._library.assert_fact(handle, message)
        self._state, self._begun = state, True
        begun = self._library.start_action_for_state(handle, state)
        if begun is None:
            self._begun = False
        if status or begun is None or begun[1][_NAME] != _SENTINEL:
            raise EngineDefect(f"durable-rules has lost what it matched (status {status})")
        outcomes = []
        while (fired := complete(handle, state)) is not None:
            outcomes.append(self._outcomes[fired[_NAME]])
        self._begun = False
        self._drained = True
        return outcomes

    def delete(self) -> None:
        """Give the ruleset back, and its state where that is safe."""
        if self._drained and not self._asserted:
            self._library.delete_state(self._handle, _SID)
        self._library.delete_ruleset(self._handle)

    def _settle(self) -> None:
        """Complete what was begun and take the fact back, wherever the exception struck.

        Where it is not known whether a rule is firing, starting answers None if one is (the library leases
        a state for a minute), and completing is an error if none is; neither does harm.
        """
        if self._begun:
            try:
                self._library.start_action_for_state(self._handle, self._state)
                while self._library.complete_and_start_action(self._handle, self._state) is not None:
                    pass
            except self._library.error:
                pass
            self._begun = False
        self._library.retract_fact(self._handle, _RETRACTED)
        self._asserted = False


def _text(named: Iterable[tuple[str, Rule]]) -> str:
    """A ruleset as the library reads it, the sentinel first, for rules fire in this order."""
    rules = [(_SENTINEL, _ALWAYS), *((name, _conjunction(rule.comparisons)) for name, rule in named)]
    return "{" + ",".join(f'"{name}":{{"all":[{{"m":{condition}}}]}}' for name, condition in rules) + "}"


def _conjunction(comparisons: Sequence[Comparison]) -> str:
    written = [f'{{"{c.relation}":{{"{key(c.slot)}":{c.constant}}}}}' for c in comparisons]
    # One object a comparison: of an object with two keys the library reads the first only.
    return f'{{"$and":[{",".join(written)}]}}' if written else _ALWAYS


def _selector(slots: Iterable[int]) -> Callable[[Sequence[str]], Iterable[str]]:
    """The pieces in these slots, as something to join (for one slot a text, which joins to itself)."""
    ordered = sorted(slots)
    return itemgetter(*ordered) if ordered else lambda _: ()
