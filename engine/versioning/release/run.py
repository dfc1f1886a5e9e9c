"""A release from beginning to end: planned, approved, tried out, written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile
from engine.language.model import Policies
from engine.language.policy_set import PolicySet
from engine.loading.folder import LOCK, contents_of, is_archived, list_files
from engine.loading.load import resolve_files
from engine.loading.lockfile import release_of, spoken_name
from engine.loading.read_folder import read_policies
from engine.versioning.release.apply import finish, write
from engine.versioning.release.dual_approval import rules_to_approve
from engine.versioning.release.plan import Plan, ReleaseRequest, plan_release
from engine.versioning.release.try_out import TrialResult, others_as_released, try_out


def release(folder: Path, names: tuple[str, ...], request: ReleaseRequest) -> TrialResult:
    """Releases the named files together; without names, with no level: all that never were.

    Raises InvalidInput with every problem; then nothing was written.
    """
    with Diagnostics(folder=folder):
        files = list_files(folder)
        policies = read_policies(files)
        names = names or tuple(_never_released(policies))
        if not names:
            message = "Everything is released."
            raise InvalidInput.error("release-refused", message, CommandLine("advise release"))
        plan = plan_release(files, policies, names, request)
    others = others_as_released(files, policies, request.today)
    _require_dual_approval(plan, files, others, request)
    tried = try_out(folder, plan, others, request.today)
    write(folder, plan, files)
    return tried


def finish_release(folder: Path) -> tuple[str, ...]:
    """Ends a release that was interrupted; the files it wrote. Raises InvalidInput."""
    with Diagnostics(folder=folder):
        files = list_files(folder)
        return finish(folder, files, read_policies(files))


def _never_released(policies: Policies) -> Iterator[str]:
    for document in policies.documents:
        file_version = document.file_version
        own = file_version.status != "draft" and not is_archived(file_version.path)
        if own and release_of(file_version, policies.released or ()) is None:
            yield spoken_name(file_version)


def _require_dual_approval(
    plan: Plan,
    files: tuple[PolicyFile, ...],
    others: Mapping[str, bytes],
    request: ReleaseRequest,
) -> None:
    """Raises InvalidInput when weighty rules change and nobody but the releaser has looked at them.

    `others` are the edited files as they were released last.
    """
    if request.approved_by and request.approved_by.strip().lower() != request.by.strip().lower():
        return
    first = {released.path for released in plan.released if released.former is None}
    before = {
        path: content for path, content in {**contents_of(files), **others}.items() if path not in first
    }
    after: dict[str, bytes | None] = {**before, **plan.archive, LOCK: plan.lock, **plan.folder}
    day = max(request.today, *(released.begins for released in plan.released))
    new = _policy_set(after, day)
    if new is None:
        return  # which is told when it is tried out
    released = {each.id for each in plan.released if each.kind == "policy"}
    rules = rules_to_approve(_policy_set(before, day), new, released)
    if rules:
        named = list(rules)
        more = f" and {len(rules) - 5} more" if len(rules) > 5 else ""
        message = f"A second person must look at {', '.join(named[:5])}{more}."
        rests_on = dict.fromkeys(each for behind in rules.values() for each in behind)
        changes = f"; what changes behind them: {', '.join(list(rests_on)[:5])}" if rests_on else ""
        tier = new.ranking.tiers[0][1]
        help_text = f"They are of the tier “{tier}”, or silence others{changes}. "
        help_text += "Say who did: --approved-by NAME."
        if request.approved_by:
            help_text += " It must be another name than that of who releases."
        raise InvalidInput.error("second-name", message, CommandLine("--approved-by"), help_text)


def _policy_set(contents: Mapping[str, bytes | None], day: date) -> PolicySet | None:
    """What files mean on a day; None where they cannot be used."""
    files = (PolicyFile(path, content) for path, content in contents.items() if content is not None)
    try:
        return resolve_files(tuple(sorted(files, key=lambda file: (file.path == LOCK, file.path))), day)
    except InvalidInput:
        return None
