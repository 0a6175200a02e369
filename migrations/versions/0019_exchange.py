"""exchange"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_import",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.String(length=300), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("first", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("append", sa.Boolean(), nullable=False),
        sa.Column("to_bank", sa.Boolean(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=True),
        sa.Column("quiz_ids", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('preview', 'queued', 'running', 'done', 'failed')", name=op.f("ck_question_import_status")
        ),
        sa.ForeignKeyConstraint(
            ["bank_id"],
            ["question_bank.id"],
            name=op.f("fk_question_import_bank_id_question_bank"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_question_import_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_question_import_owner_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_question_import_quiz_id_quiz"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_question_import_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_import")),
    )
    with op.batch_alter_table("question_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_import_bank_id"), ["bank_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_import_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_import_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_import_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_import_quiz_id"), ["quiz_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_import_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    op.drop_table("question_import")
