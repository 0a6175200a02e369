"""QTI 2.1's interactions with texts as the product's types."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from ingestion.questions import qti21_pictures as pictures
from ingestion.questions import rich
from ingestion.questions.building import NoQuestion, Offered, choices_fields
from ingestion.questions.qti21_item import GAP_CLASS, Declared, QtiItem, is_all_or_nothing, number
from ingestion.questions.trees import Element
from lms_core.learning.assessments.models import QuestionType

INLINE = frozenset({"textEntryInteraction", "inlineChoiceInteraction"})
TRUTHS = (("true", "false"), ("correct", "incorrect"))


def choice(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """One or several of some choices."""
    declared = item.declaration(interaction)
    several = interaction.get("maxChoices", "1") != "1"
    offered = interaction.findall("simpleChoice")
    if any(each.get("fixed") == "true" for each in offered) and interaction.get("shuffle") == "true":
        item.note("fixed_places")
    texts = [(each.get("identifier", ""), item.rich(each), _choice_feedback(item, each)) for each in offered]
    fields = _chosen(item, declared, texts, several=several)
    words = [text.casefold() for _, text, _ in texts]
    if fields["type"] == QuestionType.SINGLE and tuple(words) in TRUTHS:
        fields["type"] = QuestionType.TRUE_FALSE
    return {"text": item.before(body, interaction), **fields}


def _chosen(
    item: QtiItem, declared: Declared, texts: Sequence[tuple[str, str, str]], *, several: bool
) -> dict[str, Any]:
    right, points = set(declared.right), declared.points
    whole = is_all_or_nothing(item, declared)
    if not right:
        item.note("custom_scoring" if item.root.find("responseProcessing") is not None else "no_answer")
        raise NoQuestion
    if whole or not points:
        count, wrong = len(right) or 1, len(texts) - len(right) or 1
        percents = {name: 100 / count if name in right else -100 / wrong if several else 0.0 for name, _, _ in texts}
    else:
        most = sum(value for value in points.values() if value > 0) if several else max(points.values())
        percents = {name: 100 * points.get(name, declared.default) / (most or 1) for name, _, _ in texts}
    offered = [Offered(text, round(percents[name], 5), feedback) for name, text, feedback in texts]
    fields = choices_fields(item.building, item.name, offered, several=several)
    return fields | ({"partial_credit": False} if several and whole else {})


def _choice_feedback(item: QtiItem, element: Element) -> str:
    name = element.get("identifier", "")
    texts = [item.rich(each) for each in element.iter("feedbackInline", "feedbackBlock")]
    for each in item.root.iterfind("modalFeedback"):
        if each.get("identifier") == name and each.get("showHide", "show") == "show":
            item.told.add(name)
            texts.append(item.rich(each))
    return "\n\n".join(text for text in texts if text)


def order(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """Items to put in order."""
    declared = item.declaration(interaction)
    texts = {each.get("identifier", ""): item.rich(each) for each in interaction.iterfind("simpleChoice")}
    right = [name for name in declared.right if name in texts]
    if len(right) != len(texts):
        item.note("no_answer")
        raise NoQuestion
    by_place = item.root.find("responseProcessing//index") is not None  # each place of the answer is looked at
    scoring = "all" if is_all_or_nothing(item, declared) and not by_place else "positions"
    key = {"type": "ordering", "items": [{"text": texts[name]} for name in right], "scoring": scoring}
    return {"type": QuestionType.ORDERING, "text": item.before(body, interaction), "key": key}


def match(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """Two sets to match: each of one has one of the other."""
    sets = interaction.findall("simpleMatchSet")
    declared = item.declaration(interaction)
    if len(sets) != 2:
        item.note("no_answer")
        raise NoQuestion
    first, second = (
        {each.get("identifier", ""): item.rich(each) for each in side.iterfind("simpleAssociableChoice")}
        for side in sets
    )
    pairs = [tuple(each.split()) for each in declared.right if len(each.split()) == 2]
    if len({one for one, _ in pairs}) != len(pairs):
        first, second = second, first
        pairs = [(other, one) for one, other in pairs]
    if len({one for one, _ in pairs}) != len(pairs) or not pairs:
        item.note("custom_scoring" if pairs else "no_answer")
        raise NoQuestion
    used = {other for _, other in pairs}
    found = [(first.get(one, ""), second.get(other, "")) for one, other in pairs]
    extra = [text for name, text in second.items() if name not in used]
    return _paired(item, body, interaction, declared, found, extra)


def _paired(
    item: QtiItem,
    body: Element,
    interaction: Element,
    declared: Declared,
    pairs: Sequence[tuple[str, str]],
    extra: Sequence[str],
) -> dict[str, Any]:
    if len({points for points in declared.points.values() if points > 0}) > 1:
        item.note("pair_points", ", ".join(f"{points:g}" for points in declared.points.values()))
    if declared.default < 0:
        item.note("wrong_points", f"{declared.default:g}")
    key = {
        "type": "matching",
        "pairs": [{"left": {"text": left}, "right": {"text": right}} for left, right in pairs],
        "extra": [{"text": text} for text in extra],
    }
    fields = {"type": QuestionType.MATCHING, "text": item.before(body, interaction), "key": key}
    return fields | {"partial_credit": not is_all_or_nothing(item, declared)}


def associate(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """Pairs out of one list."""
    declared = item.declaration(interaction)
    texts = {each.get("identifier", ""): item.rich(each) for each in interaction.iterfind("simpleAssociableChoice")}
    pairs = [tuple(each.split()) for each in declared.right if len(each.split()) == 2]
    used = {name for pair in pairs for name in pair}
    item.note("pairs")
    found = [(texts.get(one, ""), texts.get(other, "")) for one, other in pairs]
    return _paired(item, body, interaction, declared, found, [text for name, text in texts.items() if name not in used])


def gap_match(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """Words to drag into a text."""
    declared = item.declaration(interaction)
    words = {each.get("identifier", ""): item.rich(each) for each in interaction.iterfind("gapText")}
    if interaction.find("gapImg") is not None:
        item.note("media", "gapImg")
    right = {pair[1]: pair[0] for each in declared.right if len(pair := each.split()) == 2}
    around = copy.deepcopy(interaction)
    for each in [*around.iterfind("gapText"), *around.iterfind("gapImg"), *around.iterfind("prompt")]:
        around.remove(each)
    gaps = []
    for place, gap in enumerate(list(around.iter("gap")), 1):
        word = words.get(right.get(gap.get("identifier", ""), ""), "")
        if not word:
            item.note("no_answer", gap.get("identifier", ""))
            raise NoQuestion
        gaps.append({"word": {"text": word}})
        replaced(gap, rich.gap_mark(place))
    if declared.default < 0:
        item.note("wrong_points", f"{declared.default:g}")
    used = {gap["word"]["text"] for gap in gaps}
    extra = [{"text": text} for text in dict.fromkeys(words.values()) if text not in used]
    reuse = any(each.get("matchMax") == "0" for each in interaction.iterfind("gapText"))
    text = "\n\n".join(each for each in (item.before(body, interaction), rich.with_gaps(item.rich(around))) if each)
    key = {"type": "drag_text", "gaps": gaps, "extra": extra, "reuse": reuse}
    fields = {"type": QuestionType.DRAG_TEXT, "text": text, "key": key}
    return fields | {"partial_credit": not is_all_or_nothing(item, declared)}


def replaced(element: Element, text: str) -> None:
    """Put text in the place of an element."""
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", text, tail


def inline(item: QtiItem, body: Element, found: Sequence[Element]) -> dict[str, Any]:
    """Fields and lists within the text: one alone in its paragraph is a short answer or a number, else gaps."""
    gaps = [_gap(item, each) for each in found]
    alone = len(found) == 1 and gaps[0]["kind"] != "choice" and _stands_alone(found[0])
    around = copy.deepcopy(body)
    for place, each in enumerate([each for each in around.iter() if str(each.tag) in INLINE], 1):
        replaced(each, "" if alone else rich.gap_mark(place))
    text = rich.with_gaps(item.rich(around))
    whole = {"partial_credit": False} if len(found) > 1 and _all_at_once(item, found) else {}
    if not alone:
        return {"type": QuestionType.CLOZE, "text": text, "key": {"type": "cloze", "gaps": gaps}} | whole
    gap = gaps[0]
    if gap["kind"] == "number":
        return {"type": QuestionType.NUMERIC, "text": text, "value": gap["value"], "tolerance": gap["tolerance"]}
    return {
        "type": QuestionType.SHORT_TEXT,
        "text": text,
        "accepted": gap["accepted"],
        "match_case": gap["match_case"],
    }


def _stands_alone(interaction: Element) -> bool:
    parent = interaction.getparent()
    if GAP_CLASS in interaction.get("class", "").split():
        return False
    if parent is None or str(parent.tag) == "itemBody":
        return True
    return len(parent) == 1 and not ((parent.text or "") + (interaction.tail or "")).strip()


def _all_at_once(item: QtiItem, found: Sequence[Element]) -> bool:
    processing = item.root.find("responseProcessing")
    template = "" if processing is None else processing.get("template", "")
    return "match_correct" in template and len(found) > 1


def _gap(item: QtiItem, interaction: Element) -> dict[str, Any]:
    declared = item.declaration(interaction)
    right, points = declared.right, declared.points
    best = max(points.values(), default=0.0)
    if not right:
        item.note("custom_scoring" if item.root.find("responseProcessing") is not None else "no_answer")
        raise NoQuestion
    partial = [f"{key} ({value:g})" for key, value in points.items() if 0 < value < best]
    if partial:
        item.note("partial_answers", ", ".join(partial))
    if str(interaction.tag) == "inlineChoiceInteraction":
        options = [
            {"text": item.rich(each) or each.get("identifier", ""), "correct": each.get("identifier") in right}
            for each in interaction.iterfind("inlineChoice")
        ]
        return {"kind": "choice", "options": options}
    if declared.base in ("float", "integer"):
        return {"kind": "number", "value": number(right[0]), "tolerance": _tolerance(item, declared, number(right[0]))}
    full = [key for key, value in points.items() if value == best and value > 0] if points else right
    accepted = list(dict.fromkeys([*(each for each in right if each in full or not points), *full])) or right
    return {"kind": "text", "accepted": accepted, "match_case": bool(points) and not declared.ignores_case}


def _tolerance(item: QtiItem, declared: Declared, value: float) -> float:
    """The absolute tolerance with which the item's own program compares this response; 0 when it says none."""
    for equal in item.root.iterfind("responseProcessing//equal"):
        names = [each.get("identifier") for each in equal.iterfind("variable")]
        if declared.name not in names:
            continue
        amount = abs(number((equal.get("tolerance") or "0").split()[0]))
        relative = equal.get("toleranceMode") == "relative"  # in percent of the value
        return float(f"{amount / 100 * abs(value):.12g}") if relative else amount
    return 0.0


def essay(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """A text for a person to judge."""
    return {"type": QuestionType.ESSAY, "text": item.before(body, interaction)}


def upload(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """A file for a person to judge."""
    return {"type": QuestionType.UPLOAD, "text": item.before(body, interaction), "key": {"type": "upload"}}


def slider(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """A number chosen on a scale: the range that earns all points."""
    declared = item.declaration(interaction)
    best = max(declared.points.values(), default=0.0)
    full = [number(key) for key, points in declared.points.items() if points == best and points > 0]
    right = [number(each) for each in declared.right]
    if not full and not right:
        item.note("no_answer")
        raise NoQuestion
    values = full or right
    item.note("slider")
    partial = [f"{key} ({points:g})" for key, points in declared.points.items() if 0 < points < best]
    if partial:
        item.note("partial_answers", ", ".join(partial))
    middle = (min(values) + max(values)) / 2
    return {
        "type": QuestionType.NUMERIC,
        "text": item.before(body, interaction),
        "value": middle,
        "tolerance": max(values) - middle,
    }


def hottext(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """Words to mark in a text: choices, the words bold in it."""
    declared = item.declaration(interaction)
    words = [(each.get("identifier", ""), item.rich(each), "") for each in interaction.iter("hottext")]
    shown = copy.deepcopy(interaction)
    for each in shown.iter("hottext"):
        each.tag = "strong"
    for each in list(shown.iterfind("prompt")):
        shown.remove(each)
    item.note("hottext")
    fields = _chosen(item, declared, words, several=interaction.get("maxChoices", "1") != "1")
    text = "\n\n".join(each for each in (item.before(body, interaction), item.rich(shown)) if each)
    return {"text": text, **fields}


READERS: dict[str, Callable[[QtiItem, Element, Element], dict[str, Any]]] = {
    "choiceInteraction": choice,
    "orderInteraction": order,
    "matchInteraction": match,
    "associateInteraction": associate,
    "gapMatchInteraction": gap_match,
    "extendedTextInteraction": essay,
    "uploadInteraction": upload,
    "sliderInteraction": slider,
    "hottextInteraction": hottext,
    "hotspotInteraction": pictures.hotspot,
    "selectPointInteraction": pictures.select_point,
    "graphicGapMatchInteraction": pictures.graphic_gap_match,
}
