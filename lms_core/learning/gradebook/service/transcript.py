"""The transcript: everything a learner took here with its result, as data and as a document."""

from datetime import datetime
from uuid import UUID

from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.enrolments.models import EnrollmentStatus
from lms_core.learning.gradebook import queries, views
from lms_core.learning.gradebook.book import Book, is_shown, load_all
from lms_core.learning.gradebook.errors import LearnerNotFound
from lms_core.learning.gradebook.models import Grade
from lms_core.learning.gradebook.paper import render
from lms_core.learning.gradebook.schemas import CourseResult, TranscriptView
from lms_core.learning.gradebook.totals import course_total, percent


def transcript(ctx: ReadCtx, *, user_id: UUID | None = None) -> TranscriptView:
    """The actor's courses with their results as the actor sees them; anybody's for administrators.

    LearnerNotFound for others. Ten statements and one per source, however many courses.
    """
    whose = _whose(ctx, user_id)
    person = accounts.person(ctx, user_id=whose)
    taken = queries.enrolments_of(ctx, whose)
    cards = courses.cards(ctx, [each.course_id for each in taken])
    books = load_all(ctx, list(cards))
    grades: dict[UUID, list[Grade]] = {}
    for grade in queries.grades_of(ctx, whose):
        grades.setdefault(grade.course_id, []).append(grade)
    results = []
    for each in taken:
        card = cards.get(each.course_id)
        if card is None:
            continue
        book, own = books[card.id], grades.get(card.id, [])
        fraction, last = _result(book, own)
        band = book.band(fraction)
        results.append(
            CourseResult(
                course_id=card.id,
                slug=card.slug,
                title=card.title,
                minutes=card.minutes,
                enrolled_at=each.enrolled_at,
                left=each.status == EnrollmentStatus.LEFT,
                last_graded_at=last,
                percent=percent(fraction),
                letter="" if band is None else band.letter,
                letter_points=None if band is None else band.points,
            )
        )
    return TranscriptView(institution=tenants.name(ctx), name=person.full_name, at=ctx.now, courses=tuple(results))


def transcript_pdf(ctx: ReadCtx, *, user_id: UUID | None = None, language: str = "en") -> bytes:
    """The same as a PDF of A4 pages with embedded fonts, in English or Swahili. Whoever hands it out signs it."""
    return render(transcript(ctx, user_id=user_id), language=language)


def _whose(ctx: ReadCtx, user_id: UUID | None) -> UUID:
    own = enrolments.learner_of(ctx)
    if user_id is None or user_id == own:
        return own
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise LearnerNotFound()
    return user_id


def _result(book: Book, grades: list[Grade]) -> tuple[float | None, datetime | None]:
    """The course's fraction as its learner sees it, and when the last mark that counts was given."""
    shown = {each.id for each in book.columns if is_shown(each)}
    seen = [each for each in grades if each.item_id in shown]
    marks, excused = views.marks_of(seen)
    last = max((each.marked_at or each.updated_at for each in seen if each.item_id in marks), default=None)
    if not book.settings.show_total:
        return None, last
    return course_total(book.tree(shown_to_learners=True), marks, excused).fraction, last
