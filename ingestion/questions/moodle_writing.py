"""Moodle XML, texts as Markdown with their files beside them: what Moodle's own import reads."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree
from lxml.builder import E as make

from ingestion.questions import moodle_formulas, multianswer, rich
from ingestion.questions.attached import base_name, distinct_names
from ingestion.questions.gift_writing import TRUTHS, percents
from ingestion.questions.moodle_more import SCORINGS, TEXT_FILES
from ingestion.questions.moodle_pictures import pixels
from ingestion.questions.moodle_shapes import shape_of
from ingestion.questions.report import ReportLine, line
from ingestion.questions.schemas import ReadBank, ReadQuestion, Written
from ingestion.questions.trees import Element
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import CHOICE_TYPES, QuestionIn
from lms_core.learning.assessments.types.cloze import ClozeKey
from lms_core.learning.assessments.types.drag_text import DragTextKey
from lms_core.learning.assessments.types.formula import FormulaKey
from lms_core.learning.assessments.types.hotspot import HotspotKey
from lms_core.learning.assessments.types.matching import MatchingKey
from lms_core.learning.assessments.types.ordering import OrderingKey
from lms_core.learning.assessments.types.upload import MEGABYTE, FileKind, UploadKey

NAMES = {
    QuestionType.SINGLE: "multichoice",
    QuestionType.MULTIPLE: "multichoice",
    QuestionType.NUMERIC: "numerical",
    QuestionType.SHORT_TEXT: "shortanswer",
    QuestionType.ESSAY: "essay",
    QuestionType.UPLOAD: "essay",
    QuestionType.MATCHING: "matching",
    QuestionType.ORDERING: "ordering",
    QuestionType.CLOZE: "cloze",
    QuestionType.DRAG_TEXT: "ddwtos",
    QuestionType.HOTSPOT: "ddmarker",
    QuestionType.FORMULA: "calculated",
}
GRADED_IN_PARTS = frozenset(
    {QuestionType.MATCHING, QuestionType.ORDERING, QuestionType.CLOZE, QuestionType.DRAG_TEXT, QuestionType.HOTSPOT}
)


@dataclass(slots=True)
class Writing:
    """A question while it is written: its element, the bank's files, and what is lost."""

    each: ReadQuestion
    item: str
    element: Element
    files: dict[str, bytes]
    report: list[ReportLine] = field(default_factory=list)

    @property
    def question(self) -> QuestionIn:
        """The question itself."""
        return self.each.question

    def lost(self, code: str, value: str = "") -> None:
        """Add a line to the report."""
        self.report.append(line(self.item, code, value))

    def put(self, tag: str, text: str = "", **attributes: str) -> Element:
        """An element below the question."""
        child = etree.SubElement(self.element, tag, attributes)
        child.text = text or None
        return child

    def rich(self, element: Element, markdown: str) -> Element:
        """Fill an element with a text, its format and the files it shows."""
        names = distinct_names(path for path in rich.assets(markdown) if path in self.files)
        missing = [path for path in rich.assets(markdown) if path not in self.files]
        if missing:
            self.lost("file_missing", ", ".join(missing))
        element.set("format", "markdown")
        element.append(make.text(rich.to_moodle(markdown, names)))
        for path, name in names.items():
            element.append(file_element(name, self.files[path]))
        return element

    def texts(self, tag: str, markdown: str) -> Element:
        """A rich text element below the question."""
        element = self.put(tag)
        self.rich(element, markdown)
        return element


def write(bank: ReadBank) -> Written:
    """All questions, and a report of what Moodle has no place for."""
    root = etree.Element("quiz")
    report: list[ReportLine] = []
    category: tuple[str, ...] = ()
    for place, each in enumerate(bank.questions, 1):
        if each.category != category:
            category = each.category
            path = "/".join(["$course$", "top", *(part.replace("/", "//") for part in category)])
            root.append(make.question(make.category(make.text(path)), type="category"))
        element = etree.SubElement(root, "question")
        writing = Writing(each, each.name or f"#{place}", element, dict(bank.files))
        try:
            _question(writing, place)
        except NotWritten:
            root.remove(element)
        report += writing.report
    etree.indent(root)
    content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Written(content, ".xml", "application/xml", tuple(report))


class NotWritten(Exception):
    """The question has no place in this format; the report says so already."""


def file_element(name: str, content: bytes) -> Element:
    """A file as Moodle embeds it."""
    return make.file(base64.b64encode(content).decode(), name=name, path="/", encoding="base64")


def _question(writing: Writing, place: int) -> None:
    question, element = writing.question, writing.element
    is_truth = [choice.text.casefold() for choice in question.choices] == TRUTHS
    truth = question.type == QuestionType.TRUE_FALSE and is_truth
    if question.type == QuestionType.TRUE_FALSE and not truth:
        writing.lost("true_false_text")
    element.set("type", "truefalse" if truth else NAMES.get(question.type, "multichoice"))
    # White space around a name goes, and so would a name that is nothing else.
    element.append(make.name(make.text(" ".join(writing.each.name.split()) or f"{place}")))
    text, points = question.text, question.points
    if isinstance(question.key, ClozeKey):
        text, points = multianswer.written(text, question.key, points=points)
        if abs(points - question.points) > 0.001:
            writing.lost("points", f"{question.points:g}")
    if isinstance(question.key, DragTextKey):
        text = _with_boxes(text, question.key)
    writing.texts("questiontext", text)
    writing.texts("generalfeedback", question.feedback)
    writing.put("defaultgrade", f"{question.points:.7f}")
    if writing.each.penalty is not None:
        writing.put("penalty", f"{writing.each.penalty:.7f}")
    writing.put("hidden", "0")
    writing.put("idnumber", writing.each.number)
    if question.type in GRADED_IN_PARTS and not question.partial_credit and not _is_whole(question):
        writing.lost("partial_credit")
    _answers(writing, truth=truth)
    _hints(writing)
    if writing.each.tags:
        writing.put("tags").extend(make.tag(make.text(tag)) for tag in writing.each.tags)


def _hints(writing: Writing) -> None:
    for hint in writing.question.hints:
        element = writing.texts("hint", hint.text)
        if hint.show_number_right:
            element.append(make.shownumcorrect())
        if hint.clear_wrong:
            element.append(make.clearwrong())


def _is_whole(question: QuestionIn) -> bool:
    return isinstance(question.key, OrderingKey) and question.key.scoring == "all"


def _answers(writing: Writing, *, truth: bool) -> None:
    key = writing.question.key
    match key:
        case MatchingKey():
            _matching(writing, key)
        case OrderingKey():
            _ordering(writing, key)
        case DragTextKey():
            _boxes(writing, key)
        case HotspotKey():
            _markers(writing, key)
        case FormulaKey():
            for code, value in moodle_formulas.write(writing.element, key, item=writing.item):
                writing.lost(code, value)
        case UploadKey():
            _essay(writing, key)
        case None:
            _keyless(writing, truth=truth)


def _keyless(writing: Writing, *, truth: bool) -> None:
    """Choices, a number, words, an essay."""
    question = writing.question
    if truth:
        _true_false(writing)
    elif question.type in CHOICE_TYPES:
        _choices(writing)
    elif question.type == QuestionType.NUMERIC:
        answer = _answer(writing, 100.0, f"{question.value!r}", style="moodle_auto_format")
        answer.append(make.tolerance(f"{question.tolerance!r}"))
    elif question.type == QuestionType.SHORT_TEXT:
        writing.put("usecase", str(int(question.match_case)))
        for accepted in question.accepted:
            _answer(writing, 100.0, accepted.replace("*", "\\*"), style="moodle_auto_format")
    else:
        _essay(writing, None)


def _answer(writing: Writing, percent: float, text: str, *, style: str = "", feedback: str = "") -> Element:
    answer = writing.put("answer", fraction=f"{percent:.5f}".rstrip("0").rstrip("."))
    if style:
        answer.set("format", style)
        answer.append(make.text(text))
    else:
        writing.rich(answer, text)
    answer.append(writing.rich(etree.Element("feedback"), feedback))
    return answer


def _true_false(writing: Writing) -> None:
    for choice in writing.question.choices:
        percent = 100.0 if choice.correct else 0.0
        _answer(writing, percent, choice.text.casefold(), style="moodle_auto_format", feedback=choice.feedback)


def _choices(writing: Writing) -> None:
    question = writing.question
    several = question.type == QuestionType.MULTIPLE
    if several and not question.partial_credit:
        writing.lost("partial_credit")  # "all or nothing" is a plug-in of Moodle that few have
    writing.put("single", "false" if several else "true")
    writing.put("shuffleanswers", "true")
    writing.put("answernumbering", "abc")
    for choice, percent in zip(question.choices, percents(question, several=several), strict=True):
        _answer(writing, percent, choice.text, feedback=choice.feedback)


def _matching(writing: Writing, key: MatchingKey) -> None:
    writing.put("shuffleanswers", "true")
    sides = [(pair.left.text, pair.right.text) for pair in key.pairs] + [("", side.text) for side in key.extra]
    if not all(rich.is_plain(right) for _, right in sides):
        writing.lost("plain_sides")
    for left, right in sides:
        pair = writing.rich(writing.put("subquestion"), left)
        pair.append(make.answer(make.text(rich.to_line(right))))


def _ordering(writing: Writing, key: OrderingKey) -> None:
    names = {scoring: name for name, scoring in reversed(SCORINGS.items()) if not name.lstrip("-").isdigit()}
    for tag, text in (
        ("layouttype", "VERTICAL"),
        ("selecttype", "ALL"),
        ("selectcount", "0"),
        ("gradingtype", names[key.scoring]),
        ("showgrading", "SHOW"),
        ("numberingstyle", "none"),
    ):
        writing.put(tag, text)
    for place, item in enumerate(key.items, 1):
        _answer(writing, float(place), item.text)


def _words(key: DragTextKey) -> list[str]:
    return list(dict.fromkeys([*(gap.word.text for gap in key.gaps), *(side.text for side in key.extra)]))


def _with_boxes(text: str, key: DragTextKey) -> str:
    """The text whose gaps name the box that belongs into them, as Moodle's do."""
    words = _words(key)
    for number, gap in enumerate(key.gaps, 1):
        text = text.replace(f"[[{number}]]", f"[[\0{words.index(gap.word.text) + 1}]]")
    return text.replace("\0", "")


def _boxes(writing: Writing, key: DragTextKey) -> None:
    words = _words(key)
    repeated = len({gap.word.text for gap in key.gaps}) < len(key.gaps)
    for word in words:
        box = writing.put("dragbox")
        box.extend([make.text(_inline_html(word)), make.group("1")])
        if key.reuse or repeated:
            box.append(make.infinite())


def _inline_html(markdown: str) -> str:
    html = rich.to_html(markdown, {}).strip()
    opened, closed = html.find(">") + 1, html.rfind("</p>")
    return html[opened:closed] if html.startswith("<p") and html.count("<p") == 1 and closed > 0 else html


def _markers(writing: Writing, key: HotspotKey) -> None:
    content = writing.files.get(key.picture)
    size = pixels(content) if content is not None else None
    if content is None or size is None:
        writing.lost("picture_missing", key.picture)
        raise NotWritten
    writing.element.append(file_element(base_name(key.picture), content))
    if key.description:
        writing.lost("picture_description", key.description)
    for number, marker in enumerate(key.markers, 1):
        drag = writing.put("drag")
        drag.extend([make.no(str(number)), make.text(_plain_html(marker.label)), make.noofdrags("1")])
    drops = [(number, region) for number, marker in enumerate(key.markers, 1) for region in marker.regions]
    for place, (number, region) in enumerate(drops, 1):
        shape, coords, changed = shape_of(region, *size)
        if changed:
            writing.lost("ellipse")
        drop = writing.put("drop")
        drop.extend([make.no(str(place)), make.shape(shape), make.coords(coords), make.choice(str(number))])


def _plain_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _kind(kind: FileKind) -> str:
    return TEXT_FILES if kind is FileKind.TEXT else kind.value


def _essay(writing: Writing, key: UploadKey | None) -> None:
    rows: Iterable[tuple[str, str]] = (
        ("responseformat", "noinline" if key else "editor"),
        ("responserequired", "0" if key else "1"),
        ("responsefieldlines", "10"),
        ("attachments", str(key.maximum_files) if key else "0"),
        ("attachmentsrequired", "1" if key else "0"),
        ("maxbytes", str(key.maximum_megabytes * MEGABYTE) if key else "0"),
        ("filetypeslist", ",".join(_kind(kind) for kind in key.kinds) if key else ""),
    )
    for tag, text in rows:
        writing.put(tag, text)
