"""What a product opens: courses, paths, and the certificates whose fee it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lms_core.commerce.products import queries
from lms_core.commerce.products.models import ProductKind
from lms_core.kit.context import ReadCtx
from lms_core.learning.paths import service as paths


@dataclass(frozen=True, slots=True)
class Opens:
    """What whoever buys it gets. `course_ids`: all, those of the paths in it too; `in_path_ids`: those by a path alone,
    which are joined when their turn comes. `fee_ids` are courses.
    """

    course_ids: tuple[UUID, ...] = ()
    in_path_ids: tuple[UUID, ...] = ()
    path_ids: tuple[UUID, ...] = ()
    fee_ids: tuple[UUID, ...] = ()


def opens(ctx: ReadCtx, product_ids: Iterable[UUID]) -> dict[UUID, Opens]:
    """What each of the products opens at this moment, those in bundles included. Nine statements at most."""
    known = queries.by_id(ctx, product_ids)
    inside = queries.by_id(ctx, (each for view in known.values() for each in view.items))
    every = {**inside, **known}
    path_ids = [each.subject_id for each in every.values() if each.kind == ProductKind.PATH and each.subject_id]
    courses_of = paths.courses_in(ctx, path_ids)
    found = {}
    for product_id, view in known.items():
        parts = [every[each] for each in view.items if each in every] if view.items else [view]
        own_courses, within, own_paths, fees = list[UUID](), list[UUID](), list[UUID](), list[UUID]()
        for part in parts:
            if part.subject_id is None:
                continue
            if part.kind in (ProductKind.COURSE, ProductKind.SEAT):
                own_courses.append(part.subject_id)
            elif part.kind == ProductKind.PATH:
                own_paths.append(part.subject_id)
                within += courses_of.get(part.subject_id, [])
            elif part.kind == ProductKind.CERTIFICATE_FEE:
                fees.append(part.subject_id)
        found[product_id] = Opens(
            course_ids=tuple(dict.fromkeys(own_courses + within)),
            in_path_ids=tuple(dict.fromkeys(each for each in within if each not in own_courses)),
            path_ids=tuple(own_paths),
            fee_ids=tuple(fees),
        )
    return found
