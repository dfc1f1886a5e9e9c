"""Rules that a test names and that are not in force on its day: renamed, removed, to come, or misspelt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property

from engine.base.diagnostic import Diagnostic, Location, correction, did_you_mean
from engine.base.toposort import reachable
from engine.language.model import FileVersion, Policies, Policy
from engine.language.policy_set import PolicySet
from engine.loading.folder import is_archived
from engine.loading.former_names import formerly


class RuleNames:
    """What has become of the rules of a folder; both are asked for when they are needed.

    `written` is all that stands in the folder, `shipped` what it was made from.
    """

    def __init__(self, written: Callable[[], Policies], shipped: Callable[[], Policies] | None) -> None:
        self._written, self._shipped = written, shipped

    @cached_property
    def _policies(self) -> tuple[Policy, ...]:
        return tuple(each for each in self._all.documents if isinstance(each, Policy))

    @cached_property
    def _all(self) -> Policies:
        return self._written()

    @cached_property
    def _came(self) -> dict[str, str]:
        """The rules that the folder was made with, and the file of each."""
        policies = self._shipped().documents if self._shipped is not None else ()
        return {
            rule.name: policy.file_version.path
            for policy in policies
            if isinstance(policy, Policy)
            for rule in policy.rules
        }

    @cached_property
    def _formerly(self) -> dict[str, tuple[str, ...]]:
        return formerly(self._all)

    def problem(
        self,
        name: str,
        policies: PolicySet,
        at: Location,
        near: Callable[[Iterable[str]], Iterable[str]],
    ) -> Diagnostic:
        """What is wrong with a name that no rule in force has, and what to write instead.

        `near` gives those of the names of rules that may be meant.
        """
        day, rules = policies.as_of, sorted(policies.by_name)
        heirs = [rule for rule in rules if name in self._names_before(rule)]
        if len(heirs) == 1:
            message = f"The rule `{name}` is called `{heirs[0]}` now."
            return Diagnostic(
                "renamed-rule", message, at, f"Write `{heirs[0]}`.", words=name, replacement=heirs[0]
            )
        if heirs:
            message = f"The rule `{name}` has become {' and '.join(f'`{rule}`' for rule in heirs)}."
            help_text = "Write the one that the test is about."
            return Diagnostic("unknown-rule", message, at, help_text, words=name)
        message = f"There is no rule `{name}` in force on {day}."
        holders = sorted(self._holders(name), key=lambda version: (version.effective_from, version.path))
        if not holders:
            if name in self._came:
                return _removed(name, f"it came with Advise, in {self._came[name]}", at)
            known = tuple(near(rules))
            hint, meant = did_you_mean(name, known), correction(name, known)
            return Diagnostic("unknown-rule", message, at, hint, words=name, replacement=meant)
        elsewhere = next((why for version in holders if (why := _not_yet(version, day))), None)
        last = holders[-1]
        until = last.effective_until
        if elsewhere is None and last.id not in policies.policy_files and until is not None and until < day:
            elsewhere = f"{last.path} ended on {until}"
        if elsewhere is not None:
            message = f"{message[:-1]}: {elsewhere}."
            help_text = "Give the test a day on which it is: `as_of`."
            return Diagnostic("unknown-rule", message, at, help_text, words=name)
        if not is_archived(last.path) and last.status == "active" and (until is None or until >= day):
            return Diagnostic("unknown-rule", message, at, words=name)  # it is of an edit, which counts later
        why = "is retired" if last.status == "retired" else f"{last.version} was the last version with it"
        return _removed(name, f"`{last.id}` {why}", at)

    def _names_before(self, rule: str) -> tuple[str, ...]:
        return reachable([rule], lambda name: self._formerly.get(name, ()))[1:]

    def _holders(self, name: str) -> Iterator[FileVersion]:
        for policy in self._policies:
            if any(rule.name == name for rule in policy.rules):
                yield policy.file_version


def _removed(name: str, why: str, at: Location) -> Diagnostic:
    message = f"The rule `{name}` was removed: {why}."
    return Diagnostic(
        "removed-rule", message, at, "Delete the tests that name it, or change them.", words=name
    )


def _not_yet(version: FileVersion, day: date) -> str | None:
    """Why a version that is to come is not in force on the day."""
    if version.status == "draft":
        return f"{version.path} is a draft"
    if version.effective_from > day:
        return f"{version.path} begins on {version.effective_from}"
    return None
