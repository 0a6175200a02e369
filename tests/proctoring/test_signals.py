"""What one picture, and what the page, says at one moment."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from proctoring.detection.schemas import Check, Likeness, PictureAnalysis
from proctoring.signals import page, pictures, sameness, watching
from proctoring.signals.calibration import baseline_of
from proctoring.signals.schemas import Baseline, Detector, Gap, Kind, Reading, Rules, Signal
from tests.proctoring.material import LOOKING, PERSON, PHONE, START, analysis, event, picture, sharp
from tests.proctoring.material import pictures as series

END = START + timedelta(minutes=10)


def read(word: str, *, rules: Rules | None = None, **changes: object) -> Reading:
    """The reading of a picture of `word`, its fields changed as said."""
    found = pictures.read(
        replace(picture(word, 1), **changes), rules=rules or Rules(), baseline=Baseline(yaw=2, pitch=-8)
    )
    assert found is not None
    return found


def kinds(reading: Reading) -> set[str]:
    """The kinds of its signals."""
    return {signal.kind.value for signal in reading.signals}


def test_a_picture_nobody_looked_at_says_nothing() -> None:
    assert pictures.read(picture("waiting", 1), rules=Rules(), baseline=None) is None


def test_what_was_not_looked_for_is_neither_there_nor_clean() -> None:
    only_faces = replace(analysis("phone", 1), looked_for=frozenset({Check.FACES}))
    reading = read("phone", analysis=only_faces, likeness=None)
    assert reading.looked == {Kind.SEVERAL_PERSONS, Kind.FACE_MISSING, Kind.FACE_COVERED}
    assert not reading.signals


def test_a_phone_that_the_policy_allows_is_not_looked_for() -> None:
    assert kinds(read("phone")) == {"phone"}
    allowed = read("phone", rules=Rules(phone_forbidden=False))
    assert not allowed.signals and Kind.PHONE not in allowed.looked


def test_allowed_material_is_not_forbidden() -> None:
    assert kinds(read("book")) == {"forbidden_material"}
    assert not read("book", rules=Rules(forbidden_labels=frozenset({"laptop"}))).signals


def test_the_threshold_decides_what_counts_as_a_phone() -> None:
    faint = replace(analysis("phone", 1), objects=(PERSON, replace(PHONE, confidence=0.3)))
    assert kinds(read("phone", analysis=faint)) == {"phone"}
    assert not kinds(read("phone", analysis=faint, rules=Rules(phone_confidence=0.4)))


@pytest.mark.parametrize(
    ("likeness", "looked", "seen"),
    [
        (Likeness.MATCH, True, False),
        (Likeness.MISMATCH, True, True),
        (Likeness.UNSURE, False, False),
        (None, False, False),
    ],
)
def test_between_match_and_mismatch_nothing_is_said(likeness: Likeness | None, looked: bool, seen: bool) -> None:
    reading = read("clean", likeness=likeness, similarity=0.3)
    assert ((Kind.OTHER_PERSON in reading.looked), ("other_person" in kinds(reading))) == (looked, seen)


def test_a_dark_picture_with_a_phone_is_only_dark() -> None:
    dark = replace(analysis("phone", 1), quality=analysis("dark", 1).quality)
    reading = read("phone", analysis=dark)
    assert kinds(reading) == {"camera_dark"} and Kind.PHONE not in reading.looked


def test_on_a_turned_head_the_eyes_are_not_judged() -> None:
    both = replace(analysis("clean", 1), faces=(replace(LOOKING, yaw=50.0, gaze=(0.6, 0.0)),))
    assert kinds(read("clean", analysis=both)) == {"face_turned"}


def test_what_is_switched_off_is_not_looked_for() -> None:
    off = pictures.read(
        picture("turned", 1), rules=Rules(), baseline=Baseline(), off=frozenset({Detector.HEAD, Detector.GAZE})
    )
    assert off is not None and not off.signals and not {Kind.FACE_TURNED, Kind.GAZE_ASIDE} & off.looked


def test_the_baseline_is_the_median_of_single_faces() -> None:
    analyses = [
        replace(analysis("clean", number), faces=(replace(LOOKING, yaw=yaw),))
        for number, yaw in enumerate((1.0, 5.0, 60.0))
    ]
    found = baseline_of([*analyses, analysis("two", 9)], origin="pre-check")
    assert found is not None and (found.yaw, found.pitch, found.gaze) == (5.0, -8.0, (0.02, 0.0))
    assert baseline_of([analysis("nobody", 1)], origin="pre-check") is None


def _sameness(analyses: list[PictureAnalysis]) -> list[set[str]]:
    shots = [
        replace(each, analysis=found) for each, found in zip(series(["clean"] * len(analyses)), analyses, strict=True)
    ]
    readings = [Reading(each.id, each.at, (), frozenset()) for each in shots]
    return [kinds(each) for each in sameness.add_sameness(shots, readings, rules=Rules())]


def test_a_frame_encoded_anew_is_the_same_and_a_living_one_is_not() -> None:
    first = sharp(1)
    again = replace(first, digest="other", thumbnail=bytes(min(255, value + value % 2) for value in first.thumbnail))
    living = replace(first, digest="living", thumbnail=bytes(min(255, value + 2) for value in first.thumbnail))
    found = _sameness([replace(analysis("clean", 1), quality=each) for each in (first, again, living)])
    assert found == [set(), {"camera_frozen"}, set()]


def test_black_pictures_are_dark_and_not_frozen() -> None:
    dark = replace(analysis("dark", 1), quality=replace(analysis("dark", 1).quality, digest="same"))
    assert _sameness([dark, dark, dark]) == [set(), set(), set()]


def test_hidden_is_strong_and_blur_is_weak() -> None:
    events = [event("tab_hidden", 10, seconds=30), event("window_blur", 60, seconds=30)]
    hidden, blurred = page.read(events, rules=Rules(), until=END)
    assert (hidden.kind, blurred.kind) == (Kind.LEFT_PAGE, Kind.LEFT_PAGE)
    assert hidden.confidence == 0.9 and blurred.confidence == 0.3


@pytest.mark.parametrize(
    "harmless",
    [
        event("tab_hidden", 10, seconds=0.5),
        event("window_blur", 10, seconds=2),
        event("paste", 10, characters=30),
        event("copy", 10, characters="many"),
        event("speech", 10, seconds=1),
        event("context_menu", 10),
        event("something_new", 10),
        event("fullscreen_entered", 10),
    ],
    ids=lambda each: each.type,
)
def test_small_things_are_no_signal(harmless: object) -> None:
    assert page.read([harmless], rules=Rules(), until=END) == ()


def test_a_muted_camera_that_comes_back_is_a_span() -> None:
    events = [event("camera_muted", 10), event("camera_unmuted", 25), event("camera_ended", 50)]
    first, second = page.read(events, rules=Rules(), until=END)
    assert (first.until - first.at).total_seconds() == 15
    assert second.until == END


def test_numbers_that_never_came_are_counted_between_their_neighbours() -> None:
    shots = [each for each in series(["clean"] * 9) if each.sequence not in (4, 5, 8)]
    found = watching.missing_snapshots(shots)
    assert [signal.numbers["missing"] for signal in found] == [2, 1]
    assert found[0].sources == (UUID(int=3), UUID(int=6))


def test_overlapping_gaps_are_counted_once_and_single_checks_where_asked() -> None:
    def at(seconds: int) -> object:
        return START + timedelta(seconds=seconds)

    spans = [
        Gap(at(0), at(30), "a"),
        Gap(at(20), at(40), "b"),
        Gap(at(60), at(70), "c"),
        Gap(at(0), at(99), "d", "gaze"),
    ]
    assert watching.total_seconds(spans) == 50
    assert watching.total_seconds(spans, of_checks=True) == 99


def test_a_page_that_falls_silent_is_a_gap() -> None:
    def at(seconds: int) -> datetime:
        return START + timedelta(seconds=seconds)

    found = watching.silences([(at(-20), at(30)), (at(60), None), (at(300), at(400))], started_at=START, until=at(250))
    assert [((gap.ended_at - gap.started_at).total_seconds(), gap.reason) for gap in found] == [
        (30, "no_contact"),
        (190, "no_contact"),
    ]


def test_a_signal_names_its_source_and_moment() -> None:
    (signal,) = read("phone").signals
    assert isinstance(signal, Signal) and (signal.sources, signal.confidence) == ((UUID(int=1),), 0.6)
