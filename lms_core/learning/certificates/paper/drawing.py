"""The drawing of a certificate: one landscape page, in millimetres from the upper left corner.

Every text goes through `_Pen.centred`, which makes long names and titles
smaller, then breaks them in two, so that nothing leaves the page; a character
that no face has is shown as a replacement sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from lms_core.kit.faces import face_files
from lms_core.learning.certificates.paper.splitting import one_each
from lms_core.learning.certificates.paper.wording import WORDS, study_time, written_date
from lms_core.learning.certificates.schemas import Design, Shown, filled

if TYPE_CHECKING:
    pass

MARGIN = 10.0
SMALLEST = 0.62  # how much smaller a long line may become before it is broken in two
MM_PER_POINT = 25.4 / 72
QR_SIZE = 30.0
PICTURE_HEIGHT = 18.0
FOOT = 52.0  # from the lower edge to the line of the signature block


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on one certificate. `logo` and `signature` are PNG bytes or empty; `watermark` marks a preview."""

    design: Design
    recipient: str
    course: str
    minutes: int
    institution: str
    issued_at: datetime
    expires_at: datetime | None
    code: str
    verify_url: str
    logo: bytes = b""
    signature: bytes = b""
    watermark: bool = False


class _Pen:
    """A page under a pen."""

    def __init__(self, design: Design, text: str) -> None:
        from fpdf import FPDF  # loads Pillow and fontTools: only who renders needs them

        self.design = design
        self.pdf: FPDF = FPDF(orientation="landscape", format=design.page.lower())
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(0)
        self.pdf.c_margin = 0
        for face, file in face_files(text).items():
            self.pdf.add_font(face, "", str(file))
        self.known = {face: font.cmap.keys() for face, font in self.pdf.fonts.items()}
        self.width, self.height = self.pdf.w, self.pdf.h

    def begin(self, sheet: Sheet) -> None:
        """A fresh page for `sheet`."""
        self.sheet = sheet
        self.pdf.add_page()

    def ink(self, colour: str) -> None:
        """Draw and write in `colour` (#rrggbb) from here on."""
        rgb = tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))
        self.pdf.set_text_color(*rgb)
        self.pdf.set_draw_color(*rgb)
        self.pdf.set_fill_color(*rgb)

    def centred(
        self, text: str, *, y: float, size: float, face: str = "regular", x: float | None = None, wide: float = 0.0
    ) -> float:
        """Write `text` centred at `x` in at most `wide` mm, its first line's top at `y`. Returns where it ends."""
        wide = wide or self.width - 70
        middle = self.width / 2 if x is None else x
        text = self._safe(text, face)
        self.pdf.set_font(face, "", size)
        needed = self.pdf.get_string_width(text)
        lines = [text]
        if needed > wide:
            size = max(size * SMALLEST, size * wide / needed)
            self.pdf.set_font(face, "", size)
            lines = self._broken(text, wide)
        step = size * MM_PER_POINT * 1.25
        for line in lines:
            self.pdf.set_xy(middle - wide / 2, y)
            self.pdf.cell(wide, step, line, align="C")
            y += step
        return y

    def _broken(self, text: str, wide: float) -> list[str]:
        """`text` in lines that fit, broken at spaces, inside a word only where it is too long by itself."""
        lines, line = [], ""
        for word in text.split(" "):
            longer = f"{line} {word}".strip()
            if self.pdf.get_string_width(longer) <= wide:
                line = longer
                continue
            if line:
                lines.append(line)
            while word and self.pdf.get_string_width(word) > wide:
                cut = len(word) - 1
                while cut > 1 and self.pdf.get_string_width(word[:cut]) > wide:
                    cut -= 1
                lines.append(word[:cut])
                word = word[cut:]
            line = word
        return [*lines, line] if line else lines

    def picture(self, png: bytes, *, x: float, y: float, wide: float, high: float) -> None:
        """A picture as large as fits into the box, centred in it."""
        self.pdf.image(BytesIO(png), x=x, y=y, w=wide, h=high, keep_aspect_ratio=True)

    def _safe(self, text: str, face: str) -> str:
        known = self.known[face]
        return "".join(each if ord(each) in known else "�" for each in text)


def render(sheets: Sequence[Sheet]) -> list[bytes]:
    """A PDF per sheet, not signed yet. All of one design. Unavailable when the fonts are missing."""
    design = sheets[0].design
    pen = _Pen(design, " ".join(map(_all_text, sheets)))
    for sheet in sheets:
        pen.begin(sheet)
        _frame(pen)
        _head(pen)
        _middle(pen)
        _signature(pen)
        _proof(pen)
        if sheet.watermark:
            _watermark(pen)
    return one_each(bytes(pen.pdf.output()), [_description(sheet) for sheet in sheets], language=design.language)


def _description(sheet: Sheet) -> dict[str, str]:
    return {
        "/Title": f"{sheet.design.title or _words(sheet)['title']}: {sheet.course}",
        "/Author": sheet.institution,
        "/Subject": f"{sheet.recipient} {sheet.verify_url}",
        "/Keywords": f"certificate {sheet.code}",
        "/Creator": "Mwalimu",
    }


def _frame(pen: _Pen) -> None:
    pen.ink(pen.design.paper)
    pen.pdf.rect(0, 0, pen.width, pen.height, style="F")
    pen.ink(pen.design.accent)
    if pen.design.frame == "none":
        pen.pdf.rect(0, 0, pen.width, 5, style="F")
        return
    pen.pdf.set_line_width(1.4)
    pen.pdf.rect(MARGIN, MARGIN, pen.width - 2 * MARGIN, pen.height - 2 * MARGIN)
    if pen.design.frame == "double":
        inner = MARGIN + 2.6
        pen.pdf.set_line_width(0.35)
        pen.pdf.rect(inner, inner, pen.width - 2 * inner, pen.height - 2 * inner)
        for x in (inner, pen.width - inner):
            for y in (inner, pen.height - inner):
                pen.pdf.circle(x, y, 1.6, style="F")


def _head(pen: _Pen) -> None:
    sheet, y = pen.sheet, 20.0
    if sheet.logo:
        pen.picture(sheet.logo, x=pen.width / 2 - 45, y=y, wide=90, high=PICTURE_HEIGHT)
    else:
        pen.ink(pen.design.ink)
        pen.centred(sheet.institution, y=y + 6, size=13, face="sans")
    pen.ink(pen.design.accent)
    end = pen.centred(pen.design.title or _words(sheet)["title"], y=44, size=32, face="bold")
    pen.pdf.set_line_width(0.6)
    pen.pdf.line(pen.width / 2 - 22, end + 3, pen.width / 2 + 22, end + 3)


def _middle(pen: _Pen) -> None:
    sheet, design, words = pen.sheet, pen.design, _words(pen.sheet)
    pen.ink(design.ink)
    y = pen.centred(design.before or words["before"], y=68, size=13, face="italic")
    pen.ink(design.accent)
    y = pen.centred(sheet.recipient, y=y + 3, size=29, face="bold")
    pen.ink(design.ink)
    y = pen.centred(design.after or words["after"], y=y + 4, size=13, face="italic")
    y = pen.centred(sheet.course, y=y + 3, size=21, face="regular")
    if design.note:
        pen.centred(filled(design.note, _values(sheet)), y=y + 3, size=10.5, face="regular", wide=pen.width - 90)


def _signature(pen: _Pen) -> None:
    """Who signed, at the left; the dates, in the middle."""
    sheet, design, line = pen.sheet, pen.design, pen.height - FOOT + 18
    left, wide = 62.0, 70.0
    if sheet.signature:
        box = PICTURE_HEIGHT + 2
        pen.picture(sheet.signature, x=left - wide / 2 + 5, y=line - box, wide=wide - 10, high=box)
    pen.ink(design.ink)
    if design.signer_name or design.signer_title or sheet.signature:
        pen.pdf.set_line_width(0.25)
        pen.pdf.line(left - wide / 2, line, left + wide / 2, line)
        end = pen.centred(design.signer_name, y=line + 1.5, size=11, face="regular", x=left, wide=wide)
        pen.centred(design.signer_title, y=end, size=9, face="sans", x=left, wide=wide)
    facts = _facts(sheet)
    y = line + 8 - 6 * len(facts)
    for fact in facts:
        y = pen.centred(fact, y=y, size=10.5, face="sans", wide=90) + 0.8


def _facts(sheet: Sheet) -> list[str]:
    design, words, facts = sheet.design, _words(sheet), []
    if Shown.HOURS in design.shown and sheet.minutes:
        facts.append(study_time(sheet.minutes, design.language))
    if Shown.DATE in design.shown:
        facts.append(words["issued"].format(date=written_date(sheet.issued_at.date(), design.language)))
    if Shown.EXPIRY in design.shown and sheet.expires_at is not None:
        facts.append(words["expires"].format(date=written_date(sheet.expires_at.date(), design.language)))
    return facts


def _proof(pen: _Pen) -> None:
    """QR code, address and code for whoever checks, at the right."""
    sheet, design = pen.sheet, pen.design
    middle, bottom = pen.width - 48.0, pen.height - 19.0
    pen.ink(design.ink)
    if Shown.CODE in design.shown:
        pen.centred(sheet.code, y=bottom - 4, size=7.5, face="sans", x=middle, wide=58)
        host = sheet.verify_url.split("://", 1)[-1].rsplit("/", 1)[0]
        pen.centred(f"{_words(sheet)['verify']} {host}", y=bottom - 8, size=7.5, face="sans", x=middle, wide=58)
    pen.centred(_words(sheet)["signed"], y=bottom + 0.5, size=6.5, face="sans")
    if Shown.QR in design.shown:
        _qr(pen, x=middle - QR_SIZE / 2, y=bottom - 9 - QR_SIZE)


def _qr(pen: _Pen, *, x: float, y: float) -> None:
    """A QR code (ISO/IEC 18004, level M) on white, a rectangle per run of dark modules: sharp at any size."""
    import segno

    rows = [bytes(row) for row in segno.make(pen.sheet.verify_url, error="m", micro=False).matrix]
    quiet = 2
    module = QR_SIZE / (len(rows) + 2 * quiet)
    pen.ink("#ffffff")
    pen.pdf.rect(x, y, QR_SIZE, QR_SIZE, style="F")
    pen.ink("#000000")
    for line, row in enumerate(rows):
        column = 0
        while column < len(row):
            if not row[column]:
                column += 1
                continue
            end = row.find(b"\x00", column)
            end = len(row) if end < 0 else end
            left, top = x + (column + quiet) * module, y + (line + quiet) * module
            pen.pdf.rect(left, top, (end - column) * module, module, style="F")
            column = end


def _watermark(pen: _Pen) -> None:
    pen.ink("#b3261e")
    with pen.pdf.local_context(fill_opacity=0.14), pen.pdf.rotation(24, pen.width / 2, pen.height / 2):
        pen.centred(_words(pen.sheet)["preview"], y=pen.height / 2 - 20, size=96, face="bold", wide=pen.width)


def _words(sheet: Sheet) -> dict[str, str]:
    return WORDS[sheet.design.language]


def _values(sheet: Sheet) -> dict[str, str]:
    return {
        "name": sheet.recipient,
        "course": sheet.course,
        "date": written_date(sheet.issued_at.date(), sheet.design.language),
        "hours": str(max(1, round(sheet.minutes / 60))),
        "institution": sheet.institution,
    }


def _all_text(sheet: Sheet) -> str:
    design = sheet.design
    chosen = (design.title, design.before, design.after, design.note, design.signer_name, design.signer_title)
    return " ".join((sheet.recipient, sheet.course, sheet.institution, sheet.verify_url, *chosen))
