"""Rules in which something waits for itself, found before they are kept.

Dates, days, cohorts and courses may always come true here (courses are looked at among themselves). What is left is
a graph of needs: a node can be reached when, of each group it needs, one member can. The least fixed point of that
is everything that can ever be reached; what is outside of it waits, round some circle, for itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from lms_core.learning.release.models import Combination
from lms_core.learning.release.rules import Condition, Plan, Rule, Tree

Node = tuple[str, UUID]
Needs = Mapping[Node, Sequence[tuple[Node, ...]]]


def circle_of_lessons(plan: Plan, tree: Tree, beside: Mapping[UUID, UUID | None]) -> list[str]:
    """The titles round a circle of lessons, the first again at the end; empty when there is none.

    `tree` holds drafts too. `beside` tells, of what is marked, the lesson beside which it is found.
    """
    return [_title(node, tree) for node in _circle(_needs_of_lessons(plan, tree, beside))]


def circle_of_courses(rules: Iterable[tuple[UUID, Rule]], start: UUID) -> list[UUID]:
    """Courses that require each other round to the first again, `start` among those that can never be completed."""
    needs: dict[Node, list[tuple[Node, ...]]] = {}
    for course_id, rule in rules:
        needs.setdefault(("course", course_id), []).extend(_groups(rule, _as_course))
    for groups in list(needs.values()):
        for node in (node for group in groups for node in group):
            needs.setdefault(node, [])
    return [node[1] for node in _circle(needs, start=("course", start))]


def _needs_of_lessons(plan: Plan, tree: Tree, beside: Mapping[UUID, UUID | None]) -> Needs:
    def as_node(condition: Condition) -> Node | None:
        lesson_id, module_id = condition.lesson_id, condition.module_id
        if condition.result_id is not None:
            place = beside.get(condition.result_id)
            return ("open", place) if place is not None and place in tree.lessons else None
        if lesson_id is not None:
            return ("done", lesson_id) if lesson_id in tree.lessons else None
        return ("module", module_id) if module_id is not None and module_id in tree.counted else None

    needs: dict[Node, list[tuple[Node, ...]]] = {}
    for module_id, lessons in tree.counted.items():
        needs["module", module_id] = [(("done", each),) for each in lessons]
    for lesson_id in tree.lessons:
        own = {lesson_id, tree.original(lesson_id)}
        modules = {tree.module_of[each] for each in own}
        governing = [
            rule
            for rule in plan.rules
            if rule.lesson_id in own or rule.module_id in modules or (rule.lesson_id, rule.module_id) == (None, None)
        ]
        needs["open", lesson_id] = [group for rule in governing for group in _groups(rule, as_node)]
        completion = plan.completion.get(lesson_id)
        asked = () if completion is None else (completion.passed_id, completion.submitted_id, completion.marked_id)
        places = (beside.get(each) for each in asked if each is not None)
        found = [lesson_id, *(each for each in places if each is not None and each in tree.lessons)]
        needs["done", lesson_id] = [(("open", each),) for each in found]
    return needs


def _groups(rule: Rule, as_node: Callable[[Condition], Node | None]) -> list[tuple[Node, ...]]:
    nodes = [as_node(condition) for condition in rule.conditions]
    waited_for = [node for node in nodes if node is not None]
    if rule.combination == Combination.ALL:
        return [(node,) for node in waited_for]
    return [tuple(waited_for)] if waited_for and len(waited_for) == len(nodes) else []


def _as_course(condition: Condition) -> Node | None:
    return ("course", condition.required_course_id) if condition.required_course_id is not None else None


def _circle(needs: Needs, *, start: Node | None = None) -> list[Node]:
    """Nodes round a circle, the first again at the end; empty when `start` (or else everything) can be reached."""
    reached: set[Node] = set()
    grown = True
    while grown:
        more = {
            node
            for node, groups in needs.items()
            if node not in reached and all(any(each in reached for each in group) for group in groups)
        }
        reached |= more
        grown = bool(more)
    stuck = [node for node in needs if node not in reached] if start is None else [start]
    if not stuck or stuck[0] in reached or stuck[0] not in needs:
        return []
    way = [stuck[0]]
    while True:
        group = next(group for group in needs[way[-1]] if not any(each in reached for each in group))
        if group[0] in way:
            return _without_repeats([*way[way.index(group[0]) :], group[0]])
        way.append(group[0])


def _without_repeats(way: list[Node]) -> list[Node]:
    """The circle with each lesson named once where it stands twice in a row (open, then done)."""
    kept = [node for place, node in enumerate(way) if place == 0 or node[1] != way[place - 1][1]]
    return kept if len(kept) > 1 else [kept[0], kept[0]]


def _title(node: Node, tree: Tree) -> str:
    kind, object_id = node
    return tree.module_titles[object_id] if kind == "module" else tree.lessons[object_id].title
