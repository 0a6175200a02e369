"""assignments"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marking_scheme",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('rubric', 'guide')", name=op.f("ck_marking_scheme_kind")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_marking_scheme_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_marking_scheme_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking_scheme")),
    )
    with op.batch_alter_table("marking_scheme", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_marking_scheme_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marking_scheme_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=True),
        sa.Column("scheme_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("takes_text", sa.Boolean(), nullable=False),
        sa.Column("takes_files", sa.Boolean(), nullable=False),
        sa.Column("file_kinds", sa.JSON(), nullable=False),
        sa.Column("files_allowed", sa.Integer(), nullable=False),
        sa.Column("file_megabytes", sa.Integer(), nullable=False),
        sa.Column("attempts_allowed", sa.Integer(), nullable=True),
        sa.Column("late_rule", sa.Text(), nullable=False),
        sa.Column("late_percent", sa.Float(), nullable=False),
        sa.Column("late_floor", sa.Float(), nullable=False),
        sa.Column("grouped", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("reviews_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviews_drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("late_rule IN ('none', 'refuse', 'percent')", name=op.f("ck_assignment_late_rule")),
        sa.CheckConstraint("status IN ('draft', 'published')", name=op.f("ck_assignment_status")),
        sa.CheckConstraint("attempts_allowed > 0", name=op.f("ck_assignment_attempts_allowed")),
        sa.CheckConstraint("late_floor BETWEEN 0 AND 100", name=op.f("ck_assignment_late_floor")),
        sa.CheckConstraint("late_percent BETWEEN 0 AND 100", name=op.f("ck_assignment_late_percent")),
        sa.CheckConstraint("points > 0", name=op.f("ck_assignment_points")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_assignment_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_assignment_lesson_id_lesson"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["marking_scheme.id"],
            name=op.f("fk_assignment_scheme_id_marking_scheme"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_assignment_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_course_id"), ["course_id"], unique=False)
        batch_op.create_index("ix_assignment_due", ["status", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_lesson_id"), ["lesson_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "assignment_extension",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_assignment_extension_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_assignment_extension_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_assignment_extension_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_extension")),
        sa.UniqueConstraint("assignment_id", "user_id", name=op.f("uq_assignment_extension_assignment_id_user_id")),
    )
    with op.batch_alter_table("assignment_extension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_extension_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_extension_user_id"), ["user_id"], unique=False)

    op.create_table(
        "assignment_group",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_assignment_group_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_assignment_group_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_group")),
        sa.UniqueConstraint("assignment_id", "name", name=op.f("uq_assignment_group_assignment_id_name")),
    )
    with op.batch_alter_table("assignment_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_group_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "assignment_group_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_assignment_group_member_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["assignment_group.id"],
            name=op.f("fk_assignment_group_member_group_id_assignment_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_assignment_group_member_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_assignment_group_member_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_group_member")),
        sa.UniqueConstraint("assignment_id", "user_id", name=op.f("uq_assignment_group_member_assignment_id_user_id")),
    )
    with op.batch_alter_table("assignment_group_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_group_member_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_group_member_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_group_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'submitted')", name=op.f("ck_submission_status")),
        sa.CheckConstraint("(user_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_submission_owner")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_submission_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["assignment_group.id"],
            name=op.f("fk_submission_group_id_assignment_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["user.id"], name=op.f("fk_submission_submitted_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_submission_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_submission_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "assignment_id", "user_id", "number", name=op.f("uq_submission_assignment_id_user_id_number")
        ),
        sa.UniqueConstraint("group_id", "number", name=op.f("uq_submission_group_id_number")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index("ix_submission_current", ["assignment_id", "current", "submitted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_submitted_by"), ["submitted_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_user_id"), ["user_id"], unique=False)

    op.create_table(
        "peer_review",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("judgements", sa.JSON(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_peer_review_assignment_id_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["user.id"], name=op.f("fk_peer_review_reviewer_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_peer_review_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_peer_review_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_review")),
        sa.UniqueConstraint("submission_id", "reviewer_id", name=op.f("uq_peer_review_submission_id_reviewer_id")),
    )
    with op.batch_alter_table("peer_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_peer_review_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_peer_review_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_peer_review_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "submission_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_file_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_submission_file_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_file")),
        sa.UniqueConstraint("submission_id", "name", name=op.f("uq_submission_file_submission_id_name")),
    )
    with op.batch_alter_table("submission_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_file_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "submission_fingerprint",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_submission_fingerprint_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_fingerprint_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_submission_fingerprint_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submission_fingerprint")),
    )
    with op.batch_alter_table("submission_fingerprint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_fingerprint_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_fingerprint_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "submission_mark",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=True),
        sa.Column("earned", sa.Float(), nullable=True),
        sa.Column("kept_percent", sa.Float(), nullable=False),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("maximum", sa.Float(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("judgements", sa.JSON(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["marked_by"], ["user.id"], name=op.f("fk_submission_mark_marked_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["marking_scheme.id"],
            name=op.f("fk_submission_mark_scheme_id_marking_scheme"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_mark_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_submission_mark_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_mark")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_submission_mark_submission_id")),
    )
    with op.batch_alter_table("submission_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_mark_marked_by"), ["marked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_mark_scheme_id"), ["scheme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_mark_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "submission_match",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("passages", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["submission.id"], name=op.f("fk_submission_match_first_id_submission"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["submission.id"], name=op.f("fk_submission_match_second_id_submission"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_submission_match_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_match")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_submission_match_first_id_second_id")),
    )
    with op.batch_alter_table("submission_match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_match_second_id"), ["second_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_match_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("submission_match", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_match_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_submission_match_second_id"))

    op.drop_table("submission_match")
    with op.batch_alter_table("submission_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_mark_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_submission_mark_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_submission_mark_marked_by"))

    op.drop_table("submission_mark")
    with op.batch_alter_table("submission_fingerprint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_fingerprint_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_submission_fingerprint_course_id"))

    op.drop_table("submission_fingerprint")
    with op.batch_alter_table("submission_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_file_tenant_id"))

    op.drop_table("submission_file")
    with op.batch_alter_table("peer_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_peer_review_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_peer_review_reviewer_id"))
        batch_op.drop_index(batch_op.f("ix_peer_review_assignment_id"))

    op.drop_table("peer_review")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_user_id"))
        batch_op.drop_index(batch_op.f("ix_submission_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_submission_submitted_by"))
        batch_op.drop_index("ix_submission_current")

    op.drop_table("submission")
    with op.batch_alter_table("assignment_group_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_group_member_user_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_group_member_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_group_member_group_id"))

    op.drop_table("assignment_group_member")
    with op.batch_alter_table("assignment_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_group_tenant_id"))

    op.drop_table("assignment_group")
    with op.batch_alter_table("assignment_extension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_extension_user_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_extension_tenant_id"))

    op.drop_table("assignment_extension")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_scheme_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_lesson_id"))
        batch_op.drop_index("ix_assignment_due")
        batch_op.drop_index(batch_op.f("ix_assignment_course_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("marking_scheme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_marking_scheme_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_marking_scheme_course_id"))

    op.drop_table("marking_scheme")
