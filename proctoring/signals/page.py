"""What the exam page tells, as signals: leaving it, the clipboard, printing, screens, speech, the camera's track.

Hidden is strong and blur is weak: `visibilitychange` fires only when the page is
really gone from sight, `blur` also for dialogs, address bars and other frames.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from proctoring.signals.schemas import Kind, PageEvent, Rules, Signal

STRONG, FAIR, WEAK = 0.9, 0.6, 0.3
HINT = 0.4  # a docked inspector and a second monitor are guesses of the browser

STOPS = {"camera_ended": "camera", "camera_muted": "camera", "screen_ended": "screen", "screen_muted": "screen"}
STARTS = {"camera_unmuted": "camera", "screen_unmuted": "screen"}


def read(events: Iterable[PageEvent], *, rules: Rules, until: datetime) -> tuple[Signal, ...]:
    """Signals of a session's events, oldest first. What began and did not end lasts to `until` (the end, or now)."""
    ordered = sorted(events, key=lambda event: (event.at, event.id))
    found = [signal for event in ordered if (signal := _single(event, rules)) is not None]
    found += _hidden(ordered, rules, until)
    found += _between(ordered, {"fullscreen_exit": ""}, {"fullscreen_entered": ""}, Kind.FULLSCREEN_LEFT, until)
    found += _between(ordered, STOPS, STARTS, Kind.CAMERA_STOPPED, until)
    return tuple(sorted(found, key=lambda signal: (signal.at, signal.kind, signal.sources)))


def _single(event: PageEvent, rules: Rules) -> Signal | None:
    """Events that mean something each by itself."""
    make = SINGLE.get(event.type)
    return make(event, rules) if make is not None else None


def _clipboard(kind: Kind, confidence: float) -> Callable[[PageEvent, Rules], Signal | None]:
    def make(event: PageEvent, rules: Rules) -> Signal | None:
        characters = _number(event, "characters")
        if characters <= rules.paste_characters:
            return None  # moving a word inside one's own answer
        return _signal(kind, event, confidence, characters=characters)

    return make


def _blur(event: PageEvent, rules: Rules) -> Signal | None:
    if (event.seconds or 0.0) < rules.blur_seconds:
        return None
    return _signal(Kind.LEFT_PAGE, event, WEAK, blurred_seconds=event.seconds or 0.0)


def _speech(event: PageEvent, rules: Rules) -> Signal | None:
    if (event.seconds or 0.0) < rules.speech_seconds:
        return None
    return _signal(Kind.SPEECH, event, FAIR, decibels=_number(event, "decibels"))


def _plain(kind: Kind, confidence: float) -> Callable[[PageEvent, Rules], Signal | None]:
    return lambda event, _rules: _signal(kind, event, confidence)


SINGLE: dict[str, Callable[[PageEvent, Rules], Signal | None]] = {
    "copy": _clipboard(Kind.COPY, FAIR),
    "cut": _clipboard(Kind.COPY, FAIR),
    "paste": _clipboard(Kind.PASTE, STRONG),
    "print": _plain(Kind.PRINT, STRONG),
    "devtools_resize": _plain(Kind.DEVELOPER_TOOLS, HINT),
    "several_screens": _plain(Kind.SEVERAL_SCREENS, HINT),
    "window_blur": _blur,
    "speech": _speech,
    "network_lost": _plain(Kind.NETWORK_GAP, STRONG),
}


def _hidden(events: list[PageEvent], rules: Rules, until: datetime) -> list[Signal]:
    """A hidden page is told twice under one start: when it begins, and with its duration when it ends."""
    spans: dict[datetime, PageEvent] = {}
    for event in events:
        if event.type == "tab_hidden" and (event.at not in spans or event.seconds is not None):
            spans[event.at] = event
    starts = sorted(spans)
    found = []
    for index, start in enumerate(starts):
        event = spans[start]
        following = starts[index + 1] if index + 1 < len(starts) else until
        end = start + timedelta(seconds=event.seconds) if event.seconds is not None else max(start, following)
        seconds = (end - start).total_seconds()
        if seconds >= rules.hidden_seconds:
            found.append(Signal(Kind.LEFT_PAGE, start, end, STRONG, (event.id,), {"hidden_seconds": round(seconds, 1)}))
    return found


def _between(
    events: list[PageEvent], begins: dict[str, str], ends: dict[str, str], kind: Kind, until: datetime
) -> list[Signal]:
    """Spans from an event that begins something to the one that ends it; the last may be open."""
    open_since: dict[str, tuple[datetime, UUID]] = {}
    found = []
    for event in events:
        if event.type in begins and _of_camera(event):
            open_since.setdefault(begins[event.type], (event.at, event.id))
        elif event.type in ends and ends[event.type] in open_since:
            start, source = open_since.pop(ends[event.type])
            found.append(Signal(kind, start, event.at, STRONG, (source, event.id)))
    found += [Signal(kind, at, max(at, until), STRONG, (source,)) for at, source in open_since.values()]
    return found


def _of_camera(event: PageEvent) -> bool:
    """A camera's stream carries a sound track too; its end is not the picture's."""
    return event.details.get("track", "video") == "video"


def _signal(kind: Kind, event: PageEvent, confidence: float, **numbers: float) -> Signal:
    return Signal(
        kind, event.at, event.at + timedelta(seconds=event.seconds or 0.0), confidence, (event.id,), dict(numbers)
    )


def _number(event: PageEvent, name: str) -> float:
    value = event.details.get(name, 0)
    return float(value) if isinstance(value, int | float) else 0.0
