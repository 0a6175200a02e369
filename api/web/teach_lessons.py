"""The outline of a course and the editor of a lesson."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors, errors_of
from api.web.framing import embed_hosts
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.catalogue_schemas import LessonsAction
from lms_core.content.courses.schemas import LessonEdit, LessonIn, LessonSource, ModuleChange, ModuleIn
from lms_core.content.drafts import service as drafts
from lms_core.content.drafts.schemas import DraftIn, DraftView
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=6000)]
Body = Annotated[str, Form(max_length=2_000_000)]
Action = Literal["publish", "draft", "preview"]
NEW_LESSON = "# {title}\n\n"


@router.get("/courses/{slug}/outline")
def outline(request: Request, ctx: Reading, slug: str) -> Response:
    """Modules and lessons in order, to be put in another; three statements."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    modules = courses.outline(ctx, card.id, drafts=True)
    return page(request, ctx.actor, "teach/outline.html", course=card, modules=modules, tab="outline")


@router.post("/courses/{slug}/lessons")
def change_lessons(
    ctx: Writing,
    slug: str,
    lesson: Annotated[list[UUID] | None, Form(max_length=500)] = None,
    action: Annotated[Literal["move", "publish", "hide", "delete"], Form()] = "move",
    module_id: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Move, publish, hide or delete the chosen lessons at once."""
    courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    if not lesson:
        return redirect(f"/teach/courses/{slug}/outline", notice="none-chosen")
    act = LessonsAction(lessons=lesson, action=action, module_id=module_id)
    courses.change_lessons(ctx, slug, act=act)
    return redirect(f"/teach/courses/{slug}/outline", notice="deleted" if action == "delete" else "saved")


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
    """A lesson in the editor: the author's draft where there is one, else what is published."""
    source = courses.lesson_source(ctx, lesson_id)
    draft = drafts.own_draft(ctx, lesson_id)
    return _editor_page(request, ctx, source, opened=draft or _begun(source), draft=draft, errors={}, status=200)


def _begun(source: LessonSource) -> DraftIn:
    """What somebody begins from who has no draft."""
    return DraftIn(base_version=source.version, revision=0, title=source.title, body=source.body, status=source.status)


@router.post("/lessons/{lesson_id}")
def save(
    request: Request,
    ctx: Writing,
    lesson_id: UUID,
    base_version: Annotated[int, Form()],
    revision: Annotated[int, Form()] = 0,
    title: Line = "",
    body: Body = "",
    status: Line = "published",
    note: Line = "",
    action: Annotated[Action, Form()] = "publish",
    onto: Annotated[int | None, Form()] = None,
) -> Response:
    """Publish a lesson's text as its next version, or keep it as a draft; `onto` takes a draft to a newer version.

    What was typed is never lost to a refusal.
    """
    text = {"title": title, "body": body.replace("\r\n", "\n"), "status": status, "note": note}
    try:
        if action == "publish" and onto is None:
            edit = LessonEdit.model_validate({**text, "base_version": base_version})
            drafts.publish(ctx, lesson_id, edit=edit, revision=revision)
            return redirect(f"/teach/lessons/{lesson_id}", notice="lesson-saved")
        kept = DraftIn.model_validate({**text, "base_version": onto or base_version, "revision": revision})
        drafts.save(ctx, lesson_id, draft=kept)
    except (ValidationError, DomainError) as error:
        source = courses.lesson_source(ctx, lesson_id)
        # Whoever is told that another window saved meanwhile, and saves again, means it.
        revision = getattr(error, "extra", {}).get("current_revision", revision)
        typed = DraftIn.model_construct(**text, base_version=base_version, revision=revision)
        errors = errors_of(error, words(request, ctx.actor))
        answered = getattr(error, "status", 422)
        return _editor_page(request, ctx, source, opened=typed, draft=None, errors=errors, status=answered)
    if action == "preview":
        return redirect(f"/teach/lessons/{lesson_id}/preview")
    return redirect(f"/teach/lessons/{lesson_id}", notice="draft-saved")


def _editor_page(
    request: Request,
    ctx: ReadCtx,
    source: LessonSource,
    *,
    opened: DraftIn | DraftView,
    draft: DraftView | None,
    errors: Errors,
    status: int,
) -> Response:
    shown = courses.preview(ctx, body=opened.body, course=source.course_id)
    return page(
        request,
        ctx.actor,
        "teach/editor.html",
        status=status,
        lesson=source,
        opened=opened,
        draft=draft,
        outdated=opened.base_version < source.version,
        others=drafts.others_drafting(ctx, source.id),
        values={"title": opened.title},
        errors=errors,
        preview=shown.html,
        embed_hosts=embed_hosts(request),
        course=courses.access_course(ctx, source.course_id, Permission.COURSE_EDIT),
    )


@router.post("/lessons/{lesson_id}/delete")
def delete_lesson(ctx: Writing, lesson_id: UUID) -> Response:
    """Delete a lesson with all its versions."""
    source = courses.lesson_source(ctx, lesson_id)
    courses.delete_lesson(ctx, lesson_id)
    return redirect(f"/teach/courses/{source.course_id}/outline", notice="deleted")
