"""A session's report as a picture: rows of spans on one axis of time, in units of an SVG 1000 wide."""

from dataclasses import dataclass
from datetime import datetime

from proctoring.review.schemas import ReportView

WIDTH = 1000.0
ROW = 26.0
HEAD = 22.0
THINNEST = 3.0
TICKS = 6
STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)  # seconds between ticks


@dataclass(frozen=True, slots=True)
class Mark:
    """A span: left edge and width, what it is called, how it looks, and the flag it belongs to."""

    x: float
    width: float
    title: str
    look: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture: its title and its spans; `y` is its upper edge."""

    title: str
    y: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole picture. `ticks` are x and the time since the start, as m:ss or h:mm:ss."""

    height: float
    rows: tuple[Row, ...]
    snapshots: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]


def of_report(report: ReportView) -> Timeline | None:
    """The timeline of a session; None while it has not begun."""
    start, end = _span(report)
    if start is None or end is None or end <= start:
        return None
    length = (end - start).total_seconds()

    def at(when: datetime) -> float:
        return round(WIDTH * min(1.0, max(0.0, (when - start).total_seconds() / length)), 1)

    flags = [flag for flag in report.flags if not flag.withdrawn]
    titles = list(dict.fromkeys(flag.title for flag in flags))
    rows = []
    for index, title in enumerate(titles):
        marks = tuple(
            Mark(
                at(flag.started_at),
                max(THINNEST, at(flag.ended_at) - at(flag.started_at)),
                flag.reason,
                "dismissed" if flag.decision == "dismissed" else str(flag.severity),
                f"flag-{flag.id}",
            )
            for flag in flags
            if flag.title == title
        )
        rows.append(Row(title, HEAD + index * ROW, marks))
    for check in sorted({gap.check for gap in report.summary.not_watched}):
        gaps = [gap for gap in report.summary.not_watched if gap.check == check]
        marks = tuple(
            Mark(at(gap.started_at), max(THINNEST, at(gap.ended_at) - at(gap.started_at)), gap.text, "gap")
            for gap in gaps
        )
        rows.append(Row(gaps[0].text if check else "", HEAD + len(rows) * ROW, marks))
    snapshots = tuple(at(each.taken_at) for each in report.snapshots)
    return Timeline(HEAD + len(rows) * ROW + ROW, tuple(rows), snapshots, _ticks(length))


def _span(report: ReportView) -> tuple[datetime | None, datetime | None]:
    times = [each.taken_at for each in report.snapshots]
    times += [time for flag in report.flags for time in (flag.started_at, flag.ended_at)]
    start = report.session.started_at or min(times, default=None)
    end = report.session.ended_at or max(times, default=None)
    return start, end


def _ticks(length: float) -> tuple[tuple[float, str], ...]:
    step = next((step for step in STEPS if length / step <= TICKS), STEPS[-1])
    return tuple((round(WIDTH * seconds / length, 1), _clock(seconds)) for seconds in range(0, int(length) + 1, step))


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
