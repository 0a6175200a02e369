"""The letter a document comes with, in the language it was issued in. Names are put in as text, never as a template."""

from collections.abc import Sequence

from lms_core.commerce.documents.models import Document, DocumentKind
from lms_core.kit.mail import Attachment, Letter

INVOICED = {
    "en": (
        "Your invoice {number} from {institution}",
        "Hello {name},\n\nthank you. Your order {order} is paid; the documents are attached:\n\n{list}\n\n"
        "They are kept for you here: {link}\n",
    ),
    "sw": (
        "Ankara yako {number} kutoka {institution}",
        "Habari {name},\n\nasante. Oda yako {order} imelipwa; nyaraka zimeambatishwa:\n\n{list}\n\n"
        "Zimetunzwa kwa ajili yako hapa: {link}\n",
    ),
}
CREDITED = {
    "en": (
        "Credit note {number} from {institution}",
        "Hello {name},\n\nmoney of your order {order} goes back to you. The credit note is attached:\n\n{list}\n\n"
        "It is kept for you here: {link}\n",
    ),
    "sw": (
        "Hati ya kupunguza deni {number} kutoka {institution}",
        "Habari {name},\n\nfedha za oda yako {order} zinarudishwa kwako. Hati imeambatishwa:\n\n{list}\n\n"
        "Imetunzwa kwa ajili yako hapa: {link}\n",
    ),
}


def letter(
    rows: Sequence[Document], *, to: str, name: str, institution: str, origin: str, papers: tuple[Attachment, ...]
) -> Letter:
    """The letter with the documents of one order, which are in one language."""
    first = rows[0]
    words = CREDITED if first.kind == DocumentKind.CREDIT_NOTE else INVOICED
    subject, body = words["sw" if first.language == "sw" else "en"]
    about = {
        "number": first.number,
        "institution": institution,
        "name": name,
        "order": first.order_number,
        "list": "\n".join(f"  {row.number}" for row in rows),
        "link": f"{origin}/invoices/{first.id}",
    }
    return Letter(to=to, subject=subject.format(**about), body=body.format(**about), attachments=papers)
