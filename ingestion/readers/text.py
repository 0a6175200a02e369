"""Bytes to text, and text to Markdown that shows exactly that text."""

import codecs
import re

from ingestion.readers.schemas import Unreadable

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Below this many bytes a statistical guess is worth less than the commonest Western encoding.
MIN_GUESS = 200
GUESS_FROM = 200_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
INLINE_MARKUP = re.compile(r"[\\`*_\[\]<>~|${}]|&(?=#?\w+;)")
LINE_MARKUP = re.compile(r"^([ \t]*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|[=-]{2,}(?=\s*$)|:{3,}|\d{1,9}(?=[.)](?:\s|$)))", re.M)
LEADING_NUMBER = re.compile(r"^\d+$")


def decode(data: bytes) -> str:
    """The text of `data`: by its byte order mark, as UTF-8, as UTF-16 without a mark, or by a guess.

    Line ends become a newline and control characters go. Raises Unreadable(wrong_type) for binary data.
    """
    text = _decode(data)
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _decode(data: bytes) -> str:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    nuls = data[:4096].count(0)
    if nuls:
        return _decode_utf16(data, nuls)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if len(data) >= MIN_GUESS:
        from charset_normalizer import from_bytes  # slow to import, and UTF-8 files never need it

        best = from_bytes(data[:GUESS_FROM]).best()
        if best is not None:
            return data.decode(best.encoding, errors="replace")
    return data.decode("cp1252", errors="replace")


def _decode_utf16(data: bytes, nuls: int) -> str:
    sample = data[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if nuls >= len(sample) // 4 and (even == 0 or odd == 0) and len(data) % 2 == 0:
        return data.decode("utf-16-be" if even else "utf-16-le", errors="replace")
    raise Unreadable(
        "wrong_type",
        "The file holds binary data, not text. Import it under the name that fits its kind, or save it as UTF-8 text.",
    )


def escape(text: str) -> str:
    """`text` with a backslash before every character that Markdown would otherwise eat."""
    return escape_line_starts(escape_inline(text))


def escape_inline(text: str) -> str:
    """`text` safe inside a paragraph, link or table cell."""
    return INLINE_MARKUP.sub(r"\\\g<0>", text)


def escape_line_starts(text: str) -> str:
    """`text`, already escaped inline, safe at the beginning of each line."""
    return LINE_MARKUP.sub(_escape_start, text)


def _escape_start(found: re.Match[str]) -> str:
    indent, mark = found.groups()
    # The full stop is what makes "12." a list, and a digit cannot be escaped.
    return f"{indent}{mark}\\" if LEADING_NUMBER.match(mark) else f"{indent}\\{mark}"


def fence(code: str, language: str = "") -> str:
    """A fenced code block whose fence is longer than any run of backticks in `code`."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    ticks = "`" * max(3, longest + 1)
    body = code.rstrip("\n")
    return f"{ticks}{language}\n{body}\n{ticks}"


def plain_to_markdown(text: str) -> str:
    """Paragraphs of a plain text file: blank lines part them, indentation goes, nothing is taken for markup."""
    paragraphs = re.split(r"\n[ \t]*\n", text)
    kept = ["\n".join(line.strip() for line in part.strip("\n").split("\n")).strip() for part in paragraphs]
    return "\n\n".join(escape(part) for part in kept if part)
