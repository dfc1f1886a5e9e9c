"""`advise init`: a guidance folder of one's own, made or brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.exits import exits
from engine.commands.options import folder_names
from engine.commands.printing import print_text, tell

if TYPE_CHECKING:
    from engine.versioning.scaffold.update import Updated


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), shell_complete=folder_names)
@click.option("--empty", is_flag=True, help="A commented skeleton, for another field.")
@click.option("--update", "updating", is_flag=True, help="Bring newer shipped texts into the folder.")
def command(folder: Path, empty: bool, updating: bool) -> None:
    """Makes a folder of your own: the policies, their tests, examples, what editors and git need.

    With --update, what the policies that come with Advise gained since is merged into yours. What you wrote
    stays.
    """
    if empty and updating:
        raise click.UsageError("--empty makes a new folder; --update is for one that is there.")
    with exits("; nothing is changed" if updating else "; nothing is made"):
        from engine.versioning.scaffold.shipped import shipped_files, skeleton_files

        today = date.today()
        if updating:
            from engine.versioning.scaffold.update import update

            print_text("".join(_told(folder, update(folder, shipped_files(), today))))
            return
        from engine.versioning.left_behind import INIT, remove_left_behind
        from engine.versioning.scaffold.create import create

        for left in remove_left_behind(INIT, folder.absolute().parent):
            tell(f"Removed {left}, which an `advise init` that was ended half way had left behind.")
        files = skeleton_files(today) if empty else shipped_files()
        create(folder, files, today, shipped=not empty)
        print_text("".join((*_made(folder, sorted(files)), _NEXT[empty])))


def _made(folder: Path, paths: list[str]) -> Iterator[str]:
    from engine.base.counted import counted

    policies = [path for path in paths if path.startswith("policies/") and path.endswith(".yaml")]
    tests = sum(path.startswith("policies/tests/") for path in policies)
    examples = [path for path in paths if path.startswith("examples/")]
    files = counted(len(policies) - tests, "file")
    yield f"{(folder / 'policies').as_posix()}: {files}, {tests} more of tests\n"
    yield f"{(folder / 'examples').as_posix()}: {counted(len(examples), 'facts file')}\n"
    yield "For editors .vscode/settings.json, for git policies/.gitattributes, .pre-commit-config.yaml for\n"
    yield "the hook that checks each commit (`pre-commit install` in a git repository)\n"
    yield "Go into that folder, then try:\n"
    yield from (f"  advise {words}\n" for words in (examples[0], "check", "test"))


_NEXT = {
    False: "If you mean to keep it, first `advise release --first`: it records the texts as they came.\n",
    True: "Once the texts are your own, `advise release --first` records them as the first version.\n",
}

_WHAT = {
    "new": "new",
    "taken": "as it is shipped now",
    "merged": "merged with your changes",
    "gone": "gone: it is not shipped any more",
    "kept": "not shipped any more; you changed it, and it stays",
    "left out": "changed; you removed it, and it stays removed",
}


def _told(folder: Path, updated: Updated) -> Iterator[str]:
    for each in updated.files:
        path = (folder / each.path).as_posix()
        if each.what != "conflict":
            yield f"{path}: {_WHAT[each.what]}\n"
        for here, there in each.conflicts:
            shown = (folder / updated.shown[each.path]).as_posix()
            yield f"{path}:{here}: changed on both sides; yours stays, {shown}:{there} shows both\n"
    if updated.shown:
        yield "Settle each conflict in your file, then delete the one that shows it.\n"
    for shown, there in updated.open:
        path = (folder / shown).as_posix()
        yield f"{path}:{there}: a conflict is still open: settle it in your file, then delete this one\n"
    if updated.files:
        yield "`advise check` and `advise test` tell what there is to do.\n"
    else:
        yield f"{folder.as_posix()} is up to date{' but for that' if updated.open else ''}.\n"
