"""The words and formats of a field, as its vocabulary declares them."""

from __future__ import annotations

from engine.language.field_words import PLAIN, UNDECLARED, FieldWords, Formats, Noun, noun
from engine.loading.node import Node


def field_words(file: Node) -> FieldWords:
    """Those of a vocabulary; what it does not declare is as it always was."""
    words = file["words"]
    return FieldWords(
        _noun(words["subject"], UNDECLARED.subject),
        _noun(words["period"], UNDECLARED.period),
        _noun(words["adviser"], UNDECLARED.adviser),
        _formats(file["formats"]),
    )


def _noun(node: Node, otherwise: Noun) -> Noun:
    if not node.present or not node.usable:
        return otherwise
    return noun(node["one"].value, node["many"].value, node["article"].value)


def _formats(node: Node) -> Formats:
    if not node.present or not node.usable:
        return PLAIN
    thousands = node["thousands"].value or PLAIN.thousands
    decimal = node["decimal"].value or PLAIN.decimal
    if thousands == decimal:
        about = "mark" if node["decimal"].present else "mark: `decimal` is `.` where none is written"
        help_text = "Write another mark for one of them."
        node["thousands"].error("malformed", f"`thousands` and `decimal` are the same {about}.", help_text)
        return PLAIN
    return Formats(
        node["date"].value or PLAIN.pattern,
        tuple(node["months"].value or PLAIN.months),
        thousands,
        decimal,
        bool(node["units"].value),
    )
