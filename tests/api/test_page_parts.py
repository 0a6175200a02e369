"""Parts of pages by themselves: cited answers as HTML, and the catalogue of translations."""

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api.web.marks import cited_html, passage_url
from api.web.rendering import FOLDER, direction, language_name, local_path

LESSON = UUID("01900000-0000-7000-8000-000000000001")
NAME = re.compile(r"%\((\w+)\)s")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


@dataclass(frozen=True)
class Cited:
    """A citation of the one lesson."""

    number: int
    quote: str = "Water boils at 100 degrees."
    lesson_id: UUID = LESSON
    anchor: str | None = "opening"


def test_a_marker_opens_its_passage() -> None:
    html = cited_html("It boils at 100. [1]", [Cited(1)], "Source %s")
    assert f'href="/lessons/{LESSON}?quote=Water%20boils%20at%20100%20degrees.#opening"' in html
    assert 'aria-label="Source 1">1</a>' in html


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("No such source. [7]", "[7]"),
        (r"An index \[1\] of the lesson.", "[1]"),
        ("```python\nnames[1]\n```", "[1]"),
        ("Use `names[1]` here.", "<code>names[1]</code>"),
    ],
)
def test_what_is_no_citation_stays_text(answer: str, shown: str) -> None:
    html = cited_html(answer, [Cited(1)], "Source %s")
    assert 'class="cite"' not in html
    assert shown in re.sub(r"</?span[^>]*>", "", html)


def test_quoted_tags_are_text() -> None:
    html = cited_html("Write <b>bold</b> and <script>alert(1)</script>. [1]", [Cited(1)], "Source %s")
    assert "<b>" not in html and "<script>" not in html
    assert "&lt;b&gt;bold" in html
    assert "a &lt; b" in cited_html("```\na < b\n```", [], "")


def test_a_quote_cannot_leave_its_attribute() -> None:
    tricky = Cited(1, quote='"><script>alert(1)</script>', anchor='x" onclick="y')
    assert '"' not in passage_url(tricky)
    assert "<script>" not in cited_html("So it is. [1]", [tricky], '"><i>%s')


@pytest.mark.parametrize(
    ("tag", "name", "way"), [("sw", "Kiswahili", "ltr"), ("ar", "العربية", "rtl"), ("zz", "zz", "ltr")]
)
def test_languages_have_their_own_names(tag: str, name: str, way: str) -> None:
    assert (language_name(tag), direction(tag)) == (name, way)


def test_only_paths_of_this_site_are_followed() -> None:
    assert local_path("/courses/bees?q=1") == "/courses/bees?q=1"
    assert [local_path(each) for each in ("//a.b", "/\\a.b", "http://a.b", "", "/a\nb")] == ["/"] * 5


@pytest.fixture(scope="module")
def swahili() -> Catalog:
    with (FOLDER / "locales/sw/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="sw")


def _texts(folder: Path) -> set[str]:
    found = set()
    for _file, _line, message, _comments, _context in extract_from_dir(folder, METHODS):
        found.add(message[0] if isinstance(message, tuple) else message)
    return found


def test_every_text_of_the_pages_is_translated(swahili: Catalog) -> None:
    texts = _texts(FOLDER)
    assert len(texts) > 300
    untranslated = [text for text in texts if (entry := swahili.get(text)) is None or not entry.string]
    assert not untranslated


def test_translations_keep_the_names_in_their_texts(swahili: Catalog) -> None:
    for entry in swahili:
        if not entry.id:
            continue
        texts = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        said = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        assert {*NAME.findall(texts[-1])} == {*NAME.findall(said[-1])}, entry.id
