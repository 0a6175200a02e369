"""`mwalimu proctor analyse` on a file, a folder, and what is no picture."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.cli.console import CommandFailed
from tests.proctoring.reviewing import jpeg
from tests.shared_data import shared


def analyse(data_dir: Path, *arguments: str, weights: Path | None = None) -> Result:
    env = {"MWALIMU_DATA_DIR": str(data_dir), "MWALIMU_MODELS_DIR": str(weights) if weights else None}
    return CliRunner(env=env).invoke(app, ["proctor", "analyse", *arguments])


def test_a_file_without_weights_says_what_was_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(jpeg())
    done = analyse(tmp_path / "data", str(tmp_path / "one.jpg"), "--json")
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.output)
    assert (found["faces"], found["persons"], found["quality"]["width"]) == (0, None, 320)
    assert found["looked_for"] == ["camera", "faces"]
    assert "yolov8n.pt" in found["unavailable"]["objects"]


def test_a_folder_means_its_pictures_by_name_and_a_bad_one_fails_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "b.JPG").write_bytes(jpeg())
    (folder / "a.png").write_bytes(b"no picture at all")
    (folder / "notes.txt").write_text("not looked at")
    done = analyse(tmp_path / "data", str(folder), "--json")
    assert done.exit_code == 1
    bad, good = json.loads(done.output)
    assert (Path(bad["path"]).name, bad["error"]["code"]) == ("a.png", "not_a_picture")
    assert Path(good["path"]).name == "b.JPG" and good["quality"]["faults"]
    shown = analyse(tmp_path / "data", str(folder / "b.JPG"))
    assert shown.exit_code == 0 and "persons: not looked for" in shown.output


@pytest.mark.parametrize("name", ["absent.jpg", "empty"])
def test_what_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    done = analyse(tmp_path / "data", str(tmp_path / name))
    assert done.exit_code == 1
    assert isinstance(done.exception, CommandFailed) and name in str(done.exception)


def test_with_weights_a_phone_is_a_signal(tmp_path: Path) -> None:
    picture = shared("data/proctoring/phone_floor_0.jpg")
    done = analyse(tmp_path, str(picture), "--json", weights=shared("models"))
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.output)
    assert "cell phone" in {thing["label"] for thing in found["objects"]}
    assert "phone" in {anomaly["type"] for anomaly in found["anomalies"]}
    assert found["looked_for"] == sorted({"camera", "faces", "gaze", "head", "identity", "objects"})


def test_another_detector_by_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, weights = shared("data/proctoring/fr_obama.jpg"), shared("models")
    monkeypatch.setenv("MWALIMU_PROCTORING_MODEL", "yolov8n_rebuilt_640.onnx")
    (found,) = json.loads(analyse(tmp_path, str(picture), "--json", weights=weights).output)
    assert found["models"]["objects"].startswith("yolov8n_rebuilt_640.onnx ")
    assert found["persons"] == 1
    monkeypatch.setenv("MWALIMU_PROCTORING_MODEL", "yolov8n_rebuilt.pt")
    (refused,) = json.loads(analyse(tmp_path, str(picture), "--json", weights=weights).output)
    assert "is a pickle" in refused["unavailable"]["objects"] and refused["persons"] is None
