"""Banners as people read them: those of one kind are one sentence. Data keeps each by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.base.record import record
from engine.language.field_words import FieldWords
from engine.language.report import Banner, BannerSubject
from engine.rendering.wording import banner_title, one_line

NAMED_AT_FIRST: Final = 3


@record
class BannerText:
    """What is said first: the title of its kind, a sentence, and lines that tell all that it is about."""

    title: str
    text: str
    listed: tuple[str, ...] = ()


def warned(
    banners: Iterable[Banner], words: FieldWords, everything: bool, how: str = ""
) -> tuple[BannerText, ...]:
    """The banners in their order, like ones where the first of them stands.

    `everything`: the sentence names nothing, the lines tell all. Otherwise it names the first few and the
    number of the others, with `how` to see them; where there are none, there are no lines.
    """
    kinds: dict[tuple[str, str], list[Banner]] = {}
    for number, banner in enumerate(banners):
        alike = banner.several or str(number)
        kinds.setdefault((banner.kind, alike), []).append(banner)
    return tuple(_warned(alike, words, everything, how) for alike in kinds.values())


def _warned(alike: list[Banner], words: FieldWords, everything: bool, how: str) -> BannerText:
    title = banner_title(alike[0].kind, words)
    about = [subject for banner in alike for subject in banner.about]
    if len(about) < 2:
        return BannerText(title, one_line(alike[0].text))
    notes = {subject.note for subject in about}
    same = notes.pop() if len(notes) == 1 else ""
    head = f"{len(about)} {one_line(alike[0].several)}{f', all {one_line(same)}' if same else ''}"
    lines = tuple(_in_full(subject, same) for subject in about)
    if everything:
        return BannerText(title, f"{head}:", lines)
    few = about if len(about) <= NAMED_AT_FIRST + 1 else about[:NAMED_AT_FIRST]
    others = len(about) - len(few)
    named = "; ".join(one_line(subject.title) + _note(subject, same) for subject in few)
    if not others:
        return BannerText(title, f"{head}: {named}.")
    return BannerText(title, f"{head}: {named}; and {others} more{how}.", lines)


def _in_full(subject: BannerSubject, same: str) -> str:
    return f"{one_line(subject.title)} ({one_line(subject.name)}){_note(subject, same)}"


def _note(subject: BannerSubject, same: str) -> str:
    return "" if same or not subject.note else f", {one_line(subject.note)}"
