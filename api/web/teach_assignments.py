"""An instructor's assignments: the list, the rules, extensions, groups, and the drawing of peer reviews."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.assignments import GONE, AnyForm
from api.web.forms import Errors, errors_of
from api.web.judging import number_in
from api.web.local_dates import as_field, from_field
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.models import FileKind
from lms_core.learning.assignments.schemas import AssignmentDetail, AssignmentIn, ExtensionIn, GroupIn

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=20_000)]
DATES = ("opens_at", "due_at", "cutoff_at", "reviews_due_at")
SWITCHES = ("takes_text", "takes_files", "grouped", "anonymous")
NUMBERS = ("points", "files_allowed", "file_megabytes", "late_percent", "late_floor", "reviews")
CHOSEN = ("lesson_id", "scheme_id", "attempts_allowed")  # empty: none


@router.get("/courses/{slug}/assignments")
def assignments_page(request: Request, ctx: Reading, slug: str) -> Response:
    """The assignments of a course with what waits in each, and its marking schemes; six statements."""
    return _list_page(request, ctx, slug, errors={}, title="", status=200)


@router.post("/courses/{slug}/assignments")
def create(request: Request, ctx: Writing, slug: str, title: Line = "") -> Response:
    """Begin a new assignment, a draft."""
    try:
        made = assignments.create(ctx, slug, assignment=AssignmentIn(title=title))
    except ValidationError as error:
        told = errors_of(error, words(request, ctx.actor))
        return _list_page(request, ctx, slug, errors=told, title=title, status=422)
    return redirect(f"/teach/assignments/{made.id}")


@router.get("/assignments/{assignment_id}")
def editor(request: Request, ctx: Reading, assignment_id: UUID) -> Response:
    """The rules of an assignment, its extensions and its groups."""
    return _editor(request, ctx, assignment_id, errors={}, values=None, status=200)


@router.post("/assignments/{assignment_id}")
def save(request: Request, ctx: Writing, assignment_id: UUID, form: AnyForm) -> Response:
    """Keep the rules."""
    try:
        rules = AssignmentIn.model_validate(_as_rules(form, LocalTime(request, ctx).zone))
        with ctx.session.begin_nested():
            assignments.change(ctx, assignment_id, assignment=rules)
    except (ValidationError, DomainError) as error:
        told = _told(request, ctx, error)
        values = {name: form.get(name, "") for name in form} | {"file_kinds": form.getlist("file_kinds")}
        values = dict.fromkeys(AssignmentIn.model_fields, "") | values
        return _editor(request, ctx, assignment_id, errors=told, values=values, status=getattr(error, "status", 422))
    return redirect(f"/teach/assignments/{assignment_id}", notice="saved")


@router.post("/assignments/{assignment_id}/publish")
def publish(ctx: Writing, assignment_id: UUID) -> Response:
    """Let learners see the assignment."""
    assignments.publish(ctx, assignment_id)
    return redirect(f"/teach/assignments/{assignment_id}", notice="assignment-published")


@router.post("/assignments/{assignment_id}/unpublish")
def unpublish(ctx: Writing, assignment_id: UUID) -> Response:
    """Hide the assignment."""
    assignments.unpublish(ctx, assignment_id)
    return redirect(f"/teach/assignments/{assignment_id}", notice="saved")


@router.post("/assignments/{assignment_id}/delete")
def delete(ctx: Writing, assignment_id: UUID) -> Response:
    """Delete an assignment nobody began."""
    slug = assignments.read_source(ctx, assignment_id).course_slug
    assignments.delete_assignment(ctx, assignment_id)
    return redirect(f"/teach/courses/{slug}/assignments", notice="deleted")


@router.post("/assignments/{assignment_id}/extensions")
def extend(request: Request, ctx: Writing, assignment_id: UUID, form: AnyForm) -> Response:
    """Give a learner later dates."""
    zone = LocalTime(request, ctx).zone
    dates = {name: from_field(str(form.get(f"extension_{name}", "")), zone) for name in ("due_at", "cutoff_at")}
    given = {"email": form.get("email", ""), "reason": form.get("reason", ""), **dates}

    def give() -> None:
        assignments.set_extension(ctx, assignment_id, given=ExtensionIn.model_validate(given))

    return _done(request, ctx, assignment_id, give)


@router.post("/assignments/{assignment_id}/extensions/{user_id}/remove")
def take_extension(ctx: Writing, assignment_id: UUID, user_id: UUID) -> Response:
    """Take an extension back."""
    assignments.take_extension(ctx, assignment_id, user_id=user_id)
    return redirect(f"/teach/assignments/{assignment_id}", notice="saved")


@router.post("/assignments/{assignment_id}/groups")
def add_group(request: Request, ctx: Writing, assignment_id: UUID, name: Line = "", emails: Line = "") -> Response:
    """Make a group of the people with these addresses."""

    def add() -> None:
        assignments.add_group(ctx, assignment_id, group=GroupIn(name=name, emails=emails.split()))

    return _done(request, ctx, assignment_id, add)


@router.post("/assignments/{assignment_id}/groups/{group_id}")
def change_group(
    request: Request, ctx: Writing, assignment_id: UUID, group_id: UUID, name: Line = "", emails: Line = ""
) -> Response:
    """Rename a group and make its members these."""

    def change() -> None:
        group = GroupIn(name=name, emails=emails.split())
        assignments.change_group(ctx, assignment_id, group_id=group_id, group=group)

    return _done(request, ctx, assignment_id, change)


@router.post("/assignments/{assignment_id}/groups/{group_id}/remove")
def delete_group(request: Request, ctx: Writing, assignment_id: UUID, group_id: UUID) -> Response:
    """Delete a group that wrote nothing."""
    return _done(request, ctx, assignment_id, lambda: assignments.delete_group(ctx, assignment_id, group_id=group_id))


@router.post("/assignments/{assignment_id}/reviews")
def draw_reviews(request: Request, ctx: Writing, assignment_id: UUID) -> Response:
    """Give out the peer reviews."""
    return _done(request, ctx, assignment_id, lambda: assignments.draw_reviews(ctx, assignment_id))


@router.post("/assignments/{assignment_id}/reviews/medians")
def adopt_medians(request: Request, ctx: Writing, assignment_id: UUID) -> Response:
    """Make the medians draft marks."""
    return _done(request, ctx, assignment_id, lambda: assignments.adopt_medians(ctx, assignment_id))


def _done(request: Request, ctx: Writing, assignment_id: UUID, work: Callable[[], object]) -> Response:
    """Do it and show the editor again, with what was refused."""
    try:
        with ctx.session.begin_nested():
            work()
    except (ValidationError, DomainError) as error:
        told = _told(request, ctx, error)
        return _editor(request, ctx, assignment_id, errors=told, values=None, status=getattr(error, "status", 422))
    return redirect(f"/teach/assignments/{assignment_id}", notice="saved")


def _told(request: Request, ctx: ReadCtx, error: ValidationError | DomainError) -> Errors:
    if isinstance(error, DomainError) and error.status in GONE:
        raise error
    said = words(request, ctx.actor)
    told = errors_of(error, said)
    if isinstance(error, ValidationError) and "" in told:
        told[""] = said.gettext(
            "Please check: it opens before it is due and is due before the cut-off; text or files are taken; "
            "a rule for late work needs a due date; peer review is for work done alone."
        )
    return told


def _list_page(request: Request, ctx: ReadCtx, slug: str, *, errors: Errors, title: str, status: int) -> Response:
    card = courses.access_course(ctx, slug, Permission.ATTEMPT_GRADE)
    return page(
        request,
        ctx.actor,
        "teach/assignments.html",
        status=status,
        course=card,
        assignments=assignments.rows_of(ctx, card.id),
        schemes=assignments.schemes_of(ctx, card.id) if courses.may_edit(ctx, card.id) else [],
        local=LocalTime(request, ctx),
        errors=errors,
        title=title,
        tab="assignments",
    )


def _editor(
    request: Request, ctx: ReadCtx, assignment_id: UUID, *, errors: Errors, values: dict[str, Any] | None, status: int
) -> Response:
    row = assignments.read_source(ctx, assignment_id)
    card = courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT)
    local = LocalTime(request, ctx)
    lessons = [lesson for module in courses.outline(ctx, card.id, drafts=True) for lesson in module.lessons]
    return page(
        request,
        ctx.actor,
        "teach/assignment.html",
        status=status,
        assignment=row,
        course=card,
        lessons=[("", "")] + [(str(lesson.id), lesson.title) for lesson in lessons],
        schemes=[(str(each.id), each.title) for each in assignments.schemes_of(ctx, card.id)],
        kinds=list(FileKind),
        extensions=assignments.extensions_of(ctx, assignment_id),
        groups=assignments.groups_of(ctx, assignment_id) if row.grouped else [],
        zone=local.zone.key,
        local=local,
        values=values or _as_values(row, local.zone),
        errors=errors,
        tab="assignments",
    )


def _as_values(row: AssignmentDetail, zone: ZoneInfo) -> dict[str, Any]:
    """The rules as the form shows them, dates in the author's own time zone."""
    values: dict[str, Any] = row.model_dump(include=set(AssignmentIn.model_fields))
    values |= {name: as_field(values[name], zone) for name in DATES}
    values |= {name: f"{values[name]:g}" for name in NUMBERS}
    return values | {name: str(values[name] or "") for name in CHOSEN}


def _as_rules(form: FormData, zone: ZoneInfo) -> dict[str, Any]:
    """The form as `AssignmentIn` takes it."""
    rules: dict[str, Any] = {name: form.get(name, "") for name in ("title", "instructions", "late_rule")}
    rules |= {name: from_field(str(form.get(name, "")), zone) for name in DATES}
    rules |= {name: bool(form.get(name)) for name in SWITCHES}
    rules |= {name: number_in(form, name) or 0 for name in NUMBERS}
    rules |= {name: form.get(name) or None for name in CHOSEN}
    return rules | {"file_kinds": form.getlist("file_kinds")}
