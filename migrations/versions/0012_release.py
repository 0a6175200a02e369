"""release: rules, cohorts, milestones, completion, days of learning"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What people reached before milestones were kept, so that rules written tomorrow know of it.
WHAT_WAS_REACHED = (
    "UPDATE course SET required_count = lesson_count",
    """
    INSERT INTO milestone (tenant_id, user_id, kind, object_id, course_id, at)
    SELECT tenant_id, user_id, 'lesson_completed', lesson_id, course_id, completed_at
    FROM lesson_progress WHERE state = 'completed' AND completed_at IS NOT NULL
    """,
    """
    INSERT INTO milestone (tenant_id, user_id, kind, object_id, course_id, at)
    SELECT p.tenant_id, p.user_id, 'course_completed', p.course_id, p.course_id, MAX(p.completed_at)
    FROM lesson_progress p JOIN lesson l ON l.id = p.lesson_id JOIN course c ON c.id = p.course_id
    WHERE p.state = 'completed' AND p.completed_at IS NOT NULL
      AND l.status = 'published' AND l.translation_of_id IS NULL
    GROUP BY p.tenant_id, p.user_id, p.course_id, c.lesson_count
    HAVING COUNT(*) >= c.lesson_count
    """,
    """
    INSERT INTO milestone (tenant_id, user_id, kind, object_id, course_id, value, at)
    SELECT tenant_id, user_id, 'score', quiz_id, course_id, MAX(percent), MAX(COALESCE(graded_at, started_at))
    FROM quiz_attempt WHERE status = 'graded' AND voided_at IS NULL AND percent IS NOT NULL
    GROUP BY tenant_id, user_id, quiz_id, course_id
    """,
    """
    INSERT INTO milestone (tenant_id, user_id, kind, object_id, course_id, at)
    SELECT a.tenant_id, a.user_id, 'passed', a.quiz_id, a.course_id, MAX(COALESCE(a.graded_at, a.started_at))
    FROM quiz_attempt a JOIN quiz q ON q.id = a.quiz_id
    WHERE a.status = 'graded' AND a.voided_at IS NULL AND a.percent >= q.passing_percent
    GROUP BY a.tenant_id, a.user_id, a.quiz_id, a.course_id
    """,
)


def upgrade() -> None:
    op.create_table(
        "learning_day",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_learning_day_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_learning_day_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("pk_learning_day")),
    )
    with op.batch_alter_table("learning_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learning_day_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "release_told",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_release_told_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_release_told_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_release_told")),
    )
    with op.batch_alter_table("release_told", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_told_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "cohort",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("shift_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_cohort_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cohort_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_cohort_course_id_name")),
    )
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "milestone",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('lesson_completed', 'course_completed', 'score', 'passed', 'submitted', 'marked')",
            name=op.f("ck_milestone_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_milestone_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_milestone_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_milestone_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", "object_id", name=op.f("pk_milestone")),
    )
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.create_index("ix_milestone_course_kind", ["course_id", "kind", "user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_milestone_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "release_plan",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_release_plan_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_release_plan_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_release_plan")),
    )
    with op.batch_alter_table("release_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_plan_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "cohort_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_member_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"],
            ["enrollment.id"],
            name=op.f("fk_cohort_member_enrollment_id_enrollment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cohort_member_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("enrollment_id", name=op.f("pk_cohort_member")),
    )
    with op.batch_alter_table("cohort_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_member_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_member_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "completion_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("by_learner", sa.Boolean(), nullable=False),
        sa.Column("viewed", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("video_percent", sa.Integer(), nullable=True),
        sa.Column("passed_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_id", sa.Uuid(), nullable=True),
        sa.Column("marked_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_completion_rule_minutes")),
        sa.CheckConstraint("video_percent BETWEEN 1 AND 100", name=op.f("ck_completion_rule_video_percent")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_completion_rule_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_completion_rule_lesson_id_lesson"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_completion_rule_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("lesson_id", name=op.f("pk_completion_rule")),
    )
    with op.batch_alter_table("completion_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_completion_rule_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_completion_rule_marked_id"), ["marked_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_completion_rule_passed_id"), ["passed_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_completion_rule_submitted_id"), ["submitted_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_completion_rule_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "release_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=True),
        sa.Column("lesson_id", sa.Uuid(), nullable=True),
        sa.Column("combination", sa.Text(), nullable=False),
        sa.CheckConstraint("combination IN ('all', 'any')", name=op.f("ck_release_rule_combination")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_release_rule_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_release_rule_lesson_id_lesson"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["module_id"],
            ["course_module.id"],
            name=op.f("fk_release_rule_module_id_course_module"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_release_rule_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_rule")),
        sa.UniqueConstraint("lesson_id", name=op.f("uq_release_rule_lesson_id")),
        sa.UniqueConstraint("module_id", name=op.f("uq_release_rule_module_id")),
    )
    with op.batch_alter_table("release_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_rule_course_id"), ["course_id"], unique=False)
        batch_op.create_index(
            "ix_release_rule_of_course",
            ["course_id"],
            unique=True,
            sqlite_where=sa.text("lesson_id IS NULL AND module_id IS NULL"),
            postgresql_where=sa.text("lesson_id IS NULL AND module_id IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_release_rule_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "release_condition",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("lesson_id", sa.Uuid(), nullable=True),
        sa.Column("module_id", sa.Uuid(), nullable=True),
        sa.Column("required_course_id", sa.Uuid(), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("result_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind IN ('date', 'days', 'lesson', 'module', 'score', 'course', 'cohort')",
            name=op.f("ck_release_condition_kind"),
        ),
        sa.CheckConstraint("days BETWEEN 0 AND 3650", name=op.f("ck_release_condition_days")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_release_condition_percent")),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_release_condition_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_release_condition_lesson_id_lesson"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["module_id"],
            ["course_module.id"],
            name=op.f("fk_release_condition_module_id_course_module"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["required_course_id"],
            ["course.id"],
            name=op.f("fk_release_condition_required_course_id_course"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["release_rule.id"], name=op.f("fk_release_condition_rule_id_release_rule"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_release_condition_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_condition")),
    )
    with op.batch_alter_table("release_condition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_condition_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_condition_lesson_id"), ["lesson_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_condition_module_id"), ["module_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_release_condition_required_course_id"), ["required_course_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_release_condition_result_id"), ["result_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_condition_rule_id"), ["rule_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_condition_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "cohort_date",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("condition_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_date_cohort_id_cohort"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["condition_id"],
            ["release_condition.id"],
            name=op.f("fk_cohort_date_condition_id_release_condition"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cohort_date_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("cohort_id", "condition_id", name=op.f("pk_cohort_date")),
    )
    with op.batch_alter_table("cohort_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_date_condition_id"), ["condition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_date_tenant_id"), ["tenant_id"], unique=False)

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("required_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("has_rules", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.add_column(sa.Column("optional", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("lesson_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("active_seconds", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("video_percent", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("said_done_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_lesson_progress_user_updated", ["user_id", "updated_at"], unique=False)
        batch_op.create_check_constraint("video_percent", "video_percent BETWEEN 0 AND 100")

    for statement in WHAT_WAS_REACHED:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("lesson_progress", schema=None) as batch_op:
        batch_op.drop_constraint("video_percent", type_="check")
        batch_op.drop_index("ix_lesson_progress_user_updated")
        batch_op.drop_column("said_done_at")
        batch_op.drop_column("video_percent")
        batch_op.drop_column("active_seconds")

    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.drop_column("optional")

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_column("has_rules")
        batch_op.drop_column("required_count")

    with op.batch_alter_table("cohort_date", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cohort_date_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_date_condition_id"))

    op.drop_table("cohort_date")
    with op.batch_alter_table("release_condition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_condition_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_release_condition_rule_id"))
        batch_op.drop_index(batch_op.f("ix_release_condition_result_id"))
        batch_op.drop_index(batch_op.f("ix_release_condition_required_course_id"))
        batch_op.drop_index(batch_op.f("ix_release_condition_module_id"))
        batch_op.drop_index(batch_op.f("ix_release_condition_lesson_id"))
        batch_op.drop_index(batch_op.f("ix_release_condition_cohort_id"))

    op.drop_table("release_condition")
    with op.batch_alter_table("release_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_rule_tenant_id"))
        batch_op.drop_index(
            "ix_release_rule_of_course",
            sqlite_where=sa.text("lesson_id IS NULL AND module_id IS NULL"),
            postgresql_where=sa.text("lesson_id IS NULL AND module_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_release_rule_course_id"))

    op.drop_table("release_rule")
    with op.batch_alter_table("completion_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_completion_rule_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_completion_rule_submitted_id"))
        batch_op.drop_index(batch_op.f("ix_completion_rule_passed_id"))
        batch_op.drop_index(batch_op.f("ix_completion_rule_marked_id"))
        batch_op.drop_index(batch_op.f("ix_completion_rule_course_id"))

    op.drop_table("completion_rule")
    with op.batch_alter_table("cohort_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cohort_member_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_member_cohort_id"))

    op.drop_table("cohort_member")
    with op.batch_alter_table("release_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_plan_tenant_id"))

    op.drop_table("release_plan")
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_tenant_id"))
        batch_op.drop_index("ix_milestone_course_kind")

    op.drop_table("milestone")
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cohort_tenant_id"))

    op.drop_table("cohort")
    with op.batch_alter_table("release_told", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_told_tenant_id"))

    op.drop_table("release_told")
    with op.batch_alter_table("learning_day", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learning_day_tenant_id"))

    op.drop_table("learning_day")
