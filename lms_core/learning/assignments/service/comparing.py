"""Similarity within a course: what a submission shares with others, kept as a hint for instructors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, or_, select

from lms_core.content.files import service as files
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.storage import Storage
from lms_core.learning.assignments import winnowing
from lms_core.learning.assignments.drawers import drawer_of
from lms_core.learning.assignments.models import (
    Assignment,
    Submission,
    SubmissionFile,
    SubmissionFingerprint,
    SubmissionMatch,
    SubmissionStatus,
)

LEAST_SHARE = 15.0  # percent of the shorter text; below that, common phrases are all there is
LEAST_COMMON = 4  # fingerprints, about 120 letters
COMMON_GROUND = 5  # texts: what more than these and more than half of all say is the question's, not anybody's
LONGEST_FILE = 1024 * 1024
MOST_MATCHES = 20
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Source:
    """What a submission's words are read from: its text, and plain text files in storage."""

    submission_id: UUID
    course_id: UUID
    owner_id: UUID
    text: str
    keys: tuple[str, ...]
    instructions: str


@dataclass(frozen=True, slots=True)
class Found:
    """Another submission that shares text."""

    submission_id: UUID
    share: float
    passages: tuple[winnowing.Passage, ...]


def sources(ctx: ReadCtx, ids: Sequence[UUID]) -> dict[UUID, Source]:
    """Where the words of these submissions lie, by id; drafts and what is gone are left out."""
    wanted = (
        select(Submission, Assignment.course_id, Assignment.instructions)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Submission.id.in_(ids), Submission.status == SubmissionStatus.SUBMITTED)
    )
    rows = ctx.session.execute(wanted).all()
    plain = select(SubmissionFile).where(
        SubmissionFile.submission_id.in_(ids),
        SubmissionFile.media_type.startswith(PLAIN),
        SubmissionFile.size <= LONGEST_FILE,
    )
    keys: dict[UUID, list[str]] = {}
    courses = {row.Submission.id: row.course_id for row in rows}
    for file in ctx.session.execute(plain.order_by(SubmissionFile.name)).scalars():
        if file.submission_id in courses:
            try:
                asset = files.find(ctx, owner_id=drawer_of(courses[file.submission_id]), path=file.path)
            except NotFound:  # swept away with the course's drawer meanwhile
                continue
            keys.setdefault(file.submission_id, []).append(asset.storage_key)
    return {
        row.Submission.id: Source(
            submission_id=row.Submission.id,
            course_id=row.course_id,
            owner_id=row.Submission.group_id or row.Submission.user_id,
            text=row.Submission.text,
            keys=tuple(keys.get(row.Submission.id, ())),
            instructions=row.instructions,
        )
        for row in rows
    }


def words_of(resources: Resources, source: Source) -> str:
    """The text of a submission and of its plain text files. Reads storage: call it outside a transaction."""
    storage = resources.get(Storage)  # type: ignore[type-abstract]
    read = (storage.get(key).decode("utf-8", "replace") for key in source.keys)
    return "\n\n".join([source.text, *read])


def own_hashes(words: str, instructions: str) -> dict[int, tuple[int, int]]:
    """The fingerprints of a text without those of what its instructions say."""
    asked = winnowing.fingerprints(instructions).keys()
    return {key: place for key, place in winnowing.fingerprints(words).items() if key not in asked}


def keep(ctx: WriteCtx, source: Source, hashes: Sequence[int]) -> None:
    """Store the fingerprints of a submission, in place of those it had."""
    ctx.session.execute(
        delete(SubmissionFingerprint).where(SubmissionFingerprint.submission_id == source.submission_id)
    )
    packed = winnowing.pack(hashes)
    ctx.add(SubmissionFingerprint(submission_id=source.submission_id, course_id=source.course_id, hashes=packed))


def candidates(ctx: ReadCtx, source: Source, hashes: frozenset[int]) -> list[tuple[UUID, float]]:
    """Current submissions of others in the course that share enough, most first, with their share. One statement."""
    wanted = (
        select(SubmissionFingerprint.submission_id, SubmissionFingerprint.hashes)
        .join(Submission, Submission.id == SubmissionFingerprint.submission_id)
        .where(
            SubmissionFingerprint.course_id == source.course_id,
            Submission.current,
            func.coalesce(Submission.group_id, Submission.user_id) != source.owner_id,
        )
    )
    others = {row.submission_id: winnowing.unpack(row.hashes) for row in ctx.session.execute(wanted)}
    spread = Counter(each for theirs in others.values() for each in theirs & hashes)
    everybody = {key for key, times in spread.items() if times > max(COMMON_GROUND, len(others) / 2)}
    ours = hashes - everybody
    found = []
    for other, theirs in others.items():
        common = len(ours & theirs)
        share = winnowing.share(ours, theirs - everybody, common)
        if common >= LEAST_COMMON and share >= LEAST_SHARE:
            found.append((other, share))
    return sorted(found, key=lambda each: -each[1])[:MOST_MATCHES]


def remember(ctx: WriteCtx, submission_id: UUID, found: Sequence[Found]) -> None:
    """Store what a submission shares with others, in place of what was known."""
    known = or_(SubmissionMatch.first_id == submission_id, SubmissionMatch.second_id == submission_id)
    ctx.session.execute(delete(SubmissionMatch).where(known))
    for each in found:
        # The lower id stands first, so that a pair is one row whoever was compared last.
        mine_first = submission_id < each.submission_id
        pair = (submission_id, each.submission_id) if mine_first else (each.submission_id, submission_id)
        passages = [
            {"first": one.first, "second": one.second} if mine_first else {"first": one.second, "second": one.first}
            for one in each.passages
        ]
        ctx.session.add(
            SubmissionMatch(first_id=pair[0], second_id=pair[1], share=each.share, passages=passages, found_at=ctx.now)
        )
    ctx.session.flush()
