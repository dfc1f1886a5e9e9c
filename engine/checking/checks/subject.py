"""What a check looks at, and what it leaves open."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from engine.base.diagnostic import Diagnostic
from engine.base.read import PolicyFile
from engine.base.record import record
from engine.checking.checks.uses import Uses, uses_of
from engine.language.model import Policies, Policy, Rule
from engine.language.policy_set import PolicySet
from engine.testing import PolicyTest


@record
class Subject:
    """A folder that can be used: its files, what stands in all versions, and what is in force on a day.

    `policy_set.rules` have resolved conditions, `policies` what the advisors wrote; `test_files` are the
    files of the policy tests, `tests` what stands in them, None where something is wrong with it.
    """

    files: tuple[PolicyFile, ...]
    policies: Policies
    policy_set: PolicySet
    day: date
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
