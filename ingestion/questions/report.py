"""What a file says that cannot be carried: which question, what, why. Codes with one wording each, for people."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_ITEM, LONGEST_VALUE = 200, 300  # characters


class Effect(StrEnum):
    """What it means for a question: it does not come, it comes as something else, or a detail of it is lost."""

    LEFT_OUT = "left_out"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One thing not carried. `item` names the question ("" for the whole file), `value` is what it is about."""

    item: str
    code: str
    value: str = ""

    @property
    def effect(self) -> Effect:
        """What it means for the question."""
        return WORDING[self.code][0]


def _(text: str) -> str:
    """Marks a text for the catalogue of the pages."""
    return text


_OUT, _CHANGED, _DROPPED = Effect.LEFT_OUT, Effect.CHANGED, Effect.DROPPED
WORDING: dict[str, tuple[Effect, str]] = {
    "type": (_OUT, _("There is no such type of question here: {value}.")),
    "adaptive": (_OUT, _("It changes while it is answered (adaptive), which no type here does.")),
    "template": (_OUT, _("Its text is computed by a QTI template, which no type here does.")),
    "several_interactions": (_OUT, _("It asks several things of different kinds at once: {value}.")),
    "custom_scoring": (_OUT, _("How it is judged cannot be told from the file.")),
    "no_answer": (_OUT, _("The file does not say what is right.")),
    "refused": (_OUT, _("What the file says does not make a question: {value}.")),
    "description": (_OUT, _("It is a text without a question. Put it into the instructions of the quiz: {value}")),
    "random": (_OUT, _("It draws a question of its category at random.")),
    "wildcards": (_OUT, _("Its answers are patterns with *, and no answer is without: {value}.")),
    "formula": (_OUT, _("Its formula cannot be read here: {value}.")),
    "picture_missing": (_OUT, _("The picture it asks about is not in the file: {value}.")),
    "not_held": (_OUT, _("This format has no such type of question: {value}.")),
    "not_xml": (_OUT, _("This part of the file cannot be read: {value}.")),
    "hottext": (_CHANGED, _("Words to mark in a text become choices; the words stand bold in the text.")),
    "slider": (_CHANGED, _("A slider becomes a number to type.")),
    "dragged_labels": (_CHANGED, _("Labels dragged onto a picture become places to find in it. Look at the places.")),
    "hotspot_places": (_CHANGED, _("Places to choose in a picture become places to find in it.")),
    "pairs": (_CHANGED, _("Pairs out of one list become a list of left and of right sides.")),
    "units_formula": (_CHANGED, _("A number with units becomes a formula without variables.")),
    "true_false_text": (_CHANGED, _("True and false have other words here, so it becomes a choice of one.")),
    "single_as_multiple": (_CHANGED, _("No choice earns all points, so the best one counts as right.")),
    "several_right": (_CHANGED, _("Several choices earn all points; the first is shown as the right one.")),
    "numbers_in_steps": (_CHANGED, _("The values of {value} were a list; here they are drawn from its range.")),
    "steps": (_DROPPED, _("The step of the variable {value}; the format only knows decimals.")),
    "figures": (_CHANGED, _("A tolerance in significant figures becomes a relative one.")),
    "tolerance_type": (_CHANGED, _("A geometric tolerance becomes a relative one.")),
    "gap_weights": (_DROPPED, _("Gaps of different weight: here each counts the same ({value}).")),
    "gap_feedback": (_DROPPED, _("Feedback on the answers of a gap: {value}")),
    "partial_answers": (_DROPPED, _("Answers for a part of the points: {value}")),
    "answer_feedback": (_DROPPED, _("Feedback on an answer: {value}")),
    "wrong_feedback": (_DROPPED, _("Feedback on every other answer: {value}")),
    "outcome_feedback": (_DROPPED, _("Feedback by outcome (right, partly right, wrong): {value}")),
    "patterns": (_DROPPED, _("Answers that are patterns with *: {value}")),
    "marker_notes": (_DROPPED, _("Notes for those who mark: {value}")),
    "template_text": (_DROPPED, _("Text that the answer began with: {value}")),
    "word_limits": (_DROPPED, _("Limits on the number of words: {value}")),
    "pair_points": (_DROPPED, _("Different points for different pairs: {value}")),
    "wrong_points": (_DROPPED, _("Points taken off for a wrong part: {value}")),
    "fixed_places": (_DROPPED, _("Choices that stay at their place when others are shuffled.")),
    "file": (_DROPPED, _("A file that is neither a picture, a sound, a film nor a PDF: {value}")),
    "file_missing": (_DROPPED, _("A file that is named but not there: {value}")),
    "file_large": (_DROPPED, _("A file that is too large: {value}")),
    "media": (_DROPPED, _("Something shown that cannot be shown here: {value}")),
    "style": (_DROPPED, _("Style sheets of the item.")),
    "extra_drags": (_DROPPED, _("Labels that belong nowhere: {value}")),
    "drop_groups": (_DROPPED, _("Groups of words: every word can be dragged into every gap.")),
    "hints": (_DROPPED, _("Hints: {value}")),
    "penalty": (_DROPPED, _("A penalty for each wrong try: {value}")),
    "tags": (_DROPPED, _("Tags: {value}")),
    "category": (_DROPPED, _("Categories: {value}")),
    "name": (_DROPPED, _("The question's own name: {value}")),
    "hidden": (_CHANGED, _("It was hidden in its bank; it comes all the same.")),
    "test_rules": (_DROPPED, _("Rules of the test (time, sections, selection): {value}")),
    "points": (_DROPPED, _("Points: {value}")),
    "weights": (_DROPPED, _("Weights of the choices.")),
    "feedback": (_DROPPED, _("Feedback.")),
    "choice_feedback": (_DROPPED, _("Feedback on the choices.")),
    "partial_credit": (_DROPPED, _("Whether a part of what is right earns points.")),
    "match_case": (_DROPPED, _("That case matters.")),
    "scoring": (_DROPPED, _("How an order is judged: {value}")),
    "unit_penalty": (_DROPPED, _("The penalty for a wrong unit.")),
    "pictures": (_DROPPED, _("Pictures and files: {value}")),
    "layout": (_DROPPED, _("Formatting, lists, formulas: this format holds plain lines only.")),
    "plain_sides": (_DROPPED, _("Formatting of right sides: this format holds plain text only.")),
    "picture_description": (_DROPPED, _("The description of its picture: {value}")),
    "ellipse": (_CHANGED, _("An ellipse becomes a polygon of 24 corners.")),
    "file_kinds": (_DROPPED, _("Kinds of files: {value}")),
}


def line(item: str, code: str, value: str = "") -> ReportLine:
    """A line of the report; `code` is one of `WORDING`, `value` is made short and printable."""
    assert code in WORDING
    return ReportLine(_shown(item, LONGEST_ITEM), code, _shown(value, LONGEST_VALUE))


def _shown(text: str, longest: int) -> str:
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def told(each: ReportLine) -> str:
    """The line in English."""
    return WORDING[each.code][1].replace("{value}", each.value).strip()
