"""Files of questions as they come: what each real one gives and loses, odd encodings, and files that mean harm."""

import io
import time
import zipfile
from collections import Counter
from contextlib import suppress
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.questions import Format, ReadBank, read, rich
from ingestion.questions.report import WORDING, line, told
from ingestion.readers import Unreadable
from lms_core.learning.assessments.models import QuestionType
from tests.shared_data import ROOT, shared

FOLDERS = ("aiken", "gift", "missingword-cloze", "moodle-xml", "qti-1.2-blackboard", "qti-2.1")


def codes(bank: ReadBank) -> Counter[str]:
    return Counter(each.code for each in bank.report)


def types(bank: ReadBank) -> Counter[str]:
    return Counter(each.question.type.value for each in bank.questions)


def only(bank: ReadBank) -> Any:
    [found] = bank.questions
    return found.question


def quiz(*questions: str) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?><quiz>{''.join(questions)}</quiz>".encode()


def asked(kind: str, inside: str, text: str = "Why?") -> bytes:
    body = f"<questiontext format='html'><text>{text}</text></questiontext>{inside}"
    return quiz(f"<question type='{kind}'><name><text>Q</text></name>{body}</question>")


def test_every_real_file_gives_its_questions_or_says_why_not() -> None:
    shared("data/packages/aiken")
    empty = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / "data/packages" / folder).rglob("*.*")):
            try:
                bank = read(path.read_bytes(), name=path.name)
            except Unreadable as error:
                empty[path.name] = error.code
                continue
            for each in bank.report:
                assert each.item and told(each)
                assert "{value}" not in told(each)
            items = {each.item for each in bank.report if each.effect == "left_out"}
            assert bank.questions or items, path.name
    # A picture, a glossary, and two tests whose items are files of their own.
    assert empty == dict.fromkeys(
        ("musicians.xml", "oceanfloorbase.jpg", "interaction_mix_sachsen.xml", "interaction_mix_sachsen_2_2.xml"),
        "wrong_type",
    )


def test_real_banks_give_what_their_authors_wrote() -> None:
    def bank(path: str) -> ReadBank:
        return read(shared(f"data/packages/{path}").read_bytes(), name=path)

    gift = bank("gift/questions.gift.txt")
    assert types(gift) == {
        "true_false": 3, "essay": 1, "matching": 1, "single": 1, "multiple": 1, "numeric": 1, "short_text": 1
    }  # fmt: skip
    named = {each.name: each.question for each in gift.questions}
    assert next((each.left.text, each.right.text) for each in named["Moodle activities"].key.pairs) == (
        "An activity supporting asynchronous discussions.", "Forum"
    )  # fmt: skip
    assert [side.text for side in named["Moodle activities"].key.extra] == ["Chat"]
    assert (named["Q5"].value, named["Q5"].tolerance) == (3, 2)
    assert [choice.weight for choice in named["colours"].choices] == [50, -100, 50, -100]
    examples = bank("gift/examples.txt")
    assert types(examples) == {
        "single": 16, "short_text": 9, "numeric": 8, "true_false": 5, "matching": 3, "multiple": 2
    }  # fmt: skip
    controls = next(each.question for each in examples.questions if each.name == "GIFT Control Characters")
    assert [rich.to_line(choice.text) for choice in controls.choices] == ["~", "=", "#", "{", "}", "\\"]
    board = bank("qti-1.2-blackboard/sample_blackboard_qti.dat")
    assert (board.format, board.title) == (Format.QTI_12, "sample_blackboard_six")
    assert [each.question.type.value for each in board.questions] == [
        "true_false", "single", "multiple", "matching", "short_text", "essay"
    ]  # fmt: skip
    pairs = {pair.left.text: pair.right.text for pair in board.questions[3].question.key.pairs}  # type: ignore[union-attr]
    assert pairs == {"cat": "mammal", "frog": "amphibian", "newt": "amphibian"}
    assert board.questions[4].question.accepted == ["frog"]
    nested = bank("moodle-xml/nested_categories_with_questions.xml")
    assert [each.category for each in nested.questions][-2:] == [("Iota", "Kappa", "Lambda"), ("Iota", "Mu")]
    french = bank("moodle-xml/multichoice.xml")
    assert sorted(path.rpartition(".")[2] for path in french.files) == ["jpg"] * 4 + ["mp3"]
    assert "[Listen to this greeting:](asset:questions/" in only(french).text
    ocean = only(bank("moodle-xml/qtype_ddimageortext.moodle.xml"))
    assert [marker.label for marker in ocean.key.markers][:2] == ["island arc", "mid-ocean ridge"]
    numerical = bank("moodle-xml/qtype_numerical.moodle.xml").questions[0]
    assert (numerical.hints, round(numerical.penalty or 0, 3)) == (("First hint", "Second hint"), 0.333)
    water = only(bank("qti-2.1/items/choice_multiple.xml"))
    assert [(choice.text, choice.weight) for choice in water.choices if choice.correct] == [
        ("Hydrogen", 50),
        ("Oxygen", 50),
    ]
    tables = bank("qti-2.1/items/feedbackInline.xml").questions[0].question
    assert tables.choices[0].feedback == "That's correct" and tables.points == 10


def test_a_package_of_items_comes_in_the_order_of_its_test() -> None:
    folder = shared("data/packages/qti-2.1/test-interaction-mix")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
        archive.writestr("../outside.xml", "<assessmentItem/>")
        archive.writestr("broken.xml", "<assessmentItem>")
    bank = read(packed.getvalue(), name="mix.zip")
    assert bank.title and bank.questions[0].name == "choice (true-false)"
    assert len(bank.questions) + sum(each.effect == "left_out" for each in bank.report) == 14
    assert ("broken.xml", "not_xml") in {(each.item, each.code) for each in bank.report}
    numeric = next(each.question for each in bank.questions if "relative" in each.name)
    assert numeric.key.gaps[0].tolerance == pytest.approx(0.2068)  # type: ignore[union-attr]


def test_moodles_types_become_the_products() -> None:
    answers = "<answer fraction='100'><text>{0}</text></answer>"
    units = "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit></units>"
    drags = "".join(f"<dragbox><text>{word}</text><group>1</group></dragbox>" for word in ("sun", "moon", "star"))
    variable = (
        "<dataset_definitions><dataset_definition><name><text>x</text></name><minimum><text>1</text></minimum>"
        "<maximum><text>5</text></maximum><decimals><text>1</text></decimals></dataset_definition></dataset_definitions>"
    )
    calculated = (
        "<answer fraction='100'><text>2*log({x})+pi()</text><tolerance>0.02</tolerance><tolerancetype>1</tolerancetype>"
        f"</answer>{variable}"
    )
    table: list[tuple[bytes, QuestionType, dict[str, Any], set[str]]] = [
        (asked("numerical", answers.format("6,5") + units), QuestionType.FORMULA, {"expression": "6.5"},
         {"units_formula"}),
        (asked("ddwtos", drags, "[[2]] and [[1]]"), QuestionType.DRAG_TEXT, {"reuse": False}, set()),
        (asked("gapselect", drags.replace("dragbox", "selectoption"), "the [[3]]"), QuestionType.CLOZE, {}, set()),
        (asked("calculated", calculated, "Of {{x}}".replace("{{", "{").replace("}}", "}")), QuestionType.FORMULA,
         {"expression": "2*ln({x})+pi"}, set()),
        (asked("essay", "<responseformat>noinline</responseformat><attachments>3</attachments>"), QuestionType.UPLOAD,
         {"maximum_files": 3}, set()),
        (asked("ordering", "<gradingtype>ALL_OR_NOTHING</gradingtype><answer fraction='2'><text>b</text></answer>"
               "<answer fraction='1'><text>a</text></answer>"), QuestionType.ORDERING, {"scoring": "all"}, set()),
        (asked("shortanswer", answers.format("fro*") + answers.format("a \\* b")), QuestionType.SHORT_TEXT, {},
         {"patterns"}),
    ]  # fmt: skip
    for source, kind, key, noted in table:
        bank = read(source, name="x")
        question = only(bank)
        assert question.type == kind, bank.report
        dumped = question.key.model_dump(mode="json") if question.key else {}
        assert {name: dumped[name] for name in key} == key
        assert set(codes(bank)) == noted
    assert only(read(table[1][0], name="x")).text == "[[1]] and [[2]]"
    assert [gap.word.text for gap in only(read(table[1][0], name="x")).key.gaps] == ["moon", "sun"]


def canvas(kind: str, presentation: str, conditions: str) -> str:
    """An item as Canvas writes it."""
    field = "<qtimetadatafield><fieldlabel>{0}</fieldlabel><fieldentry>{1}</fieldentry></qtimetadatafield>"
    told = field.format("question_type", kind) + field.format("points_possible", "2.5")
    return (
        f"<item title='{kind}'><itemmetadata><qtimetadata>{told}</qtimetadata></itemmetadata>"
        f"<presentation>{presentation}</presentation><resprocessing>{conditions}</resprocessing></item>"
    )


def test_quizzes_of_canvas_come_with_their_gaps_and_numbers() -> None:
    def material(text: str) -> str:
        return f"<material><mattext texttype='text/html'>{escape(text)}</mattext></material>"

    def right(response: str, value: str, inside: str = "") -> str:
        wanted = inside or f"<varequal respident='{response}'>{value}</varequal>"
        score = "<setvar varname='SCORE' action='Set'>100</setvar>"
        return f"<respcondition><conditionvar>{wanted}</conditionvar>{score}</respcondition>"

    def offered(response: str, *words: str) -> str:
        labels = "".join(f"<response_label ident='{each}x'>{material(each)}</response_label>" for each in words)
        return f"<response_lid ident='response_{response}'><render_choice>{labels}</render_choice></response_lid>"

    span = "<vargte respident='r'>9.5</vargte><varlte respident='r'>10.5</varlte>"
    blanks = material("<p>Rain [verb] in [month]</p>") + offered("verb", "falls") + offered("month", "April", "May")
    drops = blanks.replace("[month]", "[when]").replace("response_month", "response_when")
    source = "<questestinterop><assessment title='Rain'><section>{}</section></assessment></questestinterop>".format(
        canvas("numerical_question", material("Ten?") + "<response_str ident='r'/>", right("r", "", span))
        + canvas(
            "fill_in_multiple_blanks_question",
            blanks,
            right("response_verb", "fallsx") + right("response_month", "Mayx"),
        )
        + canvas(
            "multiple_dropdowns_question", drops, right("response_verb", "fallsx") + right("response_when", "Mayx")
        )
        + canvas("file_upload_question", material("Hand it in"), "")
        + canvas("text_only_question", material("Read this."), "")
    )
    bank = read(source.encode(), name="x")
    number, blank, upload = (each.question for each in bank.questions)
    assert (number.value, number.tolerance, number.points, bank.title) == (10, 0.5, 2.5, "Rain")
    assert blank.text == "Rain [[1]] in [[2]]"
    assert [gap.accepted for gap in blank.key.gaps] == [("falls",), ("May",)]  # type: ignore[union-attr]
    assert upload.type == QuestionType.UPLOAD
    # A list with one option to choose is no gap here.
    assert [(each.item, each.code) for each in bank.report] == [
        ("multiple_dropdowns_question", "refused"), ("text_only_question", "description")
    ]  # fmt: skip


def test_what_cannot_come_is_told_by_name() -> None:
    hostile_cloze = shared("data/hostile/broken_cloze_questions.xml").read_bytes()
    bank = read(hostile_cloze, name="x")
    assert [each.name for each in bank.questions] == ["Multichoice subquestion with no completely correct answer"]
    assert [(each.item, each.code) for each in bank.report if each.effect == "left_out"] == [
        ("Multianswer question without subquestions", "refused"),
        ("Multichoice subquestion without choices", "no_answer"),
        ("Multichoice subquestion with only one choice", "refused"),
        ("Numerical subquestion with buggy answer", "no_answer"),
    ]
    for kind, code in (("randomsamatch", "type"), ("random", "random"), ("description", "description")):
        [found] = read(asked(kind, ""), name="x").report
        assert (found.item, found.code, found.effect) == ("Q", code, "left_out")
    # One choice only: the schema's own words say what is wrong.
    [found] = read(
        asked("multichoice", "<single>true</single><answer fraction='100'><text>a</text></answer>"), name="x"
    ).report
    assert found.code == "refused" and "two choices" in found.value
    assert {code for code, (_, text) in WORDING.items() if not text.endswith((".", ": {value}"))} == set()
    assert len(line("x" * 900, "type", "y\u202e" * 900).item) <= 201


def test_encodings() -> None:
    text = "Wer baute den Dom zu Köln? {=Gerhard =Meister Gerhard}\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"):
        assert only(read(text.encode(encoding), name="a.txt")).text == "Wer baute den Dom zu Köln?", encoding
    xml = (
        "<?xml version='1.0' encoding='{0}'?><quiz><question type='essay'><name><text>N</text></name><questiontext>"
        "<text>Köln &amp;nbsp;&uuml;ber</text></questiontext></question></quiz>"
    )
    for encoding in ("UTF-8", "ISO-8859-1", "UTF-16", "windows-1252"):
        found = only(read(xml.format(encoding).encode(encoding), name="a.xml"))
        assert found.text == "Köln über", encoding


BOMB = (
    "<!DOCTYPE quiz [<!ENTITY a 'aaaaaaaaaa'>{0}]><quiz><question type='essay'><questiontext><text>&z;</text>"
    "</questiontext></question></quiz>"
)
LAUGHS = "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghz", strict=True)
)


def _zip(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"x" * (25 * 2**20 + 1), "too_large"),
        (BOMB.format(LAUGHS).encode(), "unsupported"),
        (BOMB.format(LAUGHS).encode("utf-16"), "unsupported"),
        (b"<!DOCTYPE q [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><quiz>&x;</quiz>", "unsupported"),
        (b"<!DOCTYPE q [<!ENTITY % x SYSTEM 'http://example.org/x.dtd'> %x;]><quiz/>", "unsupported"),
        (b"<quiz>&nothing;</quiz>", "corrupt"),
        (b"<quiz>" + b"<a>" * 100_000, "corrupt"),
        (b"<quiz><question>", "corrupt"),
        (b"<html><body>{=a}</body></html>", "wrong_type"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "wrong_type"),
        (b"\x00\x01\x02\x00\x01\x02 {=a}", "wrong_type"),
        (b"Just some text.", "wrong_type"),
        (_zip(**{"a.xml": b"<a>" + b" " * (30 * 2**20) + b"</a>"}), "too_large"),
        (_zip(**{"notes.txt": b"no questions"}), "wrong_type"),
        (b"PK\x03\x04 but no archive", "corrupt"),
    ],
)  # fmt: skip
def test_files_that_mean_harm_are_refused_with_a_reason(content: bytes, code: str) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable) as refused:
        read(content, name="a.xml")
    assert (refused.value.code, bool(refused.value.reason)) == (code, True)
    assert time.process_time() - started < 30


def test_what_a_file_says_stays_text() -> None:
    script = escape("<p onclick='x()'>Hi</p><script>alert(1)</script><img src='javascript:x' onerror='y'>")
    assert only(read(asked("essay", "", script), name="x")).text == "Hi"
    svg = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjxzY3JpcHQvPjwvc3ZnPg=="
    shown = escape("<p>a <img src='@@PLUGINFILE@@/x.png'></p>")
    image = f"{shown}</text><file name='x.png' encoding='base64'>{svg}</file><text>"
    bank = read(asked("essay", "", image), name="x")
    assert not bank.files and set(codes(bank)) == {"file"}
    outside = read(asked("essay", "", "&lt;img src='@@PLUGINFILE@@/../../etc/passwd'&gt; x"), name="x")
    assert not outside.files


def test_large_questions_are_refused_or_read_in_good_time() -> None:
    started = time.process_time()
    huge = read(asked("essay", "", "word " * 1_000_000), name="x")
    assert not huge.questions and codes(huge) == {"refused": 1}
    started = time.process_time()
    read(b"{" * 200_000 + b"=a}" + b"\\" * 200_000, name="x")
    read(b"a {1:SHORTANSWER:=" + b"~=" * 100_000 + b"}", name="x")
    read(b"x [" * 50_000 + b"{=" + b"`$\\(" * 50_000 + b"}", name="x")
    many = "".join(f"::{number}::Is {number} even? {{T}}\n\n" for number in range(400))
    assert len(read(many.encode(), name="x").questions) == 400
    assert time.process_time() - started < 250


def test_formulas_of_other_systems_become_ours() -> None:
    mathml = (
        "<math xmlns='http://www.w3.org/1998/Math/MathML'><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow>"
        "<msqrt><mi>x</mi></msqrt></mfrac></math>"
    )
    for said, wanted in (
        (r"What is \(x^2 &amp;lt; 4\)?", "What is $x^2 < 4$?"),
        (r"So $$\frac{1}{2}$$ it is", r"So $$\frac{1}{2}$$ it is"),
        (r"\[a_1\]", "$$a_1$$"),
        ("It costs $5 or $6", r"It costs \$5 or \$6"),
        (mathml.replace("<", "&lt;"), r"$\frac{a + 1}{\sqrt{x}}$"),
    ):
        assert only(read(asked("essay", "", said), name="x")).text == wanted


MUTABLE = (
    b"""::a::[html]<p>x \\(y\\) $$z</p>{=%50%a#b ~c ####d} // [tag:e]\n\n{1:SHORTANSWER:=a~%5%b#c}\n\nq{#1..2}""",
    asked("multichoice", "<single>true</single><answer fraction='1e9'><text>&lt;img src='a'&gt;</text></answer>"),
    asked(
        "ddmarker", "<file name='a' encoding='base64'>!</file><drag><no>1</no></drag><drop><coords>1;x</coords></drop>"
    ),
    b"<assessmentItem><responseDeclaration identifier='R' baseType='float'><correctResponse><value>nan</value>"
    b"</correctResponse></responseDeclaration><itemBody><p><textEntryInteraction responseIdentifier='R'/></p>"
    b"<hotspotInteraction/><object width='1e999'/></itemBody></assessmentItem>",
    b"<questestinterop><item><presentation><response_lid ident='r'><response_label/></response_lid></presentation>"
    b"<resprocessing><respcondition><varequal>x</varequal><setvar>1</setvar></respcondition></resprocessing></item>"
    b"</questestinterop>",
)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(MUTABLE), st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(source: bytes, data: st.DataObject) -> None:
    damaged = bytearray(source)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        cut = data.draw(st.integers(0, 12))
        damaged[at : at + cut] = data.draw(
            st.sampled_from([b"", b"<", b"{", b"}", b"\\", b"=", b"&", b"\x00", b"]]>", b"1e999"])
        )
    with suppress(Unreadable):
        read(bytes(damaged), name="x")
