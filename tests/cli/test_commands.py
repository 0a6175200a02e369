"""The `mwalimu` command: what people and scripts rely on."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import evaluation, main
from api.cli.console import serving
from lms_core.kit.settings import Settings
from workers import runtime as runtimes
from workers.runtime import Runtime

LESSON = """# Tides

A tide is the rise and fall of the sea caused by the pull of the Moon.

## Spring tides

A spring tide happens when the Sun and the Moon pull in one line. It is higher than other tides.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    def json(self) -> dict[str, object]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Run = Callable[..., Outcome]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder named by the environment, as a person would."""
    monkeypatch.setenv("MWALIMU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MWALIMU_LOG_LEVEL", "ERROR")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


@pytest.fixture
def mwalimu(data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process, where the model stays loaded."""

    def run(*arguments: str, typed: str = "") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["mwalimu", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return run


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "sea"
    folder.mkdir()
    (folder / "README.md").write_text("# The sea\n\n1. [Tides](01-tides.md)\n", encoding="utf-8")
    (folder / "01-tides.md").write_text(LESSON, encoding="utf-8")
    return folder


def test_import_and_ask_without_a_server(mwalimu: Run, course_folder: Path) -> None:
    imported = mwalimu("course", "import", str(course_folder), "--publish", "--slug", "sea", "--json")
    assert imported.status == 0, imported.err
    report = imported.json()
    contract = {"course_id", "slug", "kind", "modules", "lessons", "documents", "chunks", "failed", "seconds"}
    assert contract <= report.keys()
    assert (report["slug"], report["failed"]) == ("sea", [])
    assert report["chunks"]

    asked = mwalimu("ask", "sea", "What is a tide?", "--json")
    assert asked.status == 0, asked.err
    answer = asked.json()
    assert answer["status"] == "answered"
    assert "pull of the Moon" in str(answer["answer"])
    quotes = [citation["quote"] for citation in answer["citations"]]  # type: ignore[attr-defined]
    assert quotes and all(quote in LESSON for quote in quotes)

    shown = mwalimu("ask", "sea", "What is a tide?")
    assert "[1]" in shown.out and "01-tides.md" in shown.out

    nothing = mwalimu("ask", "sea", "  ")
    assert nothing.status == 1 and "Write one in quotes" in nothing.err


def test_a_script_updates_a_course_only_when_it_says_so(mwalimu: Run, course_folder: Path) -> None:
    """Two folders may share a name, and an update removes lessons whose files are gone."""
    first = mwalimu("course", "import", str(course_folder), "--json").json()
    (course_folder / "02-waves.md").write_text("# Waves\n\nWind makes waves.\n", encoding="utf-8")
    again = mwalimu("course", "import", str(course_folder), "--json").json()
    assert (again["updated"], again["course_id"] == first["course_id"]) == (False, False)
    updated = mwalimu("course", "import", str(course_folder), "--update", "--json").json()
    assert (updated["updated"], updated["course_id"]) == (True, again["course_id"])
    new = mwalimu("course", "import", str(course_folder), "--new", "--json").json()
    assert new["course_id"] not in (first["course_id"], again["course_id"])


def test_commands_work_through_the_running_server(data_dir: Path, mwalimu: Run, course_folder: Path) -> None:
    runtime = runtimes.build(Settings())
    runtime.start()
    try:
        with serving(runtime, host="127.0.0.1", port=0) as url:
            announce(runtime, url)
            imported = mwalimu("course", "import", str(course_folder), "--publish", "--slug", "sea", "--json")
            assert imported.status == 0, imported.err
            assert "Moon" in str(mwalimu("ask", "sea", "What is a tide?", "--json").json()["answer"])
            added = mwalimu(
                "user", "add", "a@example.org", "--role", "instructor", "--password-stdin", typed="long-Enough-7\n"
            )
            assert added.status == 0, added.err
            assert mwalimu("backup", str(data_dir.parent / "copy")).status == 1
            questions_in_and_out(mwalimu, data_dir.parent)
    finally:
        runtime.stop()


def questions_in_and_out(mwalimu: Run, folder: Path) -> None:
    bank = folder / "bank.gift"
    bank.write_text("::Tide::When is it high?{~noon =it depends}\n\n::Odd::Name a {=fish*}\n", encoding="utf-8")
    looked = mwalimu("questions", "import", str(bank), "--course", "sea", "--look")
    assert (
        looked.status == 0
        and "Questions: 1 (1 single); files: 0; nothing" in looked.out
        and "Odd: Its answers" in looked.out
    )
    brought = mwalimu("questions", "import", str(bank), "--course", "sea", "--title", "From afar", "--json")
    assert brought.status == 0, brought.err
    report = brought.json()
    assert (report["status"], report["counts"]) == ("done", {"single": 1})
    [quiz] = report["quiz_ids"]  # type: ignore[misc]
    written = mwalimu("questions", "export", str(quiz), str(folder / "out.xml"))
    assert written.status == 0 and "questions 1 of 1" in written.out.replace("\n", " ")
    assert b"it depends" in (folder / "out.xml").read_bytes()
    assert mwalimu("questions", "export", str(quiz), str(folder / "out.xml")).status == 1


def announce(runtime: Runtime, url: str) -> None:
    assert runtime.owner is not None
    runtime.owner.announce(url, token=runtime.console_token)


def test_eval_reports_every_measure_of_the_contract(mwalimu: Run, course_folder: Path, tmp_path: Path) -> None:
    assert mwalimu("course", "import", str(course_folder), "--publish", "--slug", "sea", "--json").status == 0
    rows = [
        {
            "question": "What is a tide?",
            "expected_lesson_paths": ["01-tides.md"],
            "answer_facts": ["Moon"],
            "kind": "definition",
        },
        {"question": "Who invented the telephone in 1876?", "kind": "out-of-scope"},
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    report = mwalimu("eval", "rag", str(questions), "--course", "sea", "--json").json()
    expected = {"questions", "recall_at_1", "recall_at_5", "mrr", "answer_fact_rate", "refusal_precision"}
    assert expected | {"refusal_recall", "citation_verbatim_rate", "latency_ms"} <= report.keys()
    assert (report["questions"], report["recall_at_1"], report["citation_verbatim_rate"]) == (2, 1.0, 1.0)
    assert report["answer_fact_rate"] == 1.0


def test_backup_and_restore_bring_everything_back(data_dir: Path, mwalimu: Run, course_folder: Path) -> None:
    assert mwalimu("course", "import", str(course_folder), "--publish", "--slug", "sea", "--json").status == 0
    copy = data_dir.parent / "copy"
    saved = mwalimu("backup", str(copy), "--json")
    assert saved.status == 0, saved.err
    shutil.rmtree(data_dir)
    restored = mwalimu("restore", str(copy), "--json")
    assert restored.status == 0, restored.err
    assert "Moon" in str(mwalimu("ask", "sea", "What is a tide?", "--json").json()["answer"])

    shutil.rmtree(data_dir)
    damaged = next(file for file in copy.rglob("*.sqlite3"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    refused = mwalimu("restore", str(copy))
    assert refused.status == 1
    assert "was changed" in refused.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ask", "nowhere", "What?"], 1, "no such course"),
        (["course", "import", "not-there"], 1, "is not there"),
        (["eval", "rag", "not-there.jsonl", "--course", "x"], 1, "not a file of JSON lines"),
        (["worker"], 1, "MWALIMU_MODE=scaled"),
        (["restore", "not-there"], 1, "is not a backup"),
        (["ask"], 2, "Missing argument"),
        (["fly"], 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(mwalimu: Run, arguments: list[str], status: int, said: str) -> None:
    outcome = mwalimu(*arguments)
    assert outcome.status == status
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_user_add_refuses_a_weak_password(mwalimu: Run) -> None:
    refused = mwalimu("user", "add", "b@example.org", "--password-stdin", typed="short\n")
    assert refused.status == 1
    assert "password" in refused.err


def test_doctor_and_models(mwalimu: Run) -> None:
    examined = mwalimu("doctor", "--json")
    assert examined.status == 0, examined.out
    found = {finding["what"]: finding["detail"] for finding in json.loads(examined.out)}
    assert found.keys() >= {"Python", "embedding model"}
    told = found["proctoring weights"]  # they may be in the folder that the environment names
    assert told == "all here" or "mwalimu models pull" in told
    model, *_detectors = json.loads(mwalimu("models", "list", "--json").out)
    assert model["sha256"].startswith("53aa5117")
    assert mwalimu("models", "verify").status == 0


@pytest.mark.parametrize(
    ("answer", "facts", "found"),
    [
        ("The sun is hot.", ["sun"], True),
        ("Sunday is here.", ["sun"], False),
        ("They are isolated from it.", ["isolat"], True),
        ("", ["x"], False),
    ],
)
def test_short_facts_count_only_as_whole_words(answer: str, facts: list[str], found: bool) -> None:
    assert evaluation.has_fact(answer, facts) is found
