"""question types"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE = ("single", "multiple", "true_false", "numeric", "short_text", "essay")
ADDED = ("matching", "ordering", "cloze", "drag_text", "hotspot", "formula", "upload")


def _constrain(types: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{each}'" for each in types)
    with op.batch_alter_table("quiz_question", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_quiz_question_type"), type_="check")
        batch_op.create_check_constraint(op.f("ck_quiz_question_type"), f"type IN ({listed})")


def upgrade() -> None:
    _constrain((*BEFORE, *ADDED))
    with op.batch_alter_table("attempt_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parts", sa.JSON(), server_default="{}", nullable=False))

    op.create_table(
        "answer_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["quiz_attempt.id"],
            name=op.f("fk_answer_file_attempt_id_quiz_attempt"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_answer_file_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_file")),
    )
    with op.batch_alter_table("answer_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_file_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_file_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("answer_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_file_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_answer_file_attempt_id"))

    op.drop_table("answer_file")
    with op.batch_alter_table("attempt_answer", schema=None) as batch_op:
        batch_op.drop_column("parts")
    op.execute(sa.delete(sa.table("quiz_question", sa.column("type"))).where(sa.column("type").in_(ADDED)))
    _constrain(BEFORE)
