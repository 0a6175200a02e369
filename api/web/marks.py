"""Answers as HTML: their Markdown rendered, each `[2]` a link to the passage it stands for."""

import re
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote as percent
from uuid import UUID

from markupsafe import Markup, escape

from lms_core.content.text.rendering import render

MARKER = re.compile(r"(?<!\\)\[(\d{1,3})\]")
CODE = re.compile(r"(^[ ]*(`{3,})[^\n]*\n.*?^[ ]*\2[ \t]*$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
TAG = re.compile(r"(<[^>]*>)")
# Private-use characters stand for markers while Markdown is read: an escaped \[2\] is the lesson's own.
PLACE = re.compile("\ue000(\\d{1,3})\ue001")
QUOTE_IN_ADDRESS = 400


class Passage(Protocol):
    """A numbered place in a lesson."""

    @property
    def number(self) -> int: ...
    @property
    def lesson_id(self) -> UUID: ...
    @property
    def anchor(self) -> str | None: ...
    @property
    def quote(self) -> str: ...


def passage_url(citation: Passage) -> str:
    """The lesson's page at this passage; the reader highlights the quote it finds in the address."""
    fragment = f"#{percent(citation.anchor)}" if citation.anchor else ""
    shown = citation.quote[:QUOTE_IN_ADDRESS]
    return f"/lessons/{citation.lesson_id}?quote={percent(shown, safe='')}{fragment}"


def cited_html(answer: str, citations: Sequence[Passage], label: str) -> Markup:
    """Safe HTML of an answer. Markers without a citation stay text; `label` names a marker, as in "Source %s"."""
    known = {citation.number: citation for citation in citations}

    def link(found: re.Match[str]) -> str:
        citation = known.get(int(found.group(1)))
        if citation is None:
            return f"[{found.group(1)}]"
        name = escape(label.replace("%s", found.group(1)))
        return (
            f'<a class="cite" href="{escape(passage_url(citation))}" data-cite="{citation.number}" '
            f'aria-label="{name}">{citation.number}</a>'
        )

    html = render(_prepared(answer), base_heading=3).html
    return Markup("".join(piece if piece.startswith("<") else PLACE.sub(link, piece) for piece in TAG.split(html)))  # noqa: S704


def _prepared(answer: str) -> str:
    """The answer's Markdown with markers set apart and `<` made text, both outside code."""
    bare = answer.replace("\ue000", "").replace("\ue001", "")
    pieces = CODE.split(bare)  # text, whole code, its fence, text, ...
    return "".join(
        piece if index % 3 == 1 else MARKER.sub("\ue000\\1\ue001", piece.replace("<", "&lt;"))
        for index, piece in enumerate(pieces)
        if index % 3 != 2
    )
