"""certificates"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=100), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('document', 'credential')", name=op.f("ck_signing_key_purpose")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_signing_key_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint(
            "tenant_id", "purpose", "fingerprint", name=op.f("uq_signing_key_tenant_id_purpose_fingerprint")
        ),
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_key_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("recipient_name", sa.String(length=200), nullable=False),
        sa.Column("course_title", sa.String(length=200), nullable=False),
        sa.Column("course_minutes", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoke_reason", sa.String(length=500), nullable=False),
        sa.Column("pdf_key", sa.String(length=300), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_certificate_course_id_course"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["user.id"], name=op.f("fk_certificate_issued_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["user.id"], name=op.f("fk_certificate_revoked_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_certificate_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_certificate_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_certificate_tenant_id_code")),
        sa.UniqueConstraint("tenant_id", "status_index", name=op.f("uq_certificate_tenant_id_status_index")),
        sa.UniqueConstraint("user_id", "course_id", "sequence", name=op.f("uq_certificate_user_id_course_id_sequence")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_course_issued", ["course_id", "id"], unique=False)
        batch_op.create_index("ix_certificate_expiry", ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_issued_by"), ["issued_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_pdf_sha256"), ["pdf_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_remind_at"), ["remind_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_revoked_by"), ["revoked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "certificate_template",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("design", sa.JSON(), nullable=False),
        sa.Column("logo_key", sa.String(length=300), nullable=False),
        sa.Column("signature_key", sa.String(length=300), nullable=False),
        sa.Column("issue_on_completion", sa.Boolean(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_certificate_template_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_certificate_template_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["user.id"], name=op.f("fk_certificate_template_updated_by_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_template")),
        sa.UniqueConstraint("tenant_id", "course_id", name=op.f("uq_certificate_template_tenant_id_course_id")),
    )
    with op.batch_alter_table("certificate_template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_template_course_id"), ["course_id"], unique=False)
        batch_op.create_index(
            "ix_certificate_template_of_institution",
            ["tenant_id"],
            unique=True,
            sqlite_where=sa.text("course_id IS NULL"),
            postgresql_where=sa.text("course_id IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_certificate_template_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_template_updated_by"), ["updated_by"], unique=False)

    op.create_table(
        "certificate_check",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('page', 'json', 'document', 'credential')", name=op.f("ck_certificate_check_kind")
        ),
        sa.CheckConstraint(
            "outcome IN ('valid', 'revoked', 'expired', 'tampered', 'unknown')",
            name=op.f("ck_certificate_check_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_check_certificate_id_certificate"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_certificate_check_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_check")),
    )
    with op.batch_alter_table("certificate_check", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_check_certificate_at", ["certificate_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_check_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("certificate_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_check_tenant_id"))
        batch_op.drop_index("ix_certificate_check_certificate_at")

    op.drop_table("certificate_check")
    with op.batch_alter_table("certificate_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_template_updated_by"))
        batch_op.drop_index(batch_op.f("ix_certificate_template_tenant_id"))
        batch_op.drop_index(
            "ix_certificate_template_of_institution",
            sqlite_where=sa.text("course_id IS NULL"),
            postgresql_where=sa.text("course_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_certificate_template_course_id"))

    op.drop_table("certificate_template")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_revoked_by"))
        batch_op.drop_index(batch_op.f("ix_certificate_remind_at"))
        batch_op.drop_index(batch_op.f("ix_certificate_pdf_sha256"))
        batch_op.drop_index(batch_op.f("ix_certificate_issued_by"))
        batch_op.drop_index("ix_certificate_expiry")
        batch_op.drop_index("ix_certificate_course_issued")

    op.drop_table("certificate")
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_key_tenant_id"))

    op.drop_table("signing_key")
