"""Material of sessions for tests of the rules: pictures described in a word each, at a steady interval."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from proctoring.anomalies.findings import Findings, Material, assess
from proctoring.detection.schemas import (
    Box,
    CameraFault,
    Check,
    Face,
    FoundObject,
    Likeness,
    PictureAnalysis,
    Quality,
)
from proctoring.signals.schemas import PageEvent, Picture

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ALL_CHECKS = frozenset(Check)
UPRIGHT = Box(0.4, 0.2, 0.6, 0.5)
PERSON = FoundObject("person", 0.9, Box(0.2, 0.15, 0.8, 1.0))
OTHER = FoundObject("person", 0.8, Box(0.0, 0.2, 0.2, 1.0))
PHONE = FoundObject("cell phone", 0.6, Box(0.6, 0.6, 0.7, 0.8))
BOOK = FoundObject("book", 0.7, Box(0.1, 0.8, 0.4, 1.0))
WORDS = (
    *("clean", "phone", "book", "two", "nobody", "bowed", "hidden", "turned", "aside", "other", "unsure"),
    *("dark", "covered", "blurred", "frozen", "unseen", "waiting", "failed"),
)
LOOKING = Face(UPRIGHT, 0.95, yaw=2.0, pitch=-8.0, roll=0.0, gaze=(0.02, 0.0))


def sharp(number: int, **changes: object) -> Quality:
    """A clean picture that is like no other number's."""
    import numpy as np

    thumbnail = np.random.default_rng(number).integers(0, 255, 400, dtype=np.uint8).tobytes()
    print_ = int(np.random.default_rng(number).integers(0, 2**63))
    base = Quality(640, 480, 120.0, 50.0, 300.0, (), f"digest-{number}", print_, thumbnail)
    return replace(base, **changes)


def analysis(word: str, number: int) -> PictureAnalysis:
    """What was seen on a picture of `word`."""
    seen = {
        "clean": {"faces": (LOOKING,), "objects": (PERSON,)},
        "phone": {"faces": (LOOKING,), "objects": (PERSON, PHONE)},
        "book": {"faces": (LOOKING,), "objects": (PERSON, BOOK)},
        "two": {"faces": (LOOKING, replace(LOOKING, box=Box(0.0, 0.2, 0.1, 0.4))), "objects": (PERSON, OTHER)},
        "nobody": {},
        "bowed": {"objects": (replace(PERSON, box=Box(0.2, 0.5, 0.8, 1.0)),)},
        "hidden": {"objects": (PERSON,)},
        "turned": {"faces": (replace(LOOKING, yaw=48.0),), "objects": (PERSON,)},
        "aside": {"faces": (replace(LOOKING, gaze=(0.45, 0.0)),), "objects": (PERSON,)},
        "unseen": {"faces": (LOOKING,), "unavailable": {Check.OBJECTS: "no weights"}},
        "dark": {},
        "covered": {},
        "blurred": {},
        "frozen": {"faces": (LOOKING,), "objects": (PERSON,)},
    }[word]
    quality = sharp(0 if word == "frozen" else number + 1)
    if word in ("dark", "covered", "blurred"):
        quality = sharp(number + 1, faults=(CameraFault(word),))
    looked_for = ALL_CHECKS - seen.get("unavailable", {}).keys()
    return PictureAnalysis(quality, looked_for=looked_for, models={"objects": "yolov8n 8.4"}, **seen)


def picture(word: str, number: int, *, interval: float = 10.0) -> Picture:
    """Picture `number` (from 1) of a session. `waiting` and `failed` were not looked at; `other` has another face."""
    at, own = START + timedelta(seconds=interval * number), UUID(int=number)
    if word in ("waiting", "failed"):
        return Picture(own, number, at, None, failure="broken" if word == "failed" else "")
    likeness = {"other": Likeness.MISMATCH, "unsure": Likeness.UNSURE}.get(word, Likeness.MATCH)
    similarity = {"other": 0.1, "unsure": 0.4}.get(word, 0.8)
    looks = "clean" if word in ("other", "unsure") else word
    return Picture(own, number, at, analysis(looks, number), likeness=likeness, similarity=similarity)


def pictures(words: Iterable[str], *, interval: float = 10.0) -> list[Picture]:
    """Pictures 1, 2, 3 ... of those words; `-` is one that never came."""
    return [
        picture(word, number, interval=interval) for number, word in enumerate(words, start=1) if word not in ("-", "")
    ]


def event(type: str, second: float, *, seconds: float | None = None, number: int = 0, **details: object) -> PageEvent:
    """A page event so many seconds after the start."""
    own = UUID(int=10_000 + int(second * 1000) + number * 7)
    return PageEvent(own, type, START + timedelta(seconds=second), seconds, dict(details))


def material(
    words: str | Sequence[str] = (), *, events: Sequence[PageEvent] = (), interval: float = 10.0, running: bool = False
) -> Material:
    """A session of those pictures: words apart by spaces, `clean*5` five times."""
    if isinstance(words, str):
        parts = (each.partition("*") for each in words.split())
        words = [word for word, _, times in parts for _ in range(int(times or 1))]
    end = START + timedelta(seconds=interval * (len(words) + 1))
    return Material(
        started_at=START, ended_at=None if running else end, now=end, pictures=pictures(words), events=events
    )


def kinds(found: Findings) -> list[str]:
    """The kinds of the anomalies, in order."""
    return [anomaly.kind.value for anomaly in found.anomalies]


def kinds_in(words: str, **more: object) -> list[str]:
    """The kinds of anomalies in such a session."""
    return kinds(assess(material(words, **more)))
