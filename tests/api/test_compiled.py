"""Compiled templates are kept between starts, and never served when what made them changed."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from api.web import compiled


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own."""
    monkeypatch.setattr(compiled, "FOLDER", tmp_path / "kept")
    return tmp_path / "kept"


def rendered(phrases: Path, text: str) -> str:
    """A template's text, by a process that begins anew."""
    made = Environment(
        loader=DictLoader({"a.html": text}), bytecode_cache=compiled.kept("sw", phrases), autoescape=True
    )
    return made.get_template("a.html").render(name="Asha")


def test_a_second_start_compiles_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(tmp_path / "none.po", "Habari {{ name }}") == "Habari Asha"
    monkeypatch.setattr(Environment, "compile", None)
    assert rendered(tmp_path / "none.po", "Habari {{ name }}") == "Habari Asha"


def test_a_changed_template_is_compiled_again(folder: Path, tmp_path: Path) -> None:
    assert rendered(tmp_path / "none.po", "Habari {{ name }}") == "Habari Asha"
    assert rendered(tmp_path / "none.po", "Kwaheri {{ name }}") == "Kwaheri Asha"


def test_changed_phrases_begin_a_new_folder_and_the_old_one_goes(folder: Path, tmp_path: Path) -> None:
    phrases = tmp_path / "messages.po"
    phrases.write_text("one")
    rendered(phrases, "a")
    [first] = folder.iterdir()
    compiled.kept("en", phrases)
    phrases.write_text("two")
    rendered(phrases, "a")
    assert not first.exists()
    assert sorted(each.name.split("-")[1] for each in folder.iterdir()) == ["en", "sw"]


def test_where_nothing_can_be_written_templates_are_compiled_each_time(folder: Path, tmp_path: Path) -> None:
    folder.write_text("in the way")
    assert compiled.kept("sw", tmp_path / "none.po") is None
    assert rendered(tmp_path / "none.po", "Habari {{ name }}") == "Habari Asha"


def test_a_folder_that_vanished_is_no_error(folder: Path, tmp_path: Path) -> None:
    cache = compiled.kept("sw", tmp_path / "none.po")
    made = Environment(loader=DictLoader({"a.html": "a"}), bytecode_cache=cache, autoescape=True)
    for each in folder.iterdir():
        each.rmdir()
    assert made.get_template("a.html").render() == "a"
