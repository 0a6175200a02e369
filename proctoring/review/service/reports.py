"""A session's report for its reviewers and for its taker, on the screen and on paper. Every look is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from proctoring.anomalies import service as anomalies
from proctoring.anomalies.schemas import AnomalyView
from proctoring.evidence import service as evidence
from proctoring.evidence.schemas import EvidenceLink, SnapshotView
from proctoring.policies import service as policies
from proctoring.review import queries
from proctoring.review.boxes import boxes_for
from proctoring.review.errors import OwnSession
from proctoring.review.export import pdf
from proctoring.review.models import Outcome, Review, ReviewStep
from proctoring.review.schemas import (
    EventLine,
    EvidencePicture,
    FlagView,
    OwnFlag,
    OwnReport,
    Person,
    ReportView,
    SnapshotLine,
    StepView,
    VerdictView,
)
from proctoring.review.service.access import REVIEWABLE, Reviewed, access_own, access_to_review
from proctoring.sessions import service as sessions
from proctoring.sessions.errors import SessionNotFound
from proctoring.sessions.states import SessionState
from proctoring.signals.schemas import Picture
from proctoring.watching import service as watching

UNDECIDED = frozenset({Outcome.NONE, Outcome.REJECTION_PROPOSED})
NOBODY = Person(id=None, name="")


@dataclass(frozen=True, slots=True)
class Paper:
    """A report with the pictures it shows, decrypted: all that is needed to draw it outside a transaction."""

    report: ReportView
    pictures: Mapping[UUID, bytes]
    language: str


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The pictures of a session by id, as the report needs them."""

    snapshots: Mapping[UUID, SnapshotView]
    seen: Mapping[UUID, Picture]
    links: Mapping[UUID, EvidenceLink]
    forbidden: frozenset[str]


def any_report(ctx: WriteCtx, session_id: UUID) -> ReportView | OwnReport:
    """The reviewer's report for a reviewer, the taker's for the taker. SessionNotFound for everybody else."""
    try:
        return report(ctx, session_id)
    except (SessionNotFound, OwnSession):
        return own_report(ctx, session_id)


def report(ctx: WriteCtx, session_id: UUID, *, action: str = "proctoring.report_viewed") -> ReportView:
    """Everything about a session, for a reviewer; the look is in the audit log. SessionNotFound, OwnSession.

    The number of statements does not depend on how many flags and pictures there are.
    """
    reviewed = access_to_review(ctx, session_id)
    audit.record(ctx, action=action, object=("proctor_session", session_id))
    flags = anomalies.of_session(ctx, session_id)
    pictures = _pictures(ctx, reviewed, flags)
    history = queries.history(ctx, session_id)
    review = queries.review_of(ctx, session_id)
    people = _people(ctx, history, review)
    steps = tuple(_step(row, people) for row in history)
    card = reviewed.card
    return ReportView(
        session=queries.row_view(ctx.session.execute(queries.row_of(session_id)).one()),
        policy=reviewed.policy.rules.model_dump(mode="json") | {"version": reviewed.policy.version},
        summary=anomalies.summaries(ctx, [session_id])[session_id],
        flags=tuple(_flag(flag, pictures, steps) for flag in flags),
        snapshots=_snapshot_lines(flags, pictures),
        events=tuple(
            EventLine(id=each.id, type=each.type, at=each.at, seconds=each.seconds, details=each.details)
            for each in sessions.page_events(ctx, session_id)
        ),
        verdict=_verdict(review, people),
        history=steps,
        precision=anomalies.precision(ctx),
        may_decide=card.state in REVIEWABLE,
        may_answer=_may_answer(ctx, card.state, review),
    )


def verdict_of(ctx: ReadCtx, session_id: UUID) -> VerdictView:
    """Where the verdict stands, for a reviewer."""
    access_to_review(ctx, session_id)
    review = queries.review_of(ctx, session_id)
    return _verdict(review, _people(ctx, (), review))


def own_report(ctx: WriteCtx, session_id: UUID) -> OwnReport:
    """A session as its taker sees it: outcome, message, own flags with pictures. SessionNotFound for others."""
    reviewed = access_own(ctx, session_id)
    audit.record(ctx, action="proctoring.own_report_viewed", object=("proctor_session", session_id))
    review = queries.review_of(ctx, session_id)
    outcome = Outcome(review.outcome) if review is not None else Outcome.NONE
    flags = [flag for flag in anomalies.of_session(ctx, session_id) if not flag.withdrawn]
    # While the exam runs nothing tells the taker what is noticed: the live advice is for that.
    told = flags if reviewed.card.ended_at is not None else []
    pictures = _pictures(ctx, reviewed, told)
    decided = outcome not in UNDECIDED  # a proposal is not told before the second reviewer has looked
    return OwnReport(
        session_id=session_id,
        attempt_id=reviewed.card.attempt_id,
        quiz_title=reviewed.quiz_title,
        state=reviewed.card.state.value,
        outcome=outcome.value if decided else "open",
        message=review.message if review is not None and decided else "",
        flags=tuple(_own_flag(flag, pictures) for flag in told),
        not_watched=anomalies.summaries(ctx, [session_id])[session_id].not_watched,
        may_appeal=outcome == Outcome.REJECTED and (review is None or review.appealed_at is None),
        appeal=review.appeal if review is not None else "",
        appealed_at=review.appealed_at if review is not None else None,
        answer=review.answer if review is not None else "",
        answered_at=review.answered_at if review is not None else None,
    )


def report_with_pictures(ctx: WriteCtx, session_id: UUID, *, language: str | None = None) -> Paper:
    """What a PDF is drawn from; opening the pictures is in the audit log. SessionNotFound, OwnSession."""
    spoken = language or ctx.actor.language
    found = report(ctx, session_id, action="proctoring.report_exported")
    shown = [picture for flag in found.flags for picture in flag.pictures[: pdf.PICTURES_PER_FLAG]]
    ids = list(dict.fromkeys(picture.snapshot_id for picture in shown if picture.url))
    opened = evidence.open_pictures(ctx, session_id, ids, purpose="exported") if ids else {}
    return Paper(found, opened, spoken)


def render_pdf(paper: Paper) -> bytes:
    """The PDF itself; takes about a second, so it is drawn after the transaction."""
    return pdf.render(paper.report, pictures=paper.pictures, language=paper.language)


def _may_answer(ctx: ReadCtx, state: SessionState, review: Review | None) -> bool:
    if review is None or state is not SessionState.APPEALED:
        return False
    return ctx.actor.user_id not in (review.proposed_by, review.decided_by)


def _pictures(ctx: ReadCtx, reviewed: Reviewed, flags: Sequence[AnomalyView]) -> _Pictures:
    snapshots = {each.id: each for each in evidence.snapshots(ctx, reviewed.id)}
    shown = [each for flag in flags for each in flag.evidence if each in snapshots]
    gone = reviewed.card.pictures_deleted_at is not None
    return _Pictures(
        snapshots=snapshots,
        seen={picture.id: picture for picture in watching.pictures(ctx, reviewed.id)},
        links={} if gone else evidence.links_for(ctx, list(dict.fromkeys(shown))),
        forbidden=policies.signal_rules(reviewed.policy.rules).forbidden_labels,
    )


def _shown(flag: AnomalyView, pictures: _Pictures) -> tuple[EvidencePicture, ...]:
    return tuple(
        EvidencePicture(
            snapshot_id=each,
            sequence=pictures.snapshots[each].sequence,
            taken_at=pictures.snapshots[each].at,
            url=pictures.links[each].url if each in pictures.links else "",
            thumbnail_url=pictures.links[each].thumbnail_url if each in pictures.links else "",
            boxes=boxes_for(
                flag.kind,
                pictures.seen[each].analysis if each in pictures.seen else None,
                forbidden=pictures.forbidden,
            ),
        )
        for each in flag.evidence
        if each in pictures.snapshots
    )


def _flag(flag: AnomalyView, pictures: _Pictures, steps: Sequence[StepView]) -> FlagView:
    own = tuple(step for step in steps if step.anomaly_id == flag.id)
    return FlagView(**flag.model_dump(), pictures=_shown(flag, pictures), steps=own)


def _own_flag(flag: AnomalyView, pictures: _Pictures) -> OwnFlag:
    return OwnFlag(
        id=flag.id,
        kind=flag.kind,
        title=flag.title,
        reason=flag.reason,
        started_at=flag.started_at,
        ended_at=flag.ended_at,
        decision=flag.decision,
        pictures=_shown(flag, pictures),
    )


def _snapshot_lines(flags: Sequence[AnomalyView], pictures: _Pictures) -> tuple[SnapshotLine, ...]:
    kinds: dict[UUID, set[str]] = {}
    for flag in flags:
        for each in flag.evidence:
            kinds.setdefault(each, set()).add(flag.kind)
    return tuple(
        SnapshotLine(
            id=each.id,
            shows=each.kind.value,
            sequence=each.sequence,
            taken_at=each.at,
            status=each.state.value,
            kinds=tuple(sorted(kinds.get(each.id, ()))),
        )
        for each in pictures.snapshots.values()
    )


def _people(ctx: ReadCtx, history: Sequence[ReviewStep], review: Review | None) -> dict[UUID, Person]:
    ids = [row.by for row in history]
    if review is not None:
        ids += [review.proposed_by, review.decided_by, review.answered_by]
    return queries.people(ctx, ids)


def _step(row: ReviewStep, people: Mapping[UUID, Person]) -> StepView:
    by = people.get(row.by, NOBODY) if row.by is not None else NOBODY
    return StepView(id=row.id, act=row.act, anomaly_id=row.anomaly_id, text=row.text, by=by, at=row.at)


def _verdict(review: Review | None, people: Mapping[UUID, Person]) -> VerdictView:
    found = review or Review(session_id=UUID(int=0))

    def who(user_id: UUID | None) -> Person | None:
        return people.get(user_id) if user_id is not None else None

    return VerdictView(
        outcome=found.outcome,
        message=found.message,
        needs_second=found.outcome == Outcome.REJECTION_PROPOSED,
        proposed_by=who(found.proposed_by),
        proposed_at=found.proposed_at,
        decided_by=who(found.decided_by),
        decided_at=found.decided_at,
        appeal=found.appeal,
        appealed_at=found.appealed_at,
        answer=found.answer,
        answered_by=who(found.answered_by),
        answered_at=found.answered_at,
    )
