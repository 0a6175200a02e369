"""The sample course is whole: both languages agree, its programs run, its quizzes and questions point at real text."""

import ast
import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

COURSE = Path(__file__).resolve().parents[2] / "ingestion" / "sample_course"
SWAHILI = COURSE / "translations" / "sw"
LESSONS = sorted(path.relative_to(COURSE).as_posix() for path in COURSE.glob("[0-9]-*/[0-9][0-9]-*.md"))
MODULES = sorted(path.relative_to(COURSE).as_posix() for path in COURSE.glob("[0-9]-*/README.md"))
PAGES = ["README.md", *MODULES, *LESSONS]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) \S", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def _split(path: Path) -> tuple[dict[str, Any], str]:
    """Front matter and body of a page."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


def _prose(body: str) -> str:
    return FENCE.sub("", body)


def _heading_levels(path: Path) -> list[int]:
    return [len(marks) for marks in HEADING.findall(_prose(_split(path)[1]))]


def _python_blocks(path: Path) -> list[tuple[str, str]]:
    """Each Python block of a lesson with the text block that follows it, its promised output."""
    fences = FENCE.findall(_split(path)[1])
    return [
        (code, following)
        for (language, code), (next_language, following) in pairwise(fences)
        if language == "python" and next_language == "text"
    ]


def _quiz(path: Path) -> list[dict[str, Any]]:
    questions: list[dict[str, Any]] = json.loads(path.with_name(path.stem + ".quiz.json").read_text(encoding="utf-8"))
    return questions


def _right_option(question: dict[str, Any]) -> int:
    return [option["correct"] for option in question["options"]].index(True)


def _questions() -> list[dict[str, Any]]:
    lines = (COURSE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_course_has_ten_lessons_in_three_modules() -> None:
    assert len(LESSONS) == 10
    assert len(MODULES) == 3


@pytest.mark.parametrize("root", [COURSE, SWAHILI], ids=["en", "sw"])
@pytest.mark.parametrize("page", PAGES)
def test_front_matter_names_the_page_as_its_heading_does(root: Path, page: str) -> None:
    front, body = _split(root / page)
    assert body.lstrip().startswith(f"# {front['title']}\n")
    if page != "README.md":
        numbered = Path(page).name if page in LESSONS else page
        assert front["order"] == int(numbered.split("-")[0])


@pytest.mark.parametrize("root", [COURSE, SWAHILI], ids=["en", "sw"])
@pytest.mark.parametrize("page", PAGES)
def test_no_unfinished_text_and_no_dead_link(root: Path, page: str) -> None:
    path = root / page
    body = _split(path)[1]
    assert not re.search(r"\b(TODO|FIXME|TBD|XXX|lorem ipsum)\b", body, re.IGNORECASE)
    for target in LINK.findall(_prose(body)):
        assert (path.parent / target).is_file(), target


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_as_long_as_a_sitting_allows(lesson: str) -> None:
    assert 500 <= len((COURSE / lesson).read_text(encoding="utf-8").split()) <= 900


@pytest.mark.parametrize("page", PAGES)
def test_the_translation_keeps_headings_lists_and_table_rows(page: str) -> None:
    english, swahili = COURSE / page, SWAHILI / page
    assert _heading_levels(english) == _heading_levels(swahili)
    for marker in (r"^\d+\. ", r"^- ", r"^\|", r"^\$\$$"):
        counts = [len(re.findall(marker, _prose(_split(path)[1]), re.MULTILINE)) for path in (english, swahili)]
        assert counts[0] == counts[1], marker


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_translation_keeps_code_but_for_comments(lesson: str) -> None:
    english, swahili = _python_blocks(COURSE / lesson), _python_blocks(SWAHILI / lesson)
    assert [output for _, output in english] == [output for _, output in swahili]
    trees = [[ast.dump(ast.parse(code)) for code, _ in blocks] for blocks in (english, swahili)]
    assert trees[0] == trees[1]


@pytest.mark.parametrize("root", [COURSE, SWAHILI], ids=["en", "sw"])
@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson.startswith("3-")])
def test_every_program_prints_what_the_lesson_promises(root: Path, lesson: str, tmp_path: Path) -> None:
    blocks = _python_blocks(root / lesson)
    assert len(blocks) == len(re.findall(r"^```python$", (root / lesson).read_text(encoding="utf-8"), re.MULTILINE)) > 0
    for code, promised in blocks:
        program = tmp_path / "shop.py"
        program.write_text(code, encoding="utf-8")
        run = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=30, check=False)
        if promised.startswith("Traceback"):
            # Newer interpreters append a "Did you mean" hint, as the lesson says.
            assert run.stderr.splitlines()[-1].startswith(promised.splitlines()[-1])
            assert re.findall(r"line \d+", promised) == re.findall(r"line \d+", run.stderr)
        else:
            assert (run.returncode, run.stdout) == (0, promised)


@pytest.mark.parametrize("lesson", LESSONS)
def test_quiz_questions_have_one_right_option_in_both_languages(lesson: str) -> None:
    english, swahili = _quiz(COURSE / lesson), _quiz(SWAHILI / lesson)
    assert 3 <= len(english) <= 4
    for quiz in (english, swahili):
        for question in quiz:
            assert set(question) == {"question", "options", "explanation"}
            texts = [option["text"] for option in question["options"]]
            assert len(set(texts)) == len(texts) == 3
            assert [option["correct"] for option in question["options"]].count(True) == 1
            assert question["question"].strip() and question["explanation"].strip()
    assert [_right_option(question) for question in english] == [_right_option(question) for question in swahili]


def test_evaluation_questions_are_complete_and_distinct() -> None:
    questions = _questions()
    variants = [question["variant"] for question in questions]
    assert {variant: variants.count(variant) for variant in set(variants)} == {
        "plain": 20,
        "paraphrase": 6,
        "swahili": 6,
        "oos": 8,
    }
    assert len({question["id"] for question in questions}) == len(questions)
    answerable = [question for question in questions if question["kind"] != "out-of-scope"]
    assert {path for question in answerable for path in question["expected_lesson_paths"]} == set(LESSONS)


@pytest.mark.parametrize("question", _questions(), ids=lambda question: question["id"])
def test_an_expected_lesson_holds_every_accepted_fact(question: dict[str, Any]) -> None:
    paths, facts = question["expected_lesson_paths"], question["answer_facts"]
    assert bool(paths) == bool(facts) == (question["kind"] != "out-of-scope")
    texts = [_split(root / path)[1] for path in paths for root in (COURSE, SWAHILI)]
    seen = re.sub(r"[`*]", "", " ".join(texts)).lower()
    for fact in facts:
        assert fact.lower() in seen
