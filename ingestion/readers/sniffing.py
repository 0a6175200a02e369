"""What a file is: told by its content and its name, which must agree."""

import re
from pathlib import PurePosixPath

from ingestion.readers.schemas import Unreadable, UnreadableCode

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
IPYNB = "application/x-ipynb+json"
MARKDOWN = "text/markdown"
HTML = "text/html"
PDF = "application/pdf"
PLAIN = "text/plain"

BY_SUFFIX = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".mdx": MARKDOWN,
    ".rmd": MARKDOWN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".pdf": PDF,
    ".docx": DOCX,
    ".ipynb": IPYNB,
    ".txt": PLAIN,
    ".text": PLAIN,
}
KIND = {MARKDOWN: "Markdown", HTML: "HTML", PDF: "PDF", DOCX: "Word (DOCX)", IPYNB: "Jupyter notebook", PLAIN: "text"}
MAGIC = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a media file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
HTML_START = re.compile(rb"(?:<!--.{0,2000}?-->|<\?xml[^>]*>|\s)*<(?:!doctype html|html|head|body)\b", re.I | re.S)
SUPPORTED = "Markdown, HTML, PDF, DOCX, IPYNB and plain text"


def media_type(data: bytes, name: str) -> str:
    """The media type of the file `name` with these bytes.

    Raises Unreadable: `empty`, `unsupported` (no reader for this name), `encrypted` (a protected Office file)
    or `wrong_type` (the content is of another kind than the name says).
    """
    suffix = PurePosixPath(name).suffix.lower()
    expected = BY_SUFFIX.get(suffix)
    if expected is None:
        kind = f"{suffix} files" if suffix else "files without an extension"
        raise Unreadable("unsupported", f"There is no reader for {kind}. Save it as one of these: {SUPPORTED}.")
    if not data.strip():
        raise Unreadable("empty", "The file is empty. Check that it was saved and copied whole, then import it again.")
    found = actual_kind(data)
    if expected in (PDF, DOCX) and found is None:
        reason = f"The file is no whole {KIND[expected]} document: it is damaged. Download or export it again."
        raise Unreadable("corrupt", reason)
    if expected == DOCX and data.startswith(OLE):
        raise _ole(data)
    if (expected == PDF and found != "a PDF document") or (expected == DOCX and found != "a ZIP archive"):
        raise Unreadable(*_mismatch(expected, found or "something else"))
    if expected in (MARKDOWN, PLAIN, HTML, IPYNB) and found not in (None, "an HTML page"):
        raise Unreadable(*_mismatch(expected, found or "something else"))
    return expected


def actual_kind(data: bytes) -> str | None:
    """What the first bytes say the file is, in words; None for text of any kind."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    # Readers of PDF accept the header anywhere in the first kilobyte (ISO 32000-1, annex H).
    if b"%PDF-" in data[:1024] and not HTML_START.match(data[:4096]):
        return "a PDF document"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "a ZIP archive"
    if data.startswith(OLE):
        return "an old Office document"
    return "an HTML page" if HTML_START.match(data[:4096]) else None


def _mismatch(expected: str, found: str) -> tuple[UnreadableCode, str]:
    return (
        "wrong_type",
        f"The name says {KIND[expected]}, but the content is {found}. Rename it to fit its content, "
        f"or export it again as {KIND[expected]}.",
    )


def _ole(data: bytes) -> Unreadable:
    if OLE_ENCRYPTED in data:
        return Unreadable("encrypted", "The document is protected by a password. Remove the password in Word and save.")
    return Unreadable("wrong_type", "This is an old Word document (.doc) under a .docx name. Save it as DOCX in Word.")
