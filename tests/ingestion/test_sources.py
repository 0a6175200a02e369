"""Sources: folders, archives and single documents as courses in the right order, with links that hold."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from ingestion.sources import open_source
from ingestion.sources.schemas import CourseDraft, LessonDraft
from tests.shared_data import shared

SAMPLE = Path(__file__).resolve().parents[2] / "ingestion" / "sample_course"


def put(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def lessons(draft: CourseDraft) -> list[LessonDraft]:
    return [lesson for module in draft.modules for lesson in module.lessons]


def question(text: str = "Why?", right: str = "Yes", wrong: str = "No") -> dict[str, object]:
    options = [{"answerText": right, "isCorrect": "true"}, {"answerText": wrong, "isCorrect": "false"}]
    return {"questionText": text, "answerOptions": options}


def collection(*titles: str) -> str:
    quizzes = [{"id": at, "title": title, "quiz": [question()]} for at, title in enumerate(titles, 1)]
    return json.dumps([{"title": "Water: Quizzes", "quizzes": quizzes}])


def test_markdown_repository(tmp_path: Path) -> None:
    quiz = {"title": "Q", "quizzes": [{"id": 1, "title": "First", "quiz": [question()]}]}
    put(tmp_path, {
        "README.md": "# Water\n\n[two](2-b/README.md)", "LICENSE.md": "# MIT", "node_modules/x.md": "# X",
        "10-c/README.md": "# Ten",
        "2-b/README.md": "# Two\n\n![p](img/p.png) [x](../10-c/README.md#s) `[no](img/p.png)` [key](quiz.json)",
        "2-b/device.md": "# Device", "2-b/assignment.md": "# Work", "2-b/img/p.png": "p", "2-b/img/unused.png": "p",
        "2-b/draft.md": "---\ndraft: true\n---\n# D", "2-b/quiz.json": json.dumps(quiz),
        "translations/sw/2-b/README.md": "# Mbili\n\n![p](../../../2-b/img/p.png)",
    })  # fmt: skip
    seen: list[int] = []
    draft = open_source(tmp_path, progress=lambda done, total, path: seen.append(done))
    assert draft.title == "Water" and [module.title for module in draft.modules] == ["Two", "Ten"]
    two = draft.modules[0].lessons
    assert [lesson.title for lesson in two] == ["Two", "Mbili", "Device", "Work", "First"]
    assert [lesson.kind for lesson in two] == ["lesson", "lesson", "lesson", "assignment", "quiz"]
    assert two[1].translation_of == "2-b/README.md" and two[1].language == "sw"
    assert "(asset:2-b/img/p.png)" in two[0].body and "(lesson:10-c/README.md#s)" in two[0].body
    assert "`[no](img/p.png)`" in two[0].body and "(asset:2-b/img/p.png)" in two[1].body
    assert [asset.path for asset in draft.assets] == ["2-b/img/p.png"]
    assert seen == list(range(len(seen)))


def test_front_page_describes_the_course_and_is_a_lesson_only_with_content_of_its_own(tmp_path: Path) -> None:
    front = "---\nslug: clean-water\ntags: [water, health]\n---\n"
    front += "# Water\n\nHow to keep water clean at home, in five parts.\n"
    put(tmp_path, {"README.md": front + "\n1. [One, all about boiling](1-a/a.md)\n", "1-a/a.md": "# One"})
    draft = open_source(tmp_path)
    assert (draft.slug, draft.tags) == ("clean-water", ("water", "health"))
    assert draft.summary == "How to keep water clean at home, in five parts."
    assert [lesson.source_path for lesson in lessons(draft)] == ["1-a/a.md"]
    put(tmp_path, {"README.md": front + "\nBoil it. " * 40, "translations/sw/README.md": "# Maji\n\nChemsha."})
    whole = [(lesson.source_path, lesson.translation_of) for lesson in lessons(open_source(tmp_path))]
    assert whole == [("README.md", None), ("translations/sw/README.md", "README.md"), ("1-a/a.md", None)]


def test_stated_summary_wins_and_a_slug_that_is_none_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, {"README.md": "---\nslug: Not A Slug!\ndescription: Stated.\ntags: a, b\n---\n# T\n\nText."})
    draft = open_source(tmp_path)
    assert (draft.slug, draft.summary, draft.tags) == (None, "Stated.", ("a", "b"))
    assert [lesson.title for lesson in lessons(draft)] == ["T"]


def test_sample_course_keeps_lesson_translation_and_quiz_together() -> None:
    draft = open_source(SAMPLE)
    assert draft.slug == "learn-with-mwalimu" and draft.failures == ()
    assert draft.summary.startswith("Ten short lessons") and "M-Pesa" in draft.tags
    assert [module.title for module in draft.modules] == ["Study well", "Money and M-Pesa", "First Python"]
    path = "1-study-well/02-remember-what-you-learn"
    found = [lesson.source_path for lesson in draft.modules[0].lessons]
    at = found.index(f"{path}.md")
    family = [f"{path}.md", f"translations/sw/{path}.md", f"{path}.quiz.json", f"translations/sw/{path}.quiz.json"]
    assert found[at : at + 4] == family
    quizzes = [lesson for lesson in lessons(draft) if lesson.kind == "quiz"]
    assert len(quizzes) == 20 and sum(quiz.translation_of is not None for quiz in quizzes) == 10
    assert {quiz.title.split(":")[0] for quiz in quizzes} == {"Quiz", "Jaribio"}


def test_a_quiz_shows_its_key_only_inside_details(tmp_path: Path) -> None:
    questions = [
        {"question": "One?", "options": [{"text": "Aye", "correct": True}, {"text": "Nay", "correct": False}],
         "explanation": "Because of *this*."},
        {"question": "Two?", "options": ["Red", "Blue"], "answer": 1},
        {"question": "Three?", "options": ["Red", "Blue"], "answer": "Red"},
        {"question": "No key", "options": ["Red", "Blue"]},
    ]  # fmt: skip
    put(tmp_path, {"a.md": "# A", "b.md": "# B", "a.quiz.json": json.dumps(questions[:3])})
    found = lessons(open_source(tmp_path))
    assert [lesson.title for lesson in found] == ["A", "Quiz: A", "B"]
    body = found[1].body
    keys = re.findall(r"<details>\n<summary>Show the answer</summary>\n\n(.*?)\n\n</details>", body, re.S)
    assert keys == ["- Aye\n\nBecause of \\*this\\*.", "- Blue", "- Red"]
    shown = re.sub(r"<details>.*?</details>", "", body, flags=re.S)
    assert "Because" not in shown and shown.count("- Red") == shown.count("- Blue") == 2
    put(tmp_path, {"b.quiz.json": json.dumps(questions[3:]), "package.json": '{"name": "x"}'})
    assert len(lessons(open_source(tmp_path))) == 3


def test_quiz_collection_elsewhere_finds_its_lessons(tmp_path: Path) -> None:
    put(tmp_path, {
        "1-a/1-boil/README.md": "# Boiling water", "1-a/2-filter/README.md": "# Filters", "1-a/README.md": "# Home",
        "2-b/1-wells/README.md": "# Wells and springs", "2-b/README.md": "# Village",
        "app/translations/en.json": collection("Lesson 1 - Boiling Water: Pre-Lecture Quiz", "Lesson 3 - Deep"),
        "app/translations/sw.json": collection("Somo 1: Jaribio", "Somo 3", "Ziada"),
        "extra/other.json": collection("About the moon"),
    })  # fmt: skip
    draft = open_source(tmp_path, language="en")
    order = [lesson.source_path for lesson in lessons(draft)]
    assert order[order.index("1-a/1-boil/README.md") + 1 :][:2] == [
        "app/translations/en.json/1",
        "app/translations/sw.json/1",
    ]
    # Numbers begin anew in each module, so lesson 3 of the quizzes is the third of the course.
    assert order[order.index("2-b/1-wells/README.md") + 1] == "app/translations/en.json/2"
    by_path = {lesson.source_path: lesson for lesson in lessons(draft)}
    assert by_path["app/translations/sw.json/1"].translation_of == "app/translations/en.json/1"
    assert by_path["app/translations/sw.json/1"].language == "sw"
    assert draft.modules[-1].title == "Water: Quizzes" and draft.modules[-1].lessons[0].title == "About the moon"


def test_translations_without_an_original_are_lessons_of_the_same_module(tmp_path: Path) -> None:
    put(tmp_path, {"1-a/a.md": "# A", "translations/sw/1-a/b.md": "# B", "1-a/a.fr.md": "# Fa"})
    draft = open_source(tmp_path)
    assert len(draft.modules) == 1
    assert [(lesson.title, lesson.translation_of) for lesson in lessons(draft)] == [
        ("A", None),
        ("Fa", "1-a/a.md"),
        ("B", None),
    ]


def test_a_workbench_lesson_leaves_out_what_is_for_instructors(tmp_path: Path) -> None:
    files = {"episodes/a.md": "# A", "instructors/notes.md": "# Notes", "profiles/p.md": "# P", "learners/s.md": "# S"}
    put(tmp_path, {"config.yaml": "title: T\nepisodes:\n- a.md\n", **files})
    draft = open_source(tmp_path)
    assert [lesson.source_path for lesson in lessons(draft)] == ["episodes/a.md", "learners/s.md"]
    assert draft.failures == ()
    (tmp_path / "config.yaml").unlink()
    assert len(lessons(open_source(tmp_path))) == 4


def test_declared_order_wins(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"config.yaml": "title: T\nepisodes:\n- b.md\n- a.md\n", "episodes/a.md": "# A", "episodes/b.md": "# B"},
    )
    assert [lesson.title for lesson in open_source(tmp_path).modules[0].lessons] == ["B", "A"]


def test_single_document(tmp_path: Path) -> None:
    (tmp_path / "maji.md").write_text("# Maji\n\nMaji ni uhai.")
    draft = open_source(tmp_path / "maji.md", language="sw")
    assert (draft.kind, draft.language, draft.title) == ("document", "sw", "Maji")
    assert draft.modules[0].lessons[0].source_path == "maji.md"


def test_one_bad_file_does_not_end_the_import(tmp_path: Path) -> None:
    put(tmp_path, {"a.md": "# A", "b.pdf": "no pdf", "c.pptx": "x"})
    draft = open_source(tmp_path)
    assert [(failure.path, failure.code) for failure in draft.failures] == [
        ("b.pdf", "corrupt"),
        ("c.pptx", "unsupported"),
    ]


@pytest.mark.parametrize(
    ("name", "modules", "quizzes"),
    [("iot-for-beginners", 7, 48 + 48 + 20), ("langchain4j-for-beginners", 8, 0), ("swc-shell-novice", 3, 0)],
)
def test_real_course_imports_whole(name: str, modules: int, quizzes: int) -> None:
    draft = open_source(shared(f"data/courses/{name}"))
    assert draft.failures == () and len(draft.modules) == modules
    found = lessons(draft)
    paths = [lesson.source_path for lesson in found]
    assert len(paths) == len(set(paths)) and len(draft.summary) > 40
    assert sum(lesson.kind == "quiz" for lesson in found) == quizzes
    for before, lesson in pairwise(found):
        if lesson.translation_of:
            assert lesson.translation_of in (before.source_path, before.translation_of)
