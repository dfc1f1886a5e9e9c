"""A release from beginning to end: planned, approved, tried out, written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.base.diagnostic import CommandLine, InvalidInput
from engine.base.diagnostics import Diagnostics
from engine.base.read import PolicyFile
from engine.language.model import Policies, PolicyDocument, Ranking
from engine.loading.folder import list_files
from engine.loading.lockfile import release_of, spoken_name
from engine.loading.read_folder import read_policies
from engine.versioning.release.apply import finish, write
from engine.versioning.release.dual_approval import rules_to_approve
from engine.versioning.release.plan import Plan, ReleaseRequest, plan_release
from engine.versioning.release.try_out import Tried, others_as_released, try_out


def release(folder: Path, names: tuple[str, ...], request: ReleaseRequest) -> Tried:
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
    _require_dual_approval(plan, files, policies, request)
    others = others_as_released(files, policies, request.today)
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
        own = file_version.status != "draft" and not file_version.path.startswith("archive/")
        if own and release_of(file_version, policies.released or ()) is None:
            yield spoken_name(file_version)


def _require_dual_approval(
    plan: Plan, files: tuple[PolicyFile, ...], policies: Policies, request: ReleaseRequest
) -> None:
    """Raises InvalidInput when weighty rules change and nobody but the releaser has looked at them."""
    if request.approved_by and request.approved_by.strip().lower() != request.by.strip().lower():
        return
    fresh = {released.path: PolicyFile(released.path, released.content) for released in plan.released}
    after = read_policies(tuple(fresh.values())).documents
    rankings = [document for document in (*after, *policies.documents) if isinstance(document, Ranking)]
    if not rankings:
        return
    formers = _formers(plan, files)
    rules = [
        rule
        for document in after
        for rule in rules_to_approve(formers.get(document.file_version.path), document, rankings[0])
    ]
    if rules:
        more = f" and {len(rules) - 5} more" if len(rules) > 5 else ""
        message = f"A second person must look at {', '.join(rules[:5])}{more}."
        tier = rankings[0].tiers[0][1]
        help_text = f"They are of the tier “{tier}”, or silence others. Say who did: --approved-by NAME."
        if request.approved_by:
            help_text += " It must be another name than that of who releases."
        raise InvalidInput.error("second-name", message, CommandLine("--approved-by"), help_text)


def _formers(plan: Plan, files: tuple[PolicyFile, ...]) -> dict[str, PolicyDocument]:
    """Path of a released file -> its former version."""
    contents = {file.path: file.content for file in files} | plan.archive
    formers = {}
    for released in plan.released:
        if released.former is None:
            continue
        stem = released.path.removesuffix(".yaml").removesuffix(".yml")
        place = f"archive/{stem}-{released.former}.yaml"
        (document,) = read_policies((PolicyFile(place, contents[place]),)).documents
        formers[released.path] = document
    return formers
