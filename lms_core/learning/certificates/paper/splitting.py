"""A rendered batch as one document a page: fonts are cut and embedded once for all of them."""

from collections.abc import Sequence
from io import BytesIO

INHERITED = ("/MediaBox", "/Resources")  # ISO 32000-1, 7.7.3.4: a page may have them from its parent


def one_each(pdf: bytes, descriptions: Sequence[dict[str, str]], *, language: str) -> list[bytes]:
    """Each page as a document of its own, with its description (`/Title`, `/Keywords`, ...) and language."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import PdfFileWriter

    tree = PdfFileReader(BytesIO(pdf)).root["/Pages"]
    documents = []
    for page, description in zip(tree["/Kids"], descriptions, strict=True):
        own = page.get_object()
        del own["/Parent"]
        for name in INHERITED:
            if name not in own and name in tree:
                own[generic.pdf_name(name)] = tree.raw_get(name)
        writer = PdfFileWriter(stream_xrefs=False)  # type: ignore[no-untyped-call]
        writer.insert_page(writer.import_object(own))  # type: ignore[no-untyped-call]
        writer.root[generic.pdf_name("/Lang")] = generic.pdf_string(language)
        texts = {generic.pdf_name(name): generic.pdf_string(text) for name, text in description.items()}
        writer.set_info(generic.DictionaryObject(texts))  # type: ignore[no-untyped-call]
        written = BytesIO()
        writer.write(written)  # type: ignore[no-untyped-call]
        documents.append(written.getvalue())
    return documents
