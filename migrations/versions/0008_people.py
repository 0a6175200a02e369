"""people"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PENDING = sa.text("cancelled_at IS NULL AND done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "account_deletion",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user.id"], name=op.f("fk_account_deletion_requested_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_account_deletion_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_account_deletion_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_deletion")),
    )
    with op.batch_alter_table("account_deletion") as batch_op:
        batch_op.create_index(
            "ix_account_deletion_due", ["due_at"], unique=False, sqlite_where=PENDING, postgresql_where=PENDING
        )
        batch_op.create_index(batch_op.f("ix_account_deletion_requested_by"), ["requested_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_deletion_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_deletion_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_account_deletion_pending", ["user_id"], unique=True, sqlite_where=PENDING, postgresql_where=PENDING
        )

    op.create_table(
        "data_export",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.String(length=300), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('queued', 'ready', 'expired')", name=op.f("ck_data_export_status")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_data_export_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_data_export_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
    )
    with op.batch_alter_table("data_export") as batch_op:
        batch_op.create_index(batch_op.f("ix_data_export_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_data_export_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index("ix_data_export_user_requested", ["user_id", "requested_at"], unique=False)

    op.create_table(
        "roster",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("existing", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('reading', 'preview', 'queued', 'running', 'done')", name=op.f("ck_roster_status")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_roster_owner_id_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_roster_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster")),
    )
    with op.batch_alter_table("roster") as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "roster_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'created', 'enrolled', 'unchanged', 'skipped')", name=op.f("ck_roster_line_outcome")
        ),
        sa.CheckConstraint("verdict IN ('new', 'exists', 'faulty')", name=op.f("ck_roster_line_verdict")),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["roster.id"], name=op.f("fk_roster_line_roster_id_roster"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_roster_line_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_roster_line_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_line")),
        sa.UniqueConstraint("roster_id", "number", name=op.f("uq_roster_line_roster_id_number")),
    )
    with op.batch_alter_table("roster_line") as batch_op:
        batch_op.create_index("ix_roster_line_outcome", ["roster_id", "outcome", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_line_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_line_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.add_column(sa.Column("impersonator_id", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_audit_entry_actor", ["actor_id"], unique=False)
        batch_op.create_index("ix_audit_entry_at", ["tenant_id", "at"], unique=False)
        batch_op.create_index("ix_audit_entry_impersonator", ["impersonator_id"], unique=False)

    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_column("deleted_at")

    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.drop_index("ix_audit_entry_impersonator")
        batch_op.drop_index("ix_audit_entry_at")
        batch_op.drop_index("ix_audit_entry_actor")
        batch_op.drop_column("impersonator_id")

    with op.batch_alter_table("roster_line") as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_line_user_id"))
        batch_op.drop_index(batch_op.f("ix_roster_line_tenant_id"))
        batch_op.drop_index("ix_roster_line_outcome")

    op.drop_table("roster_line")
    with op.batch_alter_table("roster") as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_roster_owner_id"))
        batch_op.drop_index(batch_op.f("ix_roster_created_at"))

    op.drop_table("roster")
    with op.batch_alter_table("data_export") as batch_op:
        batch_op.drop_index("ix_data_export_user_requested")
        batch_op.drop_index(batch_op.f("ix_data_export_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_data_export_expires_at"))

    op.drop_table("data_export")
    with op.batch_alter_table("account_deletion") as batch_op:
        batch_op.drop_index("uq_account_deletion_pending", sqlite_where=PENDING, postgresql_where=PENDING)
        batch_op.drop_index(batch_op.f("ix_account_deletion_user_id"))
        batch_op.drop_index(batch_op.f("ix_account_deletion_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_account_deletion_requested_by"))
        batch_op.drop_index("ix_account_deletion_due", sqlite_where=PENDING, postgresql_where=PENDING)

    op.drop_table("account_deletion")
