"""Categories as a tree, covers with alt text and focus, templates, copies of courses, learning paths."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PLACES = "'center', 'top', 'bottom', 'left', 'right', 'top-left', 'top-right', 'bottom-left', 'bottom-right'"


def upgrade() -> None:
    op.create_table(
        "learning_path",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sequential", sa.Boolean(), nullable=False),
        sa.Column("cover", sa.String(length=64), nullable=False),
        sa.Column("cover_alt", sa.String(length=300), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'published')", name=op.f("ck_learning_path_status")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_learning_path_owner_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_learning_path_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_path")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_learning_path_tenant_id_slug")),
    )
    with op.batch_alter_table("learning_path", schema=None) as batch_op:
        batch_op.create_index("ix_learning_path_catalogue", ["tenant_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learning_path_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learning_path_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "course_copy",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'files', 'texts', 'done', 'failed')", name=op.f("ck_course_copy_state")
        ),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_course_copy_done")),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name=op.f("fk_course_copy_by_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["course.id"], name=op.f("fk_course_copy_source_id_course"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["course.id"], name=op.f("fk_course_copy_target_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_course_copy_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_copy")),
    )
    with op.batch_alter_table("course_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_copy_by"), ["by"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_copy_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_copy_target_id"), ["target_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_copy_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "path_course",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_path_course_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["learning_path.id"], name=op.f("fk_path_course_path_id_learning_path"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_path_course_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("path_id", "course_id", name=op.f("pk_path_course")),
    )
    with op.batch_alter_table("path_course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_path_course_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_path_course_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "path_enrollment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["path_id"], ["learning_path.id"], name=op.f("fk_path_enrollment_path_id_learning_path"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_path_enrollment_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_path_enrollment_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path_enrollment")),
        sa.UniqueConstraint("user_id", "path_id", name=op.f("uq_path_enrollment_user_id_path_id")),
    )
    with op.batch_alter_table("path_enrollment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_path_enrollment_path_id"), ["path_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_path_enrollment_tenant_id"), ["tenant_id"], unique=False)

    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index(batch_op.f("ix_category_parent_id"), ["parent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_category_parent_id_category"), "category", ["parent_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cover_alt", sa.String(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("cover_focus", sa.Text(), nullable=False, server_default="center"))
        batch_op.add_column(sa.Column("template", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("ix_course_facets", ["tenant_id", "status", "category_id", "language"], unique=False)
        batch_op.create_check_constraint(batch_op.f("ck_course_cover_focus"), f"cover_focus IN ({PLACES})")
    _drop_defaults("category", "position")
    _drop_defaults("course", "cover_alt", "cover_focus", "template")


def downgrade() -> None:
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_course_cover_focus"), type_="check")
        batch_op.drop_index("ix_course_facets")
        batch_op.drop_column("template")
        batch_op.drop_column("cover_focus")
        batch_op.drop_column("cover_alt")

    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_category_parent_id_category"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_category_parent_id"))
        batch_op.drop_column("position")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("path_enrollment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_path_enrollment_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_path_enrollment_path_id"))

    op.drop_table("path_enrollment")
    with op.batch_alter_table("path_course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_path_course_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_path_course_course_id"))

    op.drop_table("path_course")
    with op.batch_alter_table("course_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_copy_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_course_copy_target_id"))
        batch_op.drop_index(batch_op.f("ix_course_copy_source_id"))
        batch_op.drop_index(batch_op.f("ix_course_copy_by"))

    op.drop_table("course_copy")
    with op.batch_alter_table("learning_path", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learning_path_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_learning_path_owner_id"))
        batch_op.drop_index("ix_learning_path_catalogue")

    op.drop_table("learning_path")


def _drop_defaults(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name in columns:
            batch_op.alter_column(name, server_default=None)
