"""An instructor's rules: what opens a course, a module or a lesson, and when a lesson is complete."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.routes.learning.release import marked_beside
from api.web.forms import REFUSALS, Errors, errors_of
from api.web.local_dates import from_field
from api.web.moments import When
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError, Invalid, NotFound
from lms_core.kit.permissions import Permission
from lms_core.learning.progress import service as progress
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import ConditionRefused, WaitsForItself
from lms_core.learning.release.models import Combination
from lms_core.learning.release.schemas import CompletionIn, ConditionIn, PlanIn, PlanView, RuleIn

router = APIRouter(prefix="/teach", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
Part = Literal["course", "module", "lesson"]
RULE = "/courses/{slug}/release/{part}/{part_id}"
COURSES_OFFERED = 100


@router.get("/courses/{slug}/release")
def overview(request: Request, ctx: Reading, slug: str) -> Response:
    """Every rule of a course in its outline, what looks wrong about them, and the time zone of its dates."""
    card, plan = _plan(ctx, slug)
    return page(
        request,
        ctx.actor,
        "teach/release.html",
        course=card,
        plan=plan,
        own=release.rule_of(plan),
        of_module={rule.module_id: rule for rule in plan.rules if rule.module_id is not None},
        of_lesson={rule.lesson_id: rule for rule in plan.rules if rule.lesson_id is not None},
        modules=courses.outline(ctx, card.id, drafts=True),
        when=_calendar(request, ctx, plan),
        tab="release",
    )


@router.post("/courses/{slug}/release/zone")
def set_zone(request: Request, ctx: Writing, slug: str, time_zone: Text = "") -> Response:
    """The time zone a course's dates are meant in."""
    card, plan = _plan(ctx, slug)
    try:
        given = PlanIn(time_zone=time_zone, rule=_as_rule(plan))
    except ValidationError as error:
        raise Invalid("; ".join(errors_of(error, words(request, ctx.actor)).values())) from error
    release.set_plan(ctx, card.id, plan=given, results=marked_beside(ctx, card.id))
    return redirect(f"/teach/courses/{slug}/release", notice="saved")


@router.get("/courses/{slug}/release/preview")
def preview(request: Request, ctx: Reading, slug: str, cohort: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The outline as somebody sees it who joins now, perhaps into a cohort."""
    card, plan = _plan(ctx, slug)
    cohorts = release.cohorts(ctx, card.id)
    chosen = next((each for each in cohorts if str(each.id) == cohort), None)
    locks = release.preview(ctx, card.id, cohort_id=chosen.id if chosen is not None else None)
    return page(
        request,
        ctx.actor,
        "teach/release_preview.html",
        course=card,
        modules=courses.outline(ctx, card.id, revision=card.updated_at),
        locks={lock.lesson_id: lock for lock in locks.lessons},
        cohorts=cohorts,
        chosen=chosen,
        when=_calendar(request, ctx, plan),
        tab="release",
    )


@router.get("/courses/{slug}/at-risk")
def at_risk(request: Request, ctx: Reading, slug: str) -> Response:
    """Learners who may need help, each with the reasons."""
    found = progress.at_risk(ctx, slug)
    card = courses.access_course(ctx, slug, Permission.INSIGHTS_READ, even_archived=True)
    return page(
        request,
        ctx.actor,
        "teach/at_risk.html",
        course=card,
        found=found,
        titles={key: each.title for key, each in marked_beside(ctx, card.id).items()},
        when=When(request, ctx),
        tab="at-risk",
    )


@router.get(RULE)
def rule_page(request: Request, ctx: Reading, slug: str, part: Part, part_id: UUID) -> Response:
    """What opens one part of a course, in sentences; for a lesson also when it is complete."""
    return _rule_page(request, ctx, slug, part, part_id, errors={}, status=200)


@router.post(RULE + "/add")
def add_condition(
    request: Request,
    ctx: Writing,
    slug: str,
    part: Part,
    part_id: UUID,
    kind: Text = "",
    at: Text = "",
    days: Text = "",
    percent: Text = "",
    lesson_id: Text = "",
    module_id: Text = "",
    result_id: Text = "",
    cohort_id: Text = "",
    required: Text = "",
) -> Response:
    """One more condition."""
    fields = {"days": days, "percent": percent, "lesson_id": lesson_id, "module_id": module_id}
    fields |= {"result_id": result_id, "cohort_id": cohort_id}

    def changed(rule: RuleIn, plan: PlanView) -> RuleIn:
        given: dict[str, Any] = {name: value.strip() for name, value in fields.items() if value.strip()}
        given |= {"at": from_field(at, ZoneInfo(plan.time_zone))} if at else {}
        given |= {"required_course_id": _course_named(ctx, required)} if required.strip() else {}
        new = ConditionIn.model_validate({"kind": kind, **given})
        return RuleIn(combination=rule.combination, conditions=[*rule.conditions, new])

    return _change(request, ctx, slug, part, part_id, changed)


@router.post(RULE + "/remove")
def remove_condition(
    request: Request, ctx: Writing, slug: str, part: Part, part_id: UUID, place: Annotated[int, Form(ge=0)]
) -> Response:
    """One condition less: the one at this place, from 0."""

    def changed(rule: RuleIn, _plan: PlanView) -> RuleIn:
        kept = [each for index, each in enumerate(rule.conditions) if index != place]
        return RuleIn(combination=rule.combination, conditions=kept)

    return _change(request, ctx, slug, part, part_id, changed)


@router.post(RULE + "/combination")
def combine(
    request: Request, ctx: Writing, slug: str, part: Part, part_id: UUID, combination: Combination = Form()
) -> Response:
    """Whether all conditions have to be met, or one."""

    def changed(rule: RuleIn, _plan: PlanView) -> RuleIn:
        return RuleIn(combination=combination, conditions=rule.conditions)

    return _change(request, ctx, slug, part, part_id, changed)


@router.post("/courses/{slug}/release/lesson/{lesson_id}/completion")
def set_completion(
    request: Request,
    ctx: Writing,
    slug: str,
    lesson_id: UUID,
    by_learner: Text = "",
    viewed: Text = "",
    minutes: Text = "",
    video_percent: Text = "",
    passed_id: Text = "",
    submitted_id: Text = "",
    marked_id: Text = "",
    optional: Text = "",
) -> Response:
    """When a lesson is complete, and whether the course needs it."""
    given = {
        "by_learner": bool(by_learner),
        "viewed": bool(viewed),
        "minutes": minutes.strip() or None,
        "video_percent": video_percent.strip() or None,
        "passed_id": passed_id or None,
        "submitted_id": submitted_id or None,
        "marked_id": marked_id or None,
        "optional": bool(optional),
    }
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    try:
        completion = CompletionIn.model_validate(given)
        with ctx.session.begin_nested():
            release.set_completion(ctx, lesson_id, completion=completion, results=marked_beside(ctx, card.id))
    except (ValidationError, WaitsForItself, ConditionRefused) as error:
        told = _told(request, ctx, error)
        return _rule_page(request, ctx, slug, "lesson", lesson_id, errors=told, status=422)
    return redirect(f"/teach/courses/{slug}/release/lesson/{lesson_id}", notice="rule-saved")


def _change(
    request: Request,
    ctx: WriteCtx,
    slug: str,
    part: Part,
    part_id: UUID,
    changed: Callable[[RuleIn, PlanView], RuleIn],
) -> Response:
    card, plan = _plan(ctx, slug)
    lesson_id, module_id = _place(ctx, card, part, part_id)
    results = marked_beside(ctx, card.id)
    try:
        rule = changed(_as_rule(plan, lesson_id=lesson_id, module_id=module_id), plan)
        with ctx.session.begin_nested():  # a refused rule leaves nothing behind, though its page is shown
            if lesson_id is not None:
                release.set_lesson_rule(ctx, lesson_id, rule=rule, results=results)
            elif module_id is not None:
                release.set_module_rule(ctx, module_id, rule=rule, results=results)
            else:
                release.set_plan(ctx, card.id, plan=PlanIn(time_zone=plan.time_zone, rule=rule), results=results)
    except (ValidationError, WaitsForItself, ConditionRefused) as error:
        return _rule_page(request, ctx, slug, part, part_id, errors=_told(request, ctx, error), status=422)
    return redirect(f"/teach/courses/{slug}/release/{part}/{part_id}", notice="rule-saved")


def _rule_page(
    request: Request, ctx: ReadCtx, slug: str, part: Part, part_id: UUID, *, errors: Errors, status: int
) -> Response:
    card, plan = _plan(ctx, slug)
    lesson_id, module_id = _place(ctx, card, part, part_id)
    modules = courses.outline(ctx, card.id, drafts=True)
    lessons = [lesson for module in modules for lesson in module.lessons if lesson.translation_of_id is None]
    titles = {each.id: each.title for each in (*modules, *lessons)}
    marked = marked_beside(ctx, card.id)
    return page(
        request,
        ctx.actor,
        "teach/release_rule.html",
        status=status,
        course=card,
        plan=plan,
        part=part,
        part_id=part_id,
        title=titles.get(part_id, card.title),
        rule=release.rule_of(plan, lesson_id=lesson_id, module_id=module_id),
        completion=plan.completion.get(lesson_id, CompletionIn(by_learner=True)) if lesson_id is not None else None,
        lessons=[(str(each.id), each.title) for each in lessons if each.id != lesson_id],
        modules=[(str(each.id), each.title) for each in modules if each.id != module_id],
        results=[(str(key), each.title) for key, each in marked.items()],
        quizzes=[(str(key), each.title) for key, each in marked.items() if each.kind == "quiz"],
        assignments=[(str(key), each.title) for key, each in marked.items() if each.kind == "assignment"],
        cohorts=[(str(each.id), each.name) for each in release.cohorts(ctx, card.id)],
        others=[each for each in courses.manageable(ctx, limit=COURSES_OFFERED).items if each.id != card.id],
        errors=errors,
        when=_calendar(request, ctx, plan),
        tab="release",
    )


def _plan(ctx: ReadCtx, slug: str) -> tuple[CourseCard, PlanView]:
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    return card, release.read_plan(ctx, card.id, results=marked_beside(ctx, card.id))


def _calendar(request: Request, ctx: ReadCtx, plan: PlanView) -> When:
    """Dates as the course means them, not in the instructor's own zone."""
    when = When(request, ctx)
    when.zone = ZoneInfo(plan.time_zone)
    return when


def _place(ctx: ReadCtx, card: CourseCard, part: Part, part_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The lesson or module of this course that is meant; neither for the course. NotFound for others'."""
    modules = courses.outline(ctx, card.id, drafts=True)
    if part == "lesson" and any(part_id == each.id for module in modules for each in module.lessons):
        return part_id, None
    if part == "module" and any(part_id == module.id for module in modules):
        return None, part_id
    if part == "course" and part_id == card.id:
        return None, None
    raise NotFound("There is no such part of this course. Load the outline again.")


def _as_rule(plan: PlanView, *, lesson_id: UUID | None = None, module_id: UUID | None = None) -> RuleIn:
    """A rule as it is now, to be changed."""
    found = release.rule_of(plan, lesson_id=lesson_id, module_id=module_id)
    if found is None:
        return RuleIn()
    names = set(ConditionIn.model_fields)
    given = [ConditionIn.model_validate(each.model_dump(include=names)) for each in found.conditions]
    return RuleIn(combination=found.combination, conditions=given)


def _course_named(ctx: ReadCtx, written: str) -> UUID:
    """The course with this address; ConditionRefused where the author sees none."""
    slug = written.strip().rstrip("/").rsplit("/", 1)[-1]
    try:
        return courses.access_course(ctx, slug, even_archived=True).id
    except CourseNotFound as error:
        raise ConditionRefused("The course to complete first is not there, or you may not see it.") from error


def _told(request: Request, ctx: ReadCtx, error: ValidationError | DomainError) -> Errors:
    """What was refused, above the form."""
    catalogue = words(request, ctx.actor)
    if isinstance(error, WaitsForItself):
        chain = " → ".join(f"“{title}”" for title in error.chain)
        sentence = catalogue.gettext("With this nobody could ever go on, since each of these waits for the next: %s")
        return {"": sentence % chain}
    if isinstance(error, ConditionRefused):
        return {"": catalogue.gettext(REFUSALS[error.code])}
    return {"": catalogue.gettext("Something is missing or out of range. Fill in the condition and add it again.")}
