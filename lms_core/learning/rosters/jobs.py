"""Background work of rosters: carrying one out in steps of a hundred lines, and forgetting lines after 30 days.

Each step stores its accounts, enrolments and outcomes in one transaction, so a job that is killed goes on where it was.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.errors import EmailTaken
from lms_core.kit.context import Work, WriteCtx
from lms_core.kit.jobs import every, job
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.rosters.models import Outcome, Roster, RosterLine, RosterStatus, Verdict
from lms_core.learning.rosters.schemas import RosterOptions

CARRY_OUT = "rosters.carry_out"
AT_ONCE = 100
KEPT = timedelta(days=30)


@job(CARRY_OUT, queue="heavy")
def carry_out(work: Work, *, roster_id: str, by: str) -> None:
    """Make the accounts and enrolments of a roster; repeated, it goes on with the lines that wait."""
    again = True
    while again:
        work.check_stop()
        with work.write() as ctx:
            again = _step(ctx, UUID(roster_id), by=UUID(by))


def _step(ctx: WriteCtx, roster_id: UUID, *, by: UUID) -> bool:
    """The next hundred lines. False when none waits, and the roster is done."""
    roster: Roster | None = ctx.session.execute(
        select(Roster).where(Roster.id == roster_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if roster is None or roster.status == RosterStatus.DONE:
        return False
    waiting = list(
        ctx.session.execute(
            select(RosterLine)
            .where(RosterLine.roster_id == roster_id, RosterLine.outcome == Outcome.WAITING)
            .order_by(RosterLine.number)
            .limit(AT_ONCE)
        ).scalars()
    )
    options = RosterOptions.model_validate(roster.options)
    options.course_ids = list(courses.cards(ctx, options.course_ids))  # less those deleted since the start
    known = accounts.ids_of_emails(ctx, (line.email for line in waiting if line.verdict != Verdict.FAULTY))
    for line in waiting:
        _settle(ctx, line, options, known, by=by)
    roster.done += len(waiting)
    roster.status = RosterStatus.RUNNING if waiting else RosterStatus.DONE
    roster.finished_at = None if waiting else ctx.now
    ctx.session.flush()
    return bool(waiting)


def _settle(ctx: WriteCtx, line: RosterLine, options: RosterOptions, known: dict[str, UUID], *, by: UUID) -> None:
    if line.verdict == Verdict.FAULTY:
        line.outcome = Outcome.SKIPPED
        return
    user_id, made = known.get(line.email), False
    if user_id is None:
        user_id, made = _made(ctx, line, options, by=by)
    enrolled = [enrolments.enrol_person(ctx, user_id=user_id, course_id=each) for each in options.course_ids]
    line.user_id = user_id
    line.outcome = Outcome.CREATED if made else Outcome.ENROLLED if any(enrolled) else Outcome.UNCHANGED


def _made(ctx: WriteCtx, line: RosterLine, options: RosterOptions, *, by: UUID) -> tuple[UUID, bool]:
    """The new account; or the one that somebody made with this address a moment ago."""
    try:
        account = access.add_invited(
            ctx,
            email=line.email,
            full_name=line.full_name,
            language=line.language,
            role=options.role,
            invite=options.invite,
            by=by,
        )
        return account.id, True
    except EmailTaken:
        return accounts.ids_of_emails(ctx, [line.email])[line.email], False


@every(timedelta(hours=12), "rosters.forget", queue="idle")
def forget(work: Work) -> None:
    """Delete rosters of more than 30 days, in every institution; their lines go with them."""
    with work.write() as ctx:
        ctx.session.execute(delete(Roster).where(Roster.created_at < ctx.now - KEPT))
