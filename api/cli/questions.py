"""`mwalimu questions`: questions of other systems into a quiz, and a quiz as a file of theirs."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from api.cli.console import CommandFailed, checked, connect
from ingestion.exchange.schemas import ExportFormat
from lms_core.kit.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Questions of quizzes.")
out = Console()
POLL_SECONDS = 0.15
ENDED = ("done", "failed")
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@app.command("import")
def import_file(
    path: Path,
    course: Annotated[str, typer.Option(help="The course's slug or id.")],
    quiz: Annotated[str, typer.Option(help="Id of a quiz to put them behind; a new quiz when left out.")] = "",
    title: Annotated[str, typer.Option(help="Title of the new quiz.")] = "",
    look: Annotated[bool, typer.Option("--look", help="Tell what would come, and change nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring the questions of a file into a course, and tell what could not be carried.

    Moodle XML, GIFT, Aiken, Moodle's cloze text, QTI 2.1 (items and packages), QTI 1.2 (Blackboard, Canvas).
    """
    with connect(_settings()) as client:
        view = _uploaded(client, path, course=course, quiz=quiz)
        if look:
            client.delete(f"/question-imports/{view['id']}")
        else:
            view = _carried_out(client, view["id"], append=bool(quiz), title=title)
    if as_json:
        wanted = ("status", "format", "questions", "counts", "files", "quiz_ids", "reason", "report")
        print(json.dumps({name: view[name] for name in wanted}))
    else:
        _show(view, look=look)
    if view["status"] == "failed" or not view["questions"]:
        raise typer.Exit(1)


@app.command("export")
def export_file(
    quiz: Annotated[str, typer.Argument(help="Id of the quiz.")],
    path: Annotated[Path, typer.Argument(help="The file to write; nothing is written over.")],
    written_as: Annotated[ExportFormat, typer.Option("--format")] = ExportFormat.MOODLE_XML,
    as_json: JsonFlag = False,
) -> None:
    """Write a quiz as a file of another system, and tell what its format cannot hold."""
    if path.exists():
        raise CommandFailed(f"{path} is there already. Name another file.")
    params = {"format": written_as.value}
    with connect(_settings()) as client:
        report = checked(client.get(f"/quizzes/{quiz}/export/report", params=params))
        answer = client.get(f"/quizzes/{quiz}/export", params=params)
        if not answer.is_success:
            checked(answer)
        path.write_bytes(answer.content)
    if as_json:
        print(json.dumps({"file": str(path)} | report))
        return
    out.print(f"{path}: questions {report['questions']} of {report['all']}", markup=False, highlight=False)
    _lines(report["report"])


def _settings() -> Settings:
    settings = Settings()
    asked = "log_level" in settings.model_fields_set
    return settings if asked else settings.model_copy(update={"log_level": "WARNING"})


def _uploaded(client: httpx.Client, path: Path, *, course: str, quiz: str) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}.") from error
    data = {"quiz_id": quiz} if quiz else {}
    answer = client.post(f"/courses/{course}/question-imports", files={"file": (path.name, content)}, data=data)
    view: dict[str, Any] = checked(answer)
    return view


def _carried_out(client: httpx.Client, import_id: str, *, append: bool, title: str) -> dict[str, Any]:
    confirmed = client.post(f"/question-imports/{import_id}/confirm", json={"append": append, "title": title})
    view: dict[str, Any] = checked(confirmed)
    while view["status"] not in ENDED:
        time.sleep(POLL_SECONDS)
        view = checked(client.get(f"/question-imports/{import_id}"))
    return view


def _show(view: dict[str, Any], *, look: bool) -> None:
    if view["status"] == "failed":
        out.print(view["reason"], markup=False, style="red")
    counted = ", ".join(f"{count} {kind}" for kind, count in view["counts"].items())
    said = (
        f"Questions: {view['questions']} ({counted}); files: {view['files']}{'; nothing was changed' if look else ''}"
    )
    out.print(said, markup=False, highlight=False)
    for quiz_id in view["quiz_ids"]:
        out.print(f"  quiz {quiz_id}", markup=False, highlight=False)
    _lines(view["report"])


def _lines(report: list[dict[str, str]]) -> None:
    for each in report:
        out.print(f"  {each['item'] or 'The whole file'}: {each['detail']}", markup=False, style="yellow")
