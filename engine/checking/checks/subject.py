"""What a check looks at, and what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property

from engine.base.diagnostic import Diagnostic
from engine.base.read import PolicyFile
from engine.base.record import record
from engine.checking.checks.uses import Uses, uses_of
from engine.language.model import (
    LATEST_DATE,
    AllOf,
    Comparison,
    FileVersion,
    Policies,
    Policy,
    PolicyDocument,
    Rule,
)
from engine.language.policy_set import PolicySet, ResolvedRule
from engine.loading.folder import is_archived
from engine.loading.lockfile import release_of, version_key
from engine.loading.versions_in_force import eligible
from engine.solver.goal import AllGoals, ProofGoal, holds
from engine.testing import PolicyTest


@record
class Subject:
    """A folder that can be used: its files, what stands in all versions, and what is in force on a day.

    `policy_set.rules` have resolved conditions, `policies` what the advisors wrote; `test_files` are the
    files of the policy tests, `tests` what stands in them, None where something is wrong with it. Nothing
    that is said to be done is after `today`.
    """

    files: tuple[PolicyFile, ...]
    policies: Policies
    policy_set: PolicySet
    day: date
    today: date
    test_files: tuple[PolicyFile, ...] = ()
    tests: tuple[PolicyTest, ...] | None = ()

    @cached_property
    def written_rules(self) -> tuple[Rule, ...]:
        """The rules of all versions, as they are written."""
        policies = (document for document in self.policies.documents if isinstance(document, Policy))
        return tuple(rule for policy in policies for rule in policy.rules)

    @cached_property
    def uses(self) -> Uses:
        """What the files name besides what they declare."""
        return uses_of(self.policies)

    def former(self, head: FileVersion) -> PolicyDocument | None:
        """The newest archived version that an unreleased one of the folder was made from."""
        released = release_of(head, self.policies.released or ())
        if is_archived(head.path) or (released is not None and released.digest == head.digest):
            return None
        own = (
            document
            for document in self.policies.documents
            if (document.file_version.kind, document.file_version.id) == (head.kind, head.id)
            and is_archived(document.file_version.path)
            and version_key(document.file_version.version) <= version_key(head.version)
        )
        return max(own, key=lambda document: version_key(document.file_version.version), default=None)

    @cached_property
    def policy_days(self) -> Mapping[str, tuple[date, date]]:
        """Policy -> the first and the last day of its version in force, whatever becomes of other files."""
        begins: dict[str, list[date]] = {}
        for head in (document.file_version for document in eligible(self.policies)):
            if head.kind == "policy":
                begins.setdefault(head.id, []).append(head.effective_from)
        return {
            name: (
                head.effective_from,
                min(
                    (begin - timedelta(days=1) for begin in begins[name] if begin > head.effective_from),
                    default=head.effective_until or LATEST_DATE,
                ),
            )
            for name, head in self.policy_set.policy_files.items()
        }

    def in_force(self, *rules: ResolvedRule) -> ProofGoal:
        """It is a day on which all of these rules are in force."""
        days = [self.policy_days[rule.name.partition("/")[0]] for rule in rules]
        first, last = max(first for first, _ in days), min(last for _, last in days)
        at = rules[0].rule.at
        tests = Comparison("as_of", "at_least", first, at), Comparison("as_of", "at_most", last, at)
        return holds(AllOf(tests, at))

    def held(self, *rules: ResolvedRule) -> ProofGoal:
        """These rules hold, on a day on which they are in force."""
        return AllGoals((self.in_force(*rules), *(holds(rule.when) for rule in rules)))


@record
class Unfinished:
    """A question that a check could not settle: its code, what about, and why not. Never silent."""

    code: str
    about: str
    reason: str


@record
class Proved:
    """What proofs found, what could not be settled, and the codes not looked for to the end."""

    diagnostics: tuple[Diagnostic, ...]
    unfinished: tuple[Unfinished, ...]
    unsettled: frozenset[str]
