"""A rendered page as PNG, so that an editor sees exactly what will be issued."""

import threading
from io import BytesIO

_pdfium = threading.Lock()  # PDFium is not safe from several threads


def first_page(pdf: bytes, *, width: int) -> bytes:
    """The first page of a document of our own, `width` pixels wide, as PNG."""
    import pypdfium2  # type: ignore[import-untyped]  # loads a shared library: only previews need it

    with _pdfium:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[0]
            image = page.render(scale=width / page.get_width()).to_pil()
        finally:
            document.close()
    written = BytesIO()
    image.convert("RGB").save(written, "PNG", compress_level=4)
    return written.getvalue()
