"""From judgements by a marking scheme to points: pure, so that the same judgements always give the same mark."""

from collections.abc import Mapping, Sequence
from statistics import median

from lms_core.kit.errors import Invalid
from lms_core.learning.assignments.schemas import Criterion
from lms_core.learning.assignments.sheets import Judgement


def checked(criteria: Sequence[Criterion], judgements: Mapping[str, Judgement]) -> dict[str, Judgement]:
    """The judgements with the points of their levels filled in. Invalid for what the scheme does not have."""
    known = {each.id: each for each in criteria}
    found = {}
    for key, judgement in judgements.items():
        criterion = known.get(key)
        if criterion is None:
            raise _refusal(key, "The marking scheme has no such criterion. Load the page again.")
        found[key] = _settled(criterion, judgement)
    return found


def _settled(criterion: Criterion, judgement: Judgement) -> Judgement:
    if not criterion.levels:
        if judgement.points is not None and judgement.points > criterion.maximum:
            raise _refusal(
                criterion.id, f"“{criterion.title}” has {criterion.maximum:g} points. Give as many or fewer."
            )
        return judgement.model_copy(update={"level": None})
    level = next((each for each in criterion.levels if each.id == judgement.level), None)
    if judgement.level is not None and level is None:
        raise _refusal(criterion.id, f"“{criterion.title}” has no such level. Load the page again.")
    return judgement.model_copy(update={"points": level.points if level else None})


def total(criteria: Sequence[Criterion], judgements: Mapping[str, Judgement], *, maximum: float) -> float | None:
    """What the judgements come to, scaled from the scheme's points to `maximum`; None until all criteria have points.

    As in Moodle's rubrics, a scheme of 20 points marks an assignment of 100 by five points each.
    """
    given = [judgements[each.id].points for each in criteria if each.id in judgements]
    points = [each for each in given if each is not None]
    if len(points) < len(criteria) or not criteria:
        return None
    return round(sum(points) / sum(each.maximum for each in criteria) * maximum, 2)


def middle(points: Sequence[float]) -> float | None:
    """The median of what several reviewers gave, to two decimals; None of nobody."""
    return round(median(points), 2) if points else None


def _refusal(key: str, told: str) -> Invalid:
    return Invalid(told, fields=[{"field": f"judgements.{key}", "message": told}])
