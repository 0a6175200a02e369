"""An institution's letter scales: everybody who teaches may read them, administrators make them."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Conflict, Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.gradebook import queries
from lms_core.learning.gradebook.book import preset_view, scale_view
from lms_core.learning.gradebook.errors import ScaleNotFound
from lms_core.learning.gradebook.models import GradeScale
from lms_core.learning.gradebook.scales import PRESETS
from lms_core.learning.gradebook.schemas import ScaleIn, ScaleView


def scales(ctx: ReadCtx) -> list[ScaleView]:
    """The presets and the institution's own scales, for who manages courses. One statement."""
    courses.require_manager(ctx)
    return [*map(preset_view, PRESETS), *map(scale_view, queries.scales(ctx))]


def own_scales(ctx: ReadCtx) -> list[ScaleView]:
    """The same for who makes them: administrators. Forbidden. One statement."""
    _require_administrator(ctx)
    return [*map(preset_view, PRESETS), *map(scale_view, queries.scales(ctx))]


def add_scale(ctx: WriteCtx, *, given: ScaleIn) -> ScaleView:
    """A new scale, for administrators. Conflict when there is one of this name."""
    _require_administrator(ctx)
    row = GradeScale(name=given.name, bands=[], created_at=ctx.now)
    return _keep(ctx, row, given)


def change_scale(ctx: WriteCtx, scale_id: UUID, *, given: ScaleIn) -> ScaleView:
    """Replace a scale: every course that uses it shows the new letters from now on. ScaleNotFound, Conflict."""
    _require_administrator(ctx)
    return _keep(ctx, _row(ctx, scale_id), given)


def delete_scale(ctx: WriteCtx, scale_id: UUID) -> None:
    """Take a scale away; courses that used it show the institution's usual letters. ScaleNotFound."""
    _require_administrator(ctx)
    ctx.session.delete(_row(ctx, scale_id))
    ctx.session.flush()


def _keep(ctx: WriteCtx, row: GradeScale, given: ScaleIn) -> ScaleView:
    if given.is_default:
        ctx.session.execute(update(GradeScale).where(GradeScale.is_default).values(is_default=False))
    row.name, row.is_default = given.name, given.is_default
    row.bands = [band.model_dump() for band in given.bands]
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise Conflict("There is a scale of this name already. Choose another name.") from error
    return scale_view(row)


def _row(ctx: WriteCtx, scale_id: UUID) -> GradeScale:
    row = queries.scale(ctx, scale_id)
    if row is None:
        raise ScaleNotFound()
    return row


def _require_administrator(ctx: ReadCtx) -> None:
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators decide the letters of the institution.")
