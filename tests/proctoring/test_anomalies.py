"""When signals become anomalies: persistence, quality gates, merging, time not watched."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctoring.anomalies.findings import assess
from proctoring.anomalies.hysteresis import merge, spans_of_pictures
from proctoring.anomalies.models import Severity
from proctoring.anomalies.rules import DEFAULTS, TABLE, Source, rules_for
from proctoring.detection.schemas import Check
from proctoring.signals import pictures as reading_pictures
from proctoring.signals.schemas import Baseline, Kind, Rules
from tests.proctoring.material import START, event, kinds, kinds_in, material, pictures

WORDS = ("clean", "phone", "book", "two", "nobody", "hidden", "turned", "aside", "dark", "covered", "other", "waiting")
sessions = st.lists(st.sampled_from(WORDS), max_size=14)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("clean*6", []),
        ("clean phone phone clean*3", ["phone"]),
        ("clean phone clean phone clean*3", ["phone"]),
        ("clean phone clean clean phone clean*3", []),
        ("clean two*3 clean*3", ["several_persons"]),
        ("clean book*2 clean*2", ["forbidden_material"]),
        ("clean nobody*3 clean*2", ["no_person"]),
        ("clean nobody*2 clean*2", []),
        ("clean hidden*3 clean*2", ["face_covered"]),
        ("clean bowed*3 clean*2", ["face_missing"]),
        ("clean*4 turned*3 clean*3", ["face_turned"]),
        ("clean*4 aside*3 clean*3", ["gaze_aside"]),
        ("clean other*3 clean*3", ["other_person"]),
        ("clean other unsure other unsure other clean*3", ["other_person"]),
        ("clean unsure*5 clean*3", []),
        ("clean*3 frozen*4 clean*3", ["camera_frozen"]),
        ("clean covered*2 clean*3", ["camera_covered"]),
    ],
)
def test_what_lasts_is_flagged_and_what_flickers_is_not(words: str, expected: list[str]) -> None:
    assert kinds_in(words) == expected


@pytest.mark.parametrize("word", ["dark", "covered", "blurred"])
def test_a_bad_picture_tells_about_the_camera_and_nothing_about_the_person(word: str) -> None:
    found = assess(material(f"clean {word}*5 clean*2"))
    assert kinds(found) == [f"camera_{word}"]


def test_a_missing_face_weighs_nothing_and_brings_advice_first() -> None:
    found = assess(material("clean bowed*2", running=True))
    assert kinds(found) == [] and found.advice == ("show_face",)
    later = assess(material("clean bowed*4", running=True))
    assert [(each.kind, each.severity, each.ongoing) for each in later.anomalies] == [("face_missing", "info", True)]
    for kind in (Kind.FACE_MISSING, Kind.CAMERA_DARK, Kind.CAMERA_BLURRED, Kind.NETWORK_GAP, Kind.SNAPSHOTS_MISSING):
        assert DEFAULTS[kind].weight == 0 and DEFAULTS[kind].severity is Severity.INFO
        assert rules_for(weights={kind: 50.0}, seconds={}, off=frozenset())[kind].weight == 0


def test_a_looped_camera_shows_earlier_pictures_again() -> None:
    loop = pictures(["clean"] * 6)
    again = [
        replace(loop[number % 6], id=each.id, at=each.at, sequence=each.sequence)
        for number, each in enumerate(pictures(["clean"] * 18))
    ]
    found = assess(replace(material("clean*18"), pictures=again))
    assert kinds(found) == ["camera_looped"]
    assert found.anomalies[0].numbers["difference"] == 0


def test_missing_weights_leave_time_not_watched_and_nothing_clean() -> None:
    blind = [
        replace(each, analysis=replace(each.analysis, looked_for=frozenset(), unavailable={Check.OBJECTS: "weights"}))
        for each in pictures(["phone"] * 4)
    ]
    found = assess(replace(material("phone*4"), pictures=blind))
    assert kinds(found) == []
    assert [(gap.reason, gap.check) for gap in found.not_watched] == [("check_unavailable", "objects")]


def test_what_was_not_looked_for_is_not_watched_from_the_first_second_to_the_last() -> None:
    blind = [
        replace(each, analysis=replace(each.analysis, unavailable={Check.OBJECTS: "weights"}))
        for each in pictures(["clean"] * 5)
    ]
    found = assess(replace(material("clean*5"), pictures=blind))
    (gap,) = found.not_watched
    assert (gap.check, gap.started_at, gap.ended_at) == ("objects", START, START + timedelta(seconds=60))
    assert (found.watched_seconds, found.total_seconds) == (0, 60)
    came_late = assess(replace(material("clean*5"), pictures=[*blind[:2], *pictures(["clean"] * 5)[2:]]))
    assert came_late.watched_seconds == 30


def test_time_not_watched_is_told_and_never_flagged() -> None:
    found = assess(material("clean*3 waiting*4 clean*2 failed*4 clean*2"))
    assert kinds(found) == []
    assert [gap.reason for gap in found.not_watched] == ["waiting", "model_error"]
    assert found.watched_seconds == found.total_seconds - 80
    lost = assess(material("clean*3 - - - - clean*2"))
    assert [gap.reason for gap in lost.not_watched] == ["no_pictures"]
    assert [(each.kind, each.severity, each.numbers["missing"]) for each in lost.anomalies] == [
        ("snapshots_missing", "info", 4)
    ]


def test_a_session_without_one_picture_was_not_watched_at_all() -> None:
    end = START + timedelta(minutes=5)
    found = assess(replace(material(), ended_at=end, now=end))
    assert found.watched_seconds == 0 and found.total_seconds == 300 and not found.anomalies


def test_page_events_become_anomalies_with_their_numbers() -> None:
    events = [
        event("tab_hidden", 12),
        event("tab_hidden", 12, seconds=9, number=1),
        event("window_blur", 60, seconds=2),
        event("paste", 90, characters=400),
        event("paste", 140, characters=12),
        event("fullscreen_exit", 200),
        event("fullscreen_entered", 206),
        event("speech", 240, seconds=7, decibels=-30),
        event("print", 300),
    ]
    found = assess(material("clean*35", events=events))
    assert kinds(found) == ["left_page", "paste", "fullscreen_left", "speech", "print"]
    left, paste = found.anomalies[:2]
    assert (left.numbers["hidden_seconds"], paste.numbers["characters"]) == (9, 400)
    assert left.evidence == () and left.events


def test_a_page_left_and_not_come_back_to_is_still_left() -> None:
    found = assess(material("clean*8", events=[event("tab_hidden", 40)], running=True))
    assert [(each.kind, each.ongoing, each.numbers["hidden_seconds"]) for each in found.anomalies] == [
        ("left_page", True, 50)
    ]


def test_the_end_of_a_sound_track_is_not_the_end_of_the_camera() -> None:
    events = [event("camera_ended", 20, track="audio"), event("camera_muted", 40, track="video")]
    found = assess(material("clean*6", events=events))
    assert [(each.kind, each.numbers["seconds"]) for each in found.anomalies] == [("camera_stopped", 30)]


def test_a_detector_that_keeps_failing_on_a_person_is_switched_off_and_said() -> None:
    found = assess(material("clean*10 aside*30"))
    assert kinds(found) == []
    assert [(each.detector, each.reason) for each in found.switched_off] == [("gaze", "always")]


def test_head_direction_is_judged_from_the_persons_own_baseline() -> None:
    turned = pictures(["turned"])[0]
    straight = reading_pictures.read(turned, rules=Rules(), baseline=Baseline(yaw=48, pitch=-8, gaze=(0.02, 0)))
    crooked = reading_pictures.read(turned, rules=Rules(), baseline=Baseline())
    assert straight is not None and not straight.signals
    assert crooked is not None and [each.kind for each in crooked.signals] == [Kind.FACE_TURNED]


@given(sessions)
def test_one_picture_never_makes_an_anomaly(words: list[str]) -> None:
    found = assess(material(words))
    of_pictures = [each for each in found.anomalies if DEFAULTS[each.kind].source is Source.PICTURES]
    assert all(each.numbers["seen"] >= 2 for each in of_pictures)
    assert all(rule.hits >= 2 for rule in TABLE if rule.source is Source.PICTURES)


@given(sessions, st.randoms())
def test_neither_order_nor_repetition_of_arrival_matters(words: list[str], random: object) -> None:
    whole = material(words)
    shuffled = [*whole.pictures, *whole.pictures[:3]]
    random.shuffle(shuffled)
    assert assess(replace(whole, pictures=shuffled)) == assess(whole)


@given(sessions)
def test_merging_twice_changes_nothing(words: list[str]) -> None:
    readings = [
        reading
        for each in pictures(words)
        if (reading := reading_pictures.read(each, rules=Rules(), baseline=Baseline())) is not None
    ]
    for rule in TABLE:
        if rule.source is Source.PICTURES:
            spans = merge(spans_of_pictures(readings, rule, silence=60), seconds=30)
            assert merge(spans, seconds=30) == spans
            gaps = [(after.started_at - before.ended_at).total_seconds() for before, after in pairwise(spans)]
            assert all(gap > 30 for gap in gaps)


@given(sessions)
def test_every_anomaly_lies_in_the_session_and_names_what_it_saw(words: list[str]) -> None:
    whole = material(words)
    known = {each.id for each in whole.pictures}
    for anomaly in assess(whole).anomalies:
        assert whole.started_at <= anomaly.started_at <= anomaly.ended_at <= whole.until
        assert set(anomaly.evidence) <= known and 0 <= anomaly.confidence <= 1
