"""`mwalimu proctor stats`: how far reviewers agreed with each detector so far."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.cli.console import checked, connect
from lms_core.kit.settings import Settings

out = Console()
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def stats(as_json: JsonFlag = False) -> None:
    """Print per-detector precision from reviewers' decisions."""
    settings = Settings()
    if "log_level" not in settings.model_fields_set:
        settings = settings.model_copy(update={"log_level": "WARNING"})
    with connect(settings) as client:
        found = checked(client.get("/instructor/proctoring/stats"))
    if as_json:
        out.print_json(json.dumps(found))
    else:
        show(found)


def show(found: dict[str, Any]) -> None:
    """The figures as a table; a dash where nobody decided yet."""
    table = Table("detector", "precision", "confirmed", "dismissed", "undecided")
    for each in found["detectors"]:
        precision = "–" if each["precision"] is None else f"{each['precision']:.0%}"
        counts = (str(each[name]) for name in ("confirmed", "dismissed", "undecided"))
        table.add_row(each["kind"], precision, *counts)
    out.print(table)
    out.print(f"{found['reviewed']} of {found['sessions']} sessions have a verdict.")
