"""Questions of every type drawn at random, and what two questions must have in common to be the same."""

import re
from typing import Any

from hypothesis import strategies as st

from ingestion.questions import ReadBank, ReadQuestion, rich
from ingestion.questions.schemas import Format
from ingestion.readers.text import escape
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.types import expressions

# Everything that some format takes for more than a letter.
TRICKY = "abT7 ~=#{}:\\%[]*_$<>&|-+!.()\"'/@^`éßñعд漢→"
PIECES = (
    "**bold**", "*slanted*", "`code {x=1}~#`", "$x_1 + \\frac{a}{b}$", "$$\\sum_{i=1}^n i^2$$", "a \\* b", "H~2~O",
    "5 < 6", "[a link](https://example.org/a_b?c=d&e=f)", "\\{1:SHORTANSWER:=no\\}", "50% of it", "-> there",
    "\\\\(not math\\\\)", "A) first", "::name::", "// no comment", "==",
    "ANSWER: B", "“quoted”", "&amp; entity", "`$5`", "price \\$5",
)  # fmt: skip


def lines(longest: int = 30) -> st.SearchStrategy[str]:
    """One line of plain text without space at its ends."""
    return st.text(TRICKY, min_size=1, max_size=longest).map(lambda text: " ".join(text.split())).filter(bool)


def sides() -> st.SearchStrategy[str]:
    """Markdown that is one line of plain text."""
    return lines().map(escape)


def texts() -> st.SearchStrategy[str]:
    """Markdown: tricky plain lines, marked up pieces, paragraphs, lists, code."""
    piece = st.one_of(sides(), st.sampled_from(PIECES))
    paragraph = st.lists(piece, min_size=1, max_size=4).map(" ".join)
    listed = st.lists(sides(), min_size=2, max_size=3).map(lambda each: "\n".join(f"- {text}" for text in each))
    code = st.just("```\nif x == 1 {\n    y ~= 2; # {3}\n}\n```")
    blocks = st.lists(st.one_of(paragraph, paragraph, listed, code), min_size=1, max_size=3)
    return blocks.map("\n\n".join).filter(lambda text: bool(rich.to_line(text)))


NUMBERS = st.one_of(st.integers(-999, 999).map(float), st.decimals(-1000, 1000, places=3).map(float))
POINTS = st.integers(1, 400).map(lambda number: number / 4)


def _choices(several: bool) -> st.SearchStrategy[dict[str, Any]]:
    def marked(drawn: tuple[list[str], list[int], bool, list[str], str]) -> dict[str, Any]:
        offered, ranks, weighted, notes, text = drawn
        right = {rank % len(offered) for rank in (ranks if several else ranks[:1])}
        weights = [100 / len(right) if place in right else -25.0 for place in range(len(offered))]
        choices = [
            {
                "text": each,
                "correct": place in right,
                "weight": round(weights[place], 5) if weighted else None,
                "feedback": notes[place % len(notes)] if notes else "",
            }
            for place, each in enumerate(offered)
        ]
        return {"type": "multiple" if several else "single", "text": text, "choices": choices}

    return st.tuples(
        st.lists(sides(), min_size=2, max_size=5, unique=True),
        st.lists(st.integers(0, 9), min_size=1, max_size=3),
        st.booleans(),
        st.lists(texts(), max_size=2),
        texts(),
    ).map(marked)


def _true_false() -> st.SearchStrategy[dict[str, Any]]:
    def made(drawn: tuple[bool, str, str, str]) -> dict[str, Any]:
        right, text, one, other = drawn
        choices = [
            {"text": "True", "correct": right, "feedback": one},
            {"text": "False", "correct": not right, "feedback": other},
        ]
        return {"type": "true_false", "text": text, "choices": choices}

    return st.tuples(st.booleans(), texts(), st.one_of(st.just(""), texts()), st.one_of(st.just(""), texts())).map(made)


def _matching() -> st.SearchStrategy[dict[str, Any]]:
    def made(drawn: tuple[str, list[str], list[str], list[str]]) -> dict[str, Any]:
        text, lefts, rights, others = drawn
        pairs = [
            {"left": {"text": left}, "right": {"text": rights[place % len(rights)]}} for place, left in enumerate(lefts)
        ]
        used = {pair["right"]["text"] for pair in pairs}
        extra = [{"text": each} for each in others if each not in used]
        return {"type": "matching", "text": text, "key": {"type": "matching", "pairs": pairs, "extra": extra}}

    several = st.lists(sides(), min_size=2, max_size=4, unique=True)
    return st.tuples(texts(), several, several, st.lists(sides(), max_size=2, unique=True)).map(made)


def _ordering() -> st.SearchStrategy[dict[str, Any]]:
    items = st.lists(sides(), min_size=2, max_size=5, unique=True).map(lambda each: [{"text": text} for text in each])
    scoring = st.sampled_from(["positions", "adjacent", "longest", "all"])
    return st.builds(
        lambda text, found, by: {
            "type": "ordering",
            "text": text,
            "key": {"type": "ordering", "items": found, "scoring": by},
        },
        texts(),
        items,
        scoring,
    )


def _gapped(text: str, count: int) -> str:
    return f"{text}\n\n" + " and ".join(f"[[{number}]]" for number in range(1, count + 1))


def _cloze() -> st.SearchStrategy[dict[str, Any]]:
    words = st.builds(
        lambda accepted, case: {"kind": "text", "accepted": accepted, "match_case": case},
        st.lists(lines(12), min_size=1, max_size=3, unique=True),
        st.booleans(),
    )
    number = st.builds(
        lambda value, tolerance: {"kind": "number", "value": value, "tolerance": abs(tolerance)}, NUMBERS, NUMBERS
    )
    options = st.builds(
        lambda found, right: {
            "kind": "choice",
            "options": [{"text": each, "correct": place == right % len(found)} for place, each in enumerate(found)],
        },
        st.lists(sides(), min_size=2, max_size=4, unique=True),
        st.integers(0, 3),
    )
    gaps = st.lists(st.one_of(words, number, options), min_size=1, max_size=3)
    return st.builds(
        lambda text, found: {
            "type": "cloze",
            "text": _gapped(text, len(found)),
            "points": float(len(found)),
            "key": {"type": "cloze", "gaps": found},
        },
        texts(),
        gaps,
    )


def _drag_text() -> st.SearchStrategy[dict[str, Any]]:
    def made(drawn: tuple[str, list[str], int, bool]) -> dict[str, Any]:
        text, words, count, reuse = drawn
        count = min(count, len(words))
        key = {
            "type": "drag_text",
            "gaps": [{"word": {"text": word}} for word in words[:count]],
            "extra": [{"text": word} for word in words[count:]],
            "reuse": reuse,
        }
        return {"type": "drag_text", "text": _gapped(text, count), "key": key}

    several = st.lists(sides(), min_size=2, max_size=5, unique=True)
    return st.tuples(texts(), several, st.integers(1, 4), st.booleans()).map(made)


def _formula() -> st.SearchStrategy[dict[str, Any]]:
    expression = st.sampled_from(
        ["a*b", "(a+b)^2/ln(a+10)", "-a^2 - -b", "sqrt(abs(a*b)) + pi", "2^-a", "a/(b*2)", "a-(b-1)"]
    )
    variable = {"minimum": 1.0, "maximum": 9.0, "step": 0.5}
    units = st.sampled_from([[], [{"name": "m"}, {"name": "km", "factor": 1000.0}]])
    tolerance = st.sampled_from([{"kind": "absolute", "amount": 0.25}, {"kind": "relative", "amount": 0.01}])
    return st.builds(
        lambda text, says, how, of: {
            "type": "formula",
            "text": text + " {a} and {b}",
            "key": {
                "type": "formula",
                "expression": says,
                "variables": [{"name": "a", **variable, "step": 0.1}, {"name": "b", **variable, "step": 1.0}],
                "tolerance": how,
                "units": of,
                "unit_penalty": 0.25 if of else 0.0,
            },
        },
        texts(),
        expression,
        tolerance,
        units,
    )


TYPED: dict[QuestionType, st.SearchStrategy[dict[str, Any]]] = {
    QuestionType.SINGLE: _choices(False),
    QuestionType.MULTIPLE: _choices(True),
    QuestionType.TRUE_FALSE: _true_false(),
    QuestionType.NUMERIC: st.builds(
        lambda text, value, tolerance: {"type": "numeric", "text": text, "value": value, "tolerance": abs(tolerance)},
        texts(),
        NUMBERS,
        NUMBERS,
    ),
    QuestionType.SHORT_TEXT: st.builds(
        lambda text, accepted, case: {"type": "short_text", "text": text, "accepted": accepted, "match_case": case},
        texts(),
        st.lists(lines(20), min_size=1, max_size=4, unique=True),
        st.booleans(),
    ),
    QuestionType.ESSAY: st.builds(lambda text: {"type": "essay", "text": text}, texts()),
    QuestionType.MATCHING: _matching(),
    QuestionType.ORDERING: _ordering(),
    QuestionType.CLOZE: _cloze(),
    QuestionType.DRAG_TEXT: _drag_text(),
    QuestionType.FORMULA: _formula(),
    QuestionType.UPLOAD: st.builds(
        lambda text, most, size, kinds: {
            "type": "upload",
            "text": text,
            "key": {"type": "upload", "maximum_files": most, "maximum_megabytes": size, "kinds": kinds},
        },
        texts(),
        st.integers(1, 10),
        st.integers(1, 50),
        st.sampled_from([[], ["document"], ["image", "text"]]),
    ),
}


def questions(*types: QuestionType) -> st.SearchStrategy[QuestionIn]:
    """Questions of these types."""

    def whole(drawn: tuple[dict[str, Any], float, str]) -> QuestionIn:
        fields, points, feedback = drawn
        return QuestionIn.model_validate({"points": points, "feedback": feedback, **fields})

    fields = st.one_of(*(TYPED[each] for each in types))
    return st.tuples(fields, POINTS, st.one_of(st.just(""), texts())).map(whole)


def bank(*found: QuestionIn, files: dict[str, bytes] | None = None) -> ReadBank:
    """The questions as a bank."""
    named = tuple(ReadQuestion(question, name=f"Question {place}") for place, question in enumerate(found, 1))
    return ReadBank(format=Format.GIFT, questions=named, files=files or {})


def normal(question: QuestionIn, *, through_html: bool = False) -> dict[str, Any]:
    """What must be the same of a question: texts as they are shown, numbers to five digits, no ids.

    `through_html`: for formats that hold HTML, texts as they are shown after one reading of that.
    """

    def shown(markdown: str) -> str:
        html = rich.to_html(markdown, {})
        html = rich.to_html(rich.from_html(html), {}) if through_html else html
        return re.sub(r"\s+", " ", html).strip()

    def walked(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: walked(each, key) for key, each in value.items() if key != "id"}
        if isinstance(value, list):
            return [walked(each, name) for each in value]
        if isinstance(value, str) and name in ("text", "feedback"):
            return shown(value)
        return round(value, 3) if isinstance(value, float) else value

    found: dict[str, Any] = walked(question.model_dump(mode="json"))
    if question.type == QuestionType.SINGLE:
        weights = [choice["weight"] for choice in found["choices"]]
        if None not in weights and sorted(weights)[-1] == 100 and not any(sorted(weights)[:-1]):
            found["choices"] = [choice | {"weight": None} for choice in found["choices"]]
    if question.type == QuestionType.MULTIPLE:
        found["choices"] = [choice | {"weight": _weight(found["choices"], choice)} for choice in found["choices"]]
    if question.type == QuestionType.FORMULA:
        steps = expressions.parse(found["key"]["expression"]).steps
        found["key"]["expression"] = [("^", 2) if step == ("pow", 2) else step for step in steps]
    return found


def _weight(choices: list[dict[str, Any]], choice: dict[str, Any]) -> float:
    """The weight that a choice of several has, said or not."""
    right = sum(each["correct"] for each in choices)
    if choice["weight"] is not None:
        return round(choice["weight"], 2)
    return round(100 / right if choice["correct"] else -100 / (len(choices) - right), 2)
