"""`mwalimu proctor stats` over HTTP, as people and as machines read it."""

import json

from pytest import CaptureFixture
from typer.testing import CliRunner

from api.cli import proctor_stats
from api.cli.app import app
from lms_core.kit.settings import Settings
from workers import runtime as runtimes


def test_the_command_prints_the_figures(settings: Settings) -> None:
    runtimes.build(settings, run_jobs=False).stop()
    done = CliRunner(env={"MWALIMU_DATA_DIR": str(settings.data_dir)}).invoke(app, ["proctor", "stats", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == {"sessions": 0, "reviewed": 0, "detectors": []}


def test_nothing_decided_shows_a_dash(capsys: CaptureFixture[str]) -> None:
    detector = {"kind": "phone", "title": "Possible phone", "confirmed": 0, "dismissed": 0, "undecided": 4}
    decided = {**detector, "kind": "paste", "confirmed": 3, "dismissed": 1, "precision": 0.75}
    proctor_stats.show({"sessions": 4, "reviewed": 0, "detectors": [{**detector, "precision": None}, decided]})
    shown = capsys.readouterr().out
    assert "–" in shown and "75%" in shown and "0 of 4 sessions" in shown
