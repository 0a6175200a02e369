"""Verbs on rosters, for those who manage accounts: take a file in, look at it, start it, report on it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit import spreadsheets
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.rosters import jobs
from lms_core.learning.rosters.errors import RosterNotFound, RosterStarted
from lms_core.learning.rosters.models import Roster, RosterLine, RosterStatus, Verdict
from lms_core.learning.rosters.reading import Line, Read
from lms_core.learning.rosters.schemas import RosterLineView, RosterOptions, RosterView

LINES_AT_ONCE = 500
HEADER = ("line", "email", "name", "language", "verdict", "reason", "outcome")


def require_manager(ctx: ReadCtx) -> None:
    """Forbidden for those who do not manage accounts."""
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators manage people. Ask one of them.")


def take_in(database: Database, *, actor: Actor, name: str, read: Read, request_id: str = "") -> RosterView:
    """Store a file that was read, each line with its verdict: new, exists, faulty. Nothing else happens yet.

    Takes the database: ten thousand lines in one transaction would keep every other writer waiting.
    """
    with database.write(actor, request_id=request_id) as ctx:
        require_manager(ctx)
        roster = ctx.add(
            Roster(
                owner_id=actor.user_id,
                name="".join(each for each in name if each.isprintable())[:200] or "people.csv",
                columns=read.columns,
                notes=list(read.notes),
                created_at=ctx.now,
            )
        )
    for start_at in range(0, len(read.lines), LINES_AT_ONCE):
        with database.write(actor, request_id=request_id) as ctx:
            _add_lines(ctx, roster.id, read.lines[start_at : start_at + LINES_AT_ONCE])
    with database.write(actor, request_id=request_id) as ctx:
        row = _access(ctx, roster.id, locked=True)
        row.status = RosterStatus.PREVIEW
        return _view(row)


def _add_lines(ctx: WriteCtx, roster_id: UUID, lines: Sequence[Line]) -> None:
    row = _access(ctx, roster_id, locked=True)
    known = accounts.ids_of_emails(ctx, (each.email for each in lines if each.verdict is Verdict.NEW))
    verdicts = [
        Verdict.EXISTS if each.verdict is Verdict.NEW and each.email in known else each.verdict for each in lines
    ]
    ctx.session.add_all(
        RosterLine(
            roster_id=roster_id,
            number=line.number,
            email=line.email,
            full_name=line.full_name,
            language=line.language,
            verdict=verdict,
            reason=line.reason,
        )
        for line, verdict in zip(lines, verdicts, strict=True)
    )
    row.lines += len(verdicts)
    row.new += verdicts.count(Verdict.NEW)
    row.existing += verdicts.count(Verdict.EXISTS)
    row.faulty += verdicts.count(Verdict.FAULTY)
    ctx.session.flush()


def recent(ctx: ReadCtx) -> list[RosterView]:
    """The last rosters of the institution, newest first."""
    require_manager(ctx)
    rows = ctx.session.execute(select(Roster).order_by(Roster.id.desc()).limit(20)).scalars()
    return [_view(row) for row in rows]


def view(ctx: ReadCtx, *, roster_id: UUID) -> RosterView:
    """A roster and how far it is. Forbidden, RosterNotFound."""
    return _view(_access(ctx, roster_id))


def lines(
    ctx: ReadCtx, *, roster_id: UUID, verdict: Verdict | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[RosterLineView]:
    """A roster's lines in the order of the file, those of one verdict when given. Forbidden, RosterNotFound."""
    _access(ctx, roster_id)
    wanted = select(RosterLine).where(RosterLine.roster_id == roster_id).order_by(RosterLine.number).limit(limit + 1)
    if verdict is not None:
        wanted = wanted.where(RosterLine.verdict == verdict)
    if cursor:
        wanted = wanted.where(RosterLine.number > decode_cursor(cursor, [int])[0])
    rows = [_line_view(row) for row in ctx.session.execute(wanted).scalars()]
    return page(rows, limit, lambda line: [line.number])


def start(ctx: WriteCtx, *, roster_id: UUID, options: RosterOptions) -> RosterView:
    """Carry a roster out. Forbidden for a role that is not the actor's to give, RosterStarted, CourseNotFound.

    What is not there any more, or was started before, is refused; nothing is done twice.
    """
    row = _access(ctx, roster_id, locked=True)
    if row.status != RosterStatus.PREVIEW:
        raise RosterStarted("Look at its report. To carry out a changed list, upload it again.")
    access.ensure_above(ctx, [options.role])
    for course_id in options.course_ids:
        courses.access_course(ctx, course_id, Permission.COURSE_EDIT)
    row.status, row.options = RosterStatus.QUEUED, options.model_dump(mode="json")
    ctx.session.flush()
    ctx.enqueue(jobs.CARRY_OUT, roster_id=str(row.id), by=str(ctx.actor.user_id))
    audit.record(
        ctx,
        action="roster.started",
        object=("roster", row.id),
        role=options.role.value,
        people=row.new + row.existing,
        courses=len(options.course_ids),
    )
    return _view(row)


def report(ctx: ReadCtx, *, roster_id: UUID) -> Iterator[str]:
    """Every line and what became of it as CSV, safe to open in a spreadsheet. Forbidden, RosterNotFound."""
    _access(ctx, roster_id)
    found = ctx.session.execute(
        select(RosterLine).where(RosterLine.roster_id == roster_id).order_by(RosterLine.number)
    ).scalars()
    shown = (_line_view(row) for row in found.all())
    rows = (
        (each.number, each.email, each.full_name, each.language, each.verdict, each.reason, each.outcome)
        for each in shown
    )
    return spreadsheets.csv_lines(HEADER, rows)


def _access(ctx: ReadCtx, roster_id: UUID, *, locked: bool = False) -> Roster:
    require_manager(ctx)
    wanted = select(Roster).where(Roster.id == roster_id)
    if locked:
        wanted = wanted.with_for_update(key_share=True)
    row: Roster | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise RosterNotFound("It may have been deleted: lists are kept for 30 days. Upload it again.")
    return row


def _view(row: Roster) -> RosterView:
    return RosterView(
        id=row.id,
        name=row.name,
        status=row.status,
        columns=row.columns,
        notes=row.notes,
        options=RosterOptions.model_validate(row.options),
        lines=row.lines,
        new=row.new,
        existing=row.existing,
        faulty=row.faulty,
        done=row.done,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _line_view(row: RosterLine) -> RosterLineView:
    return RosterLineView(
        number=row.number,
        email=row.email,
        full_name=row.full_name,
        language=row.language,
        verdict=row.verdict,
        reason=row.reason,
        outcome=row.outcome,
    )
