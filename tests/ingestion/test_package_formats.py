"""What each format's own parts become: question types, items of manifests, activities, and what is reported instead."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingestion.sources.packages import find_package, h5p, imscc, moodle, olx, scorm
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import Converted
from ingestion.sources.schemas import LessonDraft, QuestionDraft
from lms_core.learning.assessments.schemas import QuestionIn
from tests.ingestion import packages
from tests.ingestion.moodle_backups import moodle_backup
from tests.ingestion.packages import XHTML, Files, manifest, put

Convert = Callable[..., Converted]


def converted(convert: Convert, root: Path, files: Files) -> Converted:
    return convert(Contents(put(root, files)), name="test", progress=lambda *_: None)


def lessons(found: Converted) -> dict[str, LessonDraft]:
    return {lesson.title: lesson for module in found.course.modules for lesson in module.lessons}


def questions(found: Converted) -> list[QuestionDraft]:
    """All questions, each of which a quiz here can hold."""
    asked = [q for lesson in lessons(found).values() if lesson.quiz for q in lesson.quiz.questions]
    for question in asked:
        QuestionIn.model_validate(asdict(question))
    return asked


def left(found: Converted) -> set[tuple[str, str]]:
    return {(each.where, each.what) for each in found.course.report}


def test_olx_problems_and_blocks(tmp_path: Path) -> None:
    choice = "<choicegroup>{}</choicegroup>".format(
        '<choice correct="true">Spade <choicehint>Yes</choicehint></choice><choice correct="false">Fork</choice>'
    )
    problems = {
        "one": f"<problem weight='2'><multiplechoiceresponse><label>Which? \\(x &lt; 2\\)</label>{choice}"
        "<solution><p>It digs.</p></solution></multiplechoiceresponse></problem>",
        "list": "<problem><p>Pick</p><optionresponse><optioninput options=\"('a','it\\'s b')\" correct=\"it's b\"/>"
        "</optionresponse></problem>",
        "range": '<problem><numericalresponse answer="[4, 6]"><label>Deep?</label></numericalresponse></problem>',
        "percent": '<problem><numericalresponse answer="200"><label>Wide?</label>'
        '<responseparam type="tolerance" default="2%"/></numericalresponse></problem>',
        "word": '<problem><stringresponse answer="mud"><label>Wet earth?</label>'
        '<additional_answer answer="clay"/><textline/></stringresponse></problem>',
        "two": f"<problem><p>Both</p><multiplechoiceresponse><label>A?</label>{choice}</multiplechoiceresponse>"
        f"<multiplechoiceresponse><label>B?</label>{choice}</multiplechoiceresponse></problem>",
        "bad": '<problem><multiplechoiceresponse><label>None right</label><choicegroup><choice correct="false">x'
        "</choice></choicegroup></multiplechoiceresponse></problem>",
        "text": "<problem><p>Only words.</p></problem>",
        "damaged": "<problem><p>",
    }
    package = find_package(put(tmp_path, packages.olx(problems)))
    assert package is not None and (package.kind, package.root) == ("olx", tmp_path / "course")
    found = converted(olx.convert, package.root, {})
    asked = questions(found)
    assert [q.type for q in asked] == ["single", "single", "numeric", "numeric", "short_text", "single", "single"]
    assert (asked[0].text, asked[0].points, asked[0].feedback) == ("Which? \\(x < 2\\)", 2.0, "It digs.")
    assert asked[0].choices[0].text == "Spade" and asked[0].choices[0].feedback == "Yes"
    assert [choice.correct for choice in asked[1].choices] == [False, True] and asked[1].choices[1].text == "it's b"
    assert (asked[2].value, asked[2].tolerance, asked[3].tolerance) == (5.0, 1.0, 4.0)
    assert asked[4].accepted == ("mud", "clay") and asked[4].match_case
    assert (asked[5].text, asked[6].text, asked[5].points) == ("Both\n\nA?", "B?", 0.5)
    named = lessons(found)
    assert found.course.language == "sw" and list(named) == ["First: Tools", "Jaribio: First: Tools"]
    assert named["First: Tools"].body == "Only words."
    assert {what for _, what in left(found)} == {
        "Question: multiplechoiceresponse",
        "Damaged part: problem/damaged.xml",
    }


QTI_ITEM = (
    '<item ident="{name}" title="{name}"><itemmetadata><qtimetadata><qtimetadatafield>'
    "<fieldlabel>cc_profile</fieldlabel><fieldentry>{profile}</fieldentry></qtimetadatafield></qtimetadata></itemmetadata><presentation><material>"
    '<mattext texttype="text/html">&lt;p&gt;{name}?&lt;/p&gt;</mattext></material>{response}</presentation>'
    "<resprocessing><outcomes><decvar/></outcomes><respcondition><conditionvar>{right}</conditionvar>"
    '<setvar action="Set">100</setvar></respcondition></resprocessing></item>'
)


def qti_item(name: str, profile: str, response: str, right: str) -> str:
    return QTI_ITEM.format(name=name, profile=profile, response=response, right=right)


def labels(cardinality: str, *names: str) -> str:
    listed = "".join(
        f'<response_label ident="{name}"><material><mattext>{name}</mattext></material></response_label>'
        for name in names
    )
    return (
        f'<response_lid ident="r" rcardinality="{cardinality}"><render_choice>{listed}</render_choice></response_lid>'
    )


def equal(name: str) -> str:
    return f'<varequal respident="r">{name}</varequal>'


def test_a_cartridge_with_a_quiz_links_and_assignments(tmp_path: Path) -> None:
    words = '<response_str ident="r"><render_fib/></response_str>'
    several = f"<and>{equal('a')}{equal('b')}<not>{equal('c')}</not></and>"
    assessment = "".join(
        [
            qti_item("One", "cc.multiple_choice.v0p1", labels("Single", "a", "b"), equal("b")),
            qti_item("Some", "cc.multiple_response.v0p1", labels("Multiple", "a", "b", "c"), several),
            qti_item("True", "cc.true_false.v0p1", labels("Single", "true", "false"), equal("true")),
            qti_item("Word", "cc.fib.v0p1", words, equal("honey") + equal("nectar")),
            qti_item("Write", "cc.essay.v0p1", words, ""),
            qti_item("Keyless", "cc.multiple_choice.v0p1", labels("Single", "a", "b"), ""),
        ]
    )
    files: Files = {
        "imsmanifest.xml": manifest(
            '<item identifier="top"><item identifier="m"><title>Hive</title>'
            '<item identifier="i1" identifierref="page"><title>Comb</title></item>'
            '<item identifier="g"><title>Group</title><item identifier="i2" identifierref="link"><title>Site</title>'
            '</item></item><item identifier="i3" identifierref="quiz"><title>Test</title></item>'
            '<item identifier="i4" identifierref="work"><title>Build</title></item>'
            '<item identifier="i5" identifierref="lti"><title>Tool</title></item>'
            '<item identifier="i6" identifierref="page"><title>Again</title></item>'
            '<item identifier="i7" identifierref="doc"><title>Paper</title></item></item></item>',
            '<resource identifier="page" type="webcontent" href="w/comb.html"><file href="w/comb.html"/></resource>'
            '<resource identifier="link" type="imswl_xmlv1p1"><file href="link.xml"/></resource>'
            '<resource identifier="quiz" type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment"><file href="q.xml"/></resource>'
            '<resource identifier="work" type="assignment_xmlv1p0"><file href="a.xml"/></resource>'
            '<resource identifier="lti" type="imsbasiclti_xmlv1p0"><file href="lti.xml"/></resource>'
            '<resource identifier="doc" type="webcontent" href="paper.txt"><file href="paper.txt"/></resource>'
            '<resource identifier="pic" type="webcontent" href="web_resources/a b.png">'
            '<file href="web_resources/a b.png"/></resource>'
            '<resource identifier="lost" type="webcontent" href="x.zip"><file href="x.zip"/></resource>'
            '<resource identifier="cv" type="associatedcontent/imscc_xmlv1p1/learning-application-resource" '
            'href="c/task.html"><file href="c/task.html"/><file href="c/assignment_settings.xml"/></resource>',
            cartridge=True,
        ),
        "w/comb.html": XHTML.format(
            title="Comb",
            body='<p>Six <img src="$IMS-CC-FILEBASE$/a%20b.png" alt="Wax"> <a href="../paper.txt">paper</a>'
            '<iframe src="//www.youtube.com/embed/abcdef12345"></iframe></p>',
        ),
        "web_resources/a b.png": b"\x89PNG",
        "link.xml": '<webLink><title>Site</title><url href="https://bees.example/a(b)"/></webLink>',
        "q.xml": f"<questestinterop><assessment><section>{assessment}</section></assessment></questestinterop>",
        "a.xml": '<assignment><title>B</title><text texttype="text/html">&lt;p&gt;Build a hive&lt;/p&gt;</text>'
        '<gradable points_possible="20">true</gradable><submission_formats><format type="file"/></submission_formats>'
        "</assignment>",
        "c/task.html": XHTML.format(title="T", body="<p>Weigh it</p>"),
        "c/assignment_settings.xml": "<assignment><title>Weigh</title><points_possible>5</points_possible>"
        "<submission_types>online_upload,online_text_entry</submission_types><workflow_state>unpublished</workflow_state>"
        "</assignment>",
        "paper.txt": "Wax melts.",
        "x.zip": b"PK",
    }
    found = converted(imscc.convert, tmp_path, files)
    named = lessons(found)
    assert [module.title for module in found.course.modules] == ["Hive", "More pages"]
    assert list(named) == ["Comb", "Group: Site", "Test", "Build", "Paper", "Weigh"]
    weigh = named["Weigh"].assignment
    assert weigh is not None and (weigh.points, weigh.takes_text, weigh.takes_files) == (5.0, True, True)
    assert named["Weigh"].hidden and named["Weigh"].body == "Weigh it"
    assert "![Wax](asset:cc-m1/web_resources/a%20b.png)" in named["Comb"].body
    assert "[paper](lesson:cc-m1/doc)" in named["Comb"].body
    assert "(https://www.youtube.com/watch?v=abcdef12345)" in named["Comb"].body
    assert named["Group: Site"].body == "[Group: Site](https://bees.example/a%28b%29)"
    assert found.unread == {"cc-m1/doc": ("paper.txt", "paper.txt")}
    assert [q.type for q in questions(found)] == ["single", "multiple", "true_false", "short_text", "essay"]
    assert [choice.correct for choice in questions(found)[1].choices] == [True, True, False]
    assert questions(found)[3].accepted == ("honey", "nectar")
    work = named["Build"].assignment
    assert work is not None and (work.points, work.takes_text, work.takes_files) == (20.0, False, True)
    told = left(found)
    assert {("Tool", "Tool (LTI)"), ("Again", "Pointer: page"), ("Test", "Question: Keyless")} <= told
    assert {("x.zip", "File: x.zip"), ("Build", "Assignment")} <= told


def test_scorm_items_hidden_ones_and_resources_of_other_kinds(tmp_path: Path) -> None:
    files: Files = {
        "imsmanifest.xml": manifest(
            '<item identifier="a"><title>Part</title><item identifier="b" identifierref="r1"><title>Wax</title></item>'
            '<item identifier="c" identifierref="r2" isvisible="false"><title>Key</title></item></item>'
            '<item identifier="d" identifierref="r3"><title>Notes</title></item>'
            '<item identifier="e" identifierref="none"><title>Gone</title></item>',
            '<resource identifier="r1" adlcp:scormType="sco" href="w/start.html?x=1"><file href="w/start.html"/>'
            '<file href="w/pic.png"/></resource><resource identifier="r2" href="key.htm">'
            '<file href="key.htm"/></resource>'
            '<resource identifier="r3" href="../../etc/passwd"><file href="notes.md"/></resource>'
            '<resource identifier="r4" type="imsqti_item_xmlv2p1" href="q.xml"/>',
        ),
        "w/start.html": XHTML.format(title="S", body='<script>run()</script><p>Wax</p><img src="PIC.png">'),
        "w/pic.png": b"\x89PNG",
        "key.htm": XHTML.format(title="K", body="<p>The key</p>"),
        "notes.md": "# Notes",
    }
    found = converted(scorm.convert, tmp_path, files)
    named = lessons(found)
    assert [(m.title, [x.title for x in m.lessons]) for m in found.course.modules] == [
        ("Part", ["Wax", "Key"]), ("Bees", ["Notes"]),
    ]  # fmt: skip
    assert "asset:scorm-m1/w/pic.png" in named["Wax"].body and named["Key"].hidden and not named["Wax"].hidden
    assert found.unread == {"scorm-m1/notes.md": ("notes.md", "notes.md")}
    told = left(found)
    assert (
        ("Wax", "Tracking (SCORM)") in told and ("Gone", "Pointer: none") in told and ("Key", "Hidden lesson") in told
    )


def test_a_moodle_backup_of_version_4(tmp_path: Path) -> None:
    found = converted(moodle.convert, tmp_path, moodle_backup())
    named = lessons(found)
    assert [(module.title, module.summary) for module in found.course.modules] == [("Water", "All of it")]
    assert list(named) == [
        "The book: Sand", "The page", "The label", "The url", "The assign", "The quiz", "The forum", "The resource",
    ]  # fmt: skip
    assert named["The book: Sand"].body == "Dry\n\n## Silt\n\nFine" and named["The label"].hidden
    page = named["The page"].body
    assert "(asset:moodle-site-7/pluginfile/10/mod_page/content/w.png)" in page
    assert "[x](lesson:moodle-site-7/activities/url_4)" in page
    assert found.unread == {"moodle-site-7/activities/resource_8": (f"files/aa/{'a' * 40}", "map.pdf")}
    work = named["The assign"].assignment
    assert work is not None and (work.points, work.takes_text, work.takes_files) == (40.0, False, True)
    asked = questions(found)
    assert [q.type for q in asked] == ["single", "short_text", "numeric", "matching", "cloze", "cloze", "drag_text"]
    assert [choice.weight for choice in asked[0].choices] == [100.0, 50.0, 0.0] and asked[0].points == 3.0
    assert asked[1].accepted == ("clay",) and asked[1].match_case and asked[2].tolerance == 0.5
    assert asked[3].key is not None and asked[3].key["extra"] == [{"text": "pup"}]
    assert asked[4].text == "By [[1]] or [[2]]" and asked[5].text == "Say [[1]]."
    told = {what for _, what in left(found)}
    assert {"People and their work", "Question: Q8 (calculated)", "Random draw", "Rules of the quiz", "Dates"} <= told
    assert {"Discussion", "Part of a question's key", "Assignment", "Hidden lesson"} <= told
    assert "asha" not in json.dumps(asdict(found), default=str) and "face.png" not in json.dumps(
        asdict(found), default=str
    )


def test_h5p_types_and_containers(tmp_path: Path) -> None:
    def piece(library: str, **params: Any) -> dict[str, Any]:
        return {"content": {"library": f"H5P.{library} 1.0", "params": params}}

    content = {"content": [
        piece("AdvancedText", text="<p>Read \\(a+b\\)</p>"),
        piece("Image", file={"path": "images/x.png"}, alt="A hive"),
        piece("MultiChoice", question="<p>Q?</p>", answers=[{"text": "<div>a</div>", "correct": True}, {"text": "b"}]),
        piece("TrueFalse", question="T?", correct="false"),
        piece("SingleChoiceSet", choices=[{"question": "S?", "answers": ["right", "wrong"]}]),
        piece("Blanks", text="Fill", questions=["<p>*wax/honey:tip* and *2*</p>"]),
        piece("DragText", taskDescription="Drag", textField="A *big* dog\nA *red* cat", distractors="*odd*"),
        piece("Essay", taskDescription="Write"),
        piece("MultiChoice", question="No key", answers=[{"text": "a"}]),
        piece("MemoryGame", cards=[]),
    ]}  # fmt: skip
    files: Files = {
        "h5p.json": json.dumps({"title": "Mix", "language": "en", "mainLibrary": "H5P.Column"}),
        "content/content.json": json.dumps(content),
        "content/images/x.png": b"\x89PNG",
    }
    found = converted(h5p.convert, tmp_path, files)
    asked = questions(found)
    assert [q.type for q in asked] == ["single", "true_false", "single", "cloze", "drag_text", "essay"]
    assert [choice.correct for choice in asked[1].choices] == [False, True]
    assert asked[3].text == "Fill\n\n[[1]] and [[2]]" and asked[3].key is not None
    assert asked[3].key["gaps"][0]["accepted"] == ["wax", "honey"]
    assert lessons(found)["Mix"].body == "Read \\(a+b\\)\n\n![A hive](asset:h5p-test/content/images/x.png)"
    assert {"Component: H5P.MemoryGame 1.0", "Question: MultiChoice"} <= {what for _, what in left(found)}
