"""A file to a document: the checks every file passes, and the reader for its kind."""

from pathlib import Path, PurePosixPath

from ingestion.readers.front_matter import first_heading, split
from ingestion.readers.notebook import read_notebook
from ingestion.readers.schemas import Limits, ReadDocument, Unreadable
from ingestion.readers.sniffing import DOCX, HTML, IPYNB, MARKDOWN, PDF, media_type
from ingestion.readers.text import decode, plain_to_markdown

RISKY = frozenset({PDF, DOCX, HTML})  # parsed in a process of their own


def load(path: Path, *, name: str, limits: Limits) -> tuple[bytes, str]:
    """The bytes of the file and its media type. Raises Unreadable when it is too large or of a kind not read."""
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            reason = (
                f"The file has {size / 2**20:.0f} MB; at most {limits.file_bytes / 2**20:.0f} MB are read. "
                "Split it, or leave out large pictures."
            )
            raise Unreadable("too_large", reason)
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or "unknown error"
        raise Unreadable(
            "corrupt", f"The file cannot be opened ({why}). Check its permissions and try again."
        ) from error
    return data, media_type(data, name)


def parse(data: bytes, kind: str, *, name: str, limits: Limits) -> ReadDocument:
    """The document in `data`, of media type `kind`, by its reader, in this process."""
    stem = PurePosixPath(name).stem.replace("_", " ").strip() or name
    if kind == PDF:
        from ingestion.readers.pdf import read_pdf

        document = read_pdf(data, name=stem, limits=limits)
    elif kind == DOCX:
        from ingestion.readers.docx import read_docx

        document = read_docx(data, name=stem, limits=limits)
    elif kind == HTML:
        document = _html(data, stem)
    elif kind == IPYNB:
        document = read_notebook(data, name=stem, limits=limits)
    else:
        document = _text(data, kind, stem)
    if len(document.body) > limits.text_chars:
        reason = (
            f"The text has {len(document.body):,} characters; at most {limits.text_chars:,} are read. Split the file."
        )
        raise Unreadable("too_large", reason)
    return document


def _html(data: bytes, name: str) -> ReadDocument:
    from ingestion.readers.html import to_markdown

    body, title, language = to_markdown(decode(data))
    if not body.strip():
        reason = "The page holds no text of its own (only scripts or menus). Save the finished page and import that."
        raise Unreadable("no_text", reason)
    return ReadDocument(first_heading(body) or title or name, body, language, None, HTML)


def _text(data: bytes, kind: str, name: str) -> ReadDocument:
    text = decode(data)
    if kind != MARKDOWN:
        body, title, language = plain_to_markdown(text) + "\n", name, None
    else:
        values, body = split(text)
        stated = values.get("lang") or values.get("language")
        language = stated if isinstance(stated, str) else None
        title = str(values["title"]) if values.get("title") else first_heading(body) or name
    if not body.strip():
        raise Unreadable("empty", "The file holds no text. Check that it was saved whole, then import it again.")
    return ReadDocument(title, body, language, None, kind)
