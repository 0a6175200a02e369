"""OLX problems (capa) to questions.

One response is one question. Several that are gaps (lists, words, numbers) are one text with gaps; several others are
a question each. What a program judges or computes cannot be carried.
"""

import re
from collections.abc import Collection, Mapping
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

from ingestion.readers.html import VOID
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import Drafting, gap_places, number, side
from ingestion.sources.packages.olx.blocks import Block
from ingestion.sources.schemas import ChoiceDraft, QuestionDraft

if TYPE_CHECKING:
    from ingestion.sources.packages.olx.units import Unit

CHOICES = frozenset({"multiplechoiceresponse", "choiceresponse", "truefalseresponse"})
GAPS = frozenset({"optionresponse", "stringresponse", "numericalresponse"})
PROGRAMS = frozenset({"customresponse", "jsmeresponse", "javascriptresponse", "coderesponse", "externalresponse"})
SAYS_NOTHING = frozenset(
    {
        "script", "style", "solution", "solutionset", "demandhint", "hintgroup", "choicegroup", "checkboxgroup",
        "optioninput", "textline", "formulaequationinput", "additional_answer", "stringequalhint", "responseparam",
        "correcthint", "choicehint", "compoundhint", "startouttext", "endouttext", "optionhint", "radiogroup",
    }
)  # fmt: skip
OPTIONS = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
RANGE = re.compile(r"([\[(])\s*([-+\d.eE]+)\s*,\s*([-+\d.eE]+)\s*([\])])")


class _NotCarried(Exception):
    """Why a problem cannot be carried."""

    def __init__(self, kind: saying.Lost) -> None:
        super().__init__(kind.why)
        self.kind = kind


def read_problem(draft: Drafting, block: Block, unit: "Unit") -> None:
    """Add the problem's questions to the unit, or report why they stay behind. One without a question is text."""
    problem = block.element
    where = unit.place(block)
    responses = [each for each in problem.iter() if markup.local(each).endswith("response")]
    if not responses:
        unit.parts.append(draft.markdown(_written(problem), where=where))
        return
    try:
        _check(problem, responses)
        unit.questions += _questions(draft, problem, responses, where)
    except _NotCarried as error:
        draft.lost(where, saying.of(error.kind, _kind_of(responses)))
        return
    if next(markup.within(problem, "demandhint"), None) is not None:
        draft.lost(where, saying.HINTS)


def _kind_of(responses: list[markup.Element]) -> str:
    return ", ".join(dict.fromkeys(markup.local(each) for each in responses))


def _check(problem: markup.Element, responses: list[markup.Element]) -> None:
    kinds = {markup.local(each) for each in responses}
    if kinds & PROGRAMS:
        raise _NotCarried(saying.PROGRAM)
    if kinds - CHOICES - GAPS:
        raise _NotCarried(saying.NO_TYPE)
    python = any("python" in (each.get("type") or "") for each in markup.within(problem, "script"))
    answers = " ".join(each.get("answer") or "" for each in responses)
    if python and re.search(r"\$\w", answers + "".join(problem.itertext())):
        raise _NotCarried(saying.COMPUTED)


def _questions(
    draft: Drafting, problem: markup.Element, responses: list[markup.Element], where: str
) -> list[QuestionDraft]:
    points = number(problem.get("weight") or "") or 1.0
    solution = list(markup.within(problem, "solution"))
    feedback = draft.snippet("".join(markup.inner_html(each) for each in solution), where=where)
    if len(responses) > 1 and all(markup.local(each) in GAPS for each in responses):
        return [_with_gaps(draft, problem, responses, where, points, feedback)]
    found = []
    for at, response in enumerate(responses):
        # What stands outside of all responses introduces the first.
        others = [each for each in responses if each is not response]
        html = _written(problem, without=others) if at == 0 else _written(response)
        text = draft.snippet(html, where=where) or _label(response)
        if not text:
            raise _NotCarried(saying.NO_KEY)
        found.append(_one(draft, response, text, where, points / len(responses), feedback))
        feedback = ""
    return found


def _one(
    draft: Drafting, response: markup.Element, text: str, where: str, points: float, feedback: str
) -> QuestionDraft:
    kind = markup.local(response)
    if kind in CHOICES or kind == "optionresponse":
        choices = _choices(draft, response, where)
        right = sum(choice.correct for choice in choices)
        if right == 0 or len(choices) < 2:
            raise _NotCarried(saying.NO_KEY)
        several = kind == "choiceresponse" or right > 1
        return QuestionDraft("multiple" if several else "single", text, points, feedback=feedback, choices=choices)
    if kind == "stringresponse":
        accepted, match_case = _words(response)
        return QuestionDraft("short_text", text, points, feedback=feedback, accepted=accepted, match_case=match_case)
    value, tolerance = _number(draft, response, where)
    return QuestionDraft("numeric", text, points, feedback=feedback, value=value, tolerance=tolerance)


def _with_gaps(
    draft: Drafting, problem: markup.Element, responses: list[markup.Element], where: str, points: float, feedback: str
) -> QuestionDraft:
    gaps: list[dict[str, object]] = []
    for response in responses:
        kind = markup.local(response)
        if kind == "optionresponse":
            choices = _choices(draft, response, where)
            if not any(choice.correct for choice in choices) or len(choices) < 2:
                raise _NotCarried(saying.NO_KEY)
            options = [side(choice.text) | {"correct": choice.correct} for choice in choices]
            gaps.append({"kind": "choice", "options": options})
        elif kind == "stringresponse":
            accepted, match_case = _words(response)
            gaps.append({"kind": "text", "accepted": list(accepted), "match_case": match_case})
        else:
            value, tolerance = _number(draft, response, where)
            gaps.append({"kind": "number", "value": value, "tolerance": tolerance})
    html = _written(problem, gaps={each: at for at, each in enumerate(responses, 1)})
    text = gap_places(draft.snippet(html, where=where))
    return QuestionDraft("cloze", text, points, feedback=feedback, key={"type": "cloze", "gaps": gaps})


def _choices(draft: Drafting, response: markup.Element, where: str) -> tuple[ChoiceDraft, ...]:
    found = []
    for choice in markup.within(response, "choice", "option"):
        hint = " ".join(markup.said(each) for each in markup.children(choice, "choicehint", "optionhint"))
        if (choice.get("correct") or "").lower() == "partial":
            draft.lost(where, saying.PARTLY)
        text = draft.snippet(_written(choice), where=where)
        found.append(
            ChoiceDraft(
                text, (choice.get("correct") or "").lower() == "true", feedback=draft.snippet(hint, where=where)
            )
        )
    for listed in markup.within(response, "optioninput"):
        right = listed.get("correct") or ""
        for one, other in OPTIONS.findall(listed.get("options") or ""):
            answer = (one or other).replace("\\'", "'")
            found.append(ChoiceDraft(draft.snippet(answer.replace("<", "&lt;"), where=where), answer == right))
    if any(not choice.text for choice in found):
        raise _NotCarried(saying.NO_KEY)
    return tuple(found)


def _words(response: markup.Element) -> tuple[tuple[str, ...], bool]:
    told = (response.get("type") or "").split()
    if "regexp" in told:
        raise _NotCarried(saying.PATTERN)
    more = [each.get("answer") or markup.said(each) for each in markup.within(response, "additional_answer")]
    first = response.get("answer") or ""
    accepted = [each.strip() for each in [*first.split("_or_"), *more] if each.strip()]
    if not accepted:
        raise _NotCarried(saying.NO_KEY)
    return tuple(dict.fromkeys(accepted)), "ci" not in told


def _number(draft: Drafting, response: markup.Element, where: str) -> tuple[float, float]:
    """The right number and the absolute tolerance, both ends right."""
    answer = (response.get("answer") or "").strip()
    ends = RANGE.fullmatch(answer)
    if ends is not None:
        low, high = number(ends.group(2)), number(ends.group(3))
        if low is None or high is None:
            raise _NotCarried(saying.NO_KEY)
        if ends.group(1) + ends.group(4) != "[]":
            draft.lost(where, saying.PARTLY)
        return (low + high) / 2, abs(high - low) / 2
    value = number(answer)
    if value is None:
        raise _NotCarried(saying.NO_KEY)
    if response.get("partial_credit") or next(markup.within(response, "additional_answer"), None) is not None:
        draft.lost(where, saying.PARTLY)
    told = next(
        (each.get("default") or "" for each in markup.within(response, "responseparam") if each.get("default")), ""
    )
    if told.endswith("%"):
        return value, abs(value) * abs(number(told[:-1]) or 0.0) / 100
    return value, abs(number(told) or 0.0)


def _label(response: markup.Element) -> str:
    return next((each.get("label") or "" for each in markup.within(response, "textline", "formulaequationinput")), "")


def _written(
    element: markup.Element,
    *,
    without: Collection[markup.Element] = (),
    gaps: Mapping[markup.Element, int] = MappingProxyType({}),
) -> str:
    """What the element says, as HTML, without inputs, keys and solutions; `gaps` get their numbered places."""
    pieces = [escape(element.text or "", quote=False)]
    for each in element:
        name = markup.local(each)
        if name and name not in SAYS_NOTHING and each not in without:
            tag = "p" if name in ("label", "description") else name
            attributes = "".join(f' {key}="{escape(value)}"' for key, value in each.attrib.items())
            inner = _written(each, without=without, gaps=gaps)
            if name == "clarification":  # a remark that opens on request there
                tag, inner = "span", f" ({inner})"
            pieces.append(f"<{tag}{attributes}>{inner}" + ("" if tag in VOID else f"</{tag}>"))
        if each in gaps:
            pieces.append(f" [[{gaps[each]}]] ")
        pieces.append(escape(each.tail or "", quote=False))
    return "".join(pieces)
