"""The outline of a course and the editor of a lesson."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors, errors_of
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import LessonEdit, LessonIn, LessonSource, ModuleChange, ModuleIn
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=6000)]
Body = Annotated[str, Form(max_length=2_000_000)]
NEW_LESSON = "# {title}\n\n"


@router.get("/courses/{slug}/outline")
def outline(request: Request, ctx: Reading, slug: str) -> Response:
    """Modules and lessons in order, to be put in another; three statements."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    modules = courses.outline(ctx, card.id, drafts=True)
    return page(request, ctx.actor, "teach/outline.html", course=card, modules=modules, tab="outline")


@router.post("/courses/{slug}/modules")
def add_module(ctx: Writing, slug: str, title: Line = "") -> Response:
    """A new module at the end; without a title nothing happens."""
    if title.strip():
        courses.add_module(ctx, slug, module=ModuleIn(title=title.strip()[:200]))
    return redirect(f"/teach/courses/{slug}/outline")


@router.post("/courses/{slug}/modules/{module_id}")
def change_module(
    ctx: Writing, slug: str, module_id: UUID, title: Line = "", position: int | None = Form(None)
) -> Response:
    """Rename a module or move it."""
    change = ModuleChange(title=title.strip()[:200] or None, position=position)
    courses.change_module(ctx, slug, module_id=module_id, change=change)
    return redirect(f"/teach/courses/{slug}/outline", notice="saved")


@router.post("/courses/{slug}/modules/{module_id}/delete")
def delete_module(ctx: Writing, slug: str, module_id: UUID) -> Response:
    """Delete a module with its lessons."""
    courses.delete_module(ctx, slug, module_id=module_id)
    return redirect(f"/teach/courses/{slug}/outline", notice="deleted")


@router.post("/courses/{slug}/modules/{module_id}/lessons")
def add_lesson(ctx: Writing, slug: str, module_id: UUID, title: Line = "") -> Response:
    """A new lesson, opened in the editor; without a title nothing happens."""
    name = " ".join(title.split())[:300]
    if not name:
        return redirect(f"/teach/courses/{slug}/outline")
    lesson = LessonIn(title=name, body=NEW_LESSON.format(title=name))
    return redirect(f"/teach/lessons/{courses.add_lesson(ctx, slug, module_id=module_id, lesson=lesson).id}")


@router.get("/lessons/{lesson_id}")
def editor(request: Request, ctx: Reading, lesson_id: UUID) -> Response:
    """A lesson's Markdown beside how it looks."""
    source = courses.lesson_source(ctx, lesson_id)
    values = {"title": source.title, "body": source.body, "status": source.status.value, "note": ""}
    return _editor_page(request, ctx, source, values=values, errors={}, status=200)


@router.post("/lessons/{lesson_id}")
def save(
    request: Request,
    ctx: Writing,
    lesson_id: UUID,
    base_version: Annotated[int, Form()],
    title: Line = "",
    body: Body = "",
    status: Line = "published",
    note: Line = "",
) -> Response:
    """Save a lesson as its next version; what was typed is never lost to a refusal."""
    values = {"title": title, "body": body.replace("\r\n", "\n"), "status": status, "note": note}
    try:
        edit = LessonEdit.model_validate({**values, "base_version": base_version})
        courses.edit_lesson(ctx, lesson_id, edit=edit)
    except (ValidationError, DomainError) as error:
        source = courses.lesson_source(ctx, lesson_id).model_copy(update={"version": base_version})
        errors = errors_of(error, words(request, ctx.actor))
        return _editor_page(request, ctx, source, values=values, errors=errors, status=getattr(error, "status", 422))
    return redirect(f"/teach/lessons/{lesson_id}", notice="lesson-saved")


def _editor_page(
    request: Request, ctx: ReadCtx, source: LessonSource, *, values: dict[str, str], errors: Errors, status: int
) -> Response:
    shown = courses.preview(ctx, body=values["body"], course=source.course_id)
    return page(
        request,
        ctx.actor,
        "teach/editor.html",
        status=status,
        lesson=source,
        values=values,
        errors=errors,
        preview=shown.html,
        course=courses.access_course(ctx, source.course_id, Permission.COURSE_EDIT),
    )


@router.get("/lessons/{lesson_id}/versions")
def version_list(request: Request, ctx: Reading, lesson_id: UUID) -> Response:
    """What the lesson said before."""
    source = courses.lesson_source(ctx, lesson_id)
    found = courses.versions(ctx, lesson_id)
    return page(request, ctx.actor, "teach/versions.html", lesson=source, versions=found)


@router.post("/lessons/{lesson_id}/versions/{number}/restore")
def restore(ctx: Writing, lesson_id: UUID, number: int) -> Response:
    """Make an old version the present one again."""
    courses.restore_version(ctx, lesson_id, number=number)
    return redirect(f"/teach/lessons/{lesson_id}", notice="lesson-saved")


@router.post("/lessons/{lesson_id}/delete")
def delete_lesson(ctx: Writing, lesson_id: UUID) -> Response:
    """Delete a lesson with all its versions."""
    source = courses.lesson_source(ctx, lesson_id)
    courses.delete_lesson(ctx, lesson_id)
    return redirect(f"/teach/courses/{source.course_id}/outline", notice="deleted")
