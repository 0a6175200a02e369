"""What goes out in a format and comes back is the same question, as far as the format can hold it."""

import base64
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from ingestion.questions import Format, ReadBank, read, rich, write
from ingestion.questions.gift_text import escape, hide, show
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import QuestionIn
from tests.ingestion import banks
from tests.shared_data import shared

GIFT_TYPES = (
    QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE, QuestionType.NUMERIC, QuestionType.SHORT_TEXT,
    QuestionType.ESSAY, QuestionType.MATCHING,
)  # fmt: skip
MOODLE_TYPES = tuple(banks.TYPED)
QTI_TYPES = tuple(each for each in banks.TYPED if each != QuestionType.FORMULA)
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def again(question: QuestionIn, format_: Format) -> QuestionIn | None:
    """The question after going out and coming back; None when the report says that it stayed."""
    written = write(banks.bank(question), format_)
    if any(line.effect == "left_out" for line in written.report):
        return None
    back = read(written.content, name="questions")
    assert len(back.questions) == 1, (back.report, written.content.decode(errors="replace"))
    return back.questions[0].question


@SLOW
@given(banks.questions(*GIFT_TYPES))
def test_gift_brings_back_what_it_took(question: QuestionIn) -> None:
    back = again(question, Format.GIFT)
    if back is None:
        assert question.type == QuestionType.SHORT_TEXT and any("->" in each for each in question.accepted)
        return
    held = {"points": 1.0} | ({"match_case": False} if question.type == QuestionType.SHORT_TEXT else {})
    assert banks.normal(back) == banks.normal(question.model_copy(update=held))


@SLOW
@given(banks.questions(*MOODLE_TYPES))
def test_moodle_xml_brings_back_what_it_took(question: QuestionIn) -> None:
    back = again(question, Format.MOODLE_XML)
    assert back is not None
    assert banks.normal(back) == banks.normal(question)


@SLOW
@given(banks.questions(*QTI_TYPES))
def test_qti_brings_back_what_it_took(question: QuestionIn) -> None:
    back = again(question, Format.QTI_21)
    assert back is not None
    wanted, found = (banks.normal(each, through_html=True) for each in (question, back))
    if question.type == QuestionType.ORDERING and question.key.scoring in ("adjacent", "longest"):  # type: ignore[union-attr]
        wanted["key"]["scoring"] = "positions"  # told in the report
    if question.type == QuestionType.ORDERING and found["key"]["scoring"] == "all":
        found["partial_credit"] = wanted["partial_credit"]
    if question.type == QuestionType.UPLOAD:
        wanted["key"] = found["key"]  # limits of files are told in the report
    assert found == wanted


@SLOW
@given(banks.lines())
def test_what_gift_escapes_is_read_as_it_was(text: str) -> None:
    assert show(hide(escape(text))) == text
    assert not set("~=#{}:") & set(hide(escape(text)))


def test_formulas_go_to_moodle_in_its_own_marks_and_come_back() -> None:
    for ours, theirs in (
        ("Solve $x^2 = 4$ now", r"Solve \\(x^2 = 4\\) now"),
        (r"$a_1 \{b\}$", r"\\(a\_1 \\\{b\\\}\\)"),
        ("$$\\frac{1}{2}$$", r"\\[\\frac\{1\}\{2\}\\]"),
        ("It costs \\$5 or $5", "It costs \\$5 or $5"),
        ("`$x$` is code", "`$x$` is code"),
    ):
        assert rich.to_moodle(ours, {}) == theirs
        assert rich.from_markdown(theirs) == ours


def _picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (200, 100), "teal").save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize("format_", [Format.MOODLE_XML, Format.QTI_21])
def test_pictures_travel_with_their_questions(format_: Format) -> None:
    regions = [
        {"shape": "rectangle", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4},
        {"shape": "ellipse", "x": 0.5, "y": 0.5, "radius_x": 0.1, "radius_y": 0.2},
        {"shape": "polygon", "points": [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)]},
    ]
    key = {"type": "hotspot", "picture": "maps/coast.png", "markers": [{"label": "The reef", "regions": regions}]}
    hotspot = QuestionIn.model_validate({"type": "hotspot", "text": "Where?", "key": key})
    shown = QuestionIn.model_validate({"type": "essay", "text": "Describe ![the coast](asset:maps/coast.png)"})
    written = write(banks.bank(hotspot, shown, files={"maps/coast.png": _picture()}), format_)
    assert not written.report
    back = read(written.content, name="x")
    [(path, content)] = back.files.items()
    assert content == _picture()
    found, essay = (each.question for each in back.questions)
    assert essay.text == f"Describe ![the coast](asset:{path})"
    assert found.key.picture == path  # type: ignore[union-attr]
    assert banks.normal(found)["key"]["markers"] == banks.normal(hotspot)["key"]["markers"]
    lost = write(banks.bank(hotspot, shown), format_).report
    assert [(each.item, each.code) for each in lost] == [
        ("Question 1", "picture_missing"), ("Question 2", "file_missing")
    ]  # fmt: skip


def test_what_a_bank_says_besides_survives_moodle_xml_and_gift() -> None:
    source = b"""<quiz>
    <question type="category"><category><text>$course$/top/Maps//Plans/East</text></category></question>
    <question type="numerical"><name><text>Coast</text></name><questiontext format="html"><text>How far?</text>
    </questiontext><answer fraction="100"><text>4</text></answer>
    <penalty>0.25</penalty><idnumber>A-1]</idnumber><hint format="html"><text>Look east</text><clearwrong/></hint>
    <tags><tag><text>sea</text></tag><tag><text>sh]ore</text></tag></tags></question></quiz>"""
    [first] = read(source, name="x").questions
    assert (first.category, first.penalty, first.number) == (("Maps/Plans", "East"), 0.25, "A-1]")
    assert (first.tags, first.hints) == (("sea", "sh]ore"), ("Look east",))
    assert [(each.clear_wrong, each.show_number_right) for each in first.question.hints] == [(True, False)]
    original = read(source, name="x")
    assert read(write(original, Format.MOODLE_XML).content, name="x").questions == original.questions
    gift = write(original, Format.GIFT)
    [back] = read(gift.content, name="x").questions
    assert (back.category, back.tags, back.number) == (first.category, first.tags, first.number)
    assert [line.code for line in gift.report] == ["hints", "penalty"]


def test_a_qti_package_is_the_same_bytes_each_time_and_names_its_parts() -> None:
    question = QuestionIn.model_validate({"type": "numeric", "text": "Two and two?", "value": 4})
    first, second = (write(banks.bank(question), Format.QTI_21).content for _ in range(2))
    assert first == second
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert names == ["imsmanifest.xml", "test.xml", "items/item0001.xml"]


REAL = (
    "aiken/questions.aiken.txt",
    "gift/examples.txt",
    "gift/questions.gift.txt",
    "missingword-cloze/question.missingword1.txt",
    "missingword-cloze/questions.multianswer.txt",
    "moodle-xml/multianswer.xml",
    "moodle-xml/multichoice.xml",
    "moodle-xml/nested_categories_with_questions.xml",
    "moodle-xml/qtype_essay.moodle.xml",
    "moodle-xml/qtype_match.moodle.xml",
    "moodle-xml/qtype_numerical.moodle.xml",
    "moodle-xml/qtype_ddimageortext.moodle.xml",
    "qti-1.2-blackboard/sample_blackboard_qti.dat",
)


@pytest.mark.parametrize("format_", [Format.MOODLE_XML, Format.GIFT, Format.QTI_21])
def test_real_banks_go_out_and_come_back(format_: Format) -> None:
    for path in REAL:
        original = read(shared(f"data/packages/{path}").read_bytes(), name=path)
        renamed = [banks.bank(each.question, files=dict(original.files)) for each in original.questions]
        for bank in renamed:
            _goes_round(bank, format_, path)


def _goes_round(bank: ReadBank, format_: Format, path: str) -> None:
    [each] = bank.questions
    written = write(bank, format_)
    codes = {line.code for line in written.report}
    if "not_held" in codes:
        return
    [back] = read(written.content, name="x").questions
    wanted = banks.normal(each.question, through_html=format_ is Format.QTI_21)
    found = banks.normal(back.question, through_html=format_ is Format.QTI_21)
    for told, name in (("points", "points"), ("hints", "hints"), ("penalty", "penalty_percent")):
        wanted |= {name: found[name]} if told in codes else {}
    assert found == wanted, path


def test_the_picture_of_a_moodle_question_is_in_its_text_again() -> None:
    data = base64.b64encode(_picture()).decode()
    for text in (
        '<p>See <img src="@@PLUGINFILE@@/a%20b.png" alt="it"/></p>]]></text>'
        f'<file name="a b.png" encoding="base64">{data}</file>',
        f'<p>See <img src="data:image/png;base64,{data}" alt="it"/></p>]]></text>',
    ):
        opened = '<quiz><question type="essay"><questiontext format="html"><text><![CDATA['
        bank = read(f"{opened}{text}</questiontext></question></quiz>".encode(), name="x")
        assert list(bank.files.values()) == [_picture()]
        assert bank.questions[0].question.text == f"See ![it](asset:{next(iter(bank.files))})"
