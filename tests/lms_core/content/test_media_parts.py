"""The pure parts of media: captions, names, the ladder, byte ranges; properties and hostile input."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ranges import Span, span_of
from lms_core.content import text
from lms_core.content.media import captions, names
from lms_core.content.media.captions import Cue
from lms_core.content.media.errors import CaptionRefused
from lms_core.content.media.film.ladder import LADDER, WIDEST, Film, fallback, master_playlist, rungs
from tests import shared_data

SRT = (
    "1\r\n00:00:01,500 --> 00:00:04,000\r\n<i>Maji</i> <b>huchemka</b>\r\nkwa 100 °C\r\n\r\n"
    "2\r\n00:00:04,100 --> 00:00:06,000\r\nA & B < C\r\n"
)


def test_subrip_becomes_webvtt() -> None:
    assert captions.clean(SRT.encode()) == (
        "WEBVTT\n\n00:00:01.500 --> 00:00:04.000\nMaji huchemka\nkwa 100 °C\n\n"
        "00:00:04.100 --> 00:00:06.000\nA &amp; B &lt; C\n"
    )


def test_styles_regions_settings_voices_and_scripts_are_gone() -> None:
    hostile = (
        "WEBVTT - a title\n\nSTYLE\n::cue { background: url(http://x/) }\n\nREGION\nid:a\n\nNOTE secret\n"
        "00:00.000 --> 9\n\n"
        "cue-1\n00:00:01.000 --> 00:00:02.000 position:10% region:a\n<v Asha>Hello</v> <c.loud>there</c>\n"
        "<script>alert(1)</script><img src=x>\n"
    )
    made = captions.clean(hostile.encode())
    cue = "00:00:01.000 --> 00:00:02.000\nHello there\n&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x&gt;\n"
    assert made == f"WEBVTT\n\n{cue}"


@pytest.mark.parametrize("content", [b"", b"WEBVTT\n", b"plain words", bytes(range(256)), b"\xff\xfe\x00"])
def test_what_is_no_caption_file_is_refused(content: bytes) -> None:
    with pytest.raises(CaptionRefused):
        captions.clean(content)


def test_too_large_captions_are_refused() -> None:
    with pytest.raises(CaptionRefused, match="1 MB"):
        captions.clean(b"x" * 1_000_001)


def test_old_encodings_are_read() -> None:
    assert "é" in captions.clean("1\n00:00:01,0 --> 00:00:02,0\né\n".encode("cp1252"))
    assert "é" in captions.clean("1\n00:00:01,0 --> 00:00:02,0\né\n".encode("utf-16"))


SECONDS = st.integers(0, 3_600_000).map(lambda thousandths: thousandths / 1000)
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=40)


@given(st.lists(st.tuples(SECONDS, SECONDS, WORDS), max_size=20))
def test_what_was_written_reads_the_same(rows: list[tuple[float, float, str]]) -> None:
    made = [Cue(start, end, words) for start, end, words in rows if end > start and "-->" not in words]
    again = captions.cues(captions.written(sorted(made, key=lambda cue: (cue.start, cue.end))))
    assert captions.cues(captions.written(again)) == again
    for cue in again:
        assert cue.end > cue.start


@given(st.binary(max_size=3000))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        made = captions.clean(content)
    except CaptionRefused:
        return
    assert made.startswith("WEBVTT\n\n")
    assert "<" not in made


def test_real_captions_are_carried_over() -> None:
    files = sorted(shared_data.shared("data/documents/transcripts").glob("*.srt"))
    assert files
    for file in files:
        content = file.read_bytes()
        times = len(re.findall(rb"-->", content))
        assert captions.clean(content).count("-->") >= times * 0.9


@given(st.text(max_size=60), st.sampled_from(sorted(names.ENDINGS)), st.booleans())
def test_names_are_plain_and_free(given_name: str, media_type: str, film: bool) -> None:
    first = names.item_name(given_name, media_type, film=film, taken=())
    second = names.item_name(given_name, media_type, film=film, taken={first})
    assert first != second
    for name in (first, second):
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9]+)?", name)
        assert film == ("." not in name)


@given(st.integers(2, 8000), st.integers(2, 8000))
def test_no_rendition_is_larger_than_the_film(width: int, height: int) -> None:
    film = Film(width, height, 60, sound=True)
    made = rungs(film)
    assert [rung.bits for rung in made] == sorted(rung.bits for rung in made)
    assert len(made) == max(1, sum(side <= min(width, height) for side, _ in LADDER))
    for rung in made:
        assert rung.width <= max(2, width + 1)
        assert rung.height <= max(2, height + 1)
        assert rung.width % 2 == rung.height % 2 == 0
        assert max(rung.width, rung.height) <= WIDEST + 1
    assert fallback(made) in made
    assert master_playlist(made, sound=False).count("#EXT-X-STREAM-INF") == len(made)


def test_a_lecture_at_720p_gets_three_renditions_upright_or_not() -> None:
    wide = rungs(Film(1280, 720, 60, sound=True))
    assert [(rung.name, rung.width, rung.height) for rung in wide] == [
        ("240p", 426, 240),
        ("360p", 640, 360),
        ("720p", 1280, 720),
    ]
    assert fallback(wide).name == "360p"
    tall = rungs(Film(1080, 1920, 60, sound=True))
    assert [(rung.width, rung.height) for rung in tall] == [(240, 426), (360, 640), (720, 1280)]
    assert [rung.name for rung in rungs(Film(176, 144, 5, sound=False))] == ["144p"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=5-", Span(5, 10)),
        ("bytes=-3", Span(7, 10)),
        ("bytes=-30", Span(0, 10)),
        ("bytes=2-999", Span(2, 10)),
        ("", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=5-2", None),
    ],
)
def test_ranges(header: str, expected: Span | None) -> None:
    assert span_of(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_ranges_outside(header: str) -> None:
    with pytest.raises(ValueError, match="bytes"):
        span_of(header, 10)


def test_a_film_in_a_lesson_is_a_link_to_its_page_with_its_title() -> None:
    def resolve(url: str) -> str | None:
        return f"/courses/c/videos/{url.partition(':')[2]}" if url.startswith("video:") else None

    html = text.render("![Boiling <water>](video:boiling-water)", resolve=resolve).html
    link = '<a class="lesson-video" href="/courses/c/videos/boiling-water">Boiling &lt;water&gt;</a>'
    assert link in html
    assert "Boiling" in text.plain("![Boiling](video:boiling-water)")
    assert "<video" not in text.render("<video src=x></video>![a](video:x)", resolve=None).html


def test_folders_hold_tenant_and_course() -> None:
    tenant, course, item = (UUID(int=number) for number in (1, 2, 3))
    assert names.item_folder(tenant, course, item) == f"{tenant}/media/{course}/{item}"
    assert all(folder.startswith(str(tenant)) for folder in names.course_folders(tenant, course))
