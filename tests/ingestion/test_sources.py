"""Sources: folders, archives and single documents as courses in the right order, with links that hold."""

import json
from pathlib import Path

from ingestion.sources import open_source
from tests.shared_data import shared


def put(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def test_markdown_repository(tmp_path: Path) -> None:
    quiz = {"title": "Q", "quizzes": [{"id": 1, "title": "First", "quiz": [
        {"questionText": "Why?", "answerOptions": [{"answerText": "Yes", "isCorrect": "true"}, {"answerText": "No"}]}
    ]}]}  # fmt: skip
    put(tmp_path, {
        "README.md": "# Water\n\n[two](2-b/README.md)", "LICENSE.md": "# MIT", "node_modules/x.md": "# X",
        "10-c/README.md": "# Ten", "2-b/README.md": "# Two\n\n![p](img/p.png) [x](../10-c/README.md#s) `[no](img/p.png)`",
        "2-b/device.md": "# Device", "2-b/assignment.md": "# Work", "2-b/img/p.png": "p", "2-b/img/unused.png": "p",
        "2-b/draft.md": "---\ndraft: true\n---\n# D", "2-b/quiz.json": json.dumps(quiz),
        "translations/sw/2-b/README.md": "# Mbili\n\n![p](../../../2-b/img/p.png)",
    })  # fmt: skip
    seen: list[int] = []
    draft = open_source(tmp_path, progress=lambda done, total, path: seen.append(done))
    assert draft.title == "Water" and [module.title for module in draft.modules] == ["Water", "Two", "Ten"]
    two = draft.modules[1].lessons
    assert [lesson.title for lesson in two] == ["Two", "Device", "Work", "Mbili", "First"]
    assert [lesson.kind for lesson in two] == ["lesson", "lesson", "assignment", "lesson", "quiz"]
    assert two[3].translation_of == "2-b/README.md" and two[3].language == "sw"
    assert "(asset:2-b/img/p.png)" in two[0].body and "(lesson:10-c/README.md#s)" in two[0].body
    assert "`[no](img/p.png)`" in two[0].body and "(asset:2-b/img/p.png)" in two[3].body
    assert "Yes" in two[4].body.split("<details>")[1] and "No" not in two[4].body.split("<details>")[1]
    assert [asset.path for asset in draft.assets] == ["2-b/img/p.png"]
    assert seen == list(range(len(seen)))


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


def test_real_courses_import_whole() -> None:
    for name, modules in (("iot-for-beginners", 8), ("langchain4j-for-beginners", 8), ("swc-shell-novice", 4)):
        draft = open_source(shared(f"data/courses/{name}"))
        assert draft.failures == () and len(draft.modules) == modules
        paths = [lesson.source_path for module in draft.modules for lesson in module.lessons]
        assert len(paths) == len(set(paths))
