"""quiz rules"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ALL = ["score", "marks", "correctness", "feedback", "general", "answer", "overall"]
# What the old policies on results showed at each moment; the first is what a quiz does that says nothing.
REVIEWS = {
    "after_submit": None,
    "after_close": {"during": [], "after": [], "later": [], "closed": ALL},
    "never": {"during": [], "after": [], "later": [], "closed": []},
}
quiz = sa.table("quiz", sa.column("id", sa.Uuid()), sa.column("results", sa.Text()), sa.column("conduct", sa.JSON()))


def _constrain_counts(rules: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{each}'" for each in rules)
    with op.batch_alter_table("quiz", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_quiz_counts"), type_="check")
        batch_op.create_check_constraint(op.f("ck_quiz_counts"), f"counts IN ({listed})")


def upgrade() -> None:
    _constrain_counts(("best", "last", "first", "average"))
    with op.batch_alter_table("quiz", schema=None) as batch_op:
        batch_op.add_column(sa.Column("conduct", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("password_sealed", sa.Text(), server_default="", nullable=False))
    for policy, review in REVIEWS.items():
        if review is not None:
            op.execute(quiz.update().where(quiz.c.results == policy).values(conduct={"review": review}))
    with op.batch_alter_table("quiz", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_quiz_results"), type_="check")
        batch_op.drop_column("results")
    with op.batch_alter_table("quiz_question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hints", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("penalty_percent", sa.Float(), nullable=True))
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("terms", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("received_late_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("attempt_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("certainty", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tries", sa.JSON(), server_default="[]", nullable=False))

    op.create_table(
        "quiz_override",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_limit_seconds", sa.Integer(), nullable=True),
        sa.Column("attempts_allowed", sa.Integer(), nullable=True),
        sa.Column("password_sealed", sa.Text(), nullable=True),
        sa.CheckConstraint("(user_id IS NULL) <> (cohort_id IS NULL)", name=op.f("ck_quiz_override_whose")),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_quiz_override_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_override_quiz_id_quiz"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quiz_override_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_quiz_override_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_override")),
        sa.UniqueConstraint("quiz_id", "cohort_id", name=op.f("uq_quiz_override_quiz_id_cohort_id")),
        sa.UniqueConstraint("quiz_id", "user_id", name=op.f("uq_quiz_override_quiz_id_user_id")),
    )
    with op.batch_alter_table("quiz_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quiz_override_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_override_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_override_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("quiz_override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_override_user_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_override_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_override_cohort_id"))

    op.drop_table("quiz_override")
    with op.batch_alter_table("attempt_answer", schema=None) as batch_op:
        batch_op.drop_column("tries")
        batch_op.drop_column("certainty")
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.drop_column("received_late_at")
        batch_op.drop_column("terms")
        batch_op.drop_column("closes_at")
    with op.batch_alter_table("quiz_question", schema=None) as batch_op:
        batch_op.drop_column("penalty_percent")
        batch_op.drop_column("hints")
    with op.batch_alter_table("quiz", schema=None) as batch_op:
        batch_op.add_column(sa.Column("results", sa.Text(), server_default="after_submit", nullable=False))
    _restore_policies()
    with op.batch_alter_table("quiz", schema=None) as batch_op:
        batch_op.create_check_constraint(op.f("ck_quiz_results"), "results IN ('after_submit', 'after_close', 'never')")
        batch_op.drop_column("password_sealed")
        batch_op.drop_column("conduct")
    latest = sa.table("quiz", sa.column("counts", sa.Text()))
    op.execute(latest.update().where(latest.c.counts.in_(("first", "average"))).values(counts="best"))
    _constrain_counts(("best", "last"))


def _restore_policies() -> None:
    """The old policy that shows no more than the table did, and no earlier."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(quiz.c.id, quiz.c.conduct)).all():
        conduct = json.loads(row.conduct) if isinstance(row.conduct, str) else row.conduct
        review = {"after": ALL, "later": ALL, "closed": ALL} | (conduct or {}).get("review", {})
        if set(review["after"]) == set(review["later"]) == set(ALL):
            continue
        policy = "after_close" if set(review["closed"]) == set(ALL) else "never"
        connection.execute(quiz.update().where(quiz.c.id == row.id).values(results=policy))
