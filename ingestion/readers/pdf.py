"""PDF to Markdown: lines with their geometry, then headings, lists, code and paragraphs.

pdfium gives characters in reading order of the content stream, which for papers
set in columns is column after column, and right-to-left text in logical order.
"""

import ctypes
import re
from collections import Counter
from dataclasses import dataclass

from ingestion.readers.paragraphs import Line, body_height, page_blocks
from ingestion.readers.schemas import Limits, ReadDocument, Unreadable
from ingestion.readers.sniffing import PDF

MONOSPACED = re.compile(rb"mono|courier|consol|menlo|inconsolata|typewriter|cmtt|codepro|code-pro", re.I)
FORCE_BOLD = re.compile(rb"bold|black|heavy|demi|CMBX|Medi$", re.I)
# pdfium puts this where a word was parted at the end of a line, and goes on with the next line.
PARTED = "\x02"
EDGE_LINES = 2  # running headers and footers are looked for among this many lines at either edge
MIN_PAGES_TO_REPEAT = 3
NOTHING_THERE = re.compile(r"[\s\x00-\x1f\ufffd]*")


@dataclass(frozen=True, slots=True)
class _Page:
    lines: tuple[Line, ...]
    text: str


def read_pdf(data: bytes, *, name: str, limits: Limits) -> ReadDocument:
    """The text of a PDF with page markers. Raises Unreadable(encrypted, corrupt, too_large, no_text)."""
    import pypdfium2  # a native library that only the reading process should load

    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        raise _unopened(str(error)) from error
    if count > limits.pages:
        reason = f"The PDF has {count} pages; at most {limits.pages} are read. Split it into parts and import those."
        raise Unreadable("too_large", reason)
    if count == 0:
        raise Unreadable("corrupt", "The PDF has no pages: it is damaged. Export it again from its source.")
    pages = [_page(document, index) for index in range(count)]
    if all(NOTHING_THERE.fullmatch(page.text) for page in pages):
        reason = (
            "The PDF holds pictures of pages (a scan) without any text. Run text recognition (OCR) and import that."
        )
        raise Unreadable("no_text", reason)
    title = str(document.get_metadata_dict().get("Title") or "").strip()
    return _document(pages, title, name)


def _unopened(message: str) -> Unreadable:
    if "password" in message.lower() or "security" in message.lower():
        return Unreadable(
            "encrypted", "The PDF is protected by a password. Save a copy without a password and import it."
        )
    return Unreadable("corrupt", "The PDF is damaged or cut short. Download or export it again, then import it.")


def _document(pages: list[_Page], title: str, name: str) -> ReadDocument:
    running = _running_lines(pages)
    kept = [tuple(line for line in page.lines if _signature(line) not in running) for page in pages]
    body_size = body_height([line for lines in kept for line in lines])
    hyphenated = _hyphenated_words(pages)
    parts: list[str] = []
    largest: tuple[float, str] = (0.0, "")
    for number, lines in enumerate(kept, start=1):
        joined = [_join_parted(line, hyphenated) for line in lines]
        parts.append("\n\n".join([f"<!-- page: {number} -->", *page_blocks(joined, body_size)]))
        for line in joined if number == 1 else ():
            if line.height > max(largest[0], body_size * 1.15) and len(line.text) > 3:
                largest = (line.height, line.text)
    usable = (
        title if title and not re.search(r"untitled|\.(docx?|tex|dvi|pptx?|indd)$|^microsoft ", title, re.I) else ""
    )
    return ReadDocument(usable or largest[1][:200] or name, "\n\n".join(parts) + "\n", None, len(pages), PDF)


def _page(document, index: int) -> _Page:  # type: ignore[no-untyped-def]  # pypdfium2 ships no types
    import pypdfium2

    try:
        page = document[index]
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError:
        return _Page((), "")  # one damaged page must not cost the others
    try:
        return _lines(text_page)
    finally:
        text_page.close()
        page.close()


def _lines(text_page) -> _Page:  # type: ignore[no-untyped-def]
    import pypdfium2.raw as pdfium

    handle = text_page.raw
    characters = [_character(pdfium.FPDFText_GetUnicode(handle, i)) for i in range(text_page.count_chars())]
    lines: list[Line] = []
    start = 0
    for end in [*(i for i, c in enumerate(characters) if c == "\n"), len(characters)]:
        seen = [i for i in range(start, end) if not characters[i].isspace()]
        if seen:
            text = "".join(characters[start:end]).strip()
            lines.append(_measured(handle, text, seen[0], seen[-1], "".join(characters[start:end])))
        start = end + 1
    return _Page(tuple(lines), "".join(characters))


def _character(code: int) -> str:
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF or code in (0xFFFE, 0xFFFF, 0):
        return ""
    return "\r" if code == 13 else chr(code)


def _measured(handle, text: str, first: int, last: int, raw: str) -> Line:  # type: ignore[no-untyped-def]
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    edges: list[tuple[float, float, float, float]] = []
    for index in (first, last):
        pdfium.FPDFText_GetLooseCharBox(handle, index, ctypes.byref(box))
        edges.append((box.left, box.bottom, box.right, box.top))
    font = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, first, font, 128, ctypes.byref(flags))
    return Line(
        text=text,
        left=min(edge[0] for edge in edges),
        right=max(edge[2] for edge in edges),
        top=edges[0][3],
        height=abs(edges[0][3] - edges[0][1]),
        bold=bool(FORCE_BOLD.search(font.value)),
        monospaced=bool(MONOSPACED.search(font.value)) or bool(flags.value & 1),
        indent=len(raw) - len(raw.lstrip(" ")),
    )


def _signature(line: Line) -> tuple[str, int]:
    """What makes a running line the same on every page: its words with any number, and its height on the page."""
    return re.sub(r"\d+|\b[ivxlc]+\b", "#", line.text.lower()), round(line.top / 6)


def _running_lines(pages: list[_Page]) -> set[tuple[str, int]]:
    if len(pages) < MIN_PAGES_TO_REPEAT:
        return set()
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        by_height = sorted(page.lines, key=lambda line: -line.top)
        counts.update({_signature(line) for line in (*by_height[:EDGE_LINES], *by_height[-EDGE_LINES:])})
    # Left and right pages often carry different headers, each on half of the pages.
    needed = max(MIN_PAGES_TO_REPEAT, round(len(pages) * 0.4))
    return {signature for signature, count in counts.items() if count >= needed}


def _hyphenated_words(pages: list[_Page]) -> frozenset[str]:
    return frozenset(word.lower() for page in pages for word in re.findall(r"\w+-\w+", page.text))


def _join_parted(line: Line, hyphenated: frozenset[str]) -> Line:
    if PARTED not in line.text:
        return line

    def rejoin(found: re.Match[str]) -> str:
        # The same word with its hyphen elsewhere in the document shows that the hyphen belongs to it.
        with_hyphen = f"{found.group(1)}-{found.group(2)}"
        return with_hyphen if with_hyphen.lower() in hyphenated else found.group(1) + found.group(2)

    return line.with_text(re.sub(rf"(\w+){PARTED}(\w+)", rejoin, line.text).replace(PARTED, "-"))
