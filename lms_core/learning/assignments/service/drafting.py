"""A learner's draft: its text, its files, and handing it in."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from lms_core.content.files import service as files
from lms_core.content.files.schemas import StoredFile
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.events import Activity, Notice
from lms_core.kit.ids import new_token
from lms_core.learning.assignments import queries, timing
from lms_core.learning.assignments.annotating import lines_as_stored
from lms_core.learning.assignments.drawers import drawer_of, kind_of
from lms_core.learning.assignments.errors import (
    FileRefused,
    FileTooLarge,
    NoSubmissionsLeft,
    NothingToSubmit,
    SubmissionChanged,
    SubmissionNotFound,
)
from lms_core.learning.assignments.events import SubmissionReceived
from lms_core.learning.assignments.models import Assignment, Submission, SubmissionFile, SubmissionStatus
from lms_core.learning.assignments.service import standing
from lms_core.learning.assignments.service.access import Owner, dates_of, owner_of, readable
from lms_core.learning.assignments.sheets import DraftIn, SubmitIn
from lms_core.learning.enrolments import service as enrolments

COMPARE_JOB = "assignments.compare"
MEGABYTE = 1024 * 1024
RECEIPT_LENGTH = 16


def save_draft(ctx: WriteCtx, assignment_id: UUID, *, draft: DraftIn) -> Submission:
    """Keep the text of the actor's draft, beginning one where there is none.

    SubmissionChanged when it was saved elsewhere since `base_revision`; NotOpenYet, SubmissionClosed, NoGroup,
    NoSubmissionsLeft; Invalid where the assignment takes no text.
    """
    assignment, owner = _taking(ctx, assignment_id)
    text = lines_as_stored(draft.text)
    if text.strip() and not assignment.takes_text:
        raise Invalid("This assignment takes files only. Put your text into one of them.")
    row = _draft(ctx, assignment, owner)
    if row.revision != draft.base_revision and row.text != text:
        raise SubmissionChanged(row.revision)
    if row.text != text:
        row.text, row.revision, row.saved_at = text, row.revision + 1, ctx.now
        ctx.session.flush()
    return row


def check_file(ctx: ReadCtx, assignment_id: UUID) -> tuple[UUID, int]:
    """Whether a file would be taken now, before its bytes are stored: the drawer they go to, and the most bytes."""
    assignment, owner = _taking(ctx, assignment_id)
    if not assignment.takes_files:
        raise FileRefused("This assignment takes text only. Write your answer into its field.")
    _attempt_number(ctx, assignment, owner)
    return drawer_of(assignment.course_id), assignment.file_megabytes * MEGABYTE


def add_file(ctx: WriteCtx, assignment_id: UUID, *, name: str, stored: StoredFile) -> SubmissionFile:
    """Put stored bytes into the actor's draft, in place of a file of the same name. FileRefused, FileTooLarge."""
    assignment, owner = _taking(ctx, assignment_id)
    name = _plain_name(name)
    if not assignment.takes_files:
        raise FileRefused("This assignment takes text only. Write your answer into its field.")
    if stored.size > assignment.file_megabytes * MEGABYTE:
        raise FileTooLarge(assignment.file_megabytes)
    kind = kind_of(stored.media_type, name)
    if assignment.file_kinds and kind not in assignment.file_kinds:
        taken = ", ".join(assignment.file_kinds)
        raise FileRefused(f"By its content this is {stored.media_type}, whatever its name says. Taken are: {taken}.")
    draft = _draft(ctx, assignment, owner)
    known = {row.name: row for row in queries.files_of(ctx, [draft.id]).get(draft.id, ())}
    if name not in known and len(known) >= assignment.files_allowed:
        raise FileRefused(f"Up to {assignment.files_allowed} files are taken. Remove one first, or pack them together.")
    path = f"{draft.id}/{name}"
    files.attach(ctx, owner_id=drawer_of(assignment.course_id), path=path, stored=stored)
    row = known.get(name) or SubmissionFile(submission_id=draft.id, name=name, path=path, media_type="", size=0)
    row.media_type, row.size = stored.media_type, stored.size
    draft.saved_at = ctx.now
    return ctx.add(row)


def remove_file(ctx: WriteCtx, assignment_id: UUID, *, file_id: UUID) -> None:
    """Take a file out of the actor's draft. SubmissionNotFound when it is in none of theirs."""
    assignment, owner = _taking(ctx, assignment_id)
    draft = _found_draft(ctx, assignment, owner)
    held = queries.files_of(ctx, [draft.id]).get(draft.id, ()) if draft is not None else ()
    row = next((each for each in held if each.id == file_id), None)
    if row is None:
        raise SubmissionNotFound()
    files.discard(ctx, owner_id=drawer_of(assignment.course_id), path=row.path)
    ctx.session.execute(delete(SubmissionFile).where(SubmissionFile.id == row.id))


def submit(ctx: WriteCtx, assignment_id: UUID, *, given: SubmitIn) -> Submission:
    """Hand the actor's draft in. The attempt of that number handed in already: the same again, no change.

    NothingToSubmit, and whatever `save_draft` refuses with.
    """
    assignment, _ = readable(ctx, assignment_id)
    owner = owner_of(ctx, assignment, enrolments.learner_of(ctx))
    row = _attempt(ctx, assignment, owner, given.number)
    if row is not None and row.status == SubmissionStatus.SUBMITTED:
        return row
    assignment, owner = _taking(ctx, assignment_id)
    if row is None or not (row.text.strip() or queries.files_of(ctx, [row.id])):
        raise NothingToSubmit()
    earlier = update(Submission).where(Submission.assignment_id == assignment.id, _owned(owner), Submission.current)
    ctx.session.execute(earlier.values(current=False))
    row.status, row.current = SubmissionStatus.SUBMITTED, True
    row.submitted_at, row.submitted_by = ctx.now, ctx.actor.user_id
    row.receipt = new_token()[:RECEIPT_LENGTH]
    ctx.session.flush()
    standing.note_submitted(ctx, assignment, owner.members)
    _tell(ctx, assignment, owner, row)
    ctx.enqueue(COMPARE_JOB, submission_id=str(row.id))
    return row


def _tell(ctx: WriteCtx, assignment: Assignment, owner: Owner, row: Submission) -> None:
    user_id = enrolments.learner_of(ctx)
    about = {"assignment": assignment.title, "assignment_id": str(assignment.id), "receipt": row.receipt}
    ctx.emit(
        SubmissionReceived(
            submission_id=row.id,
            assignment_id=assignment.id,
            course_id=assignment.course_id,
            user_id=user_id,
            notice=Notice(recipients=owner.members, kind="assignments.submission_received", variables=about),
            activity=Activity(user_id=user_id, verb="submitted", object_id=assignment.id),
        )
    )


def _taking(ctx: ReadCtx, assignment_id: UUID) -> tuple[Assignment, Owner]:
    """The assignment and who hands in for the actor, while something is taken from them."""
    assignment, _ = readable(ctx, assignment_id)
    owner = owner_of(ctx, assignment, enrolments.learner_of(ctx))
    refusal = timing.refusal(assignment, dates_of(ctx, assignment, owner.members), ctx.now)
    if refusal is not None:
        raise refusal
    return assignment, owner


def _owned(owner: Owner) -> Any:
    return Submission.group_id == owner.group_id if owner.group else Submission.user_id == owner.user_id


def _attempt(ctx: WriteCtx, assignment: Assignment, owner: Owner, number: int) -> Submission | None:
    """An attempt of the owner, locked: two buttons and two tabs take turns."""
    wanted = select(Submission).where(
        Submission.assignment_id == assignment.id, _owned(owner), Submission.number == number
    )
    found: Submission | None = ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none()
    return found


def _found_draft(ctx: WriteCtx, assignment: Assignment, owner: Owner) -> Submission | None:
    wanted = select(Submission).where(
        Submission.assignment_id == assignment.id, _owned(owner), Submission.status == SubmissionStatus.DRAFT
    )
    found: Submission | None = ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none()
    return found


def _draft(ctx: WriteCtx, assignment: Assignment, owner: Owner) -> Submission:
    """The owner's draft, begun where there is none. NoSubmissionsLeft."""
    found = _found_draft(ctx, assignment, owner)
    if found is not None:
        return found
    number = _attempt_number(ctx, assignment, owner)
    made = Submission(
        assignment_id=assignment.id,
        user_id=owner.user_id,
        group_id=owner.group_id,
        number=number,
        saved_at=ctx.now,
    )
    try:
        with ctx.session.begin_nested():
            return ctx.add(made)
    except IntegrityError:  # two tabs began at once, on PostgreSQL
        found = _found_draft(ctx, assignment, owner)
        if found is None:
            raise
        return found


def _attempt_number(ctx: ReadCtx, assignment: Assignment, owner: Owner) -> int:
    """The number of the attempt at hand, or of the next one. NoSubmissionsLeft."""
    wanted = select(Submission.number, Submission.status).where(
        Submission.assignment_id == assignment.id, _owned(owner)
    )
    last = ctx.session.execute(wanted.order_by(Submission.number.desc()).limit(1)).first()
    if last is not None and last.status == SubmissionStatus.DRAFT:
        return int(last.number)
    number = int(last.number) + 1 if last is not None else 1
    if assignment.attempts_allowed is not None and number > assignment.attempts_allowed:
        raise NoSubmissionsLeft(assignment.attempts_allowed)
    return number


def _plain_name(name: str) -> str:
    """A file's own name, without the folders it came from. FileRefused when nothing is left."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    kept = "".join(each for each in last if each.isprintable())
    if not kept.strip("."):
        raise FileRefused("The file has no name. Give it one, and upload it again.")
    stem, dot, ending = kept.rpartition(".")
    return kept if len(kept) <= 150 else f"{stem[: 149 - len(ending)]}{dot}{ending}"[-150:]
