"""payments, and the provider in the house"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sealed_credentials", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("base_url", sa.String(length=300), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('test', 'live')", name=op.f("ck_provider_account_mode")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_provider_account_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_account")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_provider_account_token_hash")),
    )
    with op.batch_alter_table("provider_account", schema=None) as batch_op:
        batch_op.create_index("ix_provider_account_gateway", ["tenant_id", "gateway"], unique=False)
        batch_op.create_index(batch_op.f("ix_provider_account_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "sandbox_charge",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("payer", sa.String(length=20), nullable=False),
        sa.Column("return_url", sa.String(length=600), nullable=False),
        sa.Column("cancel_url", sa.String(length=600), nullable=False),
        sa.Column("keep", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'paid', 'declined', 'cancelled', 'timed_out', 'reversed')",
            name=op.f("ck_sandbox_charge_state"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_sandbox_charge_amount")),
        sa.CheckConstraint("refunded >= 0 AND refunded <= amount", name=op.f("ck_sandbox_charge_refunded")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sandbox_charge_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_charge")),
        sa.UniqueConstraint("account", "key", name=op.f("uq_sandbox_charge_account_key")),
        sa.UniqueConstraint("token", name=op.f("uq_sandbox_charge_token")),
    )
    with op.batch_alter_table("sandbox_charge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sandbox_charge_reference"), ["reference"], unique=False)
        batch_op.create_index(batch_op.f("ix_sandbox_charge_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payment_callback",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sealed_raw", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("verdict IN ('accepted', 'forged', 'malformed')", name=op.f("ck_payment_callback_verdict")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_payment_callback_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payment_callback_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_callback")),
        sa.UniqueConstraint("account_id", "dedupe", name=op.f("uq_payment_callback_account_id_dedupe")),
    )
    with op.batch_alter_table("payment_callback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_callback_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index("ix_payment_callback_verdict", ["tenant_id", "verdict", "id"], unique=False)

    op.create_table(
        "payment_intent",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose_kind", sa.String(length=40), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_payer", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("return_url", sa.String(length=500), nullable=False),
        sa.Column("save_method", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'paid', 'expired', 'cancelled')", name=op.f("ck_payment_intent_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_intent_amount")),
        sa.ForeignKeyConstraint(
            ["payer_id"], ["user.id"], name=op.f("fk_payment_intent_payer_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payment_intent_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_intent")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_payment_intent_tenant_id_key")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_payment_intent_tenant_id_reference")),
    )
    with op.batch_alter_table("payment_intent", schema=None) as batch_op:
        batch_op.create_index("ix_payment_intent_due", ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_intent_payer_id"), ["payer_id"], unique=False)
        batch_op.create_index("ix_payment_intent_purpose", ["purpose_kind", "purpose_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_intent_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payout",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose_kind", sa.String(length=40), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_to", sa.Text(), nullable=False),
        sa.Column("phone_hint", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("remarks", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.String(length=255), nullable=False),
        sa.Column("receipt", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'sending', 'pending', 'succeeded', 'failed', 'unknown')", name=op.f("ck_payout_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payout_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_payout_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_payout_asked_by_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payout_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_payout_tenant_id_key")),
    )
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index("ix_payout_due", ["state", "next_poll_at"], unique=False)
        batch_op.create_index("ix_payout_purpose", ["purpose_kind", "purpose_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "reconciliation_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("mismatches", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_reconciliation_run_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_reconciliation_run_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user.id"], name=op.f("fk_reconciliation_run_started_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_reconciliation_run_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_reconciliation_run_account_id_key")),
    )
    with op.batch_alter_table("reconciliation_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reconciliation_run_started_by"), ["started_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_reconciliation_run_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "sandbox_movement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("charge_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('refund', 'payout')", name=op.f("ck_sandbox_movement_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_sandbox_movement_amount")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["sandbox_charge.id"], name=op.f("fk_sandbox_movement_charge_id_sandbox_charge")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sandbox_movement_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_movement")),
        sa.UniqueConstraint("account", "key", name=op.f("uq_sandbox_movement_account_key")),
    )
    with op.batch_alter_table("sandbox_movement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sandbox_movement_charge_id"), ["charge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sandbox_movement_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "saved_method",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("expires", sa.String(length=7), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_saved_method_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_saved_method_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_saved_method_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_method")),
        sa.UniqueConstraint(
            "user_id", "account_id", "token_hash", name=op.f("uq_saved_method_user_id_account_id_token_hash")
        ),
    )
    with op.batch_alter_table("saved_method", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_method_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("provider_ref", sa.String(length=255), nullable=False),
        sa.Column("receipt", sa.String(length=255), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("surplus", sa.Boolean(), nullable=False),
        sa.Column("sealed_phone", sa.Text(), nullable=False),
        sa.Column("phone_hint", sa.String(length=20), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('test', 'live')", name=op.f("ck_payment_mode")),
        sa.CheckConstraint(
            "state IN ('created', 'pending', 'succeeded', 'failed', 'expired', 'unknown', "
            "'partially_refunded', 'refunded', 'disputed', 'reversed')",
            name=op.f("ck_payment_state"),
        ),
        sa.CheckConstraint("way IN ('prompt', 'redirect', 'saved', 'deposit', 'manual')", name=op.f("ck_payment_way")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint("fee >= 0", name=op.f("ck_payment_fee")),
        sa.CheckConstraint("refunded >= 0 AND refunded <= amount", name=op.f("ck_payment_refunded")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_payment_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(["intent_id"], ["payment_intent.id"], name=op.f("fk_payment_intent_id_payment_intent")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payment_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("account_id", "receipt", name=op.f("uq_payment_account_id_receipt")),
        sa.UniqueConstraint("intent_id", "key", name=op.f("uq_payment_intent_id_key")),
        sa.UniqueConstraint("intent_id", "number", name=op.f("uq_payment_intent_id_number")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_payment_tenant_id_reference")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_due", ["state", "next_poll_at"], unique=False)
        batch_op.create_index("ix_payment_provider_ref", ["account_id", "provider_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "deposit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("receipt", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("sealed_from", sa.Text(), nullable=False),
        sa.Column("phone_hint", sa.String(length=20), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('sent', 'surplus', 'different')", name=op.f("ck_deposit_kind")),
        sa.CheckConstraint("state IN ('unmatched', 'matched', 'returned')", name=op.f("ck_deposit_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_deposit_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_deposit_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_deposit_decided_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_deposit_payment_id_payment")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_deposit_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
        sa.UniqueConstraint("account_id", "receipt", name=op.f("uq_deposit_account_id_receipt")),
    )
    with op.batch_alter_table("deposit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deposit_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_deposit_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index("ix_deposit_state", ["tenant_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deposit_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "manual_payment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("bank_reference", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("storage_key", sa.String(length=300), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'rejected')", name=op.f("ck_manual_payment_state")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_manual_payment_decided_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payment_intent.id"], name=op.f("fk_manual_payment_intent_id_payment_intent")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_manual_payment_payment_id_payment")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_manual_payment_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_manual_payment_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_payment")),
        sa.UniqueConstraint("intent_id", "key", name=op.f("uq_manual_payment_intent_id_key")),
    )
    with op.batch_alter_table("manual_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_manual_payment_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index("ix_manual_payment_state", ["tenant_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_manual_payment_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_manual_payment_user_id"), ["user_id"], unique=False)

    op.create_table(
        "payment_dispute",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider_ref", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_payment_dispute_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_dispute_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_payment_dispute_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_dispute_payment_id_payment")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payment_dispute_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_dispute")),
        sa.UniqueConstraint("account_id", "provider_ref", name=op.f("uq_payment_dispute_account_id_provider_ref")),
    )
    with op.batch_alter_table("payment_dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_dispute_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_dispute_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payment_mismatch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("dedupe", sa.String(length=200), nullable=False),
        sa.Column("ours", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('amount', 'currency', 'reference', 'mode', 'receipt', 'paid_twice', 'deposit', "
            "'state', 'unknown_here', 'unknown_there', 'foreign_refund', 'undecided')",
            name=op.f("ck_payment_mismatch_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["provider_account.id"], name=op.f("fk_payment_mismatch_account_id_provider_account")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_mismatch_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["user.id"], name=op.f("fk_payment_mismatch_resolved_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reconciliation_run.id"], name=op.f("fk_payment_mismatch_run_id_reconciliation_run")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payment_mismatch_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_mismatch")),
        sa.UniqueConstraint("tenant_id", "dedupe", name=op.f("uq_payment_mismatch_tenant_id_dedupe")),
    )
    with op.batch_alter_table("payment_mismatch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_mismatch_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_payment_mismatch_open", ["tenant_id", "resolved_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_mismatch_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_mismatch_resolved_by"), ["resolved_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_mismatch_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_mismatch_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "refund",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.String(length=255), nullable=False),
        sa.Column("receipt", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'sending', 'pending', 'succeeded', 'failed', 'unknown')", name=op.f("ck_refund_state")
        ),
        sa.CheckConstraint("way IN ('gateway', 'payout', 'manual')", name=op.f("ck_refund_way")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_refund_asked_by_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_refund_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("payment_id", "key", name=op.f("uq_refund_payment_id_key")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index("ix_refund_due", ["state", "next_poll_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_refund_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refund_tenant_id"))
        batch_op.drop_index("ix_refund_due")
        batch_op.drop_index(batch_op.f("ix_refund_asked_by"))

    op.drop_table("refund")
    with op.batch_alter_table("payment_mismatch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_mismatch_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_payment_mismatch_run_id"))
        batch_op.drop_index(batch_op.f("ix_payment_mismatch_resolved_by"))
        batch_op.drop_index(batch_op.f("ix_payment_mismatch_payment_id"))
        batch_op.drop_index("ix_payment_mismatch_open")
        batch_op.drop_index(batch_op.f("ix_payment_mismatch_account_id"))

    op.drop_table("payment_mismatch")
    with op.batch_alter_table("payment_dispute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_dispute_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_payment_dispute_payment_id"))

    op.drop_table("payment_dispute")
    with op.batch_alter_table("manual_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_manual_payment_user_id"))
        batch_op.drop_index(batch_op.f("ix_manual_payment_tenant_id"))
        batch_op.drop_index("ix_manual_payment_state")
        batch_op.drop_index(batch_op.f("ix_manual_payment_decided_by"))

    op.drop_table("manual_payment")
    with op.batch_alter_table("deposit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deposit_tenant_id"))
        batch_op.drop_index("ix_deposit_state")
        batch_op.drop_index(batch_op.f("ix_deposit_payment_id"))
        batch_op.drop_index(batch_op.f("ix_deposit_decided_by"))

    op.drop_table("deposit")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_tenant_id"))
        batch_op.drop_index("ix_payment_provider_ref")
        batch_op.drop_index("ix_payment_due")

    op.drop_table("payment")
    with op.batch_alter_table("saved_method", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_method_tenant_id"))

    op.drop_table("saved_method")
    with op.batch_alter_table("sandbox_movement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sandbox_movement_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_sandbox_movement_charge_id"))

    op.drop_table("sandbox_movement")
    with op.batch_alter_table("reconciliation_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reconciliation_run_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_reconciliation_run_started_by"))

    op.drop_table("reconciliation_run")
    with op.batch_alter_table("payout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_tenant_id"))
        batch_op.drop_index("ix_payout_purpose")
        batch_op.drop_index("ix_payout_due")
        batch_op.drop_index(batch_op.f("ix_payout_asked_by"))

    op.drop_table("payout")
    with op.batch_alter_table("payment_intent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_intent_tenant_id"))
        batch_op.drop_index("ix_payment_intent_purpose")
        batch_op.drop_index(batch_op.f("ix_payment_intent_payer_id"))
        batch_op.drop_index("ix_payment_intent_due")

    op.drop_table("payment_intent")
    with op.batch_alter_table("payment_callback", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_callback_verdict")
        batch_op.drop_index(batch_op.f("ix_payment_callback_tenant_id"))

    op.drop_table("payment_callback")
    with op.batch_alter_table("sandbox_charge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sandbox_charge_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_sandbox_charge_reference"))

    op.drop_table("sandbox_charge")
    with op.batch_alter_table("provider_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_account_tenant_id"))
        batch_op.drop_index("ix_provider_account_gateway")

    op.drop_table("provider_account")
