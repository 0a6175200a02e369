"""What a course package could not bring along, grouped by kind and reason, in the language of the page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from gettext import NullTranslations

from api.web.refusals import translated
from ingestion.imports.schemas import NotCarriedView


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


KINDS = (
    _("Long page"),
    _("Further items"),
    _("Player"),
    _("Embedded page"),
    _("Script"),
    _("Form"),
    _("Tool (LTI)"),
    _("Discussion"),
    _("Poll"),
    _("Peer assessment"),
    _("Work marked by staff"),
    _("Drag and drop"),
    _("Button to mark as done"),
    _("Random draw"),
    _("Condition"),
    _("Dates"),
    _("Rules of the quiz"),
    _("Grading"),
    _("People and their work"),
    _("Hidden lesson"),
    _("Pointer"),
    _("Damaged part"),
    _("Component"),
    _("Hints"),
    _("Pages about the course"),
    _("Transcript"),
    _("Interactive content"),
    _("Page without text"),
    _("Tracking (SCORM)"),
    _("Sequencing"),
    _("Opening page"),
    _("File"),
    _("Assignment"),
    _("Question bank"),
    _("Settings"),
    _("Question"),
    _("Part of a question's key"),
    _("Document"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind that stayed behind for one reason: where each was, and its own name or address."""

    kind: str
    why: str
    places: list[tuple[str, str]] = field(default_factory=list)


def groups(words: NullTranslations, left: Iterable[NotCarriedView]) -> list[Group]:
    """The groups in the order of their first members."""
    found: dict[tuple[str, str], Group] = {}
    for each in left:
        kind, _colon, detail = each.what.partition(": ")
        group = found.setdefault(
            (kind, each.why),
            Group(words.gettext(kind) if kind in KINDS else kind, translated(words, each.why) or each.why),
        )
        group.places.append((each.where, detail))
    return list(found.values())
