"""A document as a PDF: seller and buyer, the lines with their tax, sums by rate, how it was paid, the control unit."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lms_core.commerce.documents.models import ControlState, DocumentKind
from lms_core.commerce.documents.paper.wording import WORDS
from lms_core.commerce.documents.schemas import Content, ControlUnit, Party
from lms_core.kit.faces import face_files
from lms_core.kit.money import Currency, Money, to_major

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN = 16.0
WIDTH = 210.0 - 2 * MARGIN
WIDTHS = (54.0, 11.0, 25.0, 22.0, 24.0, 16.0, 26.0)  # millimetres: item, quantity, unit, discount, net, rate, total
LINE = 5.0
QR_SIZE = 28.0
QUIET = 2  # modules of white around a QR code
INK, SOFT, BRAND, RULE = (28, 33, 38), (95, 102, 110), (12, 99, 80), (205, 198, 184)
Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document to print. Amounts are minor units of `currency`."""

    kind: DocumentKind
    number: str
    issued_at: datetime
    order_number: str
    currency: Currency
    content: Content
    control: ControlUnit


def render(sheet: Sheet, *, language: str) -> bytes:
    """The document as a PDF. `language` en or sw. Unavailable when the fonts are missing."""
    words = WORDS.get(language, WORDS["en"])
    pdf = _pages(sheet, words)
    _head(pdf, sheet, words)
    _parties(pdf, sheet.content, words)
    _lines(pdf, sheet, words)
    _sums(pdf, sheet, words)
    _paid(pdf, sheet, words)
    _control(pdf, sheet, words)
    if sheet.content.note:
        pdf.ln(4)
        _say(pdf, sheet.content.note, size=8.5, colour=SOFT)
    return bytes(pdf.output())


def title_of(kind: DocumentKind, content: Content, words: Words) -> str:
    """What the document calls itself: only a registered seller's invoice is a tax invoice."""
    if kind == DocumentKind.INVOICE and content.vat_registered:
        return words["tax_invoice"]
    return words[str(kind)]


def amount(minor: int, currency: Currency) -> str:
    """`KES 1,500.00`."""
    return f"{currency} {to_major(Money(amount=minor, currency=Currency(currency))):,}"


def percent(basis_points: int) -> str:
    """`16 %`, `7.5 %`."""
    return f"{basis_points / 100:g} %"


def _pages(sheet: Sheet, words: Words) -> "FPDF":
    from fpdf import FPDF  # loads Pillow and fontTools: only who prints needs them

    class Pages(FPDF):
        def footer(self) -> None:
            self.set_y(-13)
            self.set_font("sans", "", 7.5)
            self.set_text_color(*SOFT)
            told = words["foot"].format(number=sheet.number, page=self.page_no())
            self.cell(0, 5, told.replace("{nb}", self.str_alias_nb_pages or ""))

    pdf = Pages(format="A4")
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, margin=20)
    told = sheet.content.model_dump_json() + " ".join((*words.values(), sheet.number, sheet.order_number))
    for face, file in face_files(told).items():
        pdf.add_font(face, "", str(file))
    pdf.set_title(f"{title_of(sheet.kind, sheet.content, words)} {sheet.number}")
    pdf.set_author(sheet.content.seller.name)
    pdf.set_creation_date(sheet.issued_at)
    pdf.add_page()
    return pdf


def _head(pdf: "FPDF", sheet: Sheet, words: Words) -> None:
    content = sheet.content
    _say(pdf, content.seller.name, face="bold", size=16, high=8, colour=BRAND)
    _say(pdf, title_of(sheet.kind, content, words), face="regular", size=13, high=8)
    supplied = words["returned" if sheet.kind == DocumentKind.CREDIT_NOTE else "supplied"]
    for label, value in (
        (words["number"], sheet.number),
        (words["issued"], _moment(sheet.issued_at, content.time_zone)),
        (supplied, _day(content.supplied_at, content.time_zone)),
        (words["order"], sheet.order_number),
    ):
        _say(pdf, f"{label}: {value}", size=9)
    if content.corrects and content.corrects_at is not None:
        day = _day(content.corrects_at, content.time_zone)
        _say(pdf, words["corrects"].format(number=content.corrects, day=day), size=9)
    pdf.ln(3)


def _parties(pdf: "FPDF", content: Content, words: Words) -> None:
    """Seller and buyer beside each other."""
    top, lowest = pdf.get_y(), pdf.get_y()
    for place, (label, party) in enumerate(((words["from"], content.seller), (words["to"], content.buyer))):
        pdf.set_y(top)
        left = MARGIN + place * WIDTH / 2
        for text, face, size in ((label, "sans", 8.0), (party.name, "bold", 10.0), (_about(party, words), "sans", 8.5)):
            if text:
                pdf.set_x(left)
                pdf.set_font(face, "", size)
                pdf.set_text_color(*(SOFT if text == label else INK))
                pdf.multi_cell(WIDTH / 2 - 4, LINE, _safe(pdf, text, face), new_x="LMARGIN", new_y="NEXT", align="L")
        lowest = max(lowest, pdf.get_y())
    pdf.set_y(lowest + 4)


def _about(party: Party, words: Words) -> str:
    pin = f"{words['pin']}: {party.pin}" if party.pin else ""
    return "\n".join(each for each in (party.address, pin, party.email, party.phone) if each)


def _lines(pdf: "FPDF", sheet: Sheet, words: Words) -> None:
    from fpdf.fonts import FontFace

    pdf.set_font("sans", "", 8)
    pdf.set_text_color(*INK)
    pdf.set_draw_color(*RULE)
    head = FontFace(family="sans", emphasis="", color=SOFT)
    aligns = ("LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT", "RIGHT", "RIGHT")
    names = ("item", "quantity", "unit", "discount", "net", "rate", "amount")
    with pdf.table(
        col_widths=WIDTHS, text_align=aligns, borders_layout="HORIZONTAL_LINES", line_height=LINE,
        headings_style=head, width=sum(WIDTHS),
    ) as table:  # fmt: skip
        table.row([words[name] for name in names])
        for each in sheet.content.lines:
            money = [_plain(minor, sheet.currency) for minor in (each.unit, each.discount, each.net)]
            table.row(
                [
                    _safe(pdf, each.title),
                    str(each.quantity),
                    *money,
                    percent(each.tax_rate) if each.tax_rate else "–",
                    _plain(each.total, sheet.currency),
                ]
            )
    pdf.ln(3)


def _sums(pdf: "FPDF", sheet: Sheet, words: Words) -> None:
    """Sums by rate, then the document's own; a seller without VAT prints the total alone."""
    lines = sheet.content.lines
    taxed = any(line.tax_rate for line in lines)
    if taxed:
        for rate in sorted({line.tax_rate for line in lines}, reverse=True):
            of_rate = [line for line in lines if line.tax_rate == rate]
            net = amount(sum(line.net for line in of_rate), sheet.currency)
            if rate:
                told = words["of_rate"].format(rate=percent(rate), net=net)
                _sum(pdf, told, sum(line.tax for line in of_rate), sheet, size=8.5)
            else:
                _say(pdf, words["exempt"].format(net=net), size=8.5, align="R")
        _sum(pdf, words["sum_net"], sum(line.net for line in lines), sheet)
        _sum(pdf, words["sum_tax"], sum(line.tax for line in lines), sheet)
    _sum(pdf, words["sum_total"], sum(line.total for line in lines), sheet, face="bold", size=11)


def _sum(pdf: "FPDF", label: str, minor: int, sheet: Sheet, *, face: str = "sans", size: float = 9.0) -> None:
    _say(pdf, f"{label}:  {amount(minor, sheet.currency)}", face=face, size=size, align="R")


def _paid(pdf: "FPDF", sheet: Sheet, words: Words) -> None:
    pdf.ln(2)
    if sheet.kind == DocumentKind.CREDIT_NOTE:
        return
    _say(pdf, words["paid"], face="bold", size=9)
    for each in sheet.content.paid_by:
        words_for = words["paid_by" if each.receipt else "paid_by_plain"]
        told = words_for.format(amount=amount(each.amount, sheet.currency), gateway=each.gateway, receipt=each.receipt)
        at = f", {_moment(each.at, sheet.content.time_zone)}" if each.at is not None else ""
        _say(pdf, told + at, size=8.5)


def _control(pdf: "FPDF", sheet: Sheet, words: Words) -> None:
    """The block that the tax authority asks for, or where it will stand."""
    control = sheet.control
    if control.state == ControlState.NONE:
        return
    pdf.ln(3)
    if pdf.get_y() + QR_SIZE > pdf.h - 20:
        pdf.add_page()
    _say(pdf, words["control"], face="bold", size=9)
    if control.state == ControlState.WAITING:
        _say(pdf, words["control_waiting"], size=8.5)
        return
    for label, value in (("control_number", control.number), ("control_serial", control.serial)):
        _say(pdf, f"{words[label]}: {value}", size=8.5)
    if control.at is not None:
        _say(pdf, f"{words['control_at']}: {_moment(control.at, sheet.content.time_zone)}", size=8.5)
    if control.url:
        _qr(pdf, control.url, x=MARGIN, y=pdf.get_y() + 1)
        pdf.set_y(pdf.get_y() + QR_SIZE + 2)


def _qr(pdf: "FPDF", text: str, *, x: float, y: float) -> None:
    """A QR code (ISO/IEC 18004, level M) as rectangles, one per run of dark modules: sharp at any size."""
    import segno

    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    module = QR_SIZE / (len(rows) + 2 * QUIET)
    pdf.set_fill_color(0, 0, 0)
    for line, row in enumerate(rows):
        column = 0
        while column < len(row):
            if not row[column]:
                column += 1
                continue
            end = row.find(b"\x00", column)
            end = len(row) if end < 0 else end
            left, top = x + (column + QUIET) * module, y + (line + QUIET) * module
            pdf.rect(left, top, (end - column) * module, module, style="F")
            column = end


def _say(
    pdf: "FPDF",
    text: str,
    *,
    face: str = "sans",
    size: float,
    high: float = LINE,
    colour: tuple[int, int, int] = INK,
    align: str = "L",
) -> None:
    pdf.set_font(face, "", size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, high, _safe(pdf, text, face), new_x="LMARGIN", new_y="NEXT", align=align)


def _safe(pdf: "FPDF", text: str, face: str = "sans") -> str:
    """`text` with a replacement sign for what the face lacks; line breaks stay."""
    known = pdf.fonts[face].cmap.keys()
    return "".join(each if each == "\n" or ord(each) in known else "�" for each in text)


def _plain(minor: int, currency: Currency) -> str:
    return f"{to_major(Money(amount=minor, currency=Currency(currency))):,}"


def _day(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def _moment(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
