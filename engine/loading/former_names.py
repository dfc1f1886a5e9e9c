"""The names a rule had: `formerly`, followed through all versions of a policy folder."""

from __future__ import annotations

from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile
from engine.base.toposort import reachable
from engine.language.model import Policies, Policy
from engine.loading.folder import find_folder, list_files
from engine.loading.read_folder import read_policies


def names_of(rule: str, folder: str | None) -> tuple[str, ...]:
    """A rule's full name and all its former ones, as far as the policy folder tells. Raises InvalidInput."""
    return former_names(rule, _read(list_files(find_folder(folder))))


def _read(files: tuple[PolicyFile, ...]) -> Policies:
    return read_policies(files, Diagnostics())  # a former name is worth having also where others are wrong


def renamed(files: tuple[PolicyFile, ...]) -> dict[str, str]:
    """Former name -> present name, of rules that have one successor only."""
    heirs: dict[str, list[str]] = {}
    for rule, names in formerly(_read(files)).items():
        for name in names:
            heirs.setdefault(name, []).append(rule)
    return {name: rules[0] for name, rules in heirs.items() if len(rules) == 1}


def former_names(rule: str, policies: Policies) -> tuple[str, ...]:
    """A rule's name, then those it had before, nearest first; each once."""
    table = formerly(policies)
    return reachable([rule], lambda name: table.get(name, ()))


def formerly(policies: Policies) -> dict[str, tuple[str, ...]]:
    """For each rule that says so the names it had before, over all versions."""
    table: dict[str, dict[str, None]] = {}
    for document in policies.documents:
        for rule in document.rules if isinstance(document, Policy) else ():
            if rule.formerly:
                table.setdefault(rule.name, {}).update(dict.fromkeys(name for name, _ in rule.formerly))
    return {rule: tuple(names) for rule, names in table.items()}
