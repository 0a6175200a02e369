"""What is sold is not joined for nothing: the gate that enrolments and paths ask, and the fee that certificates ask."""

from collections.abc import Collection, Sequence
from uuid import UUID

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.models import GrantKind
from lms_core.commerce.products import service as products
from lms_core.commerce.products.models import ProductKind
from lms_core.kit.context import ReadCtx
from lms_core.learning.certificates import fees
from lms_core.learning.enrolments.gates import Standing, gate

SOLD = (ProductKind.COURSE, ProductKind.PATH)


@gate
def standing(ctx: ReadCtx, ids: Collection[UUID], user_id: UUID | None) -> Standing:
    """Which of the courses and paths are sold, and which somebody bought or was given. Two statements at most."""
    for_sale = products.sold_among(ctx, ids, kinds=SOLD)
    if user_id is None:
        return Standing(for_sale)
    kinds = (GrantKind.COURSE, GrantKind.PATH)
    return Standing(for_sale, queries.granted(ctx, ids, user_id=user_id, kinds=kinds))


@fees.fee
def owing(ctx: ReadCtx, course_id: UUID, users: Sequence[UUID]) -> frozenset[UUID]:
    """Who has not paid the fee of the course's certificate, where there is one."""
    if not products.sold_among(ctx, [course_id], kinds=(ProductKind.CERTIFICATE_FEE,)):
        return frozenset()
    return frozenset(
        each for each in users if not queries.granted(ctx, [course_id], user_id=each, kinds=[GrantKind.CERTIFICATE_FEE])
    )
