"""ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEPT = ("ledger_account", "ledger_transaction", "ledger_entry")
KINDS = (
    "'clearing', 'bank', 'receipts', 'deposits', 'revenue', 'vat', 'instructor', 'affiliate', 'refunds', 'fees', "
    "'payouts', 'shares', 'disputes'"
)
CURRENCIES = "'KES', 'UGX', 'TZS', 'NGN', 'USD', 'EUR', 'INR'"
MAX_AMOUNT = 10**13
REFUSAL = "the ledger is only added to: post another transaction that corrects this one"


def upgrade() -> None:
    _create_accounts()
    _create_transactions()
    _create_entries()
    _create_checks()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _create_accounts() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_ledger_account_kind")),
        sa.CheckConstraint(f"currency IN ({CURRENCIES})", name=op.f("ck_ledger_account_currency")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ledger_account_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "tenant_id", "kind", "owner", "currency", name=op.f("uq_ledger_account_tenant_id_kind_owner_currency")
        ),
    )
    op.create_index(op.f("ix_ledger_account_tenant_id"), "ledger_account", ["tenant_id"])
    op.create_index("ix_ledger_account_owner", "ledger_account", ["owner"])


def _create_transactions() -> None:
    op.create_table(
        "ledger_transaction",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lines > 0", name=op.f("ck_ledger_transaction_lines")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ledger_transaction_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_ledger_transaction_tenant_id_key")),
    )
    op.create_index(op.f("ix_ledger_transaction_tenant_id"), "ledger_transaction", ["tenant_id"])
    op.create_index("ix_ledger_transaction_at", "ledger_transaction", ["tenant_id", "at", "id"])
    op.create_index("ix_ledger_transaction_subject", "ledger_transaction", ["tenant_id", "subject_kind", "subject_id"])


def _create_entries() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            f"amount <> 0 AND amount BETWEEN -{MAX_AMOUNT} AND {MAX_AMOUNT}", name=op.f("ck_ledger_entry_amount")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_entry_account_id_ledger_account")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ledger_entry_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_ledger_entry_transaction_id_ledger_transaction"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_tenant_id"), "ledger_entry", ["tenant_id"])
    op.create_index(op.f("ix_ledger_entry_transaction_id"), "ledger_entry", ["transaction_id"])
    op.create_index("ix_ledger_entry_account", "ledger_entry", ["account_id", "at", "id"])
    op.create_index("ix_ledger_entry_at", "ledger_entry", ["tenant_id", "at"])


def _create_checks() -> None:
    op.create_table(
        "ledger_check",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transactions", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("sound", sa.Boolean(), nullable=False),
        sa.Column("breaches", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ledger_check_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_check")),
    )
    op.create_index(op.f("ix_ledger_check_tenant_id"), "ledger_check", ["tenant_id"])
    op.create_index("ix_ledger_check_at", "ledger_check", ["tenant_id", "at"])


def _guard_sqlite() -> None:
    """Refuse changes. An `INSERT OR REPLACE` deletes without telling a trigger, so inserts look for the row first."""
    others = {
        "ledger_account": " OR (tenant_id = NEW.tenant_id AND kind = NEW.kind AND owner = NEW.owner"
        " AND currency = NEW.currency)",
        "ledger_transaction": " OR (tenant_id = NEW.tenant_id AND key = NEW.key)",
        "ledger_entry": "",
    }
    for table in KEPT:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - names of our own
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id{others[table]}) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    op.execute(
        "CREATE TRIGGER ledger_entry_no_late BEFORE INSERT ON ledger_entry "  # noqa: S608 - words of our own
        "WHEN (SELECT count(*) FROM ledger_entry WHERE transaction_id = NEW.transaction_id) "
        ">= (SELECT lines FROM ledger_transaction WHERE id = NEW.transaction_id) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def _guard_postgresql() -> None:
    """Refuse changes, and at the commit a transaction that is not whole or not balanced."""
    op.execute(
        f"""
        CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            about uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
            wanted integer;
            present integer;
            wrong text;
        BEGIN
            SELECT lines INTO wanted FROM ledger_transaction WHERE id = about;
            SELECT count(*) INTO present FROM ledger_entry WHERE transaction_id = about;
            IF present <> wanted THEN
                RAISE EXCEPTION 'ledger transaction % has % entries, not %', about, present, wanted
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            SELECT string_agg(currency || ' ' || total, ', ') INTO wrong FROM (
                SELECT currency, sum(amount) AS total
                FROM ledger_entry JOIN ledger_account ON ledger_account.id = ledger_entry.account_id
                WHERE transaction_id = about GROUP BY currency HAVING sum(amount) <> 0
            ) AS sums;
            IF wrong IS NOT NULL THEN
                RAISE EXCEPTION 'ledger transaction % does not add up to zero: %', about, wrong
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
        )
    for table, column in (("ledger_transaction", "id"), ("ledger_entry", "transaction_id")):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW EXECUTE FUNCTION ledger_balanced('{column}')"
        )


def downgrade() -> None:
    op.drop_table("ledger_check")
    for table in reversed(KEPT):
        op.drop_table(table)  # its triggers go with it
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION ledger_balanced()")
        op.execute("DROP FUNCTION ledger_refuse()")
