"""Readers: what is on the page of a document comes out as Markdown that shows the same words."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.readers import DEFAULT, ReaderProcess, Unreadable, read
from ingestion.readers.html import to_markdown
from ingestion.readers.paragraphs import Line, page_blocks
from ingestion.readers.text import decode, escape
from lms_core.content.text import plain
from tests.shared_data import shared


@pytest.fixture(scope="module")
def process():
    with ReaderProcess(DEFAULT) as child:
        yield child


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_escaped_text_shows_exactly_what_was_written(text: str) -> None:
    assert "".join(plain(escape(text)).split()) == text


@given(st.text(max_size=300))
def test_any_html_is_read_without_an_error(html: str) -> None:
    assert isinstance(to_markdown("<p>" + html)[0], str)


def test_html_keeps_structure_and_drops_furniture() -> None:
    html = (
        "<html lang=sw><title>T</title><nav>menu</nav><script>x()</script>"
        "<h2>Head</h2><p>A <b>b</b> <code>c_d</code></p>"
        "<ul><li>one<ul><li>two</li></ul></li></ul><table><tr><th>a<th>b</tr><tr><td>1|2<td>3</tr></table>"
        '<pre><code class="language-python">def f():\n  pass</code></pre><img src="p.png" alt="A pump">'
    )
    body, title, language = to_markdown(html)
    assert (title, language) == ("T", "sw")
    assert "menu" not in body and "x()" not in body
    for piece in (
        "## Head",
        "A **b** `c_d`",
        "- one\n",
        "  - two",
        "| 1\\|2 | 3 |",
        "```python\ndef f():",
        "![A pump](p.png)",
    ):
        assert piece in body


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_any_unicode_encoding(encoding: str) -> None:
    assert decode("Maji ni uhai, sentensi ndefu.\r\nPili".encode(encoding)) == "Maji ni uhai, sentensi ndefu.\nPili"


def test_notebook_has_text_code_and_short_output(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Sums\n", "Text"]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"output_type": "stream", "text": ["1\n"] * 90}]},
    ]
    document = read(write(tmp_path, "n.ipynb", json.dumps({"cells": cells, "metadata": {}})))
    assert document.title == "Sums"
    assert "```python\nprint(1)\n```" in document.body
    assert document.body.count("1\n") < 40


def test_front_matter_gives_title_and_language(tmp_path: Path) -> None:
    document = read(write(tmp_path, "a.md", "---\ntitle: Maji\nlanguage: sw\n---\nMaji ni uhai.\n"))
    assert (document.title, document.language, document.body) == ("Maji", "sw", "Maji ni uhai.\n")


def test_two_column_pdf_joins_parted_words(process: ReaderProcess) -> None:
    document = read(shared("data/documents/pdf/multi-column-2p.pdf"), process=process)
    assert document.pages == 2
    assert document.body.startswith("<!-- page: 1 -->") and "<!-- page: 2 -->" in document.body
    text = plain(document.body)
    assert "efficient passage retrieval to select candidate contexts, where traditional" in text
    assert "dual-encoder framework" in text and "Lucene-BM25 system" in text


def test_a_paragraph_runs_on_over_a_parted_word() -> None:
    def line(text: str, top: float, last_top: float | None = None) -> Line:
        return Line(text, left=50, right=300, top=top, height=9, last_top=top if last_top is None else last_top)

    lines = [line("An efficient way to", 700, 688), line("boil water over a low fire.", 676), line("Next", 640)]
    assert page_blocks(lines, 9) == ["An efficient way to boil water over a low fire.", "Next"]


def test_pdf_titles(process: ReaderProcess) -> None:
    titles = {
        name: read(shared(f"data/documents/pdf/{name}.pdf"), process=process).title
        for name in ("lesson-8", "pdflatex-outline", "multi_page")
    }
    assert titles == {
        "lesson-8": "IOT FOR BEGINNERS",
        "pdflatex-outline": "pdflatex-outline",  # its first page is a list of contents
        "multi_page": "The Evolution of the Word Processor",
    }


def test_arabic_ligatures_in_a_pdf_are_read_in_their_order(process: ReaderProcess) -> None:
    body = read(shared("data/documents/pdf/right_to_left_01.pdf"), process=process).body
    assert "الإنتاجية" in body and "تحليلات" in body and "علاوة" in body
    assert "اإل" not in body and "تحليالت" not in body


def test_slides_in_a_pdf_have_list_items(process: ReaderProcess) -> None:
    assert (
        "- Relays are electromechanical switches"
        in read(shared("data/documents/pdf/lesson-8.pdf"), process=process).body
    )


def test_a_picture_that_opens_a_paragraph_stays_a_picture() -> None:
    assert to_markdown("<p><img src=a.png alt=Pump> and text</p>")[0] == "![Pump](a.png) and text\n"


def test_code_in_a_pdf_is_fenced(process: ReaderProcess) -> None:
    body = read(shared("data/documents/pdf/code_and_formula.pdf"), process=process).body
    assert "```\nfunction add" in body


def test_docx_has_equations_and_tables(process: ReaderProcess) -> None:
    equations = read(shared("data/documents/docx/equations.docx"), process=process).body
    assert r"\frac{" in equations or "^{" in equations
    assert "| --- |" in read(shared("data/documents/docx/docx-tables.docx"), process=process).body


def test_a_scan_says_that_it_needs_ocr(process: ReaderProcess) -> None:
    with pytest.raises(Unreadable, match="OCR") as caught:
        read(shared("data/documents/pdf/ocr_test.pdf"), process=process)
    assert caught.value.code == "no_text"
