"""Files made or broken to do harm: a stable code and a sentence, in bounded time, and the next file still reads."""

import io
import stat
import struct
import time
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.readers import DEFAULT, ReaderProcess, Unreadable, read
from ingestion.sources import archives, open_source, tree
from tests.ingestion.documents import word_document
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


def test_deep_nesting_and_shapes_keep_their_text() -> None:
    assert read(shared("data/hostile/deep_nesting.html")).body == "deep\n"
    shapes = read(shared("data/hostile/docx-shapes.docx")).body
    for text in ("single within", "inline-image1", "inline-image2", "floating-shape", "shape attached"):
        assert shapes.count(text) == 1


def test_a_reader_out_of_memory_costs_one_file(tmp_path: Path) -> None:
    file = tmp_path / "swells.docx"
    file.write_bytes(word_document("word " * 800_000))
    assert file.stat().st_size < 30_000
    # The same bytes are read where there is room: it is the limit that refuses them, not their form.
    assert len(read(file).body) == 4_000_000
    with ReaderProcess(replace(DEFAULT, memory_bytes=80 * 2**20)) as process:
        with pytest.raises(Unreadable, match="memory") as caught:
            process.read(file, name=file.name)
        assert caught.value.code == "too_large"
        small = tmp_path / "small.html"
        small.write_text("<p>fine</p>")
        assert process.read(small, name="small.html").body == "fine\n"


def test_a_file_of_300_mb_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    for name in ("huge.pdf", "huge.md", "huge.json", "a.md"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(300 * 2**20 if name.startswith("huge") else 0)
    (tmp_path / "a.md").write_text("# A")
    tracemalloc.start()
    begun = time.monotonic()
    draft = open_source(tmp_path)
    taken, peak = time.monotonic() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(failure.path, failure.code) for failure in draft.failures] == [
        ("huge.md", "too_large"),
        ("huge.pdf", "too_large"),
    ]
    assert taken < 60 and peak < 30 * 2**20
    with pytest.raises(Unreadable, match="300 MB"):
        open_source(tmp_path / "huge.pdf")


def test_thousands_of_files_are_one_course_and_too_many_are_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3000):
        folder = tmp_path / f"{number // 100}-part"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.md").write_text(f"# Lesson {number}\n\nText {number}.")
    draft = open_source(tmp_path, language="en")
    assert sum(len(module.lessons) for module in draft.modules) == 3000 and len(draft.modules) == 30
    assert draft.modules[1].lessons[0].title == "Lesson 100"
    monkeypatch.setattr(tree, "MAX_FILES", 500)
    cut = open_source(tmp_path, language="en")
    assert sum(len(module.lessons) for module in cut.modules) <= 501
    assert [failure.code for failure in cut.failures] == ["too_large"]


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


def test_archive_names_in_other_encodings_and_cases(tmp_path: Path) -> None:
    file = archive(tmp_path, [("l_on.md", b"# One"), ("B.md", b"# Two"), ("b.md", b"# Other")])
    # A program that marks no encoding: the byte is no UTF-8, and means something else in every code page.
    file.write_bytes(file.read_bytes().replace(b"l_on.md", b"l\xe9on.md"))
    draft = open_source(file, workspace=tmp_path)
    assert sorted(lesson.title for module in draft.modules for lesson in module.lessons) == ["One", "Two"]
    assert [(failure.path, failure.code) for failure in draft.failures] == [("b.md", "duplicate")]


@pytest.mark.parametrize("limit", ["MAX_TOTAL", "MAX_MEMBERS"])
def test_an_archive_past_its_limits_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    file = archive(tmp_path, [(f"{number}.md", b"# Page\n" * 400) for number in range(5)])
    monkeypatch.setattr(archives, limit, {"MAX_TOTAL": 5000, "MAX_MEMBERS": 4}[limit])
    room = tmp_path / "room"
    room.mkdir()
    with pytest.raises(Unreadable) as caught:
        open_source(file, workspace=room)
    assert caught.value.code == "too_large" and not list(room.rglob("*.md"))


def test_a_size_that_the_archive_lies_about_is_not_believed(tmp_path: Path) -> None:
    file = archive(tmp_path, [("a.md", b"# A"), ("liar.md", b"0" * 300_000)])
    file.write_bytes(file.read_bytes().replace(struct.pack("<I", 300_000), struct.pack("<I", 30)))
    draft = open_source(file, workspace=tmp_path)
    assert [lesson.title for module in draft.modules for lesson in module.lessons] == ["A"]
    assert [(failure.path, failure.code) for failure in draft.failures] == [("liar.md", "corrupt")]


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
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "c.md").write_text("# Outside")
    (course / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    (course / "loop").symlink_to(course, target_is_directory=True)
    (course / "self.md").symlink_to(course / "self.md")
    draft = open_source(course)
    assert {(failure.path, failure.code) for failure in draft.failures} >= {
        ("b.md", "unsafe_path"),
        ("folder", "unsafe_path"),
    }
    assert [lesson.title for module in draft.modules for lesson in module.lessons] == ["A"]
