"""gradebook"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grade_scale",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_grade_scale_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_scale")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_grade_scale_tenant_id_name")),
    )
    with op.batch_alter_table("grade_scale", schema=None) as batch_op:
        batch_op.create_index(
            "ix_grade_scale_default",
            ["tenant_id"],
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )
        batch_op.create_index(batch_op.f("ix_grade_scale_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "grade_category",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("aggregation", sa.Text(), nullable=False),
        sa.Column("empty", sa.Text(), nullable=False),
        sa.Column("drop_lowest", sa.Integer(), nullable=False),
        sa.Column("keep_highest", sa.Integer(), nullable=True),
        sa.CheckConstraint("aggregation IN ('natural', 'weighted')", name=op.f("ck_grade_category_aggregation")),
        sa.CheckConstraint("empty IN ('ignored', 'zero')", name=op.f("ck_grade_category_empty")),
        sa.CheckConstraint("drop_lowest >= 0", name=op.f("ck_grade_category_drop_lowest")),
        sa.CheckConstraint("keep_highest > 0", name=op.f("ck_grade_category_keep_highest")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_grade_category_weight")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_grade_category_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["grade_category.id"],
            name=op.f("fk_grade_category_parent_id_grade_category"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_grade_category_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_category")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_grade_category_course_id_name")),
    )
    with op.batch_alter_table("grade_category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_category_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_category_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "gradebook",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("aggregation", sa.Text(), nullable=False),
        sa.Column("empty", sa.Text(), nullable=False),
        sa.Column("drop_lowest", sa.Integer(), nullable=False),
        sa.Column("keep_highest", sa.Integer(), nullable=True),
        sa.Column("show_total", sa.Boolean(), nullable=False),
        sa.Column("preset", sa.String(length=20), nullable=False),
        sa.Column("scale_id", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("aggregation IN ('natural', 'weighted')", name=op.f("ck_gradebook_aggregation")),
        sa.CheckConstraint("empty IN ('ignored', 'zero')", name=op.f("ck_gradebook_empty")),
        sa.CheckConstraint("drop_lowest >= 0", name=op.f("ck_gradebook_drop_lowest")),
        sa.CheckConstraint("keep_highest > 0", name=op.f("ck_gradebook_keep_highest")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_gradebook_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scale_id"], ["grade_scale.id"], name=op.f("fk_gradebook_scale_id_grade_scale"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_gradebook_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gradebook")),
        sa.UniqueConstraint("course_id", name=op.f("uq_gradebook_course_id")),
    )
    with op.batch_alter_table("gradebook", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gradebook_scale_id"), ["scale_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gradebook_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "grade_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("maximum", sa.Float(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("extra_credit", sa.Boolean(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind != 'manual' OR maximum IS NOT NULL", name=op.f("ck_grade_item_manual_maximum")),
        sa.CheckConstraint("kind IN ('quiz', 'assignment', 'manual')", name=op.f("ck_grade_item_kind")),
        sa.CheckConstraint("maximum > 0", name=op.f("ck_grade_item_maximum")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_grade_item_weight")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["grade_category.id"],
            name=op.f("fk_grade_item_category_id_grade_category"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_grade_item_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_grade_item_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_item")),
        sa.UniqueConstraint("course_id", "kind", "source_id", name=op.f("uq_grade_item_course_id_kind_source_id")),
    )
    with op.batch_alter_table("grade_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_item_category_id"), ["category_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_item_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "grade",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("earned", sa.Float(), nullable=True),
        sa.Column("out_of", sa.Float(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("override", sa.Float(), nullable=True),
        sa.Column("override_of", sa.Float(), nullable=True),
        sa.Column("excused", sa.Boolean(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("earned >= 0 AND earned <= out_of AND out_of > 0", name=op.f("ck_grade_earned")),
        sa.CheckConstraint(
            "override >= 0 AND override <= override_of AND override_of > 0", name=op.f("ck_grade_override")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_grade_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["grade_item.id"], name=op.f("fk_grade_item_id_grade_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_grade_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_grade_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint("item_id", "user_id", name=op.f("uq_grade_item_id_user_id")),
    )
    with op.batch_alter_table("grade", schema=None) as batch_op:
        batch_op.create_index("ix_grade_course_user", ["course_id", "user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_user_id"), ["user_id"], unique=False)

    op.create_table(
        "grade_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "what IN ('mark', 'override', 'source', 'excused', 'locked', 'comment', 'setup')",
            name=op.f("ck_grade_change_what"),
        ),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name=op.f("fk_grade_change_by_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_grade_change_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["grade_item.id"], name=op.f("fk_grade_change_item_id_grade_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_grade_change_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_grade_change_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_change")),
    )
    with op.batch_alter_table("grade_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_change_by"), ["by"], unique=False)
        batch_op.create_index("ix_grade_change_course", ["course_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_change_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_change_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_change_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("grade_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_change_user_id"))
        batch_op.drop_index(batch_op.f("ix_grade_change_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_grade_change_item_id"))
        batch_op.drop_index("ix_grade_change_course")
        batch_op.drop_index(batch_op.f("ix_grade_change_by"))

    op.drop_table("grade_change")
    with op.batch_alter_table("grade", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_user_id"))
        batch_op.drop_index(batch_op.f("ix_grade_tenant_id"))
        batch_op.drop_index("ix_grade_course_user")

    op.drop_table("grade")
    with op.batch_alter_table("grade_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_item_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_grade_item_category_id"))

    op.drop_table("grade_item")
    with op.batch_alter_table("gradebook", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gradebook_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_gradebook_scale_id"))

    op.drop_table("gradebook")
    with op.batch_alter_table("grade_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_category_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_grade_category_parent_id"))

    op.drop_table("grade_category")
    with op.batch_alter_table("grade_scale", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_scale_tenant_id"))
        batch_op.drop_index(
            "ix_grade_scale_default", sqlite_where=sa.text("is_default"), postgresql_where=sa.text("is_default")
        )

    op.drop_table("grade_scale")
