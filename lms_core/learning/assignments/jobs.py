"""Background work: texts compared after they are handed in, reminders a day before, and files nobody names swept."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lms_core.content.files import service as files
from lms_core.kit.context import Work, WriteCtx, system_actor
from lms_core.kit.events import Notice
from lms_core.kit.jobs import every, job
from lms_core.learning.assignments import queries, winnowing
from lms_core.learning.assignments.drawers import drawer_of
from lms_core.learning.assignments.events import AssignmentDueSoon
from lms_core.learning.assignments.models import (
    Assignment,
    AssignmentStatus,
    Submission,
    SubmissionFile,
    SubmissionStatus,
)
from lms_core.learning.assignments.service import comparing
from lms_core.learning.assignments.service.comparing import Found
from lms_core.learning.assignments.service.drafting import COMPARE_JOB
from lms_core.learning.assignments.service.missing import owners
from lms_core.learning.enrolments import service as enrolments

BEFORE_DUE = timedelta(hours=24)
AT_ONCE = 200


@job(COMPARE_JOB, queue="idle")
def compare(work: Work, *, submission_id: str) -> None:
    """Fingerprint a submission and note what it shares with others of its course; safe to repeat."""
    with work.read() as view:
        source = comparing.sources(view, [UUID(submission_id)]).get(UUID(submission_id))
    if source is None:
        return
    words = comparing.words_of(work.resources, source)
    ours = comparing.own_hashes(words, source.instructions)
    with work.write() as ctx:  # before the others are read: of two that are compared at once, one sees the other
        comparing.keep(ctx, source, list(ours))
    with work.read() as view:
        likely = comparing.candidates(view, source, frozenset(ours))
        others = comparing.sources(view, [other for other, _ in likely]) if likely else {}
    found = []
    for other, share in likely:
        work.check_stop()
        if other in others:
            theirs = comparing.words_of(work.resources, others[other])
            places = comparing.own_hashes(theirs, others[other].instructions)
            found.append(Found(other, share, tuple(winnowing.passages(words, theirs, ours, places))))
    with work.write() as ctx:
        comparing.remember(ctx, source.submission_id, found)
        work.finish(ctx)


@every(timedelta(minutes=10), "assignments.remind")
def remind(work: Work) -> None:
    """Tell learners once about what is due within a day and not handed in."""
    with work.read() as view:
        due = view.session.execute(
            select(Assignment.id, Assignment.tenant_id)
            .where(
                Assignment.status == AssignmentStatus.PUBLISHED,
                Assignment.due_at > view.now,
                Assignment.due_at <= view.now + BEFORE_DUE,
                Assignment.reminded_at.is_(None),
            )
            .limit(AT_ONCE)
        ).all()
    for row in due:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            _remind(ctx, row.id)


def _remind(ctx: WriteCtx, assignment_id: UUID) -> None:
    row = queries.assignment(ctx, assignment_id)
    if row is None or row.reminded_at is not None or row.due_at is None:
        return
    row.reminded_at = ctx.now
    ctx.session.flush()
    done = owners(ctx, row.id, SubmissionStatus.SUBMITTED)
    waiting = tuple(each for each in enrolments.learners_of(ctx, row.course_id) if each not in done)
    about = {"assignment": row.title, "assignment_id": str(row.id)}
    notice = Notice(recipients=waiting, kind="assignments.due_soon", variables=about) if waiting else None
    ctx.emit(AssignmentDueSoon(assignment_id=row.id, course_id=row.course_id, notice=notice))


@every(timedelta(days=1), "assignments.sweep_files", queue="idle")
def sweep_files(work: Work) -> None:
    """Drop stored files that no submission names any more: those of accounts that were deleted."""
    with work.read() as view:
        taking = select(Assignment.course_id, Assignment.tenant_id).where(Assignment.takes_files).distinct()
        drawers = view.session.execute(taking).all()
    for row in drawers:
        work.check_stop()
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            named = select(SubmissionFile.path).join(Submission, Submission.id == SubmissionFile.submission_id)
            of_course = named.join(Assignment, Assignment.id == Submission.assignment_id).where(
                Assignment.course_id == row.course_id
            )
            kept = list(ctx.session.execute(of_course).scalars())
            files.remove(ctx, owner_id=drawer_of(row.course_id), keep=kept)
