"""A policy folder into the policy set of a day, by way of the cache of an earlier run."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from engine.base.diagnostic import InvalidInput
from engine.base.diagnostics import Diagnostics
from engine.base.plain_text import NOW, TextRules
from engine.base.read import PolicyFile
from engine.base.record import replace
from engine.language.field_words import NEUTRAL, FieldWords
from engine.language.model import Policies
from engine.language.policy_set import PolicySet
from engine.loading import policy_cache
from engine.loading.folder import LOCK, contents_of, digest_of, find_folder, list_files
from engine.loading.program_state import program_state


def load(
    folder: Path,
    day: date,
    *,
    keep_in: Path | None = None,
    with_drafts: bool = False,
    released_on: date | None = None,
) -> PolicySet:
    """The policy set of a day. With `keep_in`, taken from there or kept there; sets with drafts never are.

    With `released_on`, as if all that was edited were released on that day (`engine.loading.as_if_released`).
    Raises InvalidInput with every problem; their paths are as seen from here.
    """
    with Diagnostics(folder=folder) as problems:
        files = list_files(folder, problems)
        if keep_in is None or with_drafts or problems:
            broken = ("*",) if problems else ()  # any name may stand in a file that cannot be read
            policy_set, _ = resolve_all(
                files, day, broken=broken, with_drafts=with_drafts, released_on=released_on
            )
            return policy_set
        return _cached_or_resolved(files, day, keep_in, released_on)


def load_named(folder: str | None, day: date) -> PolicySet:
    """The policy set of a day of the folder that is named, or else found. Raises as `load` does."""
    return load(find_folder(folder), day, keep_in=policy_cache.default_folder())


def words_of(folder: str | None, day: date) -> FieldWords:
    """The words of the folder's field on a day; neutral ones where it cannot be read."""
    try:
        return load_named(folder, day).words
    except InvalidInput:
        return NEUTRAL


def _cached_or_resolved(
    files: tuple[PolicyFile, ...], day: date, keep_in: Path, released_on: date | None
) -> PolicySet:
    digest = digest_of(files)
    if not any(file.path == LOCK for file in files):
        released_on = None  # it makes no difference
    state = _state(f"{digest} {released_on}" if released_on else digest)
    days = policy_cache.read(keep_in, state)
    if isinstance(days, tuple) and all(isinstance(change, date) for change in days):
        since = max((change for change in days if change <= day), default=None)
        cached = policy_cache.read(keep_in, _name(state, since))
        if isinstance(cached, PolicySet) and (cached.digest, cached.since) == (digest, since):
            return replace(cached, as_of=day)
    from engine.loading.versions_in_force import days_of_change

    policy_set, policies = resolve_all(files, day, released_on=released_on)
    policy_cache.write(keep_in, state, days_of_change(policies))
    policy_cache.write(keep_in, _name(state, policy_set.since), policy_set)
    return policy_set


def _name(state: str, since: date | None) -> str:
    return f"{state}-{since or 'before'}"


def _state(digest: str) -> str:
    """A name for the files as they are, and this build of the tool."""
    return hashlib.sha256(digest.encode() + program_state()).hexdigest()


def resolve_files(
    files: tuple[PolicyFile, ...], day: date, *, with_drafts: bool = False, rules: TextRules = NOW
) -> PolicySet:
    """The policy set of a day from files given as bytes. Raises InvalidInput with every problem."""
    return resolve_all(files, day, with_drafts=with_drafts, rules=rules)[0]


def resolve_all(
    files: tuple[PolicyFile, ...],
    day: date,
    *,
    broken: tuple[str, ...] = (),
    with_drafts: bool = False,
    rules: TextRules = NOW,
    released_on: date | None = None,
) -> tuple[PolicySet, Policies]:
    """The policy set of a day and everything that is written, from files given as bytes.

    With `released_on`, as if it were released then. `broken` are names that files not given may declare
    ("*": any); `rules` are those of the files' time. Raises InvalidInput with every problem.
    """
    # Imported here: a run on cached policies reads no YAML, checks no schema and resolves no names.
    from engine.loading.read_folder import read_policies
    from engine.loading.resolve import resolve
    from engine.loading.versions_in_force import with_drafts as drafts_too

    with Diagnostics(contents=contents_of(files)) as problems:
        policies = read_policies(files, problems, rules)
        policies = replace(policies, broken=(*policies.broken, *broken))
        if with_drafts:
            policies = drafts_too(policies)
        if released_on is not None:
            from engine.loading.as_if_released import as_if_released

            policies = as_if_released(policies, released_on)
        return resolve(policies, day), policies
