"""Word documents to Markdown: mammoth makes HTML, equations become LaTeX between dollar signs."""

import io
import re
import zipfile
import zlib

from ingestion.readers.equations import equations_as_text, restore_equations
from ingestion.readers.front_matter import first_heading
from ingestion.readers.html import to_markdown
from ingestion.readers.schemas import Image, Limits, ReadDocument, Unreadable
from ingestion.readers.sniffing import DOCX

MAIN_PART = "word/document.xml"
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/svg+xml": "svg"}
TITLE = re.compile(rb"<dc:title>([^<]{1,300})</dc:title>")


def read_docx(data: bytes, *, name: str, limits: Limits) -> ReadDocument:
    """A Word document's text, tables, lists and pictures.

    Raises Unreadable(corrupt, too_large, wrong_type, encrypted, no_text).
    """
    import mammoth  # type: ignore[import-untyped]  # only the reading process needs it

    archive = _checked(data, limits)
    title = TITLE.search(_member(archive, "docProps/core.xml"))
    pictures: list[Image] = []

    def keep(picture) -> dict[str, str]:  # type: ignore[no-untyped-def]  # mammoth ships no types
        suffix = PICTURES.get(picture.content_type)
        if suffix is None or len(pictures) >= limits.images:
            return {"src": ""}
        with picture.open() as stream:
            content = stream.read(limits.image_bytes + 1)
        if len(content) > limits.image_bytes:
            return {"src": ""}
        pictures.append(Image(f"picture-{len(pictures) + 1}.{suffix}", content, picture.content_type))
        return {"src": f"asset:{pictures[-1].name}"}

    prepared, equations = equations_as_text(archive, MAIN_PART)
    try:
        html = mammoth.convert_to_html(
            io.BytesIO(prepared),
            convert_image=mammoth.images.img_element(keep),
            style_map="p[style-name='Title'] => h1:fresh",
        ).value
    except (KeyError, ValueError, AttributeError, RecursionError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise _damaged() from error
    body = restore_equations(to_markdown(html)[0], equations)
    if not body.strip():
        reason = "The document holds no text that can be read (only shapes or pictures). Put the text into paragraphs."
        raise Unreadable("no_text", reason)
    found = title.group(1).decode("utf-8", "replace").strip() if title else ""
    return ReadDocument(found or first_heading(body) or name, body, None, None, DOCX, tuple(pictures))


def _checked(data: bytes, limits: Limits) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _damaged() from error
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.unpacked_bytes or len(members) > 20_000:
        reason = (
            f"Unpacked, the document would take {unpacked // 2**20} MB; at most {limits.unpacked_bytes // 2**20} MB "
            "are read. Shrink its pictures or split it."
        )
        raise Unreadable("too_large", reason)
    if MAIN_PART not in archive.namelist():
        raise Unreadable("wrong_type", "The file is a ZIP archive but no Word document. Save it as DOCX in Word.")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("encrypted", "The document is encrypted. Remove the password and save it again.")
    return archive


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, OSError):
        return b""


def _damaged() -> Unreadable:
    return Unreadable(
        "corrupt", "The Word document is damaged. Open it in Word, save it again as DOCX and import that."
    )
