"""A question's text with its gaps as controls: fields to type in, lists to choose from."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from lms_core.learning.assessments.schemas import AskedPart, AskedQuestion, OfferedOption
from lms_core.learning.assessments.types.shapes import LONGEST_PART, PartKind

GAP = re.compile(r'<span data-gap="([0-9a-f]{12})"></span>')


def with_gaps(question: AskedQuestion, given: Mapping[str, str], label: str, blank: str) -> Markup:
    """Safe HTML. `label` names a gap, as in "Gap %s"; `blank` is what a list says before something is chosen."""
    controls = {
        part.id: _control(question, part, given.get(part.id, ""), label.replace("%s", str(place)), blank)
        for place, part in enumerate(question.parts, 1)
    }
    return Markup(GAP.sub(lambda found: controls.get(found.group(1), ""), question.html))  # noqa: S704


def plain(option: OfferedOption | AskedPart) -> str:
    """An option as a list can show it: its text."""
    return str(Markup(option.html).striptags())  # noqa: S704


def _control(question: AskedQuestion, part: AskedPart, value: str, label: str, blank: str) -> Markup:
    shared = Markup('class="input gap" name="q-{}-{}" data-answer-part="{}" aria-label="{}"').format(
        question.id, part.id, part.id, label
    )
    if part.kind == PartKind.OPTION:
        options = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(each.id, _selected(each.id, value), plain(each))
            for each in part.options or question.options
        )
        return Markup('<select {}><option value="">{}</option>{}</select>').format(shared, blank, options)
    mode = Markup(' inputmode="decimal"') if part.kind == PartKind.NUMBER else ""
    return Markup('<input {} value="{}" maxlength="{}" autocomplete="off" dir="auto"{}>').format(
        shared, escape(value), LONGEST_PART, mode
    )


def _selected(option: str, value: str) -> Markup:
    return Markup(" selected") if option == value else Markup("")
