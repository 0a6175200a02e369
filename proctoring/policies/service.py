"""Verbs on policies: read, set, end; and a policy as the rules of signals."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.assessments import service as assessments
from proctoring.policies import consent
from proctoring.policies.errors import NotSupervised
from proctoring.policies.models import Policy
from proctoring.policies.schemas import LABELS, Material, PolicyIn, PolicyView, SupervisionView
from proctoring.signals.schemas import Rules


def set_policy(ctx: WriteCtx, quiz_id: UUID, *, rules: PolicyIn) -> PolicyView:
    """Put a new version in force, for the quiz's editors; the quiz is supervised. Running sessions keep theirs."""
    quiz = assessments.set_supervised(ctx, quiz_id, supervised=True)
    row = _append(ctx, quiz_id=quiz_id, course_id=quiz.course_id, rules=rules)
    audit.record(ctx, action="proctor_policy.set", object=("quiz", quiz_id), version=row.version)
    return _view(row)


def supervise(ctx: WriteCtx, quiz_id: UUID) -> PolicyView:
    """Make sure that a supervised quiz has a policy in force: the one it has, its last one, or the defaults.

    For quizzes that were marked supervised by other ways than `set_policy`, so that nobody waits for checks that no
    policy describes. NotSupervised when the quiz is not marked. The caller has authorised.
    """
    row = _current(ctx, quiz_id)
    if row is None:
        quiz = assessments.access_quiz(ctx, quiz_id)
        if not quiz.supervised:
            raise NotSupervised()
        try:
            with ctx.session.begin_nested():
                row = _append(ctx, quiz_id=quiz_id, course_id=quiz.course_id, rules=_terms_again(ctx, quiz_id))
        except IntegrityError:  # somebody else starts in the same moment
            return _view(ctx.session.execute(_newest(quiz_id)).scalar_one())
        audit.record(ctx, action="proctor_policy.set", object=("quiz", quiz_id), version=row.version, why="defaults")
    return _view(row)


def end_supervision(ctx: WriteCtx, quiz_id: UUID) -> None:
    """Unmark the quiz. The caller has made sure that no session runs. NotSupervised when it was not supervised."""
    current = _current(ctx, quiz_id)
    quiz = assessments.set_supervised(ctx, quiz_id, supervised=False)
    if current is None:
        raise NotSupervised()
    row = _append(ctx, quiz_id=quiz_id, course_id=quiz.course_id, rules=None)
    audit.record(ctx, action="proctor_policy.ended", object=("quiz", quiz_id), version=row.version)


def for_editing(ctx: ReadCtx, quiz_id: UUID) -> PolicyView | None:
    """The policy in force, for the quiz's editors; None when the quiz is not supervised. QuizNotFound, Forbidden."""
    assessments.access_quiz_for_editing(ctx, quiz_id)
    row = _current(ctx, quiz_id)
    return _view(row) if row is not None else None


def supervision(ctx: ReadCtx, quiz_id: UUID, *, language: str) -> SupervisionView:
    """What a taker is told, for who may take the quiz. QuizNotFound, NotSupervised.

    A marked quiz without a policy tells the terms that `supervise` puts in force when the session starts.
    """
    quiz = assessments.access_quiz(ctx, quiz_id)
    row = _current(ctx, quiz_id)
    if row is None and not quiz.supervised:
        raise NotSupervised()
    version = row.version if row is not None else _last_version(ctx, quiz_id) + 1
    rules = PolicyIn.model_validate(row.rules) if row is not None else _terms_again(ctx, quiz_id)
    return SupervisionView(
        quiz_id=quiz_id,
        policy_version=version,
        snapshot_interval_seconds=rules.snapshot_interval_seconds,
        identity=rules.identity,
        fullscreen=rules.fullscreen,
        microphone=rules.microphone,
        screen=rules.screen,
        allowed_materials=tuple(sorted(rules.allowed_materials)),
        retention_days=rules.retention_days,
        consent=consent.text_for(rules, version=version, language=language),
    )


def version(ctx: ReadCtx, policy_id: UUID) -> PolicyView:
    """A version by id, as a session keeps it. The caller has authorised. One statement."""
    return _view(ctx.session.execute(select(Policy).where(Policy.id == policy_id)).scalar_one())


def versions(ctx: ReadCtx, policy_ids: Iterable[UUID]) -> dict[UUID, PolicyView]:
    """Versions by id. The caller has authorised. One statement."""
    rows = ctx.session.execute(select(Policy).where(Policy.id.in_(set(policy_ids)))).scalars()
    return {row.id: _view(row) for row in rows}


def reviewers(ctx: ReadCtx, quiz_id: UUID) -> frozenset[UUID]:
    """Who the newest version names as reviewers; empty: the course's instructors. One statement."""
    row = _current(ctx, quiz_id, even_ended=True)
    return frozenset(PolicyIn.model_validate(row.rules).reviewers) if row is not None else frozenset()


def reviewed_by(ctx: ReadCtx, user_id: UUID) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Quizzes whose newest policy names reviewers: those that name this person, and those that name only others."""
    named = _named(ctx)
    own = frozenset(quiz_id for quiz_id, people in named.items() if user_id in people)
    return own, frozenset(quiz_id for quiz_id, people in named.items() if people and user_id not in people)


def all_reviewers(ctx: ReadCtx) -> frozenset[UUID]:
    """Everybody whom the newest policy of any quiz names as a reviewer. One statement."""
    return frozenset[UUID]().union(*_named(ctx).values())


def signal_rules(policy: PolicyIn) -> Rules:
    """A policy as the rules that pictures and page events are read by."""
    thresholds = policy.thresholds
    forbidden = frozenset(LABELS) - policy.allowed_materials - {Material.PHONE}
    return Rules(
        interval_seconds=float(policy.snapshot_interval_seconds),
        phone_forbidden=Material.PHONE not in policy.allowed_materials,
        forbidden_labels=frozenset(LABELS[each] for each in forbidden),
        **thresholds.model_dump(),
    )


def _named(ctx: ReadCtx) -> dict[UUID, set[UUID]]:
    """Reviewers by quiz, as its newest version with rules names them."""
    newest = select(Policy.quiz_id, func.max(Policy.version).label("version"))
    newest = newest.where(Policy.rules.is_not(None)).group_by(Policy.quiz_id).subquery()
    rows = ctx.session.execute(
        select(Policy.quiz_id, Policy.rules).join(
            newest, (newest.c.quiz_id == Policy.quiz_id) & (newest.c.version == Policy.version)
        )
    )
    return {row.quiz_id: {UUID(each) for each in row.rules.get("reviewers", ())} for row in rows}


def _newest(quiz_id: UUID) -> Select[tuple[Policy]]:
    return select(Policy).where(Policy.quiz_id == quiz_id).order_by(Policy.version.desc()).limit(1)


def _current(ctx: ReadCtx, quiz_id: UUID, *, even_ended: bool = False) -> Policy | None:
    wanted = _newest(quiz_id)
    if even_ended:
        wanted = wanted.where(Policy.rules.is_not(None))
    row: Policy | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row if row is not None and row.rules is not None else None


def _terms_again(ctx: ReadCtx, quiz_id: UUID) -> PolicyIn:
    """The terms the quiz had when it was last supervised, else the defaults."""
    before = _current(ctx, quiz_id, even_ended=True)
    return PolicyIn.model_validate(before.rules) if before is not None else PolicyIn()


def _last_version(ctx: ReadCtx, quiz_id: UUID) -> int:
    """The highest version of a quiz's policy; 0 when it never had one."""
    return ctx.session.execute(select(func.max(Policy.version)).where(Policy.quiz_id == quiz_id)).scalar_one() or 0


def _append(ctx: WriteCtx, *, quiz_id: UUID, course_id: UUID, rules: PolicyIn | None) -> Policy:
    return ctx.add(
        Policy(
            quiz_id=quiz_id,
            course_id=course_id,
            version=_last_version(ctx, quiz_id) + 1,
            rules=rules.model_dump(mode="json") if rules is not None else None,
            made_by=ctx.actor.user_id,
            made_at=ctx.now,
        )
    )


def _view(row: Policy) -> PolicyView:
    return PolicyView(
        id=row.id,
        quiz_id=row.quiz_id,
        course_id=row.course_id,
        version=row.version,
        rules=PolicyIn.model_validate(row.rules),
        made_by=row.made_by,
        made_at=row.made_at,
    )
