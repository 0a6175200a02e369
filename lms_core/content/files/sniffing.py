"""What a file is, from its first bytes (after the WHATWG MIME Sniffing standard, section 6).

Names and declared types are not asked: an upload called `photo.png` that holds
HTML must not be shown as anything.
"""

import re

HEAD_BYTES = 4096

OCTETS = "application/octet-stream"
SVG = "image/svg+xml"
HTML = "text/html"
TEXT = "text/plain; charset=utf-8"

# Types a browser may show in place. HTML and XML are not among them: they run scripts.
INLINE_TYPES = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        SVG,
        "application/pdf",
        "audio/mpeg",
        "audio/wav",
        "audio/ogg",
        "video/mp4",
        "video/webm",
        TEXT,
    }
)

# An SVG opened by itself is a document: no script, no request, no access to our origin.
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\x00", "audio/ogg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
)
_RIFF_FORMS = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_MPEG_AUDIO_HEADERS = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
_SVG_START = re.compile(rb"\A(?:\s|<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE\s+svg[^>]*>)*<svg[\s>]", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|script|iframe|style|title|h1|div|font|table|a|br|p|\?xml)[\s>]", re.IGNORECASE
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def media_type(head: bytes) -> str:
    """The media type of a file that begins with `head` (its first `HEAD_BYTES` are enough)."""
    head = head[:HEAD_BYTES]
    for prefix, kind in _PREFIXES:
        if head.startswith(prefix):
            return kind
    if head.startswith(b"RIFF"):
        return _RIFF_FORMS.get(head[8:12], OCTETS)
    if head[4:8] == b"ftyp":
        return "image/avif" if head[8:12] in (b"avif", b"avis") else "video/mp4"
    if head.startswith(_MPEG_AUDIO_HEADERS):
        return "audio/mpeg"
    return _text_type(head.removeprefix(b"\xef\xbb\xbf"))


def _text_type(head: bytes) -> str:
    if _CONTROL.search(head):
        return OCTETS
    if _SVG_START.match(head):
        return SVG
    if _MARKUP.search(head):
        return HTML
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # a character cut by the end of the head is no fault of the file
            return OCTETS
    return TEXT


def may_show(kind: str) -> bool:
    """Whether a browser may show a file of this type in place."""
    return kind in INLINE_TYPES


def policy_for(kind: str) -> str | None:
    """The Content-Security-Policy to serve this type with, where the site's own is not enough."""
    return SVG_POLICY if kind == SVG else None
