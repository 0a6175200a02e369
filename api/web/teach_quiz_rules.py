"""How a quiz is conducted, on one page: how questions behave, what is shown when, who may start, and exceptions."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.attempt import SentForm
from api.web.forms import Errors, errors_of
from api.web.local_dates import from_field
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import parse_id
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import PRESETS, ConductIn, OverrideIn, Phase, ReviewItem
from lms_core.learning.assessments.schemas.conduct import OF_QUESTIONS
from lms_core.learning.release import service as release

router = APIRouter(prefix="/teach", include_in_schema=False)

MINUTE = 60
BANDS = 6
OVERRIDE_FIELDS = ("who", "cohort_id", "opens_at", "closes_at", "minutes", "attempts_allowed", "password")


@router.get("/quizzes/{quiz_id}/rules")
def rules_page(request: Request, ctx: Reading, quiz_id: UUID) -> Response:
    """The page; thirteen statements, two more with exceptions."""
    return _page(request, ctx, quiz_id, values=None, exception={}, errors={}, status=200)


@router.post("/quizzes/{quiz_id}/rules")
def save(request: Request, form: SentForm, ctx: Writing, quiz_id: UUID) -> Response:
    """Keep how the quiz is conducted. A preset that is chosen goes before the boxes of the table."""
    values = _sent(form)
    try:
        assessments.set_conduct(ctx, quiz_id, conduct=ConductIn.model_validate(_as_conduct(values)))
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in (403, 404):
            raise
        told = _told(error, request, ctx)
        return _page(request, ctx, quiz_id, values=values, exception={}, errors=told, status=422)
    return redirect(f"/teach/quizzes/{quiz_id}/rules", notice="saved")


@router.post("/quizzes/{quiz_id}/overrides")
def add_exception(request: Request, form: SentForm, ctx: Writing, quiz_id: UUID) -> Response:
    """Give a person, by address, or a cohort an exception."""
    values = {name: _text(form, name) for name in OVERRIDE_FIELDS}
    try:
        given = OverrideIn.model_validate(_as_override(values, LocalTime(request, ctx).zone))
        cohort_id = parse_id(values["cohort_id"])
        person = accounts.account_with_email(ctx, email=values["who"]) if values["who"] else None
        if cohort_id is not None:
            assessments.set_for_cohort(ctx, quiz_id, cohort_id=cohort_id, given=given)
        elif person is not None:
            assessments.set_for_person(ctx, quiz_id, user_id=person.id, given=given)
        else:
            assessments.read_conduct(ctx, quiz_id)
            told = {"who": words(request, ctx.actor).gettext("Nobody here has this address.")}
            return _page(request, ctx, quiz_id, values=None, exception=values, errors=told, status=422)
    except ValidationError as error:
        told = _told(error, request, ctx)
        return _page(request, ctx, quiz_id, values=None, exception=values, errors=told, status=422)
    return redirect(f"/teach/quizzes/{quiz_id}/rules#exceptions", notice="saved")


@router.post("/quizzes/{quiz_id}/overrides/{override_id}/delete")
def remove_exception(ctx: Writing, quiz_id: UUID, override_id: UUID) -> Response:
    """Take an exception away."""
    assessments.remove_override(ctx, quiz_id, override_id=override_id)
    return redirect(f"/teach/quizzes/{quiz_id}/rules#exceptions", notice="deleted")


def _page(
    request: Request,
    ctx: ReadCtx,
    quiz_id: UUID,
    *,
    values: dict[str, Any] | None,
    exception: dict[str, str],
    errors: Errors,
    status: int,
) -> Response:
    conduct = assessments.read_conduct(ctx, quiz_id)
    quiz = assessments.access_quiz_for_editing(ctx, quiz_id)
    local = LocalTime(request, ctx)
    return page(
        request,
        ctx.actor,
        "teach/quiz_rules.html",
        status=status,
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, even_archived=True),
        values=values or _as_values(conduct),
        exception=exception,
        exceptions=assessments.overrides(ctx, quiz_id),
        cohorts=release.cohorts(ctx, quiz.course_id),
        local=local,
        zone=local.zone.key,
        errors=errors,
        phases=list(Phase),
        items=list(ReviewItem),
        of_questions=OF_QUESTIONS,
        tab="quizzes",
    )


def _told(error: ValidationError | DomainError, request: Request, ctx: ReadCtx) -> Errors:
    """What is wrong by field; what no field of the page shows is said of the whole form."""
    told = errors_of(error, words(request, ctx.actor))
    shown = {"networks", "review", "password", "wrong_choice", "wrong_choice_percent", "who", "opens_at", "closes_at"}
    return {name if name in shown else "": message for name, message in told.items()}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip()[:20_000] if isinstance(value, str) else ""


def _as_values(conduct: ConductIn) -> dict[str, Any]:
    """What the form shows: minutes, one network a line, and empty bands to fill."""
    bands = [(f"{band.from_percent:g}", band.text) for band in conduct.overall_feedback]
    return {
        **conduct.model_dump(mode="json", include={"behaviour", "certainty_floor", "wrong_choice", "password"}),
        "wrong_choice_percent": f"{conduct.wrong_choice_percent:g}",
        "networks": "\n".join(conduct.networks),
        "networks_at_saves": conduct.networks_at_saves,
        "first_delay": f"{conduct.first_delay_seconds / MINUTE:g}",
        "later_delay": f"{conduct.later_delay_seconds / MINUTE:g}",
        "grace": f"{conduct.grace_seconds / MINUTE:g}",
        "review": {phase.value: [item.value for item in conduct.review.at(phase)] for phase in Phase},
        "bands": bands + [("", "")] * max(2, BANDS - len(bands)),
        "preset": "",
    }


def _sent(form: FormData) -> dict[str, Any]:
    """The form as it was sent, in the shape of `_as_values`."""
    names = ("behaviour", "wrong_choice", "wrong_choice_percent", "networks", "password", "preset")
    minutes = ("first_delay", "later_delay", "grace")
    froms, texts = form.getlist("band_from"), form.getlist("band_text")
    return {
        **{name: _text(form, name) for name in (*names, *minutes)},
        "certainty_floor": bool(_text(form, "certainty_floor")),
        "networks_at_saves": bool(_text(form, "networks_at_saves")),
        "review": {phase.value: [str(each) for each in form.getlist(f"review_{phase.value}")] for phase in Phase},
        "bands": [(str(start).strip(), str(text)[:20_000]) for start, text in zip(froms, texts, strict=False)],
    }


def _as_conduct(values: dict[str, Any]) -> dict[str, Any]:
    """The form as `ConductIn` takes it; what is no number is left for the schema to refuse."""
    written = [(start.replace(",", ".") or "0", text) for start, text in values["bands"] if text.strip()]
    bands = [{"from_percent": start, "text": text} for start, text in written]
    return {
        "behaviour": values["behaviour"],
        "certainty_floor": values["certainty_floor"],
        "wrong_choice": values["wrong_choice"],
        "wrong_choice_percent": values["wrong_choice_percent"].replace(",", ".") or 0,
        "networks": values["networks"].split(),
        "networks_at_saves": values["networks_at_saves"],
        "password": values["password"],
        "review": values["preset"] if values["preset"] in PRESETS else values["review"],
        "overall_feedback": bands,
        "first_delay_seconds": _seconds(values["first_delay"]) or 0,
        "later_delay_seconds": _seconds(values["later_delay"]) or 0,
        "grace_seconds": _seconds(values["grace"]) or 0,
    }


def _as_override(values: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "opens_at": from_field(values["opens_at"], zone),
        "closes_at": from_field(values["closes_at"], zone),
        "time_limit_seconds": _seconds(values["minutes"]),
        "attempts_allowed": values["attempts_allowed"] or None,
        "password": values["password"] or None,
    }


def _seconds(minutes: str) -> Any:
    try:
        return round(float(minutes.replace(",", ".")) * MINUTE) if minutes else None
    except (ValueError, OverflowError):
        return minutes
