"""Reactions: the copy of a supervised quiz is supervised by the same rules."""

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.learning.copying.events import CourseCopied
from proctoring.policies.models import Policy


@on(CourseCopied)
def copy_policies(ctx: WriteCtx, event: CourseCopied) -> None:
    """Give each copied quiz the policy in force on its original, once; whoever copies is no author of its rules."""
    wanted = select(Policy).where(Policy.quiz_id.in_(event.quizzes.keys())).order_by(Policy.quiz_id, Policy.version)
    in_force = {policy.quiz_id: policy for policy in ctx.session.execute(wanted).scalars()}
    there = select(Policy.quiz_id).where(Policy.quiz_id.in_(event.quizzes.values()))
    known = set(ctx.session.execute(there).scalars())
    for quiz_id, policy in in_force.items():
        copy_id = event.quizzes[quiz_id]
        if policy.rules is not None and copy_id not in known:
            ctx.add(Policy(quiz_id=copy_id, course_id=event.target_id, version=1, rules=policy.rules, made_at=ctx.now))
