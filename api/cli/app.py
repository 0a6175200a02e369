"""The command line's commands. Human output by default, `--json` for machines; exit 0, 1 failed, 2 usage."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from api.cli import answers, evaluation, imports, models, proctor, questions, saving
from api.cli.console import CommandFailed, checked, connect
from lms_core.kit.settings import InsecureSettings, Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Mwalimu: courses that answer, exams that are fair.")
user_app = typer.Typer(no_args_is_help=True, help="People.")
course_app = typer.Typer(no_args_is_help=True, help="Courses.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")
eval_app = typer.Typer(no_args_is_help=True, help="Measurements.")
app.add_typer(user_app, name="user")
app.add_typer(course_app, name="course")
app.add_typer(db_app, name="db")
app.add_typer(eval_app, name="eval")
app.add_typer(models.app, name="models")
app.add_typer(proctor.app, name="proctor")
app.add_typer(questions.app, name="questions")

out = Console()
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
DataDir = Annotated[Path | None, typer.Option(help="The data folder, instead of MWALIMU_DATA_DIR.")]


def main() -> None:
    """The console script."""
    try:
        app()
    except CommandFailed as error:
        _fail(str(error))
    except InsecureSettings as error:
        _fail(str(error))
    except httpx.TransportError as error:
        _fail(f"The server does not answer ({error}). Is it still running? Try `mwalimu doctor`.")


def _fail(message: str) -> None:
    print(f"mwalimu: {message}", file=sys.stderr)
    raise SystemExit(1)


def settings_in(data_dir: Path | None = None, **changes: Any) -> Settings:
    """The settings, with what the command line says about them; quiet unless a level is asked for."""
    if data_dir is not None:
        changes["data_dir"] = data_dir
    try:
        settings = Settings(**changes)
    except ValueError as error:
        raise CommandFailed(f"The settings are not right:\n{error}") from error
    asked = "log_level" in settings.model_fields_set
    return settings if asked else settings.model_copy(update={"log_level": "WARNING"})


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option(help="The address to serve on.")] = "127.0.0.1",
) -> None:
    """Serve the sample course with sample people; run it as often as you like."""
    from api.cli import running  # the whole product; other commands do without

    changes: dict[str, Any] = {"host": host}
    if port is not None:
        changes |= {"port": port, "public_url": f"http://localhost:{port}"}
    running.demo(settings_in(data_dir, **changes))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
) -> None:
    """Serve the API and the pages; embedded, also work on jobs."""
    from api.cli import running

    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    running.serve(Settings(**changes))


@app.command()
def worker(
    queues: Annotated[
        str, typer.Option(help="Which queues, separated by commas.")
    ] = "answer,money,fast,io,heavy,media,film,watch,idle",
    threads: Annotated[int, typer.Option(min=1, max=64)] = 4,
) -> None:
    """Work on jobs that Celery carries (scaled mode)."""
    from api.cli import running

    running.work(Settings(), queues=tuple(queues.split(",")), threads=threads)


@app.command()
def scheduler() -> None:
    """Plan scheduled work and hand due jobs to Celery (scaled mode); run one or more."""
    from api.cli import running

    running.schedule(Settings())


@app.command()
def doctor(as_json: JsonFlag = False) -> None:
    """Check the installation and say what is missing and how to get it."""
    from api.cli import running

    findings = running.examine(settings_in())
    if as_json:
        out.print_json(json.dumps([finding.as_dict() for finding in findings]))
    else:
        for finding in findings:
            out.print(finding.as_line(), highlight=False)
    if any(not finding.ok for finding in findings):
        raise typer.Exit(1)


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest revision."""
    from lms_core.kit.db import make_engine
    from migrations import upgrade

    engine = make_engine(settings_in().effective_database_url)
    upgrade(engine)
    out.print("The database is up to date.")


@user_app.command("add")
def user_add(
    email: str,
    role: Annotated[str, typer.Option(help="learner, instructor or admin")] = "learner",
    name: Annotated[str, typer.Option(help="Full name; the part before @ when left out.")] = "",
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make an account."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("Password", hide_input=True)
    person = {"email": email, "password": password, "full_name": name or email.split("@")[0], "role": role}
    with connect(settings_in()) as client:
        made = checked(client.post("/admin/users", json=person))
    out.print_json(json.dumps(made)) if as_json else out.print(f"{made['email']} is a {role} now.")


@course_app.command("import")
def course_import(
    path: Path,
    title: Annotated[str, typer.Option()] = "",
    slug: Annotated[str, typer.Option()] = "",
    language: Annotated[str, typer.Option()] = "",
    publish: Annotated[bool, typer.Option("--publish", help="Publish the course when it is stored.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Make a new course, and do not ask.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Update the course of files with this name.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Import a folder, a file or a package as a course, and wait until it answers.

    When you imported files of this name before, it asks on a terminal whether to update their course. A script is not
    asked and gets a new course, unless it says --update or names the --slug: an update removes lessons whose files are
    gone, and two folders may share a name.
    """
    options = {"title": title, "slug": slug, "language": language, "publish": str(publish).lower()}
    options["new"] = str(new).lower()
    with connect(settings_in()) as client:
        asked = not as_json and sys.stdin.isatty()
        if (update or asked) and not (new or slug):
            options |= imports.earlier_course(client, path, title=title, agree=None if update else typer.confirm)
        report = imports.import_path(client, path, options, quiet=as_json)
    out.print_json(json.dumps(report)) if as_json else imports.show(out, report)
    if report["status"] == "failed" or (report["lessons"] == 0):
        raise typer.Exit(1)


@app.command()
def ask(course: str, question: str, language: Annotated[str, typer.Option()] = "", as_json: JsonFlag = False) -> None:
    """Ask a course one question."""
    with connect(settings_in()) as client:
        answer = answers.ask(client, course, question, language=language)
    out.print_json(json.dumps(answer)) if as_json else answers.show(out, answer)


@eval_app.command("rag")
def eval_rag(
    questions: Path, course: Annotated[str, typer.Option(help="Slug or id of the course.")], as_json: JsonFlag = False
) -> None:
    """Measure answers to a file of questions against one course."""
    with connect(settings_in()) as client:
        report = evaluation.run(client, questions, course, quiet=as_json)
    out.print_json(json.dumps(report)) if as_json else evaluation.show(out, report)


@app.command()
def backup(folder: Path, as_json: JsonFlag = False) -> None:
    """Write everything into FOLDER: database, files, index, keys; then check it."""
    report = saving.backup(settings_in(), folder)
    out.print_json(json.dumps(report)) if as_json else out.print(f"{report['files']} files, {report['bytes']} bytes.")


@app.command()
def restore(folder: Path, as_json: JsonFlag = False) -> None:
    """Bring back what `backup` wrote into FOLDER; the data folder must be empty."""
    report = saving.restore(settings_in(), folder)
    out.print_json(json.dumps(report)) if as_json else out.print(f"{report['files']} files restored and checked.")
