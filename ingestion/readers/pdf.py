"""PDF to Markdown: lines with their geometry, then headings, lists, code and paragraphs.

pdfium gives characters in reading order of the content stream, which for papers
set in columns is column after column, and right-to-left text in logical order.
"""

import ctypes
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from ingestion.readers.paragraphs import Line, body_height, page_blocks, title_of
from ingestion.readers.schemas import Limits, ReadDocument, Unreadable
from ingestion.readers.sniffing import PDF

MONOSPACED = re.compile(rb"mono|courier|consol|menlo|inconsolata|typewriter|cmtt|codepro|code-pro", re.I)
FORCE_BOLD = re.compile(rb"bold|black|heavy|demi|CMBX|Medi$", re.I)
# pdfium puts this where a word was parted at the end of a line, and goes on with the next line.
PARTED = "\x02"
EDGE_LINES = 2  # running headers and footers are looked for among this many lines at either edge
MIN_PAGES_TO_REPEAT = 3
TITLE_CHARS = 200
MADE_UP_TITLE = re.compile(r"untitled|\.(docx?|tex|dvi|pptx?|indd)$|^microsoft ", re.I)  # by the program that wrote it
LAM = "\u0644"
ALEFS = frozenset("\u0622\u0623\u0625\u0627")
NOTHING_THERE = re.compile(r"[\s\x00-\x1f\ufffd]*")


@dataclass(frozen=True, slots=True)
class _Page:
    lines: tuple[Line, ...]
    text: str


def read_pdf(data: bytes, *, name: str, limits: Limits) -> ReadDocument:
    """The text of a PDF with page markers. Raises Unreadable(encrypted, corrupt, too_large, no_text)."""
    import pypdfium2  # type: ignore[import-untyped]  # a native library that only the reading process should load

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
    shown = ""
    for number, lines in enumerate(kept, start=1):
        joined = [_join_parted(line, hyphenated) for line in lines]
        parts.append("\n\n".join([f"<!-- page: {number} -->", *page_blocks(joined, body_size)]))
        if number == 1:
            shown = title_of(joined, body_size)[:TITLE_CHARS]
    stated = "" if MADE_UP_TITLE.search(title) else title
    return ReadDocument(stated or shown or name, "\n\n".join(parts) + "\n", None, len(pages), PDF)


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
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    handle = text_page.raw
    characters = [_character(pdfium.FPDFText_GetUnicode(handle, i)) for i in range(text_page.count_chars())]
    _mend_lam_alef(handle, characters)
    lines: list[Line] = []
    start = 0
    for end in [*(i for i, c in enumerate(characters) if c == "\n"), len(characters)]:
        seen = [i for i in range(start, end) if not characters[i].isspace()]
        if seen:
            text = "".join(characters[start:end]).strip()
            lines.append(_measured(handle, text, seen[0], seen[-1]))
        start = end + 1
    return _Page(tuple(lines), "".join(characters))


def _mend_lam_alef(handle, characters: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Put lam before alef where both come from one glyph.

    pdfium takes a ligature apart in the order of the page, which for right-to-left text is the wrong one; two letters
    drawn separately never share an origin.
    """
    for at in range(len(characters) - 1):
        if characters[at] in ALEFS and characters[at + 1] == LAM and _origin(handle, at) == _origin(handle, at + 1):
            characters[at], characters[at + 1] = LAM, characters[at]


def _origin(handle, index: int) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(handle, index, x, y)
    return x.value, y.value


def _character(code: int) -> str:
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF or code in (0xFFFE, 0xFFFF, 0):
        return ""
    if 0xFB00 <= code <= 0xFB06 or 0xFB50 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC:
        # Ligatures and positional forms of letters: nobody types them when searching.
        return unicodedata.normalize("NFKC", chr(code))
    return "\r" if code == 13 else chr(code)


def _measured(handle, text: str, first: int, last: int) -> Line:  # type: ignore[no-untyped-def]
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    edges: list[tuple[float, float, float, float]] = []
    for index in (first, last):
        pdfium.FPDFText_GetLooseCharBox(handle, index, ctypes.byref(box))
        edges.append((box.left, box.bottom, box.right, box.top))
    height = abs(edges[0][3] - edges[0][1])
    font, flags = _font(handle, first)
    last_font, last_flags = _font(handle, last)
    return Line(
        text=text,
        left=min(edge[0] for edge in edges),
        right=max(edge[2] for edge in edges),
        top=edges[0][3],
        height=height,
        # A raised mark at the end (a footnote's) is smaller, but stands on the same line.
        last_top=edges[1][3] if edges[0][3] - edges[1][3] > height / 2 else edges[0][3],
        bold=bool(FORCE_BOLD.search(font)),
        monospaced=_is_monospaced(font, flags) and _is_monospaced(last_font, last_flags),
    )


def _font(handle, index: int) -> tuple[bytes, int]:  # type: ignore[no-untyped-def]
    import pypdfium2.raw as pdfium

    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, index, name, 128, ctypes.byref(flags))
    return name.value, flags.value


def _is_monospaced(font: bytes, flags: int) -> bool:
    return bool(MONOSPACED.search(font)) or bool(flags & 1)


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
        # A capital or digit after it, or the same word with its hyphen elsewhere, shows that the hyphen belongs to it.
        with_hyphen = f"{found.group(1)}-{found.group(2)}"
        belongs = not found.group(2)[0].islower() or with_hyphen.lower() in hyphenated
        return with_hyphen if belongs else found.group(1) + found.group(2)

    return line.with_text(re.sub(rf"(\w+){PARTED}(\w+)", rejoin, line.text).replace(PARTED, "-"))
