"""A session's report as a PDF: summary, risk with its parts, timeline, flags with pictures, verdict, history.

Every text goes through `_Paper.says`, so that no name and no comment, in
whatever script, can stop a report: what the font lacks shows as a box.
"""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from lms_core.kit.i18n import catalogue
from proctoring.anomalies.reasons import LOCALES
from proctoring.review.export import drawing
from proctoring.review.export.fonts import font_file
from proctoring.review.schemas import FlagView, ReportView

if TYPE_CHECKING:
    pass

PICTURES_PER_FLAG = 2
PICTURE_WIDTH, GAP = 82.0, 6.0  # millimetres
SMALL, BODY, HEADING, TITLE = 8, 10, 13, 18
NEEDED_FOR_FLAG = 40.0  # millimetres kept together before a page break


class _Paper:
    """A PDF page under a pen: texts, pairs, pictures."""

    def __init__(self, *, title: str, language: str) -> None:
        from fpdf import FPDF  # loads Pillow and fontTools: only exports need them

        self.translate = catalogue(LOCALES, language).gettext
        self.pdf: FPDF = FPDF(format="A4")
        self.pdf.set_auto_page_break(True, margin=16)
        self.pdf.set_title(title)
        self.pdf.set_lang(language)
        self.pdf.set_creator("Mwalimu")
        regular, bold = font_file(), font_file(bold=True)
        self.has_font = regular is not None and bold is not None
        if self.has_font:
            self.pdf.add_font("report", "", str(regular))
            self.pdf.add_font("report", "B", str(bold))
        self.pdf.add_page()

    def says(self, text: str, *, size: int = BODY, bold: bool = False, grey: bool = False) -> None:
        """A paragraph."""
        self.pdf.set_font("report" if self.has_font else "helvetica", "B" if bold else "", size)
        self.pdf.set_text_color(110 if grey else 28)
        self.pdf.multi_cell(0, size * 0.5, self._safe(text), new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")

    def heading(self, key: str) -> None:
        """A translated heading, not left alone at a page's foot."""
        if self.pdf.will_page_break(NEEDED_FOR_FLAG):
            self.pdf.add_page()
        self.pdf.ln(3)
        self.says(self.translate(key), size=HEADING, bold=True)
        self.pdf.ln(1)

    def pair(self, key: str, value: str) -> None:
        """A translated name and its value."""
        self.says(f"{self.translate(key)}: {value}")

    def _safe(self, text: str) -> str:
        shown = "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
        return shown if self.has_font else shown.encode("latin-1", "replace").decode("latin-1")


def render(report: ReportView, *, pictures: Mapping[UUID, bytes], language: str) -> bytes:
    """The PDF. `pictures` are decrypted JPEGs by snapshot id; one that is missing is said to be."""
    name = report.session.taker.name or "–"
    paper = _Paper(title=f"{report.session.quiz_title} – {name}", language=language)
    _summary(paper, report)
    _risk(paper, report)
    _timeline(paper, report)
    _flags(paper, report, pictures)
    _not_watched(paper, report)
    _verdict(paper, report)
    _basis(paper, report)
    return bytes(paper.pdf.output())


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at is not None else "–"


def _summary(paper: _Paper, report: ReportView) -> None:
    session = report.session
    paper.says(paper.translate("Proctoring report"), size=TITLE, bold=True)
    paper.says(str(session.session_id), size=SMALL, grey=True)
    paper.pdf.ln(2)
    paper.pair("Exam", session.quiz_title)
    paper.pair("Taker", session.taker.name or "–")
    paper.pair("Attempt", str(session.attempt_id))
    paper.pair("From", _moment(session.started_at))
    paper.pair("To", _moment(session.ended_at))
    paper.pair("State", session.state)
    paper.pair("Watched", f"{report.summary.watched_percent} %")
    if report.summary.partly_percent:
        paper.pair("Watched in part", f"{report.summary.partly_percent} %")


def _risk(paper: _Paper, report: ReportView) -> None:
    risk = report.summary.risk
    paper.heading("Parts of the risk")
    paper.pair("Risk", f"{risk.score} / 100 ({paper.translate(risk.level.value)})")
    for part in risk.parts:
        paper.says(f"{part.title}: {part.points:g}  ({part.anomalies} × {part.weight:g}, ≤ {part.cap:g})")


def _timeline(paper: _Paper, report: ReportView) -> None:
    session = report.session
    if session.started_at is None:
        return
    paper.heading("Timeline")
    end = session.ended_at or max((flag.ended_at for flag in report.flags), default=session.started_at)
    png = drawing.timeline(
        [flag for flag in report.flags if not flag.withdrawn],
        report.summary.not_watched,
        started_at=session.started_at,
        ended_at=end,
        not_watched=paper.translate("Not watched"),
    )
    paper.pdf.image(BytesIO(png), w=paper.pdf.epw, alt_text=paper.translate("Timeline"))


def _flags(paper: _Paper, report: ReportView, pictures: Mapping[UUID, bytes]) -> None:
    paper.heading("Flags")
    if not report.flags:
        paper.says(paper.translate("No flags."))
    for number, flag in enumerate(report.flags, start=1):
        if paper.pdf.will_page_break(NEEDED_FOR_FLAG):
            paper.pdf.add_page()
        _flag(paper, number, flag, pictures)


def _flag(paper: _Paper, number: int, flag: FlagView, pictures: Mapping[UUID, bytes]) -> None:
    tell = paper.translate
    severity, decision = tell(flag.severity.value), tell(flag.decision.value)
    paper.says(f"{number}. {flag.title} ({severity}) – {decision}", bold=True)
    span = f"{flag.started_at:%H:%M:%S} – {flag.ended_at:%H:%M:%S}"
    paper.says(
        f"{span} · {tell('confidence')} {flag.confidence:.2f} · {tell('rule')} {flag.rule}", size=SMALL, grey=True
    )
    paper.says(flag.reason)
    for step in flag.steps:
        if step.text:
            paper.says(f"{step.by.name or '–'}, {_moment(step.at)}: {step.text}", size=SMALL)
    _pictures(paper, flag, pictures)
    paper.pdf.ln(3)


def _pictures(paper: _Paper, flag: FlagView, pictures: Mapping[UUID, bytes]) -> None:
    """The flag's first pictures side by side, boxes drawn."""
    if not flag.pictures:
        return
    drawn = []
    for each in flag.pictures[:PICTURES_PER_FLAG]:
        if each.snapshot_id in pictures:
            try:
                drawn.append((each, drawing.with_boxes(pictures[each.snapshot_id], each.boxes)))
            except ValueError:
                continue
    if not drawn:
        paper.says(paper.translate("The picture is no longer kept."), size=SMALL, grey=True)
        return
    height = PICTURE_WIDTH * 0.75
    if paper.pdf.will_page_break(height + GAP):
        paper.pdf.add_page()
    top, left, reached = paper.pdf.get_y() + 1, paper.pdf.l_margin, 0.0
    for place, (each, jpeg) in enumerate(drawn):
        placed = paper.pdf.image(
            BytesIO(jpeg),
            x=left + place * (PICTURE_WIDTH + GAP),
            y=top,
            w=PICTURE_WIDTH,
            h=height,
            keep_aspect_ratio=True,
            alt_text=f"{flag.title}, {each.taken_at:%H:%M:%S}",
        )
        reached = max(reached, placed.rendered_height)
    paper.pdf.set_y(top + (reached or height) + 1)


def _not_watched(paper: _Paper, report: ReportView) -> None:
    gaps = report.summary.not_watched
    if not gaps:
        return
    paper.heading("Not watched")
    paper.says(paper.translate("This time is never counted against anybody."))
    for gap in gaps:
        check = f" ({gap.check})" if gap.check else ""
        paper.says(f"{gap.started_at:%H:%M:%S} – {gap.ended_at:%H:%M:%S}: {gap.text}{check}", size=SMALL)


def _verdict(paper: _Paper, report: ReportView) -> None:
    verdict = report.verdict
    paper.heading("Verdict")
    if verdict.decided_at is None and verdict.proposed_at is None:
        paper.says(paper.translate("No verdict yet. A person decides."))
    else:
        who = verdict.decided_by or verdict.proposed_by
        at = verdict.decided_at or verdict.proposed_at
        paper.says(f"{verdict.outcome.value} – {who.name if who else '–'}, {_moment(at)}", bold=True)
        paper.says(verdict.message)
    if verdict.appeal:
        paper.heading("Appeal")
        paper.says(f"{_moment(verdict.appealed_at)}: {verdict.appeal}")
    if verdict.answer:
        paper.pair("Answer", verdict.answer)
    if report.history:
        paper.heading("History")
        for step in report.history:
            paper.says(f"{_moment(step.at)} · {step.by.name or '–'} · {step.act.value} {step.text}", size=SMALL)


def _basis(paper: _Paper, report: ReportView) -> None:
    summary = report.summary
    if summary.models:
        paper.heading("Models")
        for role, model in summary.models.items():
            paper.says(f"{role}: {model}", size=SMALL)
    if summary.switched_off:
        paper.heading("Detectors switched off for this person")
        for detector, why in summary.switched_off.items():
            paper.says(f"{detector}: {why}", size=SMALL)
    if report.precision:
        paper.heading("Precision so far")
        for each in report.precision:
            shown = "–" if each.precision is None else f"{each.precision:.0%}"
            paper.says(f"{each.title}: {shown} ({each.confirmed} / {each.confirmed + each.dismissed})", size=SMALL)
    paper.heading("Policy in force")
    for name, value in report.policy.items():
        paper.says(f"{name}: {value}", size=SMALL)
