"""proctoring"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proctor_policy",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_proctor_policy_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_proctor_policy_made_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_proctor_policy_quiz_id_quiz"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_policy_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_policy")),
        sa.UniqueConstraint("quiz_id", "version", name=op.f("uq_proctor_policy_quiz_id_version")),
    )
    with op.batch_alter_table("proctor_policy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_policy_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_policy_made_by"), ["made_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_policy_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_session",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.String(length=40), nullable=False),
        sa.Column("consent_hash", sa.String(length=64), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_names_faces", sa.Boolean(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_offset", sa.Float(), nullable=False),
        sa.Column("offset_measured", sa.Boolean(), nullable=False),
        sa.Column("unavailable", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retain_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pictures_deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('created', 'consented', 'checked', 'active', 'interrupted', 'ended', 'analysed', 'under_review', 'passed', 'rejected', 'appealed', 'closed', 'expired')",  # noqa: E501
            name=op.f("ck_proctor_session_state"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["quiz_attempt.id"],
            name=op.f("fk_proctor_session_attempt_id_quiz_attempt"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_proctor_session_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["proctor_policy.id"],
            name=op.f("fk_proctor_session_policy_id_proctor_policy"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_proctor_session_quiz_id_quiz"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_session_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_proctor_session_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_session")),
    )
    with op.batch_alter_table("proctor_session", schema=None) as batch_op:
        batch_op.create_index("ix_proctor_session_attempt", ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_session_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_session_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index("ix_proctor_session_quiz_state", ["quiz_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_session_retain_until"), ["retain_until"], unique=False)
        batch_op.create_index("ix_proctor_session_state_seen", ["state", "last_seen_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_session_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_session_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_proctor_session_unfinished",
            ["attempt_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('created', 'consented', 'checked', 'active', 'interrupted')"),
            postgresql_where=sa.text("state IN ('created', 'consented', 'checked', 'active', 'interrupted')"),
        )

    op.create_table(
        "proctor_anomaly",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ongoing", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision IN ('open', 'confirmed', 'dismissed')", name=op.f("ck_proctor_anomaly_decision")),
        sa.CheckConstraint("severity IN ('info', 'low', 'medium', 'high')", name=op.f("ck_proctor_anomaly_severity")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_proctor_anomaly_confidence")),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_proctor_anomaly_span")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_proctor_anomaly_decided_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_anomaly_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_anomaly_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_anomaly")),
    )
    with op.batch_alter_table("proctor_anomaly", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_anomaly_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index("ix_proctor_anomaly_labels", ["tenant_id", "kind", "decision"], unique=False)
        batch_op.create_index("ix_proctor_anomaly_session_started", ["session_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_anomaly_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_deletion_request",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_proctor_deletion_request_decided_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_deletion_request_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_deletion_request_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_proctor_deletion_request")),
    )
    with op.batch_alter_table("proctor_deletion_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_deletion_request_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_deletion_request_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_event_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_event_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_event")),
        sa.UniqueConstraint("session_id", "sequence", name=op.f("uq_proctor_event_session_id_sequence")),
    )
    with op.batch_alter_table("proctor_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_event_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_key_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_key_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_proctor_key")),
    )
    with op.batch_alter_table("proctor_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_key_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_review",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('none', 'rejection_proposed', 'passed', 'rejected')", name=op.f("ck_proctor_review_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user.id"], name=op.f("fk_proctor_review_answered_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_proctor_review_decided_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_proctor_review_proposed_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_review_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_review_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_review")),
        sa.UniqueConstraint("session_id", name=op.f("uq_proctor_review_session_id")),
    )
    with op.batch_alter_table("proctor_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_review_answered_by"), ["answered_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_review_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_review_proposed_by"), ["proposed_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_review_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_session_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name=op.f("fk_proctor_session_step_by_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_session_step_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_session_step_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_session_step")),
    )
    with op.batch_alter_table("proctor_session_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_session_step_by"), ["by"], unique=False)
        batch_op.create_index("ix_proctor_session_step_session", ["session_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_session_step_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_snapshot",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=200), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('camera', 'screen', 'identity')", name=op.f("ck_proctor_snapshot_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'analysed', 'waiting_for_weights', 'failed', 'kept')",
            name=op.f("ck_proctor_snapshot_state"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_snapshot_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_snapshot_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_snapshot")),
        sa.UniqueConstraint(
            "session_id", "kind", "sequence", name=op.f("uq_proctor_snapshot_session_id_kind_sequence")
        ),
    )
    with op.batch_alter_table("proctor_snapshot", schema=None) as batch_op:
        batch_op.create_index("ix_proctor_snapshot_state", ["state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_snapshot_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_summary",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("risk_level", sa.Text(), nullable=False),
        sa.Column("risk_parts", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("ongoing", sa.JSON(), nullable=False),
        sa.Column("not_watched", sa.JSON(), nullable=False),
        sa.Column("watched_seconds", sa.Float(), nullable=False),
        sa.Column("total_seconds", sa.Float(), nullable=False),
        sa.Column("switched_off", sa.JSON(), nullable=False),
        sa.Column("advice", sa.JSON(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("last_kind", sa.String(length=30), nullable=False),
        sa.Column("last_signal_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_snapshot_id", sa.Uuid(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("risk_level IN ('low', 'medium', 'high')", name=op.f("ck_proctor_summary_risk_level")),
        sa.CheckConstraint("risk BETWEEN 0 AND 100", name=op.f("ck_proctor_summary_risk")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_summary_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_summary_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_proctor_summary")),
    )
    with op.batch_alter_table("proctor_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_summary_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_analysis",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("likeness", sa.String(length=10), nullable=True),
        sa.Column("similarity", sa.Float(), nullable=True),
        sa.Column("analysed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_analysis_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["proctor_snapshot.id"],
            name=op.f("fk_proctor_analysis_snapshot_id_proctor_snapshot"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_analysis_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_proctor_analysis")),
    )
    with op.batch_alter_table("proctor_analysis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_analysis_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_analysis_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_enrolment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_enrolment_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["proctor_snapshot.id"],
            name=op.f("fk_proctor_enrolment_snapshot_id_proctor_snapshot"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_enrolment_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_proctor_enrolment")),
    )
    with op.batch_alter_table("proctor_enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_enrolment_snapshot_id"), ["snapshot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_enrolment_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "proctor_review_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("anomaly_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "act IN ('confirmed', 'dismissed', 'reopened', 'commented', 'proposed_rejection', 'passed', 'rejected', 'appealed', 'appeal_upheld', 'appeal_turned_down')",  # noqa: E501
            name=op.f("ck_proctor_review_step_act"),
        ),
        sa.ForeignKeyConstraint(
            ["anomaly_id"],
            ["proctor_anomaly.id"],
            name=op.f("fk_proctor_review_step_anomaly_id_proctor_anomaly"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name=op.f("fk_proctor_review_step_by_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["proctor_session.id"],
            name=op.f("fk_proctor_review_step_session_id_proctor_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_proctor_review_step_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proctor_review_step")),
    )
    with op.batch_alter_table("proctor_review_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proctor_review_step_anomaly_id"), ["anomaly_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_review_step_by"), ["by"], unique=False)
        batch_op.create_index("ix_proctor_review_step_session", ["session_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proctor_review_step_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("proctor_review_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_review_step_tenant_id"))
        batch_op.drop_index("ix_proctor_review_step_session")
        batch_op.drop_index(batch_op.f("ix_proctor_review_step_by"))
        batch_op.drop_index(batch_op.f("ix_proctor_review_step_anomaly_id"))

    op.drop_table("proctor_review_step")
    with op.batch_alter_table("proctor_enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_enrolment_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_proctor_enrolment_snapshot_id"))

    op.drop_table("proctor_enrolment")
    with op.batch_alter_table("proctor_analysis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_analysis_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_proctor_analysis_session_id"))

    op.drop_table("proctor_analysis")
    with op.batch_alter_table("proctor_summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_summary_tenant_id"))

    op.drop_table("proctor_summary")
    with op.batch_alter_table("proctor_snapshot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_snapshot_tenant_id"))
        batch_op.drop_index("ix_proctor_snapshot_state")

    op.drop_table("proctor_snapshot")
    with op.batch_alter_table("proctor_session_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_session_step_tenant_id"))
        batch_op.drop_index("ix_proctor_session_step_session")
        batch_op.drop_index(batch_op.f("ix_proctor_session_step_by"))

    op.drop_table("proctor_session_step")
    with op.batch_alter_table("proctor_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_review_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_proctor_review_proposed_by"))
        batch_op.drop_index(batch_op.f("ix_proctor_review_decided_by"))
        batch_op.drop_index(batch_op.f("ix_proctor_review_answered_by"))

    op.drop_table("proctor_review")
    with op.batch_alter_table("proctor_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_key_tenant_id"))

    op.drop_table("proctor_key")
    with op.batch_alter_table("proctor_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_event_tenant_id"))

    op.drop_table("proctor_event")
    with op.batch_alter_table("proctor_deletion_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_deletion_request_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_proctor_deletion_request_decided_by"))

    op.drop_table("proctor_deletion_request")
    with op.batch_alter_table("proctor_anomaly", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_anomaly_tenant_id"))
        batch_op.drop_index("ix_proctor_anomaly_session_started")
        batch_op.drop_index("ix_proctor_anomaly_labels")
        batch_op.drop_index(batch_op.f("ix_proctor_anomaly_decided_by"))

    op.drop_table("proctor_anomaly")
    with op.batch_alter_table("proctor_session", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_proctor_session_unfinished",
            sqlite_where=sa.text("state IN ('created', 'consented', 'checked', 'active', 'interrupted')"),
            postgresql_where=sa.text("state IN ('created', 'consented', 'checked', 'active', 'interrupted')"),
        )
        batch_op.drop_index(batch_op.f("ix_proctor_session_user_id"))
        batch_op.drop_index(batch_op.f("ix_proctor_session_tenant_id"))
        batch_op.drop_index("ix_proctor_session_state_seen")
        batch_op.drop_index(batch_op.f("ix_proctor_session_retain_until"))
        batch_op.drop_index("ix_proctor_session_quiz_state")
        batch_op.drop_index(batch_op.f("ix_proctor_session_policy_id"))
        batch_op.drop_index(batch_op.f("ix_proctor_session_course_id"))
        batch_op.drop_index("ix_proctor_session_attempt")

    op.drop_table("proctor_session")
    with op.batch_alter_table("proctor_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proctor_policy_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_proctor_policy_made_by"))
        batch_op.drop_index(batch_op.f("ix_proctor_policy_course_id"))

    op.drop_table("proctor_policy")
