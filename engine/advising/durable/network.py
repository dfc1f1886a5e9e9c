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
- Every ruleset has a **sentinel**, an alternative that always holds and is matched after all others. When it
  does not head the batch of those that fired, the library has lost what it matched (its stack was full, the
  fact was refused), and `InternalError` is raised instead of an answer with rules missing.
- Integers are all it is sent (`durable.encode`), conjunctions all it is asked (`durable.plan`), and what
  fired is read by position from the text of its answer (`durable.wire`).
- After an exception in the middle, also Ctrl-C, what was begun is completed and the fact retracted before the
  exception goes on. Else the next applicant would meet the last one's facts.
- One lock for the whole process: two threads in one ruleset are a segmentation fault. To use more cores, use
  more processes.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Hashable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from sys import intern
from types import TracebackType
from typing import Protocol, Self, cast

from engine.advising.durable.encode import Encoding, FactSource
from engine.advising.durable.plan import Firing, NetworkRule, plan
from engine.advising.durable.wire import END, HEAD, RETRACTED, Script, names_in
from engine.base.diagnostic import InternalError
from engine.language.conditions import Values
from engine.language.model import Condition, Fact


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

_SID = "0"
"""The state of facts that name none."""


class Network:
    """One stratum of conditions, compiled to durable-rules rulesets.

    `fire` may be called from several threads. A network that is dropped is closed by itself.
    """

    def __init__(self, conditions: Mapping[str, Condition], facts: Mapping[str, Fact]) -> None:
        if _library is None:
            raise InternalError("durable-rules is not installed, or does not work on this version of Python")
        encoding = Encoding(conditions.values(), facts)
        built: list[_Ruleset] = []
        self._finalizer = weakref.finalize(self, _delete, built)
        self._finalizer.atexit = False  # the process ends anyway, and its memory with it
        with _lock:
            for rules in itertools.chain(*plan(conditions, encoding)):
                built.append(_Ruleset(_library, rules, len(encoding)))
        self._rulesets = tuple(built)
        self._columns = tuple(_Columns(source, self._rulesets) for source in encoding.sources())
        self._known = tuple((columns.state, columns.known) for columns in self._columns)

    def fire(self, values: Values) -> set[str]:
        """The names of the conditions that are true. A fact that is missing from `values` is unknown."""
        try:
            columns = [known[state(values)] for state, known in self._known]
        except KeyError:  # a state that was not met before
            columns = [columns.column(values) for columns in self._columns]
        beginnings = map("".join, zip([HEAD] * len(self._rulesets), *columns, strict=True))
        fired: set[str | None] = set()
        auxiliaries: set[int] = set()
        with _lock:
            if not self._finalizer.alive:
                raise InternalError("this network is closed")
            for ruleset, beginning in zip(self._rulesets, beginnings, strict=True):
                message = beginning + ruleset.auxiliary_part(auxiliaries) + END
                names = ruleset.fire(message)
                fired.update(map(ruleset.condition, names))
                for outcome in ruleset.more_outcomes(names):
                    fired.update(outcome.names)
                    auxiliaries.update(outcome.auxiliaries)
        fired.discard(None)  # the sentinels
        return cast(set[str], fired)

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


class _Columns:
    """What a source adds to the message of each ruleset, for each of its states that was met.

    It has no more states than twice the literals it is compared with, however many applicants come.
    """

    def __init__(self, source: FactSource, rulesets: Sequence[_Ruleset]) -> None:
        self.state = source.state
        self.known: dict[Hashable, tuple[str, ...]] = {}
        self._source = source
        self._rulesets = rulesets

    def column(self, values: Values) -> tuple[str, ...]:
        """In the state of these values."""
        state = self.state(values)
        if state not in self.known:
            integers = [(slot, encode(values)) for slot, encode in self._source.integers]
            known = [(slot, integer) for slot, integer in integers if integer is not None]
            self.known[state] = tuple([intern(ruleset.script.part(known)) for ruleset in self._rulesets])
        return self.known[state]


class _Ruleset:
    """One ruleset of the library. To be used with the lock held.

    `condition` says for the name of an alternative which condition it stands for.
    """

    def __init__(self, library: _Library, rules: Sequence[NetworkRule], slots: int) -> None:
        self._library = library
        self.script = Script(rules)
        outcomes = {name: rule.outcome for name, rule in self.script.rules.items()}
        self.condition = {name: outcome.names[0] for name, outcome in outcomes.items() if outcome.names}.get
        self._more = {
            name: outcome
            for name, outcome in outcomes.items()
            if len(outcome.names) > 1 or outcome.auxiliaries
        }
        self._auxiliaries = [slot for slot in self.script.slots if slot >= slots]
        self._handle = library.create_ruleset("advise", self.script.rule)
        self._state = 0
        self._drained = False
        """All that ever began to fire has fired, at least once."""
        self._asserted = False
        """The fact may be in the library."""
        self._begun = False
        """A rule may be firing."""

    def auxiliary_part(self, auxiliaries: set[int]) -> str:
        """The part of a message that says which auxiliaries hold."""
        if not self._auxiliaries:
            return ""
        return self.script.part((slot, 1) for slot in self._auxiliaries if slot in auxiliaries)

    def more_outcomes(self, names: str) -> Iterable[Firing]:
        """Of these alternatives those from which something else follows than one condition."""
        return [self._more[name] for name in names if name in self._more] if self._more else ()

    def fire(self, message: str) -> str:
        """The names of the alternatives that fire."""
        try:
            if self._asserted:  # the last call was interrupted even while it settled
                self._settle()
            try:
                return self._fire(message)
            finally:
                self._settle()
        except self._library.error as error:
            raise InternalError(f"durable-rules: {error}") from error

    def _fire(self, message: str) -> str:
        library, handle = self._library, self._handle
        self._asserted = True
        status, state = library.assert_fact(handle, message)
        self._state, self._begun = state, True
        begun = library.start_action_for_state(handle, state)
        if begun is None:
            self._begun = False
        names = names_in(begun[1], message) if begun is not None else None
        if status or names is None:
            raise InternalError(f"durable-rules has lost what it matched (status {status})")
        if library.complete_and_start_action(handle, state) is not None:
            raise InternalError("durable-rules fires more than can have matched")
        self._begun = False
        self._drained = True
        return names

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
        self._library.retract_fact(self._handle, RETRACTED)
        self._asserted = False
