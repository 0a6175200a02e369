r"""Text with questions in it, `{1:SHORTANSWER:=Paris~%50%Marseille#No}`: Moodle's cloze syntax, read and written.

The grammar is that of Moodle's `qtype_multianswer`; a backslash keeps `~ # }` from ending an answer.
"""

import re
from html import unescape
from typing import Any

from ingestion.questions import rich
from ingestion.questions.building import Building, Extras, NoQuestion
from ingestion.questions.schemas import Format, ReadBank
from ingestion.readers.text import decode
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.types.cloze import ChoiceGap, ClozeKey, Gap, NumberGap, TextGap

WORDS = ("SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC")
CASE = ("SHORTANSWER_C", "SAC", "MWC")
NUMBERS = ("NUMERICAL", "NM")
SEVERAL = ("MULTIRESPONSE", "MR")
PLACE = re.compile(r"\{\s*(\d{0,4})\s*:\s*([A-Z_]{2,20})\s*(?::((?:\\.|[^}\\])*))?\}", re.DOTALL)
KIND = re.compile(
    r"(SHORTANSWER_C|SHORTANSWER|SAC|SA|MWC|MW|NUMERICAL|NM|MULTIRESPONSE|MR|MULTICHOICE|MC)(_?[VHS]{0,2})"
)
SPLIT = re.compile(r"(?<!\\)~")
FEEDBACK = re.compile(r"(?<![\\&])#")  # "&#39;" is a character
FRACTION = re.compile(r"\s*(?:(=)|%(-?\d{1,3}(?:[.,]\d*)?)%)")
SPECIAL = re.compile(r"[~#}{=%\\&<>]")
ESCAPED = re.compile(r"\\([~#}{\"/\\])")


def read(data: bytes) -> ReadBank:
    """A file of this syntax: Moodle's "Embedded answers" format, whose whole text is one question."""
    building = Building(Format.CLOZE_TEXT)
    text = decode(data)
    try:
        found, points = fields(building, text.partition("{")[0].strip()[:80], text, rich.from_auto)
        building.add(Extras(), points=points, **found)
    except NoQuestion:
        pass
    return building.bank()


def looks_like(text: str) -> bool:
    """Whether the text has such questions in it."""
    return any(KIND.fullmatch(found.group(2)) for found in PLACE.finditer(text))


def fields(building: Building, item: str, text: str, to_markdown: Any) -> tuple[dict[str, Any], float]:
    """The fields of a cloze question and the sum of its gaps' weights. `to_markdown` reads the text around the gaps.

    NoQuestion, with a line in the report, when a gap cannot come.
    """
    gaps: list[dict[str, Any]] = []
    weights: list[int] = []

    def place(found: re.Match[str]) -> str:
        kind = KIND.fullmatch(found.group(2))
        if kind is None:
            return found.group()
        gaps.append(_gap(building, item, kind.group(1), found.group(3) or ""))
        weights.append(int(found.group(1) or 1))
        return rich.gap_mark(len(gaps))

    marked = PLACE.sub(place, re.sub(r"\[\[(?=\d)", "[ [", text))
    if not gaps:
        building.note(item, "refused", "{ }")
        raise NoQuestion
    if len(set(weights)) > 1:
        building.note(item, "gap_weights", ", ".join(map(str, weights)))
    markdown = rich.with_gaps(to_markdown(marked))
    return {"type": QuestionType.CLOZE, "text": markdown, "key": {"type": "cloze", "gaps": gaps}}, float(sum(weights))


def _gap(building: Building, item: str, kind: str, body: str) -> dict[str, Any]:
    answers = []
    for piece in SPLIT.split(body):
        fraction = FRACTION.match(piece)
        rest = piece[fraction.end() :] if fraction else piece
        cut = FEEDBACK.search(rest)
        said, feedback = (rest[: cut.start()], rest[cut.end() :]) if cut else (rest, "")
        said = ESCAPED.sub(r"\1", said).strip()
        percent = (
            0.0 if fraction is None else 100.0 if fraction.group(1) else float(fraction.group(2).replace(",", "."))
        )
        if feedback.strip():
            building.note(item, "gap_feedback", rich.to_line(rich.from_html(ESCAPED.sub(r"\1", feedback))))
        if said:
            answers.append((said, percent))
    if kind in SEVERAL:
        building.note(item, "type", "MULTIRESPONSE")
        raise NoQuestion
    if kind in NUMBERS:
        return _number(building, item, answers)
    if kind in WORDS:
        return _words(building, item, answers, case=kind in CASE)
    best = max((percent for _, percent in answers), default=0.0)
    if best <= 0:
        building.note(item, "no_answer", body)
        raise NoQuestion
    if best < 99.99:
        building.note(item, "single_as_multiple")
    _partial(building, item, [(said, percent) for said, percent in answers if 0 < percent < best])
    options = [{"text": rich.from_html(said), "correct": percent == best} for said, percent in answers]
    return {"kind": "choice", "options": options}


def _words(building: Building, item: str, answers: list[tuple[str, float]], *, case: bool) -> dict[str, Any]:
    plain = [(unescape(said), percent) for said, percent in answers]
    _partial(building, item, [(said, percent) for said, percent in plain if 0 < percent < 100])
    full = [said for said, percent in plain if percent >= 99.99]
    accepted = [said.replace("\\*", "*") for said in full if not re.search(r"(?<!\\)\*", said)]
    if len(accepted) < len(full):
        building.note(item, "patterns", ", ".join(said for said in full if "*" in said))
    if not accepted:
        building.note(item, "no_answer")
        raise NoQuestion
    return {"kind": "text", "accepted": list(dict.fromkeys(accepted)), "match_case": case}


def _number(building: Building, item: str, answers: list[tuple[str, float]]) -> dict[str, Any]:
    _partial(building, item, [(said, percent) for said, percent in answers if 0 < percent < 100])
    for said, percent in answers:
        value, _, tolerance = said.partition(":")
        try:
            if percent >= 99.99:
                read = float(value.replace(",", ".")), abs(float(tolerance.replace(",", ".") or 0))
                return {"kind": "number", "value": read[0], "tolerance": read[1]}
        except ValueError:
            continue
    building.note(item, "no_answer", ", ".join(said for said, _ in answers))
    raise NoQuestion


def _partial(building: Building, item: str, answers: list[tuple[str, float]]) -> None:
    if answers:
        shown = ", ".join(f"{rich.to_line(rich.from_html(said))} ({percent:g} %)" for said, percent in answers)
        building.note(item, "partial_answers", shown)


def written(text: str, key: ClozeKey, *, points: float) -> tuple[str, float]:
    """The text with its gaps in this syntax, and the points that Moodle makes of it."""
    share = points / len(key.gaps)
    weight = int(share) if share == int(share) and share >= 1 else 1
    for number, gap in enumerate(key.gaps, 1):
        text = text.replace(f"[[{number}]]", f"{{{weight}:{_written(gap)}}}")
    return text, float(weight * len(key.gaps))


def _written(gap: Gap) -> str:
    match gap:
        case TextGap():
            answers = "~".join(f"={_escaped(each.replace('*', chr(92) + '*'))}" for each in gap.accepted)
            return f"{'SHORTANSWER_C' if gap.match_case else 'SHORTANSWER'}:{answers}"
        case NumberGap():
            return f"NUMERICAL:={gap.value!r}:{gap.tolerance!r}"
        case ChoiceGap():
            options = [f"{'=' if option.correct else ''}{_option(option.text)}" for option in gap.options]
            return f"MULTICHOICE:{'~'.join(options)}"


def _option(markdown: str) -> str:
    if rich.is_plain(markdown):
        return _escaped(rich.to_line(markdown))
    html = re.sub(r"^<p[^>]*>|</p>$", "", rich.to_html(markdown, {}).strip())
    return html.replace("\\", "&#92;").replace("~", "&#126;").replace("}", "&#125;").replace("\n", " ")


def _escaped(text: str) -> str:
    """Plain text as an answer: special characters as HTML names them, which no part of the syntax can be."""
    return SPECIAL.sub(lambda found: f"&#{ord(found.group())};", text)
