"""QTI 1.2 `questestinterop`: Blackboard's pools and tests (.dat), Canvas's quizzes, and plain items.

Each of them writes its own dialect; the type comes from what it says of itself, or else from what the item offers.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ingestion.questions import rich
from ingestion.questions.attached import base_name
from ingestion.questions.building import Building, Extras, NoQuestion, Offered, choices_fields
from ingestion.questions.schemas import Format, ReadBank
from ingestion.questions.trees import Element, text_of
from lms_core.learning.assessments.models import QuestionType

RIGHT, WRONG = ("correct", "Correct"), ("incorrect", "InCorrect")
GENERAL = frozenset({"correct", "incorrect", "general_fb", "correct_fb", "general_incorrect_fb", "solution"})
HTML_TEXT = re.compile(r"<[a-zA-Z/!]|&(?:[a-zA-Z]{2,8}|#\d{1,6});")
CANVAS_GAP = re.compile(r"\[([\w .-]{1,60})\]")


def from_tree(root: Element) -> ReadBank:
    """The questions of one document."""
    return from_trees([root], {})


def from_trees(roots: Sequence[Element], files: dict[str, bytes]) -> ReadBank:
    """The questions of all documents of a package, with its files by their base names."""
    building = Building(Format.QTI_12)
    for root in roots:
        for holder in root.iter("assessment", "objectbank"):
            building.title = building.title or holder.get("title", "")
        for element in root.iter("item"):
            _question(building, element, files)
    return building.bank()


@dataclass(slots=True)
class Old:
    """One `item` while it is read."""

    building: Building
    element: Element
    name: str
    files: dict[str, bytes]

    def note(self, code: str, value: str = "") -> None:
        """Add a line about this item to the report."""
        self.building.note(self.name, code, value)

    def locate(self, address: str) -> str | None:
        """The path of a file that the item shows."""
        content = self.files.get(base_name(address))
        if content is not None:
            return self.building.attach(self.name, base_name(address), content)
        if not address.startswith(("http:", "https:", "mailto:", "#")):
            self.note("file_missing", address)
        return None

    def rich(self, element: Element | None) -> str:
        """Markdown of all material in an element."""
        if element is None:
            return ""
        found = []
        for each in element.iter("mattext", "mat_formattedtext", "matimage"):
            if str(each.tag) == "matimage":
                found.append(rich.from_html(f'<img src="{each.get("uri", "")}" alt="">', self.locate))
                continue
            text = (each.text or "").strip()
            is_html = (each.get("texttype") or each.get("type") or "").lower() in ("text/html", "html")
            if text:
                as_html = is_html or HTML_TEXT.search(text) is not None
                found.append(rich.from_html(text, self.locate) if as_html else rich.from_plain(text))
        return "\n\n".join(each for each in found if each)

    def feedback(self, name: str) -> str:
        """Markdown of the feedback with an identifier."""
        return self.rich(
            next((each for each in self.element.iterfind("itemfeedback") if each.get("ident") == name), None)
        )


def _question(building: Building, element: Element, files: dict[str, bytes]) -> None:
    name = element.get("title") or ""
    old = Old(building, element, name, files)
    presentation = element.find("presentation")
    text = old.rich(_asked(presentation)) if presentation is not None else ""
    old.name = name = name or rich.to_line(text)[:80] or f"#{len(building.questions) + 1}"
    kind = _kind(element, presentation)
    try:
        reader = READERS.get(kind)
        if presentation is None or reader is None:
            is_text = kind in ("text_only_question", "")
            old.note("description" if is_text else "type", rich.to_line(text) if is_text else kind)
            return
        fields = {"text": text, "points": _points(element), "feedback": _feedback(old), **reader(old, presentation)}
    except NoQuestion:
        return
    building.add(Extras(name=element.get("title") or ""), **fields)


def _kind(element: Element, presentation: Element | None) -> str:
    """What the item says it is, in Canvas's words; else what its responses look like."""
    said = text_of(element.find(".//bbmd_questiontype")).strip().lower()
    fields = {
        text_of(each, "fieldlabel").strip(): text_of(each, "fieldentry").strip()
        for each in element.iter("qtimetadatafield")
    }
    named = fields.get("question_type") or BLACKBOARD.get(said) or PROFILES.get(fields.get("cc_profile", ""), "")
    if named or presentation is None:
        return named or said
    lids, strings = presentation.findall(".//response_lid"), presentation.findall(".//response_str")
    if presentation.find(".//response_num") is not None:
        return "numerical_question"
    if len(lids) > 1:
        return "matching_question"
    if lids:
        return "multiple_answers_question" if lids[0].get("rcardinality") == "Multiple" else "multiple_choice_question"
    if strings:
        judged = element.find(".//resprocessing//varequal") is not None
        return "short_answer_question" if judged else "essay_question"
    return said


def _asked(presentation: Element) -> Element:
    """The part of the presentation that is the question: what stands before the responses."""
    block = next((each for each in presentation.iter("flow") if each.get("class") == "QUESTION_BLOCK"), None)
    if block is not None:
        return block
    direct = presentation.find("material")
    if direct is None:
        flow = presentation.find("flow")
        direct = flow.find("material") if flow is not None and flow.find("material") is not None else None
    if direct is not None:
        return direct
    return next(presentation.iter("material"), presentation)


def _points(element: Element) -> float:
    for path in (".//qmd_absolutescore_max", ".//bbmd_negative_points_ind"):
        try:
            return float(text_of(element.find(path))) or 1.0
        except ValueError:
            continue
    for each in element.iter("qtimetadatafield"):
        if text_of(each, "fieldlabel").strip() in ("points_possible", "cc_weighting"):
            try:
                return float(text_of(each, "fieldentry")) or 1.0
            except ValueError:
                return 1.0
    return 1.0


def _feedback(old: Old) -> str:
    """Feedback on the whole; where right and wrong have their own, it is told."""
    general = old.feedback("general_fb")
    if general:
        return general
    both = [old.feedback(name) for name in ("correct", "incorrect")]
    both = [*both, *(old.feedback(name) for name in ("correct_fb", "general_incorrect_fb"))]
    distinct = list(dict.fromkeys(each for each in both if each))
    if len(distinct) == 1:
        return distinct[0]
    if distinct:
        old.note("outcome_feedback", " · ".join(rich.to_line(each) for each in distinct))
    return ""


def _conditions(element: Element) -> list[tuple[list[tuple[str, str]], float]]:
    """What each condition wants (response, value) and the points it sets; those that want nothing are left out."""
    found = []
    for each in element.iterfind("resprocessing/respcondition"):
        wanted = [
            (equal.get("respident", ""), (equal.text or "").strip())
            for equal in each.iter("varequal")
            if not any(str(up.tag) == "not" for up in equal.iterancestors())
        ]
        scored = [text_of(value).strip() for value in each.iterfind("setvar")]
        shown = [display.get("linkrefid", "") for display in each.iterfind("displayfeedback")]
        points = _score(scored[0]) if scored else 100.0 if "correct" in shown else 0.0
        if wanted:
            found.append((wanted, points))
    return found


def _score(text: str) -> float:
    if text.upper().startswith("SCORE.MAX"):
        return 100.0
    try:
        return float(text)
    except ValueError:
        return 0.0


def _labels(old: Old, response: Element) -> list[tuple[str, str]]:
    return [(each.get("ident", ""), old.rich(each)) for each in response.iter("response_label")]


def _choice_feedback(old: Old, name: str) -> str:
    if name in GENERAL:
        return ""
    return old.feedback(name) or old.feedback(f"{name}_fb")


def _choices(old: Old, presentation: Element, *, several: bool) -> dict[str, Any]:
    response = presentation.find(".//response_lid")
    if response is None:
        old.note("no_answer")
        raise NoQuestion
    labels = _labels(old, response)
    right: set[str] = set()
    for wanted, points in _conditions(old.element):
        if points > 0:
            right |= {value for _, value in wanted}
    count, wrong = len(right) or 1, len(labels) - len(right) or 1
    offered = [
        Offered(text, 100 / count if name in right else -100 / wrong if several else 0.0, _choice_feedback(old, name))
        for name, text in labels
    ]
    return choices_fields(old.building, old.name, offered, several=several)


def _single(old: Old, presentation: Element) -> dict[str, Any]:
    return _choices(old, presentation, several=False)


def _several(old: Old, presentation: Element) -> dict[str, Any]:
    return _choices(old, presentation, several=True)


def _true_false(old: Old, presentation: Element) -> dict[str, Any]:
    fields = _choices(old, presentation, several=False)
    words = [choice["text"].casefold() for choice in fields["choices"]]
    if words == ["true", "false"]:
        fields["choices"] = [choice | {"text": choice["text"].capitalize()} for choice in fields["choices"]]
    shown = [(old.feedback("correct"), True), (old.feedback("incorrect"), False)]
    if any(text for text, _ in shown) and not any(choice["feedback"] for choice in fields["choices"]):
        by_right = {right: text for text, right in shown}
        fields["choices"] = [choice | {"feedback": by_right[choice["correct"]]} for choice in fields["choices"]]
        old.building.report[:] = [
            each for each in old.building.report if (each.item, each.code) != (old.name, "outcome_feedback")
        ]
        fields["feedback"] = old.feedback("general_fb")
    return {**fields, "type": QuestionType.TRUE_FALSE}


def _short(old: Old, presentation: Element) -> dict[str, Any]:
    accepted, case = [], False
    for each in old.element.iterfind("resprocessing/respcondition"):
        for equal in each.iter("varequal", "varsubset"):
            said = " ".join((equal.text or "").split())
            if said:
                accepted.append(said)
                case = case or equal.get("case", "No").lower() == "yes"
    if not accepted:
        old.note("no_answer")
        raise NoQuestion
    return {"type": QuestionType.SHORT_TEXT, "accepted": list(dict.fromkeys(accepted)), "match_case": case}


def _essay(old: Old, presentation: Element) -> dict[str, Any]:
    model = old.feedback("solution")
    if model:
        old.note("marker_notes", rich.to_line(model))
    return {"type": QuestionType.ESSAY}


def _upload(old: Old, presentation: Element) -> dict[str, Any]:
    return {"type": QuestionType.UPLOAD, "key": {"type": "upload"}}


def _number(old: Old, presentation: Element) -> dict[str, Any]:
    """The first right value with its range."""
    for each in old.element.iterfind("resprocessing/respcondition"):
        exact = each.find(".//varequal")
        low, high = each.find(".//vargte"), each.find(".//varlte")
        low = each.find(".//vargt") if low is None else low
        high = each.find(".//varlt") if high is None else high
        try:
            if low is not None and high is not None:
                ends = float(text_of(low)), float(text_of(high))
                value = float(text_of(exact)) if exact is not None and text_of(exact).strip() else sum(ends) / 2
                tolerance = float(f"{max(ends[1] - value, value - ends[0], 0.0):.12g}")
                return {"type": QuestionType.NUMERIC, "value": value, "tolerance": tolerance}
            if exact is not None:
                return {"type": QuestionType.NUMERIC, "value": float(text_of(exact)), "tolerance": 0.0}
        except ValueError:
            continue
    old.note("no_answer")
    raise NoQuestion


def _matching(old: Old, presentation: Element) -> dict[str, Any]:
    """Lists beside texts. Blackboard keeps the right sides apart and names them by their places."""
    right_block = next((each for each in presentation.iter("flow") if each.get("class") == "RIGHT_MATCH_BLOCK"), None)
    rights = [old.rich(each) for each in right_block.iterfind("flow")] if right_block is not None else []
    wanted = {response: value for pairs, points in _conditions(old.element) for response, value in pairs if points > 0}
    pairs, used, offered = [], set(), []
    for response in presentation.iter("response_lid"):
        labels = _labels(old, response)
        texts = {
            name: text or (rights[place] if place < len(rights) else "") for place, (name, text) in enumerate(labels)
        }
        holder = response.getparent()
        left = old.rich(response.find("material")) or (old.rich(_before(holder)) if holder is not None else "")
        right = texts.get(wanted.get(response.get("ident", ""), ""), "")
        offered += texts.values()
        if left and right:
            pairs.append({"left": {"text": left}, "right": {"text": right}})
            used.add(right)
    if not pairs:
        old.note("no_answer")
        raise NoQuestion
    extra = [{"text": text} for text in dict.fromkeys([*offered, *rights]) if text and text not in used]
    return {"type": QuestionType.MATCHING, "key": {"type": "matching", "pairs": pairs, "extra": extra}}


def _before(holder: Element) -> Element | None:
    """The text of a flow that also holds the response."""
    return next((each for each in holder if str(each.tag) in ("flow", "material")), None)


def _blanks(old: Old, presentation: Element) -> dict[str, Any]:
    """Canvas: `[name]` in the text is a gap, with words or a list of its own."""
    text = old.rich(_asked(presentation)).replace("\\[", "[").replace("\\]", "]")
    wanted: dict[str, list[str]] = {}
    for pairs, points in _conditions(old.element):
        for response, value in pairs:
            if points > 0:
                wanted.setdefault(response, []).append(value)
    kind = _kind(old.element, presentation)
    gaps: list[dict[str, Any]] = []
    by_name = {}
    for response in presentation.iter("response_lid"):
        labels, right = dict(_labels(old, response)), wanted.get(response.get("ident", ""), [])
        name = response.get("ident", "").removeprefix("response_")
        if kind == "fill_in_multiple_blanks_question":
            plain = [rich.to_line(labels[each]) for each in right if each in labels]
            by_name[name] = {"kind": "text", "accepted": plain}
        else:
            by_name[name] = {
                "kind": "choice",
                "options": [{"text": words, "correct": each in right} for each, words in labels.items()],
            }

    def place(found: re.Match[str]) -> str:
        gap = by_name.pop(found.group(1).strip(), None)
        if gap is None:
            return found.group()
        gaps.append(gap)
        return f"[[{len(gaps)}]]"

    text = CANVAS_GAP.sub(place, text)
    return {"type": QuestionType.CLOZE, "text": text, "key": {"type": "cloze", "gaps": gaps}}


BLACKBOARD = {
    "true/false": "true_false_question",
    "either/or": "multiple_choice_question",
    "multiple choice": "multiple_choice_question",
    "opinion scale": "multiple_choice_question",
    "multiple answer": "multiple_answers_question",
    "matching": "matching_question",
    "fill in the blank": "short_answer_question",
    "essay": "essay_question",
    "short response": "essay_question",
    "numeric": "numerical_question",
    "file upload": "file_upload_question",
    "ordering": "ordering",
    "hot spot": "hot spot",
    "jumbled sentence": "jumbled sentence",
    "quiz bowl": "quiz bowl",
    "calculated": "calculated_question",
    "fill in the blank plus": "fill in multiple blanks (Blackboard)",
}
PROFILES = {
    "cc.multiple_choice.v0p1": "multiple_choice_question",
    "cc.multiple_response.v0p1": "multiple_answers_question",
    "cc.true_false.v0p1": "true_false_question",
    "cc.fib.v0p1": "short_answer_question",
    "cc.pattern_match.v0p1": "short_answer_question",
    "cc.essay.v0p1": "essay_question",
}
READERS: dict[str, Callable[[Old, Element], dict[str, Any]]] = {
    "multiple_choice_question": _single,
    "multiple_answers_question": _several,
    "true_false_question": _true_false,
    "short_answer_question": _short,
    "essay_question": _essay,
    "file_upload_question": _upload,
    "numerical_question": _number,
    "matching_question": _matching,
    "fill_in_multiple_blanks_question": _blanks,
    "multiple_dropdowns_question": _blanks,
}
