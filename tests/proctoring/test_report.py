"""The report on the screen, as JSON, and as PDF, for reviewers and for takers."""

from io import BytesIO

import pypdfium2
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lms_core.kit.clock import MovingClock
from proctoring.review.export import drawing, pdf
from proctoring.review.export.fonts import font_file
from proctoring.review.schemas import DrawnBox, ReportView
from tests.proctoring.reviewing import Exam, flags_of, jpeg, make_exam, sit
from workers.runtime import Runtime

WORDS = "clean*3 phone*3 clean*2 two*3 clean*2 - - - - clean*2"


def text_of(content: bytes) -> str:
    """All the text of a PDF."""
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def pictures_in(content: bytes) -> int:
    """How many pictures a PDF shows."""
    document = pypdfium2.PdfDocument(content)
    return sum(len(list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))) for page in document)


def test_a_flag_shows_when_why_by_which_rule_and_on_which_pictures(exam: Exam) -> None:
    session_id = sit(exam, WORDS)
    report = exam.get(exam.instructor, f"/proctor-session/{session_id}/report").json()
    phone = report["flags"][0]
    assert phone["reason"] == "Something that looks like a phone was found in 3 of 3 pictures."
    assert (phone["numbers"]["seen"], phone["numbers"]["needed_hits"], phone["seconds"]) == (3, 2, 20)
    assert [each["sequence"] for each in phone["pictures"]] == [4, 5, 6]
    assert [box["label"] for box in phone["pictures"][0]["boxes"]] == ["cell phone"]
    opened = exam.client.get(phone["pictures"][0]["url"], headers=exam.headers(exam.instructor))
    assert opened.headers["content-type"] == "image/jpeg" and opened.content == jpeg(4)


def test_the_report_has_the_policy_the_models_the_gaps_and_the_parts_of_the_risk(exam: Exam) -> None:
    session_id = sit(exam, WORDS, events=[{"type": "print", "second": 30}])
    report = exam.get(exam.instructor, f"/proctor-session/{session_id}/report").json()
    assert report["policy"]["snapshot_interval_seconds"] == 10 and report["policy"]["version"] == 1
    summary = report["summary"]
    assert summary["models"] == {"objects": "yolov8n 8.4"}
    assert [gap["reason"] for gap in summary["not_watched"]] == ["no_pictures"]
    assert 0 < summary["watched_percent"] < 100
    parts = {part["kind"]: part["points"] for part in summary["risk"]["parts"]}
    assert set(parts) == {"phone", "several_persons", "print"}
    assert summary["risk"]["score"] == int(sum(parts.values()))
    assert [event["type"] for event in report["events"]] == ["print"]
    assert len(report["snapshots"]) == 15 and report["may_decide"]
    missing = next(flag for flag in report["flags"] if flag["kind"] == "snapshots_missing")
    assert (missing["severity"], missing["numbers"]["missing"]) == ("info", 4)


def test_the_taker_sees_outcome_and_own_flags_and_nothing_else(exam: Exam) -> None:
    session_id = sit(exam, WORDS)
    own = exam.get(exam.learner, f"/proctor-session/{session_id}/report").json()
    assert {"flags", "outcome", "message", "not_watched", "may_appeal"} <= set(own)
    assert not {"summary", "risk", "history", "precision", "policy", "verdict", "events"} & set(own)
    flag = own["flags"][0]
    assert not {"confidence", "rule", "numbers", "steps", "decided_by"} & set(flag)
    opened = exam.client.get(flag["pictures"][0]["url"], headers=exam.headers(exam.learner))
    assert opened.status_code == 200


def test_the_json_export_is_the_documented_shape(exam: Exam) -> None:
    session_id = sit(exam, WORDS)
    answer = exam.get(exam.instructor, f"/proctor-session/{session_id}/export.json")
    assert "attachment" in answer.headers["content-disposition"]
    parsed = ReportView.model_validate(answer.json())
    assert parsed.version == 2 and str(parsed.session.session_id) == str(session_id)


@pytest.mark.parametrize(("language", "words"), [("en", "Proctoring report"), ("sw", "Ripoti ya usimamizi")])
def test_the_pdf_has_everything_with_boxes_and_timeline(exam: Exam, language: str, words: str) -> None:
    session_id = sit(exam, WORDS)
    exam.post(exam.instructor, f"/proctor-session/{session_id}/bulk-dismiss", kind="phone", comment="A calculator ✓")
    answer = exam.get(exam.instructor, f"/proctor-session/{session_id}/export.pdf", params={"language": language})
    assert answer.headers["content-type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    shown = text_of(answer.content)
    assert words in shown and "Asha Otieno" in shown and "A calculator" in shown
    assert pictures_in(answer.content) == 1 + 3 * 2  # timeline, and two pictures of each of three flags


@pytest.mark.parametrize("name", ["Åsa Ødegård", "Мария Петрова", "王小明", "محمد علي", "आशा", "Zoë 🎓", "አበበ"])
def test_a_name_in_any_script_never_stops_a_report(
    runtime: Runtime, client: TestClient, clock: MovingClock, name: str
) -> None:
    exam = make_exam(runtime, client, clock, name=name)
    session_id = sit(exam, "clean*2 phone*2 clean*2")
    answer = exam.get(exam.instructor, f"/proctor-session/{session_id}/export.pdf")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")


def test_pictures_that_are_deleted_are_said_to_be(exam: Exam) -> None:
    session_id = sit(exam)
    report = ReportView.model_validate(exam.get(exam.instructor, f"/proctor-session/{session_id}/export.json").json())
    content = pdf.render(report, pictures={}, language="en")
    assert "The picture is no longer kept." in text_of(content)
    broken = {picture.snapshot_id: b"no picture" for flag in report.flags for picture in flag.pictures}
    assert "The picture is no longer kept." in text_of(pdf.render(report, pictures=broken, language="en"))


def test_without_the_font_the_report_still_comes(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = sit(exam)
    report = ReportView.model_validate(exam.get(exam.instructor, f"/proctor-session/{session_id}/export.json").json())
    monkeypatch.setattr(pdf, "font_file", lambda **_: None)
    assert "Asha Otieno" in text_of(pdf.render(report, pictures={}, language="sw"))


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_text_stops_the_pen(text: str) -> None:
    paper = pdf._Paper(title=text, language="en")
    paper.says(text)
    assert bytes(paper.pdf.output()).startswith(b"%PDF")


def test_boxes_are_drawn_where_they_belong() -> None:
    box = DrawnBox(label="cell phone", confidence=0.7, left=0.25, top=0.25, right=0.75, bottom=0.75)
    drawn = Image.open(BytesIO(drawing.with_boxes(jpeg(), (box,))))
    left, far = drawn.getpixel((80, 150)), drawn.getpixel((10, 10))
    assert left[0] > 150 and left[1] < 110 and abs(far[0] - 90) < 12
    with pytest.raises(ValueError, match="cannot be read"):
        drawing.with_boxes(b"\xff\xd8 no", ())


def test_the_font_has_letters_of_many_scripts() -> None:
    assert font_file() is not None and font_file(bold=True) is not None


def test_reasons_come_in_the_readers_language(exam: Exam) -> None:
    session_id = sit(exam)
    with exam.runtime.database.read(exam_actor(exam)) as ctx:
        from proctoring.anomalies import service as anomalies

        (flag,) = anomalies.of_session(ctx, session_id, language="sw")
    assert flag.title == "Huenda ni simu" and "3 kati ya 3" in flag.reason
    assert flags_of(exam, session_id)[0]["title"] == "Possible phone"


def exam_actor(exam: Exam) -> object:
    """The system in the exam's institution."""
    from lms_core.kit.context import system_actor

    return system_actor(exam.learner.tenant_id)
