"""The transcript on paper: A4 pages with the institution's name, a table of courses, and embedded fonts."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from lms_core.kit.faces import face_files
from lms_core.learning.gradebook.schemas import CourseResult, TranscriptView

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN = 18.0
WIDTHS = (76.0, 20.0, 24.0, 16.0, 14.0, 24.0)  # course, study time, enrolled, percent, letter, last mark
LINE = 6.0
INK, SOFT, BRAND, RULE = (28, 33, 38), (95, 102, 110), (12, 99, 80), (205, 198, 184)
WORDS = {
    "en": {
        "title": "Transcript of results",
        "name": "Learner",
        "at": "Issued on",
        "headings": ("Course", "Study", "Enrolled", "Result", "Letter", "Last mark"),
        "hours": "{hours} h",
        "left": "left the course",
        "none": "No courses yet.",
        "mean": "Mean of the letter points: {points:.2f} over {count} courses",
        "foot": "Results are those visible to the learner on the day of issue. Page {page} of {{nb}}",
    },
    "sw": {
        "title": "Taarifa ya matokeo",
        "name": "Mwanafunzi",
        "at": "Imetolewa tarehe",
        "headings": ("Kozi", "Masomo", "Kujiunga", "Tokeo", "Herufi", "Alama ya mwisho"),
        "hours": "saa {hours}",
        "left": "aliacha kozi",
        "none": "Bado hakuna kozi.",
        "mean": "Wastani wa pointi za herufi: {points:.2f} kwa kozi {count}",
        "foot": "Matokeo ni yale anayoyaona mwanafunzi siku ya kutolewa. Ukurasa {page} kati ya {{nb}}",
    },
}


def render(view: TranscriptView, *, language: str) -> bytes:
    """The transcript as a PDF. `language` en or sw. Unavailable when the fonts are missing."""
    words = WORDS.get(language, WORDS["en"])
    pdf = _pages(view, words)
    _head(pdf, view, words)
    if view.courses:
        _table(pdf, view.courses, words)
        _mean(pdf, view.courses, words)
    else:
        _say(pdf, str(words["none"]), face="italic", size=11)
    return bytes(pdf.output())


def letter_mean(courses: Sequence[CourseResult]) -> tuple[float, int] | None:
    """The mean of the letters' points and over how many courses; None when no letter has points."""
    points = [each.letter_points for each in courses if each.letter_points is not None]
    return (sum(points) / len(points), len(points)) if points else None


def _pages(view: TranscriptView, words: dict[str, object]) -> "FPDF":
    from fpdf import FPDF  # loads Pillow and fontTools: only who prints needs them

    class Pages(FPDF):
        def footer(self) -> None:
            self.set_y(-14)
            self.set_font("sans", "", 7.5)
            self.set_text_color(*SOFT)
            self.cell(
                0, 5, str(words["foot"]).format(page=self.page_no()).replace("{nb}", self.str_alias_nb_pages or "")
            )

    pdf = Pages(format="A4")
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, margin=22)
    told = " ".join((view.institution, view.name, *(each.title for each in view.courses), *map(str, words.values())))
    for face, file in face_files(told).items():
        pdf.add_font(face, "", str(file))
    pdf.set_title(f"{words['title']} – {view.name}")
    pdf.set_author(view.institution)
    pdf.set_keywords("transcript")  # by which a check of its signature knows what it is
    pdf.set_creation_date(view.at)
    pdf.add_page()
    return pdf


def _head(pdf: "FPDF", view: TranscriptView, words: dict[str, object]) -> None:
    pdf.set_text_color(*BRAND)
    _say(pdf, view.institution, face="bold", size=18, high=9)
    pdf.set_text_color(*INK)
    _say(pdf, str(words["title"]), face="regular", size=13, high=8)
    pdf.ln(2)
    _say(pdf, f"{words['name']}: {view.name}", face="bold", size=11)
    _say(pdf, f"{words['at']} {_day(view.at)}", face="sans", size=9)
    pdf.ln(4)


def _table(pdf: "FPDF", courses: Sequence[CourseResult], words: dict[str, object]) -> None:
    headings = words["headings"]
    assert isinstance(headings, tuple)
    from fpdf.fonts import FontFace

    pdf.set_font("sans", "", 8.5)
    pdf.set_draw_color(*RULE)
    aligns = ("LEFT", "RIGHT", "LEFT", "RIGHT", "CENTER", "LEFT")
    head = FontFace(family="sans", emphasis="", color=SOFT)
    with pdf.table(
        col_widths=WIDTHS,
        text_align=aligns,
        borders_layout="HORIZONTAL_LINES",
        line_height=LINE,
        headings_style=head,
        width=sum(WIDTHS),
    ) as table:
        table.row(headings)
        for each in courses:
            hours = max(1, round(each.minutes / 60)) if each.minutes else 0
            title = f"{each.title} ({words['left']})" if each.left else each.title
            table.row(
                (
                    _safe(pdf, title),
                    str(words["hours"]).format(hours=hours) if hours else "–",
                    _day(each.enrolled_at),
                    f"{each.percent:.1f} %" if each.percent is not None else "–",
                    _safe(pdf, each.letter) or "–",
                    _day(each.last_graded_at) if each.last_graded_at else "–",
                )
            )


def _mean(pdf: "FPDF", courses: Sequence[CourseResult], words: dict[str, object]) -> None:
    found = letter_mean(courses)
    if found is not None:
        pdf.ln(4)
        _say(pdf, str(words["mean"]).format(points=found[0], count=found[1]), face="sans", size=9)


def _say(pdf: "FPDF", text: str, *, face: str, size: float, high: float = LINE) -> None:
    pdf.set_font(face, "", size)
    pdf.multi_cell(0, high, _safe(pdf, text, face), new_x="LMARGIN", new_y="NEXT", align="L")


def _safe(pdf: "FPDF", text: str, face: str = "sans") -> str:
    """`text` with a replacement sign for what the face lacks."""
    known = pdf.fonts[face].cmap.keys()
    return "".join(each if ord(each) in known else "�" for each in text)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
