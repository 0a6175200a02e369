"""Random draws, by properties: numbers, no question twice, the same again, everything reachable, new ones first."""

from itertools import combinations
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.learning.assessments import drawing, pools
from lms_core.learning.assessments.drawing import Draw, Fixed, LaidSection, Layout
from lms_core.learning.assessments.models import QuestionType

IDS = [UUID(int=number) for number in range(1, 13)]
BANK = UUID(int=100)


def laid(*draws: Draw, shuffle: bool = False) -> Layout:
    """Each draw in a section of its own, after one fixed question."""
    fixed = LaidSection(
        title="",
        instructions_html="",
        shuffle=False,
        new_page=False,
        slots=(Fixed(question_id=UUID(int=99), points=2.0),),
    )
    rest = [
        LaidSection(title="", instructions_html="", shuffle=shuffle, new_page=False, slots=(draw,)) for draw in draws
    ]
    return Layout(sections=(fixed, *rest))


@st.composite
def layouts(draw: st.DrawFn) -> list[Draw]:
    """Up to three draws of overlapping candidates, of more than there are, too."""
    found = []
    for place in range(draw(st.integers(1, 3))):
        chosen = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=8))
        count = draw(st.integers(1, 5))
        found.append(Draw(id=UUID(int=200 + place), count=count, points=1.5, candidates=tuple(chosen)))
    return found


def fitted(draws: list[Draw]) -> list[Draw]:
    """The draws as a paper has them."""
    counts = drawing.possible(draws)
    return [one.model_copy(update={"count": count}) for one, count in zip(draws, counts, strict=True) if count]


@settings(max_examples=50, deadline=None)
@given(draws=layouts(), seed=st.integers(0, 2**31), had=st.sets(st.sampled_from(IDS)), shuffle=st.booleans())
def test_an_attempt_has_every_question_it_should_and_none_twice(
    draws: list[Draw], seed: int, had: set[UUID], shuffle: bool
) -> None:
    layout = laid(*fitted(draws), shuffle=shuffle)
    drawn = drawing.draw(layout, seed=seed, had=had)
    assert drawn == drawing.draw(layout, seed=seed, had=had)
    assert len({each.id for each in drawn}) == len(drawn) == layout.question_count()
    assert round(sum(each.points for each in drawn), 2) == layout.points()
    for place, one in enumerate(layout.draws(), start=1):
        inside = [each for each in drawn if each.section == place]
        assert len(inside) == one.count and {each.id for each in inside} <= set(one.candidates)
        assert {each.points for each in inside} == {1.5}


@settings(max_examples=50, deadline=None)
@given(draws=layouts())
def test_what_is_possible_is_the_most_there_is_and_earlier_draws_come_first(draws: list[Draw]) -> None:
    def exists(counts: list[int]) -> bool:
        """Whether so many can be had, by trying (Hall's condition over every set of draws)."""
        for size in range(1, len(draws) + 1):
            for some in combinations(range(len(draws)), size):
                together = set().union(*(draws[each].candidates for each in some))
                if sum(counts[each] for each in some) > len(together):
                    return False
        return True

    found = drawing.possible(draws)
    assert exists(found)
    for place, one in enumerate(draws):
        more = [*found[:place], found[place] + 1, *[0] * (len(draws) - place - 1)]
        assert found[place] == one.count or not exists(more), "one more, leaving those after it nothing, is too many"


@settings(max_examples=30, deadline=None)
@given(size=st.integers(2, 8), count=st.integers(1, 3), had=st.sets(st.integers(0, 7)))
def test_every_candidate_can_come_and_new_ones_come_first(size: int, count: int, had: set[int]) -> None:
    candidates = tuple(IDS[:size])
    layout = laid(Draw(id=UUID(int=200), count=min(count, size), points=1.0, candidates=candidates))
    seen: set[UUID] = set()
    for seed in range(150):
        seen |= {each.id for each in drawing.draw(layout, seed=seed)[1:]}
    assert seen == set(candidates)
    known = {IDS[each] for each in had} & set(candidates)
    new = set(candidates) - known
    got = {each.id for each in drawing.draw(layout, seed=7, had=known)[1:]}
    assert len(got & new) == min(len(got), len(new))


def test_a_narrow_draw_gets_its_questions_from_a_wide_one_before_it() -> None:
    wide = Draw(id=UUID(int=200), count=2, points=1.0, candidates=tuple(IDS[:4]))
    narrow = Draw(id=UUID(int=201), count=2, points=1.0, candidates=tuple(IDS[:2]))
    assert drawing.possible([wide, narrow]) == [2, 2]
    for seed in range(40):
        drawn = drawing.draw(laid(wide, narrow), seed=seed)
        assert {each.id for each in drawn if each.section == 2} == set(IDS[:2])


def test_a_draw_takes_what_its_filter_says() -> None:
    top, inner, other = UUID(int=300), UUID(int=301), UUID(int=302)
    tree = {top: None, inner: top, other: None}
    question = pools.Candidate(IDS[0], BANK, inner, QuestionType.NUMERIC, 1, frozenset({"easy", "2024"}))
    cases = [
        (pools.Filter(BANK), True),
        (pools.Filter(UUID(int=101)), False),
        (pools.Filter(BANK, inner, subcategories=False), True),
        (pools.Filter(BANK, top), True),
        (pools.Filter(BANK, top, subcategories=False), False),
        (pools.Filter(BANK, other), False),
        (pools.Filter(BANK, types=frozenset({QuestionType.NUMERIC, QuestionType.ESSAY})), True),
        (pools.Filter(BANK, types=frozenset({QuestionType.ESSAY})), False),
        (pools.Filter(BANK, tags=frozenset({"easy"})), True),
        (pools.Filter(BANK, tags=frozenset({"easy", "2024"})), True),
        (pools.Filter(BANK, tags=frozenset({"easy", "hard"})), False),
    ]
    assert [pools.takes(wanted, question, tree) for wanted, _ in cases] == [right for _, right in cases]
    assert pools.above(tree, inner) == [inner, top]
    assert set(pools.below(tree, top)) == {top, inner}
