"""An instructor's cohorts: who learns together, and by which dates."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.routes.learning.release import marked_beside
from api.web.forms import Errors, errors_of
from api.web.local_dates import from_field
from api.web.moments import When
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.permissions import Permission
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import CohortNameTaken, CohortNotFound
from lms_core.learning.release.models import ConditionKind
from lms_core.learning.release.schemas import CohortDateIn, CohortIn, CohortView, MembersIn

router = APIRouter(prefix="/teach", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
Addresses = Annotated[str, Form(max_length=600_000)]
LIST, ONE = "/courses/{slug}/cohorts", "/courses/{slug}/cohorts/{cohort_id}"


@router.get(LIST)
def cohort_list(request: Request, ctx: Reading, slug: str) -> Response:
    """The cohorts of a course, and a form for one more."""
    return _list_page(request, ctx, slug, values={}, errors={}, status=200)


@router.post(LIST)
def add(
    request: Request, ctx: Writing, slug: str, name: Text = "", starts_on: Text = "", ends_on: Text = ""
) -> Response:
    """A new cohort."""
    values = {"name": name, "starts_on": starts_on, "ends_on": ends_on}
    try:
        cohort = CohortIn.model_validate({key: value or None for key, value in values.items()})
        with ctx.session.begin_nested():
            made = release.add_cohort(ctx, slug, cohort=cohort)
    except (ValidationError, CohortNameTaken) as error:
        return _list_page(request, ctx, slug, values=values, errors=_told(request, ctx, error), status=422)
    return redirect(f"/teach/courses/{slug}/cohorts/{made.id}", notice="saved")


@router.get(ONE)
def cohort_page(request: Request, ctx: Reading, slug: str, cohort_id: UUID) -> Response:
    """A cohort: its dates, its people."""
    return _cohort_page(request, ctx, slug, cohort_id, errors={}, unknown=(), status=200)


@router.post(ONE)
def change(
    request: Request,
    ctx: Writing,
    slug: str,
    cohort_id: UUID,
    name: Text = "",
    starts_on: Text = "",
    ends_on: Text = "",
    shift_days: Text = "0",
) -> Response:
    """Name and dates of a cohort."""
    _of_course(ctx, slug, cohort_id)
    values = {"name": name, "starts_on": starts_on or None, "ends_on": ends_on or None, "shift_days": shift_days or "0"}
    try:
        cohort = CohortIn.model_validate(values)
        with ctx.session.begin_nested():
            release.change_cohort(ctx, cohort_id, cohort=cohort)
    except (ValidationError, CohortNameTaken) as error:
        told = _told(request, ctx, error)
        return _cohort_page(request, ctx, slug, cohort_id, errors=told, unknown=(), status=422)
    return redirect(f"/teach/courses/{slug}/cohorts/{cohort_id}", notice="saved")


@router.post(ONE + "/dates/{condition_id}")
def set_date(ctx: Writing, slug: str, cohort_id: UUID, condition_id: UUID, at: Text = "") -> Response:
    """The cohort's own date for a condition; empty: the common one again."""
    card = _of_course(ctx, slug, cohort_id)[0]
    zone = ZoneInfo(release.read_plan(ctx, card, results=marked_beside(ctx, card)).time_zone)
    try:
        given = CohortDateIn(condition_id=condition_id, at=from_field(at, zone))
    except ValidationError as error:
        raise Invalid("This is no date and time. Choose one in the form.") from error
    release.set_date(ctx, cohort_id, given=given)
    return redirect(f"/teach/courses/{slug}/cohorts/{cohort_id}", notice="saved")


@router.post(ONE + "/members")
def add_members(request: Request, ctx: Writing, slug: str, cohort_id: UUID, emails: Addresses = "") -> Response:
    """Put people of the course into the cohort, by their addresses, one a line."""
    _of_course(ctx, slug, cohort_id)
    written = [each.strip() for each in emails.replace(",", "\n").replace(";", "\n").splitlines() if each.strip()]
    try:
        added = release.add_members(ctx, cohort_id, given=MembersIn(emails=written))
    except ValidationError:
        told = {"emails": words(request, ctx.actor).gettext("Give up to 2000 addresses at once, one a line.")}
        return _cohort_page(request, ctx, slug, cohort_id, errors=told, unknown=(), status=422)
    if added.unknown:
        return _cohort_page(request, ctx, slug, cohort_id, errors={}, unknown=added.unknown, status=200)
    return redirect(f"/teach/courses/{slug}/cohorts/{cohort_id}", notice="members-added")


@router.post(ONE + "/members/{user_id}/remove")
def remove_member(ctx: Writing, slug: str, cohort_id: UUID, user_id: UUID) -> Response:
    """Take somebody out of the cohort; they stay in the course."""
    _of_course(ctx, slug, cohort_id)
    release.remove_member(ctx, cohort_id, user_id=user_id)
    return redirect(f"/teach/courses/{slug}/cohorts/{cohort_id}", notice="saved")


@router.post(ONE + "/delete")
def delete(ctx: Writing, slug: str, cohort_id: UUID) -> Response:
    """Remove the cohort; its people stay in the course."""
    _of_course(ctx, slug, cohort_id)
    release.delete_cohort(ctx, cohort_id)
    return redirect(f"/teach/courses/{slug}/cohorts", notice="deleted")


def _of_course(ctx: ReadCtx, slug: str, cohort_id: UUID) -> tuple[UUID, CohortView]:
    """The course's id and its cohort; CohortNotFound for one of another course."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT, even_archived=True)
    found = next((each for each in release.cohorts(ctx, card.id) if each.id == cohort_id), None)
    if found is None:
        raise CohortNotFound()
    return card.id, found


def _list_page(
    request: Request, ctx: ReadCtx, slug: str, *, values: dict[str, str], errors: Errors, status: int
) -> Response:
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    found = release.cohorts(ctx, card.id)
    given = {"course": card, "cohorts": found, "values": values, "errors": errors, "tab": "cohorts"}
    return page(request, ctx.actor, "teach/cohorts.html", status=status, **given)


def _cohort_page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    cohort_id: UUID,
    *,
    errors: Errors,
    unknown: tuple[str, ...],
    status: int,
) -> Response:
    course_id, cohort = _of_course(ctx, slug, cohort_id)
    plan = release.read_plan(ctx, course_id, results=marked_beside(ctx, course_id))
    when = When(request, ctx)
    when.zone = ZoneInfo(plan.time_zone)
    dated = [(rule, each) for rule in plan.rules for each in rule.conditions if each.kind == ConditionKind.DATE]
    return page(
        request,
        ctx.actor,
        "teach/cohort.html",
        status=status,
        course=courses.access_course(ctx, course_id, Permission.COURSE_EDIT, even_archived=True),
        cohort=cohort,
        members=release.members(ctx, cohort_id),
        dated=dated,
        unknown=unknown,
        errors=errors,
        when=when,
        tab="cohorts",
    )


def _told(request: Request, ctx: ReadCtx, error: ValidationError | DomainError) -> Errors:
    if isinstance(error, ValidationError):
        catalogue = words(request, ctx.actor)
        return {"": catalogue.gettext("A cohort has a name of up to 100 characters, and ends after it starts.")}
    return errors_of(error, words(request, ctx.actor))
