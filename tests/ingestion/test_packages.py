"""Real course packages of other systems: each becomes a course, and the report names what stays behind."""

from functools import cache
from pathlib import Path

import pytest

from ingestion.readers import Unreadable
from ingestion.sources import open_source
from ingestion.sources.schemas import CourseDraft, LessonDraft
from tests.shared_data import shared

PACKAGES = "data/packages"
# By package: its kind; modules, lessons and questions; fewest words; pictures kept; and kinds of what stays behind.
CARRIED = [
    ("olx/openedx-demo-course.tar.gz", "olx", (6, 67, 18), 26_000, 13,
     {"Tool (LTI)", "Discussion", "Poll", "Peer assessment", "Random draw", "Question", "Script", "Drag and drop"}),
    ("olx/openedx-demo-content-library", "olx", (1, 1, 6), 0, 0, set()),
    ("imscc/allyworkshop.imscc", "imscc", (5, 16, 0), 4_000, 17,
     {"Discussion", "Tool (LTI)", "Pointer", "Hidden lesson", "Embedded page", "File", "Settings"}),
    ("scorm/singlesco_scorm12.zip", "scorm", (1, 15, 0), 6_500, 15,
     {"Tracking (SCORM)", "Opening page", "Page without text", "Script"}),
    ("scorm/RuntimeBasicCalls_SCORM20043rdEdition.zip", "scorm", (1, 14, 0), 6_000, 14,
     {"Tracking (SCORM)", "Page without text", "Script", "Sequencing"}),
    ("moodle-backup/backup.mbz", "moodle", (1, 1, 0), 2, 0, {"People and their work", "Grading", "Settings"}),
    ("moodle-backup/moodle_311_quiz.mbz", "moodle", (1, 1, 2), 0, 0, {"People and their work", "Random draw"}),
    ("h5p/filltheblanks.h5p", "h5p", (1, 1, 1), 0, 0, {"Interactive content"}),
    ("h5p/greeting-card-887.h5p", "h5p", (1, 1, 0), 3, 1, {"Interactive content"}),
]  # fmt: skip


def lessons(draft: CourseDraft) -> list[LessonDraft]:
    return [lesson for module in draft.modules for lesson in module.lessons]


def questions_in(draft: CourseDraft) -> int:
    return sum(len(lesson.quiz.questions) for lesson in lessons(draft) if lesson.quiz)


@cache
def drafted(path: str) -> tuple[CourseDraft, list[tuple[int, int, str]]]:
    """A real package as a course, and the progress that was told."""
    told: list[tuple[int, int, str]] = []
    return open_source(shared(f"{PACKAGES}/{path}"), progress=lambda *progress: told.append(progress)), told


@pytest.mark.parametrize(("path", "kind", "counts", "words", "pictures", "left"), CARRIED, ids=[c[0] for c in CARRIED])
def test_a_real_package_becomes_a_course(
    path: str, kind: str, counts: tuple[int, int, int], words: int, pictures: int, left: set[str]
) -> None:
    draft, told = drafted(path)
    assert (draft.kind, draft.failures, draft.language) == (kind, (), "en")
    assert (len(draft.modules), len(lessons(draft)), questions_in(draft)) == counts
    assert sum(len(lesson.body.split()) for lesson in lessons(draft)) >= words
    assert len(draft.assets) == pictures and all(asset.file.is_file() for asset in draft.assets)
    assert left <= {each.what.partition(":")[0] for each in draft.report}
    assert all(each.where and each.why.endswith(".") for each in draft.report)
    assert told and all(0 <= done <= total for done, total, _ in told)
    paths = [lesson.source_path for lesson in lessons(draft)]
    assert len(set(paths)) == len(paths) and all(lesson.title for lesson in lessons(draft))


def test_the_demo_course_reads_as_it_did() -> None:
    draft, _ = drafted("olx/openedx-demo-course.tar.gz")
    by_title = {lesson.title.rpartition(": ")[2]: lesson for lesson in lessons(draft) if lesson.kind == "lesson"}
    film = by_title["Transcripts and Subtitles"].body
    assert "https://www.youtube.com/watch?v=" in film and "### Transcript" in film
    assert "state of open edx" in by_title["Advanced Video Settings"].body
    assert any("(lesson:olx-OpenedX-DemoX-DemoCourse/vertical/" in lesson.body for lesson in lessons(draft))
    kinds = [q.type for lesson in lessons(draft) if lesson.quiz for q in lesson.quiz.questions]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "single": 10, "multiple": 2, "numeric": 3, "short_text": 2, "cloze": 1,
    }  # fmt: skip
    gaps = next(q for x in lessons(draft) if x.quiz for q in x.quiz.questions if q.type == "cloze")
    assert gaps.key is not None and "| **Theory of Relativity** | [[1]] | [[2]] |" in gaps.text
    assert {"text": "Albert Einstein", "correct": True} in gaps.key["gaps"][0]["options"]
    near = next(q for x in lessons(draft) if x.quiz for q in x.quiz.questions if q.value == 600)
    assert near.tolerance == 5 and near.text.startswith("What is \\(120 \\times 5\\)?")
    assert draft.summary.startswith("Explore Open edX® capabilities")


def test_golf_keeps_the_order_of_its_opening_page() -> None:
    draft, _ = drafted("scorm/RuntimeBasicCalls_SCORM20043rdEdition.zip")
    titles = [lesson.title for lesson in lessons(draft)]
    assert titles[:5] == ["Playing Golf", "Par", "Scoring", "Other Scoring Systems", "Rules of Golf"]
    etiquette = next(lesson for lesson in lessons(draft) if lesson.title == "Etiquette - Course")
    assert "90 degree rule" in etiquette.body and "/Etiquette/course.jpg)" in etiquette.body
    assert not any("function" in lesson.body and "var " in lesson.body for lesson in lessons(draft))


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("packages/scorm/validscorm.zip", "corrupt", "imsmanifest.xml holds no manifest"),
        ("hostile/badscorm.zip", "corrupt", "imsmanifest.xml holds no manifest"),
        ("hostile/passwordis1.zip", "encrypted", "password"),
        ("hostile/zipslip_scorm.zip", "no_text", "points outside the archive"),
    ],
)
def test_a_broken_package_is_refused_in_words(path: str, code: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        open_source(shared(f"data/{path}"), workspace=tmp_path)
    assert caught.value.code == code and said in caught.value.reason and caught.value.reason.endswith(".")
    assert not Path("/tmp/pwned_abs.txt").exists()
