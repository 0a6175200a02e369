"""Judgements in forms (`level-<criterion>`, `points-<criterion>`, `comment-<criterion>`), numbers as typed."""

from collections.abc import Mapping
from typing import Any

PARTS = ("level", "points", "comment")


def judgements_in(form: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The judgements of a form by criterion, as `sheets.Judgement` takes them; empty fields left out."""
    found: dict[str, dict[str, Any]] = {}
    for name in form:
        part, dash, criterion = name.partition("-")
        value = number_in(form, name) if part == "points" else form[name]
        if part in PARTS and dash and value not in ("", None):
            found.setdefault(criterion, {})[part] = value
    return found


def number_in(form: Mapping[str, Any], name: str) -> Any:
    """A number typed with a point or a comma; None of an empty field, other text as it is, for the schema to refuse."""
    text = form.get(name, "")
    return text.strip().replace(",", ".") or None if isinstance(text, str) else text
