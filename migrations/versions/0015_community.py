"""community"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_rating",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("ones", sa.Integer(), nullable=False),
        sa.Column("twos", sa.Integer(), nullable=False),
        sa.Column("threes", sa.Integer(), nullable=False),
        sa.Column("fours", sa.Integer(), nullable=False),
        sa.Column("fives", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_rating_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_course_rating_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_rating")),
    )
    with op.batch_alter_table("course_rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_rating_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "course_review",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shown_as", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_by", sa.Uuid(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("shown_as IN ('full_name', 'first_name', 'nobody')", name=op.f("ck_course_review_shown_as")),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_course_review_stars")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_review_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replied_by"], ["user.id"], name=op.f("fk_course_review_replied_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_course_review_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_course_review_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_review")),
        sa.UniqueConstraint("user_id", "course_id", name=op.f("uq_course_review_user_id_course_id")),
    )
    with op.batch_alter_table("course_review", schema=None) as batch_op:
        batch_op.create_index("ix_course_review_of_course", ["course_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_review_replied_by"), ["replied_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_review_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "staff_invitation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_staff_invitation_state")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_staff_invitation_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["user.id"], name=op.f("fk_staff_invitation_invited_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["custom_role.id"], name=op.f("fk_staff_invitation_role_id_custom_role"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_staff_invitation_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_invitation_token_hash")),
    )
    with op.batch_alter_table("staff_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_invitation_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_invitation_invited_by"), ["invited_by"], unique=False)
        batch_op.create_index("ix_staff_invitation_of_address", ["tenant_id", "email_key", "state"], unique=False)
        batch_op.create_index("ix_staff_invitation_of_course", ["course_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_invitation_role_id"), ["role_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_invitation_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "announcement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.String(length=300), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_after", sa.Uuid(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'scheduled', 'sent')", name=op.f("ck_announcement_state")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_announcement_author_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_announcement_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_announcement_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_announcement_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_announcement_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index("ix_announcement_due", ["state", "send_at"], unique=False)
        batch_op.create_index("ix_announcement_of_course", ["course_id", "state", "sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_announcement_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "course_review_report",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["course_review.id"],
            name=op.f("fk_course_review_report_review_id_course_review"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_course_review_report_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_course_review_report_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "user_id", name=op.f("pk_course_review_report")),
    )
    with op.batch_alter_table("course_review_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_review_report_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_review_report_user_id"), ["user_id"], unique=False)

    op.create_table(
        "announcement_read",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_read_announcement_id_announcement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_announcement_read_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_announcement_read_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "announcement_id", name=op.f("pk_announcement_read")),
    )
    with op.batch_alter_table("announcement_read", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_read_announcement_id"), ["announcement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_announcement_read_tenant_id"), ["tenant_id"], unique=False)

    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rating_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("rating_total", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("rating_rank", sa.Integer(), nullable=False, server_default="3500"))
        batch_op.create_index("ix_course_by_rating", ["tenant_id", "status", "rating_rank", "id"], unique=False)

    # Whoever made a course owns it from now on; its other instructors are co-instructors.
    op.execute(
        "UPDATE role_assignment SET role = 'owner' WHERE role = 'instructor' AND EXISTS (SELECT 1 FROM course "
        "WHERE course.id = role_assignment.course_id AND course.owner_id = role_assignment.user_id)"
    )


def downgrade() -> None:
    op.execute("UPDATE role_assignment SET role = 'instructor' WHERE role = 'owner'")
    op.execute("DELETE FROM role_assignment WHERE role = 'assistant'")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index("ix_course_by_rating")
        batch_op.drop_column("rating_rank")
        batch_op.drop_column("rating_total")
        batch_op.drop_column("rating_count")

    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.drop_column("proved_at")

    with op.batch_alter_table("announcement_read", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_read_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_announcement_read_announcement_id"))

    op.drop_table("announcement_read")
    with op.batch_alter_table("course_review_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_review_report_user_id"))
        batch_op.drop_index(batch_op.f("ix_course_review_report_tenant_id"))

    op.drop_table("course_review_report")
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_tenant_id"))
        batch_op.drop_index("ix_announcement_of_course")
        batch_op.drop_index("ix_announcement_due")
        batch_op.drop_index(batch_op.f("ix_announcement_cohort_id"))
        batch_op.drop_index(batch_op.f("ix_announcement_author_id"))

    op.drop_table("announcement")
    with op.batch_alter_table("staff_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_invitation_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_staff_invitation_role_id"))
        batch_op.drop_index("ix_staff_invitation_of_course")
        batch_op.drop_index("ix_staff_invitation_of_address")
        batch_op.drop_index(batch_op.f("ix_staff_invitation_invited_by"))
        batch_op.drop_index(batch_op.f("ix_staff_invitation_expires_at"))

    op.drop_table("staff_invitation")
    with op.batch_alter_table("course_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_review_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_course_review_replied_by"))
        batch_op.drop_index("ix_course_review_of_course")

    op.drop_table("course_review")
    with op.batch_alter_table("course_rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_rating_tenant_id"))

    op.drop_table("course_rating")
