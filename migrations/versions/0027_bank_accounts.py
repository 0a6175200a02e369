"""bank accounts of institutions; visits of affiliates' links"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CURRENCIES = "'KES', 'UGX', 'TZS', 'NGN', 'USD', 'EUR', 'INR'"


def upgrade() -> None:
    """Make the table, and count visits from now on."""
    op.create_table(
        "bank_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("account", sa.String(length=34), nullable=False),
        sa.Column("bank", sa.String(length=120), nullable=False),
        sa.Column("branch", sa.String(length=120), nullable=False),
        sa.Column("swift", sa.String(length=11), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"currency IN ({CURRENCIES})", name=op.f("ck_bank_account_currency")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bank_account_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("tenant_id", "currency", name=op.f("uq_bank_account_tenant_id_currency")),
    )
    op.create_index(op.f("ix_bank_account_tenant_id"), "bank_account", ["tenant_id"], unique=False)
    op.add_column("affiliate", sa.Column("visits", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Forget both."""
    op.drop_column("affiliate", "visits")
    op.drop_table("bank_account")
