"""question banks, and quizzes made of sections"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TYPES = (
    "'single', 'multiple', 'true_false', 'numeric', 'short_text', 'essay', 'matching', 'ordering', 'cloze', "
    "'drag_text', 'hotspot', 'formula', 'upload'"
)


def upgrade() -> None:
    op.create_table(
        "question_bank",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_question_bank_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name=op.f("fk_question_bank_created_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_question_bank_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_bank")),
    )
    with op.batch_alter_table("question_bank", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_bank_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_bank_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_bank_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "bank_category",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["question_bank.id"], name=op.f("fk_bank_category_bank_id_question_bank"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["bank_category.id"],
            name=op.f("fk_bank_category_parent_id_bank_category"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bank_category_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_category")),
    )
    with op.batch_alter_table("bank_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_category_bank_id"), ["bank_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_category_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_category_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "bank_question",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'ready', 'retired')", name=op.f("ck_bank_question_status")),
        sa.CheckConstraint(
            f"type IN ({TYPES})",
            name=op.f("ck_bank_question_type"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["question_bank.id"], name=op.f("fk_bank_question_bank_id_question_bank"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["bank_category.id"],
            name=op.f("fk_bank_question_category_id_bank_category"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bank_question_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_question")),
    )
    with op.batch_alter_table("bank_question", schema=None) as batch_op:
        batch_op.create_index("ix_bank_question_bank", ["bank_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_question_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_question_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "bank_question_tag",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["bank_question.id"],
            name=op.f("fk_bank_question_tag_question_id_bank_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bank_question_tag_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_question_tag")),
        sa.UniqueConstraint("question_id", "tag", name=op.f("uq_bank_question_tag_question_id_tag")),
    )
    with op.batch_alter_table("bank_question_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_question_tag_tag"), ["tag"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_question_tag_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "bank_question_version",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("printed", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_bank_question_version_author_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["bank_question.id"],
            name=op.f("fk_bank_question_version_question_id_bank_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bank_question_version_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_question_version")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_bank_question_version_question_id_number")),
    )
    with op.batch_alter_table("bank_question_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_question_version_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_question_version_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "quiz_section",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("shuffle", sa.Boolean(), nullable=False),
        sa.Column("new_page", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_section_quiz_id_quiz"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quiz_section_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_section")),
    )
    with op.batch_alter_table("quiz_section", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quiz_section_quiz_id"), ["quiz_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_section_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "quiz_slot",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("bank_id", sa.Uuid(), nullable=True),
        sa.Column("bank_question_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("subcategories", sa.Boolean(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('own', 'bank', 'draw')", name=op.f("ck_quiz_slot_kind")),
        sa.CheckConstraint("count > 0", name=op.f("ck_quiz_slot_count")),
        sa.CheckConstraint("points > 0", name=op.f("ck_quiz_slot_points")),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["question_bank.id"], name=op.f("fk_quiz_slot_bank_id_question_bank"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["bank_question_id"],
            ["bank_question.id"],
            name=op.f("fk_quiz_slot_bank_question_id_bank_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["bank_category.id"],
            name=op.f("fk_quiz_slot_category_id_bank_category"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_slot_quiz_id_quiz"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["section_id"], ["quiz_section.id"], name=op.f("fk_quiz_slot_section_id_quiz_section"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_quiz_slot_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_slot")),
    )
    with op.batch_alter_table("quiz_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quiz_slot_bank_id"), ["bank_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_slot_bank_question_id"), ["bank_question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_slot_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_slot_quiz_id"), ["quiz_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_slot_section_id"), ["section_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_slot_tenant_id"), ["tenant_id"], unique=False)

    with op.batch_alter_table("quiz", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sectioned", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("bank_state", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("drawn", sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table("quiz_paper", schema=None) as batch_op:
        batch_op.add_column(sa.Column("layout", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("quiz_paper", schema=None) as batch_op:
        batch_op.drop_column("layout")

    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.drop_column("drawn")

    with op.batch_alter_table("quiz", schema=None) as batch_op:
        batch_op.drop_column("bank_state")
        batch_op.drop_column("sectioned")

    with op.batch_alter_table("quiz_slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_slot_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_slot_section_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_slot_quiz_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_slot_category_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_slot_bank_question_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_slot_bank_id"))

    op.drop_table("quiz_slot")
    with op.batch_alter_table("quiz_section", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_section_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_section_quiz_id"))

    op.drop_table("quiz_section")
    with op.batch_alter_table("bank_question_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_question_version_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_bank_question_version_author_id"))

    op.drop_table("bank_question_version")
    with op.batch_alter_table("bank_question_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_question_tag_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_bank_question_tag_tag"))

    op.drop_table("bank_question_tag")
    with op.batch_alter_table("bank_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_question_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_bank_question_category_id"))
        batch_op.drop_index("ix_bank_question_bank")

    op.drop_table("bank_question")
    with op.batch_alter_table("bank_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_category_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_bank_category_parent_id"))
        batch_op.drop_index(batch_op.f("ix_bank_category_bank_id"))

    op.drop_table("bank_category")
    with op.batch_alter_table("question_bank", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_bank_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_question_bank_created_by"))
        batch_op.drop_index(batch_op.f("ix_question_bank_course_id"))

    op.drop_table("question_bank")
