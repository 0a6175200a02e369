"""Properties: penalties, judging, anchors, fingerprints and the draw of peer reviews."""

import random
import string
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.learning.assignments import allocation, judging, penalties, winnowing
from lms_core.learning.assignments.annotating import anchor, pieces
from lms_core.learning.assignments.models import LateRule
from lms_core.learning.assignments.schemas import Criterion, Level
from lms_core.learning.assignments.sheets import Annotation, AnnotationIn, Judgement

DUE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PERCENT = st.floats(0, 100, allow_nan=False)
DAYS = st.integers(0, 400)


@given(st.timedeltas(timedelta(0), timedelta(days=300)))
def test_days_late_are_days_begun(late: timedelta) -> None:
    days = penalties.days_late(DUE + late, DUE)
    assert timedelta(days=days - 1) < late <= timedelta(days=days)
    assert penalties.days_late(DUE + late, None) == penalties.days_late(DUE - late, DUE) == 0


@given(st.sampled_from(LateRule), DAYS, PERCENT, PERCENT)
def test_later_never_keeps_more_and_the_floor_holds(rule: LateRule, days: int, percent: float, floor: float) -> None:
    kept = penalties.kept_percent(rule, days=days, percent=percent, floor=floor)
    more = penalties.kept_percent(rule, days=days + 1, percent=percent, floor=floor)
    assert 0 <= more <= kept <= 100
    assert kept == 100 or (rule == LateRule.PERCENT and kept >= round(floor, 2))


@given(st.floats(0, 1000, allow_nan=False).map(lambda points: round(points, 2)), PERCENT)
def test_a_penalty_only_takes(earned: float, kept: float) -> None:
    assert 0 <= penalties.after(earned, kept) <= earned
    assert penalties.after(earned, 100) == earned


LEVELS = st.lists(st.integers(0, 20), min_size=2, max_size=5).filter(any)


@given(st.lists(LEVELS, min_size=1, max_size=6), st.data(), st.integers(1, 200))
def test_judgements_come_to_the_share_of_the_scheme(shape: list[list[int]], data: st.DataObject, top: int) -> None:
    criteria = [
        Criterion(
            id=f"c{place}",
            title="C",
            maximum=max(levels),
            levels=[Level(id=f"l{n}", title="L", points=points) for n, points in enumerate(levels)],
        )
        for place, levels in enumerate(shape)
    ]
    chosen = {each.id: data.draw(st.sampled_from(each.levels)) for each in criteria}
    judged = judging.checked(criteria, {key: Judgement(level=level.id) for key, level in chosen.items()})
    total = judging.total(criteria, judged, maximum=top)
    earned, most = sum(each.points for each in chosen.values()), sum(each.maximum for each in criteria)
    assert total == pytest.approx(earned / most * top, abs=0.00501)
    assert judging.total(criteria, dict(list(judged.items())[1:]), maximum=top) is None


@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=9))
def test_the_median_lies_among_what_was_given(points: list[float]) -> None:
    middle = judging.middle(points)
    assert middle is None if not points else min(points) - 0.01 <= (middle or 0) <= max(points) + 0.01


@given(st.text(alphabet="ab \n", min_size=1, max_size=60), st.data())
def test_anchors_hold_their_quotes_and_pieces_are_the_text(text: str, data: st.DataObject) -> None:
    spans = data.draw(
        st.lists(
            st.tuples(st.integers(0, len(text) - 1), st.integers(1, 20)).map(lambda s: (s[0], s[0] + s[1])), max_size=5
        )
    )
    found = []
    for start, end in spans:
        quote = text[start:end]
        placed = anchor(text, AnnotationIn(quote=quote, comment="why", start=start))
        assert (placed.start, text[placed.start : placed.end]) == (start, quote)
        found.append(placed)
    cut = pieces(text, found)
    assert "".join(each.text for each in cut) == text
    assert sorted(number for each in cut for number in each.starts) == list(range(1, len(found) + 1))
    for number, each in enumerate(found, start=1):
        assert "".join(piece.text for piece in cut if number in piece.numbers) == each.quote


def test_an_annotation_past_the_text_marks_nothing() -> None:
    lost = Annotation(start=5, end=50, quote="gone", comment="?")
    assert [(each.text, each.numbers) for each in pieces("short one", [lost])] == [("short one", ())]


LETTERS = st.text(alphabet=string.ascii_lowercase, min_size=winnowing.K + winnowing.WINDOW - 1, max_size=120)


@given(LETTERS, st.text(alphabet=string.ascii_uppercase, max_size=200), st.text(max_size=80))
def test_a_long_enough_shared_passage_is_always_found(shared: str, before: str, after: str) -> None:
    one, other = f"{before} {shared}", f"{shared.upper()} -- {after}"
    ours, theirs = winnowing.fingerprints(one), winnowing.fingerprints(other)
    assert ours.keys() & theirs.keys()
    found = winnowing.passages(one, other, ours, theirs)
    assert found and all(each.first in one and each.second in other for each in found)


@given(st.text(max_size=400))
def test_fingerprints_point_into_the_text_and_pack_whole(text: str) -> None:
    found = winnowing.fingerprints(text)
    assert winnowing.unpack(winnowing.pack(found)) == found.keys()
    assert all(sum(each.isalnum() for each in text[start:end]) == winnowing.K for start, end in found.values())
    assert all(len([*filter(str.isalnum, text)]) >= winnowing.K for _ in found)


def test_what_differs_shares_nothing() -> None:
    chance = random.Random(4)
    one, other = ("".join(chance.choices(string.ascii_lowercase, k=5000)) for _ in range(2))
    assert not winnowing.fingerprints(one).keys() & winnowing.fingerprints(other).keys()


@given(st.integers(2, 40), st.data())
def test_the_draw_is_balanced_and_never_oneself(people: int, data: st.DataObject) -> None:
    reviews, seed = data.draw(st.integers(1, people - 1)), data.draw(st.text(max_size=8))
    pairs = allocation.draw(range(people), reviews=reviews, seed=seed)
    assert len(set(pairs)) == len(pairs) == people * reviews
    assert all(reviewer != reviewed for reviewer, reviewed in pairs)
    assert set(Counter(reviewer for reviewer, _ in pairs).values()) == {reviews}
    assert set(Counter(reviewed for _, reviewed in pairs).values()) == {reviews}
    assert pairs == allocation.draw(range(people), reviews=reviews, seed=seed)


@pytest.mark.parametrize(("people", "reviews"), [(0, 1), (1, 1), (3, 3), (3, 0)])
def test_too_few_people_cannot_review(people: int, reviews: int) -> None:
    with pytest.raises(ValueError, match="fewer"):
        allocation.draw(range(people), reviews=reviews, seed="x")
