"""Files made or broken to do harm: a stable code and a sentence, in bounded time, and the next file still reads."""

import io
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.readers import DEFAULT, ReaderProcess, Unreadable, read
from ingestion.sources import open_source
from tests.shared_data import shared

HOSTILE = [
    ("password.pdf", "encrypted"),
    ("r6-user-password.pdf", "encrypted"),
    ("broken.pdf", "corrupt"),
    ("truncated.pdf", "corrupt"),
    ("png_named.pdf", "wrong_type"),
    ("html_named.docx", "wrong_type"),
    ("zero.docx", "empty"),
    ("empty.txt", "empty"),
    ("bomb_200MB.docx", "too_large"),
    ("fake-power-point-malformed.pptx", "unsupported"),
]


@pytest.mark.parametrize(("name", "code"), HOSTILE)
def test_hostile_file_has_its_code(name: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(shared(f"data/hostile/{name}"))
    assert caught.value.code == code
    assert caught.value.reason.endswith(".")


def test_owner_password_alone_does_not_close_a_pdf() -> None:
    assert read(shared("data/hostile/r4-owner-password.pdf")).pages == 1


def test_deep_html_is_read_and_slow_files_are_stopped(tmp_path: Path) -> None:
    file = tmp_path / "deep.html"
    file.write_text("<div>" * 20_000 + "bottom" + "</div>" * 20_000)
    assert "bottom" in read(file).body
    with ReaderProcess(replace(DEFAULT, seconds=0.001)) as process, pytest.raises(Unreadable) as caught:
        process.read(file, name=file.name)
    assert caught.value.code == "too_slow"


def test_a_reader_out_of_memory_costs_one_file(tmp_path: Path) -> None:
    file = tmp_path / "big.html"
    file.write_text("<p>" + "word " * 8_000_000)
    with ReaderProcess(replace(DEFAULT, memory_bytes=150 * 2**20, seconds=5)) as process:
        with pytest.raises(Unreadable):
            process.read(file, name=file.name)
        small = tmp_path / "small.html"
        small.write_text("<p>fine</p>")
        assert process.read(small, name="small.html").body == "fine\n"


def test_size_limit(tmp_path: Path) -> None:
    file = tmp_path / "big.md"
    file.write_text("x" * 2000)
    with pytest.raises(Unreadable) as caught:
        read(file, limits=replace(DEFAULT, file_bytes=1000))
    assert caught.value.code == "too_large"


def archive(folder: Path, members: list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members:
            written.writestr(name, content)
    file = folder / "course.zip"
    file.write_bytes(buffer.getvalue())
    return file


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_bad_members_are_failures_and_the_rest_is_imported(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    members: list[tuple[str | zipfile.ZipInfo, bytes]] = [
        ("a.md", b"# A\n\ntext"), ("../evil.md", b"x"), ("/abs.md", b"x"), (link, b"/etc/passwd"),
        ("a.md", b"twice"), ("bomb.md", b"0" * 20_000_000),
    ]  # fmt: skip
    draft = open_source(archive(tmp_path, members), workspace=tmp_path)
    assert [lesson.title for module in draft.modules for lesson in module.lessons] == ["A"]
    assert sorted(failure.code for failure in draft.failures) == ["duplicate", "too_large"] + ["unsafe_path"] * 3
    assert not (tmp_path.parent / "evil.md").exists()


def test_encrypted_archive() -> None:
    with pytest.raises(Unreadable) as caught:
        open_source(shared("data/hostile/passwordis1.zip"))
    assert caught.value.code == "encrypted"


def test_link_out_of_a_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# Secret")
    course = tmp_path / "course"
    course.mkdir()
    (course / "a.md").write_text("# A")
    (course / "b.md").symlink_to(tmp_path / "secret.md")
    draft = open_source(course)
    assert [failure.path for failure in draft.failures] == ["b.md"]
    assert len(draft.modules[0].lessons) == 1
