"""A policy folder into the policy set of a day, by way of what was kept from an earlier run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from engine.base.diagnostic import Diagnostic, InvalidInput, Location
from engine.base.read import PolicyFile
from engine.base.record import replace
from engine.base.version import VERSION
from engine.language.model import Policies
from engine.language.policy_set import PolicySet
from engine.loading import policy_cache
from engine.loading.folder import (
    UnreadableFiles,
    digest_of,
    find_folder,
    list_files,
    schema_folder,
)


def load(folder: Path, day: date, *, keep_in: Path | None = None, with_drafts: bool = False) -> PolicySet:
    """The policy set of a day. With `keep_in`, taken from there or kept there; sets with drafts never are.

    Raises InvalidInput with every problem; their paths are as seen from here.
    """
    with _problems_seen_from_here(folder, day):
        files = list_files(folder)
        if keep_in is None or with_drafts:
            return resolve_files(files, day, with_drafts=with_drafts)
        return _kept_or_resolved(files, day, keep_in)


def load_named(folder: str | None, day: date) -> PolicySet:
    """The policy set of a day of the folder that is named, or else found. Raises as `load` does."""
    return load(find_folder(folder), day, keep_in=policy_cache.default_folder())


@contextmanager
def _problems_seen_from_here(folder: Path, day: date) -> Iterator[None]:
    try:
        yield
    except UnreadableFiles as unreadable:
        more = _problems_of_the_rest(unreadable.files, day)
        raise InvalidInput(seen_from_here((*unreadable.diagnostics, *more), folder)) from None
    except InvalidInput as refused:
        raise InvalidInput(seen_from_here(refused.diagnostics, folder)) from None


def _problems_of_the_rest(files: tuple[PolicyFile, ...], day: date) -> tuple[Diagnostic, ...]:
    """What is wrong with the readable files of a folder; any name may stand in the others."""
    try:
        resolve_all(files, day, broken=("*",))
    except InvalidInput as refused:
        return refused.diagnostics
    return ()


def _kept_or_resolved(files: tuple[PolicyFile, ...], day: date, keep_in: Path) -> PolicySet:
    digest = digest_of(files)
    state = _state(digest)
    days = policy_cache.read(keep_in, state)
    if isinstance(days, tuple) and all(isinstance(change, date) for change in days):
        since = max((change for change in days if change <= day), default=None)
        found = policy_cache.read(keep_in, _name(state, since))
        if isinstance(found, PolicySet) and (found.digest, found.since) == (digest, since):
            return replace(found, as_of=day)
    from engine.loading.versions_in_force import days_of_change

    policy_set, policies = resolve_all(files, day)
    policy_cache.write(keep_in, state, days_of_change(policies))
    policy_cache.write(keep_in, _name(state, policy_set.since), policy_set)
    return policy_set


def _name(state: str, since: date | None) -> str:
    return f"{state}-{since or 'before'}"


def _state(digest: str) -> str:
    """A name for the files as they are, the schemas as they are, and this version of the tool."""
    state = hashlib.sha256(f"{digest} {VERSION}".encode())
    for path in sorted(schema_folder().glob("*.json")):
        state.update(path.read_bytes())
    return state.hexdigest()


def resolve_files(files: tuple[PolicyFile, ...], day: date, *, with_drafts: bool = False) -> PolicySet:
    """The policy set of a day from files given as bytes. Raises InvalidInput with every problem."""
    return resolve_all(files, day, with_drafts=with_drafts)[0]


def resolve_all(
    files: tuple[PolicyFile, ...], day: date, *, broken: tuple[str, ...] = (), with_drafts: bool = False
) -> tuple[PolicySet, Policies]:
    """The policy set of a day and everything that is written, from files given as bytes.

    `broken` are names that files not given may declare ("*": any). Raises InvalidInput with every problem.
    """
    # Imported here: a run on kept policies reads no YAML, checks no schema and resolves no names.
    from engine.base.narrow_location import narrow_locations
    from engine.loading.read_folder import UnusableFolder, read_policies
    from engine.loading.resolve import resolve
    from engine.loading.versions_in_force import with_drafts as drafts_too

    problems: tuple[Diagnostic, ...] = ()
    try:
        policies = read_policies(files)
    except UnusableFolder as unusable:
        problems, policies = unusable.diagnostics, unusable.policies
    policies = replace(policies, broken=(*policies.broken, *broken))
    if with_drafts:
        policies = drafts_too(policies)
    try:
        policy_set = resolve(policies, day)
    except InvalidInput as refused:
        raise InvalidInput(narrow_locations((*problems, *refused.diagnostics), files)) from None
    if problems:
        raise InvalidInput(narrow_locations(problems, files))
    return policy_set, policies


def seen_from_here(diagnostics: Iterable[Diagnostic], folder: Path) -> list[Diagnostic]:
    """Diagnostics whose paths lead from the working folder instead of the policy folder."""

    def from_here(at: Location) -> Location:
        if not at.line:  # no place in a file of the folder
            return at
        return replace(at, path=(folder / at.path).as_posix())

    return [
        replace(
            found,
            at=from_here(found.at),
            related=tuple(replace(other, at=from_here(other.at)) for other in found.related),
        )
        for found in diagnostics
    ]
