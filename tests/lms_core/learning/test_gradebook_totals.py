"""The course total by properties, and by examples worked out by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.learning.gradebook.scales import PRESETS, Band, band_of
from lms_core.learning.gradebook.totals import Aggregation, Branch, Empty, Leaf, course_total, percent

SLIGHT = 1e-9
Marks = dict[str, float]


@st.composite
def _branch(draw: st.DrawFn, key: str, children: tuple[Leaf | Branch, ...]) -> Branch:
    return Branch(
        key,
        children,
        weight=draw(st.integers(0, 5)),
        aggregation=draw(st.sampled_from(Aggregation)),
        empty=draw(st.sampled_from(Empty)),
        drop_lowest=draw(st.integers(0, 3)),
        keep_highest=draw(st.none() | st.integers(1, 3)),
    )


@st.composite
def gradebooks(draw: st.DrawFn, *, extra_credit: bool) -> tuple[Branch, Marks, set[str]]:
    """A course of up to three categories, one nested, up to twelve columns, and what somebody got in them."""
    extra = st.booleans() if extra_credit else st.just(False)
    leaves = [
        Leaf(f"i{at}", draw(st.integers(1, 50)), weight=draw(st.integers(0, 4)), extra_credit=draw(extra))
        for at in range(draw(st.integers(1, 12)))
    ]
    places: dict[int, list[Leaf]] = {at: [] for at in range(4)}
    for leaf in leaves:
        places[draw(st.integers(0, 3))].append(leaf)
    nested = draw(_branch("nested", tuple(places[3])))
    outer = [draw(_branch("c1", (nested, *places[1]))), draw(_branch("c2", tuple(places[2])))]
    root = replace(draw(_branch("root", (*outer, *places[0]))), key=None)
    names = [leaf.key for leaf in leaves]
    marked = draw(st.dictionaries(st.sampled_from(names), st.floats(0, 1), max_size=len(names)))
    return root, marked, draw(st.sets(st.sampled_from(names), max_size=2))


def _each_branch(root: Branch) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for at, child in enumerate(root.children):
        if isinstance(child, Branch):
            found += [(at, *rest) for rest in _each_branch(child)]
    return found


def _changed(root: Branch, path: tuple[int, ...], drop: int) -> Branch:
    """`root` with the branch at `path` dropping `drop` children."""
    if not path:
        return replace(root, drop_lowest=drop, keep_highest=None)
    children = list(root.children)
    inner = children[path[0]]
    assert isinstance(inner, Branch)
    children[path[0]] = _changed(inner, path[1:], drop)
    return replace(root, children=tuple(children))


@given(gradebooks(extra_credit=False))
def test_without_extra_credit_a_total_is_within_0_and_100(case: tuple[Branch, Marks, set[str]]) -> None:
    total = course_total(*case)
    for fraction in (total.fraction, *(part.fraction for part in total.parts.values())):
        assert fraction is None or -SLIGHT <= fraction <= 1 + SLIGHT


@given(gradebooks(extra_credit=True), st.integers(0, 3), st.data())
def test_dropping_more_never_lowers_a_total(
    case: tuple[Branch, Marks, set[str]], drop: int, data: st.DataObject
) -> None:
    root, marks, excused = case
    path = data.draw(st.sampled_from(_each_branch(root)))
    before = course_total(_changed(root, path, drop), marks, excused).fraction
    after = course_total(_changed(root, path, drop + 1), marks, excused).fraction
    if before is not None and not _drops_categories(root):
        assert after is not None and after >= before - SLIGHT


def _drops_categories(root: Branch) -> bool:
    """Whether a level above drops whole categories: better marks inside may then change which one is dropped."""
    return any(
        (child.drop_lowest or child.keep_highest) and any(isinstance(each, Branch) for each in child.children)
        for child in (root, *(each for each in root.children if isinstance(each, Branch)))
    )


@given(gradebooks(extra_credit=True), st.floats(0.01, 100))
def test_only_the_proportion_of_weights_and_points_matters(case: tuple[Branch, Marks, set[str]], factor: float) -> None:
    root, marks, excused = case

    def scaled(node: Leaf | Branch) -> Leaf | Branch:
        if isinstance(node, Leaf):
            return replace(node, weight=node.weight * factor, maximum=node.maximum * factor)
        return replace(node, weight=node.weight * factor, children=tuple(map(scaled, node.children)))

    one, other = course_total(root, marks, excused), course_total(scaled(root), marks, excused)  # type: ignore[arg-type]
    assert (one.fraction is None) == (other.fraction is None)
    assert one.fraction is None or one.fraction == pytest.approx(other.fraction)


@given(gradebooks(extra_credit=True), st.data())
def test_a_better_mark_never_lowers_a_total(case: tuple[Branch, Marks, set[str]], data: st.DataObject) -> None:
    root, marks, excused = case
    if not marks:
        return
    name = data.draw(st.sampled_from(sorted(marks)))
    better = {**marks, name: data.draw(st.floats(marks[name], 1))}
    before, after = course_total(root, marks, excused).fraction, course_total(root, better, excused).fraction
    if before is not None and not _drops_unequal(root):
        assert after is not None and after >= before - SLIGHT


def _drops_unequal(root: Branch) -> bool:
    """Where children of unequal weight are dropped, a better mark may change which one stays (as in every system)."""
    branches = [root, *(each for each in root.children if isinstance(each, Branch))]
    branches += [each for child in branches[1:] for each in child.children if isinstance(each, Branch)]
    return any(each.drop_lowest or each.keep_highest for each in branches)


def _root(*children: Leaf | Branch, **rules: object) -> Branch:
    return Branch(None, children, **rules)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("root", "marks", "expected"),
    [
        # natural: 8 + 30 of 10 + 40
        (_root(Leaf("a", 10), Leaf("b", 40)), {"a": 0.8, "b": 0.75}, 76.0),
        # what has no mark is left out, or is a zero
        (_root(Leaf("a", 10), Leaf("b", 40)), {"a": 0.8}, 80.0),
        (_root(Leaf("a", 10), Leaf("b", 40), empty=Empty.ZERO), {"a": 0.8}, 16.0),
        # weighted 30 : 70
        (
            _root(Leaf("a", 10, weight=30), Leaf("b", 40, weight=70), aggregation=Aggregation.WEIGHTED),
            {"a": 0.8, "b": 0.5},
            59.0,
        ),
        # extra credit adds above the line only: (8 + 30 + 5) / 50
        (_root(Leaf("a", 10), Leaf("b", 40), Leaf("x", 5, extra_credit=True)), {"a": 0.8, "b": 0.75, "x": 1.0}, 86.0),
        # the lowest of three is dropped: (9 + 7) / 20
        (_root(*(Leaf(each, 10) for each in "abc"), drop_lowest=1), {"a": 0.9, "b": 0.2, "c": 0.7}, 80.0),
        # the best of three is kept
        (_root(*(Leaf(each, 10) for each in "abc"), keep_highest=1), {"a": 0.9, "b": 0.2, "c": 0.7}, 90.0),
        # one always stays
        (_root(Leaf("a", 10), drop_lowest=3), {"a": 0.4}, 40.0),
        # a category under weights: tests 80 %, homework 20 %
        (
            _root(
                Branch("t", (Leaf("a", 50), Leaf("b", 50)), weight=80),
                Branch("h", (Leaf("c", 10), Leaf("d", 10)), weight=20, drop_lowest=1),
                aggregation=Aggregation.WEIGHTED,
            ),
            {"a": 0.6, "b": 0.8, "c": 0.1, "d": 1.0},
            76.0,
        ),
        (_root(Leaf("a", 10)), {}, None),
        (_root(Leaf("a", 10, weight=0), aggregation=Aggregation.WEIGHTED), {"a": 1.0}, None),
    ],
)
def test_examples_worked_out_by_hand(root: Branch, marks: Marks, expected: float | None) -> None:
    assert percent(course_total(root, marks).fraction) == expected


def test_an_excused_column_counts_for_nothing_even_where_missing_is_zero() -> None:
    root = _root(Leaf("a", 10), Leaf("b", 10), empty=Empty.ZERO)
    assert percent(course_total(root, {"a": 0.5}, {"b"}).fraction) == 50.0


def test_what_is_dropped_is_named() -> None:
    root = _root(Branch("c", (Leaf("a", 10), Leaf("b", 10)), drop_lowest=1))
    total = course_total(root, {"a": 0.5, "b": 0.9})
    assert (total.dropped, total.parts["c"].possible) == ({"a"}, 10)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_percentage_has_a_letter(preset: str) -> None:
    bands = PRESETS[preset]
    assert [band.from_percent for band in bands] == sorted((band.from_percent for band in bands), reverse=True)
    assert all(band_of(bands, each / 4) is not None for each in range(480))


def test_a_letter_begins_at_its_percentage() -> None:
    assert band_of(PRESETS["kcse"], 79.99) == Band("A-", 75, 11)
    assert band_of(PRESETS["kcse"], 80.0) == Band("A", 80, 12)
    assert band_of(PRESETS["kcse"], None) is None
