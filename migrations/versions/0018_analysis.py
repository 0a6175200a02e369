"""analysis: regrades, and drafts of questions"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_drafting",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("lesson_ids", sa.JSON(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_question_drafting_status")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_question_drafting_asked_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_question_drafting_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_question_drafting_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_drafting")),
        sa.UniqueConstraint("course_id", name=op.f("uq_question_drafting_course_id")),
    )
    with op.batch_alter_table("question_drafting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_drafting_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_drafting_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "question_draft",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chunk_id", sa.Uuid(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("anchor", sa.String(length=300), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('definition', 'term', 'number', 'list', 'steps', 'model')", name=op.f("ck_question_draft_kind")
        ),
        sa.CheckConstraint("status IN ('waiting', 'approved', 'rejected')", name=op.f("ck_question_draft_status")),
        sa.CheckConstraint(
            "verdict IN ('passed', 'refused', 'elsewhere', 'wrong_fits', 'edited')",
            name=op.f("ck_question_draft_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_question_draft_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_question_draft_decided_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_question_draft_lesson_id_lesson"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_question_draft_quiz_id_quiz"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_question_draft_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_draft")),
        sa.UniqueConstraint("lesson_id", "fingerprint", name=op.f("uq_question_draft_lesson_id_fingerprint")),
    )
    with op.batch_alter_table("question_draft", schema=None) as batch_op:
        batch_op.create_index("ix_question_draft_course_status", ["course_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_draft_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_draft_quiz_id"), ["quiz_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_draft_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "quiz_regrade",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("corrections", sa.JSON(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("marked_by_hand", sa.Boolean(), nullable=False),
        sa.Column("lifts_overrides", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scope IN ('all', 'finished', 'one')", name=op.f("ck_quiz_regrade_scope")),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_quiz_regrade_status")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_quiz_regrade_asked_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["quiz_attempt.id"],
            name=op.f("fk_quiz_regrade_attempt_id_quiz_attempt"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_regrade_quiz_id_quiz"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quiz_regrade_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_regrade")),
    )
    with op.batch_alter_table("quiz_regrade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quiz_regrade_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_regrade_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_regrade_quiz_id"), ["quiz_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_regrade_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "attempt_regrade",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("regrade_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("score_before", sa.Float(), nullable=True),
        sa.Column("score_after", sa.Float(), nullable=True),
        sa.Column("percent_before", sa.Float(), nullable=True),
        sa.Column("percent_after", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["quiz_attempt.id"],
            name=op.f("fk_attempt_regrade_attempt_id_quiz_attempt"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id"],
            ["quiz_regrade.id"],
            name=op.f("fk_attempt_regrade_regrade_id_quiz_regrade"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_attempt_regrade_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_regrade")),
        sa.UniqueConstraint("attempt_id", "regrade_id", name=op.f("uq_attempt_regrade_attempt_id_regrade_id")),
    )
    with op.batch_alter_table("attempt_regrade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_regrade_regrade_id"), ["regrade_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_regrade_tenant_id"), ["tenant_id"], unique=False)

    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("regraded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("excluded_points", sa.Float(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.drop_column("excluded_points")
        batch_op.drop_column("regraded_at")

    with op.batch_alter_table("attempt_regrade", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_regrade_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_attempt_regrade_regrade_id"))

    op.drop_table("attempt_regrade")
    with op.batch_alter_table("quiz_regrade", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_regrade_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_regrade_quiz_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_regrade_attempt_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_regrade_asked_by"))

    op.drop_table("quiz_regrade")
    with op.batch_alter_table("question_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_draft_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_question_draft_quiz_id"))
        batch_op.drop_index(batch_op.f("ix_question_draft_decided_by"))
        batch_op.drop_index("ix_question_draft_course_status")

    op.drop_table("question_draft")
    with op.batch_alter_table("question_drafting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_drafting_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_question_drafting_asked_by"))

    op.drop_table("question_drafting")
