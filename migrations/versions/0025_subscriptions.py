"""subscriptions"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STATES = "'incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'cancelled', 'expired'"


def _tenant(table: str) -> tuple[sa.Column[sa.Uuid], sa.ForeignKeyConstraint]:
    return (
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")),
    )


def _index(table: str, *columns: str, name: str | None = None) -> None:
    op.create_index(name or op.f(f"ix_{table}_{columns[0]}"), table, list(columns), unique=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete)


def _check(table: str, name: str, says: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(says, name=op.f(f"ck_{table}_{name}"))


def _plans() -> None:
    op.create_table(
        "plan",
        *_tenant("plan"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        _check("plan", "scope", "scope IN ('courses', 'all')"),
        _check("plan", "trial_days", "trial_days BETWEEN 0 AND 90"),
        _check("plan", "tax_rate", "tax_rate BETWEEN 0 AND 10000"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    _index("plan", "tenant_id")
    _index("plan", "tenant_id", "active", "position", "id", name="ix_plan_shown")
    op.create_table(
        "plan_course",
        *_tenant("plan_course"),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        _refers("plan_course", "plan_id", "plan", "CASCADE"),
        _refers("plan_course", "course_id", "course", "CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", "course_id", name=op.f("pk_plan_course")),
    )
    _index("plan_course", "tenant_id")
    _index("plan_course", "course_id")
    op.create_table(
        "plan_price",
        *_tenant("plan_price"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _moment("valid_from", nullable=False),
        _moment("valid_to"),
        _check("plan_price", "interval", "interval IN ('month', 'year')"),
        _check("plan_price", "amount", "amount >= 0"),
        _refers("plan_price", "plan_id", "plan", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_price")),
    )
    _index("plan_price", "tenant_id")
    _index("plan_price", "plan_id", "currency", "interval", "valid_to", name="ix_plan_price_of")


def _subscriptions() -> None:
    op.create_table(
        "subscription",
        *_tenant("subscription"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("price_id", sa.Uuid(), nullable=False),
        sa.Column("next_price_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("living", sa.String(length=32), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        _moment("anchor_at", nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        _moment("starts_at", nullable=False),
        _moment("ends_at", nullable=False),
        _moment("trial_ends_at"),
        sa.Column("cancel_at_end", sa.Boolean(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=True),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        *(_moment(name) for name in ("paused_at", "paused_until", "past_due_at", "unpaid_at", "reminded_of")),
        _moment("ended_at"),
        _moment("look_at"),
        _moment("created_at", nullable=False),
        _check("subscription", "state", f"state IN ({STATES})"),
        _check("subscription", "interval", "interval IN ('month', 'year')"),
        _check("subscription", "way", "way IN ('saved', 'phone', 'by_hand')"),
        _check("subscription", "amount", "amount >= 0"),
        _check("subscription", "credit", "credit >= 0"),
        _refers("subscription", "user_id", "user", "SET NULL"),
        _refers("subscription", "plan_id", "plan"),
        _refers("subscription", "price_id", "plan_price"),
        _refers("subscription", "next_price_id", "plan_price"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("tenant_id", "living", name=op.f("uq_subscription_tenant_id_living")),
    )
    for column in ("tenant_id", "user_id", "plan_id", "price_id", "next_price_id"):
        _index("subscription", column)
    _index("subscription", "look_at", name="ix_subscription_look_at")
    _index("subscription", "tenant_id", "state", "id", name="ix_subscription_by_state")


def _terms() -> None:
    op.create_table(
        "subscription_term",
        *_tenant("subscription_term"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("price_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("full_price", "price", "credit_used", "kept", "amount")
        ),
        _moment("starts_at", nullable=False),
        _moment("ends_at", nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        _moment("made_at", nullable=False),
        _moment("paid_at"),
        _check("subscription_term", "kind", "kind IN ('term', 'change')"),
        _check("subscription_term", "state", "state IN ('due', 'paid', 'void')"),
        _check("subscription_term", "amounts", "amount >= 0 AND price >= 0 AND credit_used >= 0 AND kept >= 0"),
        _refers("subscription_term", "subscription_id", "subscription", "CASCADE"),
        _refers("subscription_term", "plan_id", "plan"),
        _refers("subscription_term", "price_id", "plan_price"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_term")),
        sa.UniqueConstraint("subscription_id", "number", name=op.f("uq_subscription_term_subscription_id_number")),
    )
    for column in ("tenant_id", "plan_id", "price_id", "intent_id"):
        _index("subscription_term", column)
    op.create_table(
        "term_payment",
        *_tenant("term_payment"),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("given_back", sa.BigInteger(), nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        _moment("at", nullable=False),
        _check("term_payment", "amount", "amount > 0"),
        _check("term_payment", "given_back", "given_back >= 0 AND given_back <= amount"),
        _refers("term_payment", "term_id", "subscription_term", "CASCADE"),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_term_payment")),
    )
    _index("term_payment", "tenant_id")
    _index("term_payment", "term_id")
    op.create_table(
        "renewal_attempt",
        *_tenant("renewal_attempt"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        _moment("at", nullable=False),
        _check("renewal_attempt", "way", "way IN ('saved', 'phone', 'by_hand')"),
        _check("renewal_attempt", "outcome", "outcome IN ('asked', 'paid', 'failed')"),
        _refers("renewal_attempt", "subscription_id", "subscription", "CASCADE"),
        _refers("renewal_attempt", "term_id", "subscription_term", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_attempt")),
        sa.UniqueConstraint("term_id", "number", name=op.f("uq_renewal_attempt_term_id_number")),
    )
    _index("renewal_attempt", "tenant_id")
    _index("renewal_attempt", "subscription_id")
    op.create_table(
        "subscribed_course",
        *_tenant("subscribed_course"),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        _moment("opened_at", nullable=False),
        _moment("closed_at"),
        _refers("subscribed_course", "subscription_id", "subscription", "CASCADE"),
        _refers("subscribed_course", "course_id", "course", "CASCADE"),
        sa.PrimaryKeyConstraint("subscription_id", "course_id", name=op.f("pk_subscribed_course")),
    )
    _index("subscribed_course", "tenant_id")
    _index("subscribed_course", "course_id")


def upgrade() -> None:
    _plans()
    _subscriptions()
    _terms()


def downgrade() -> None:
    for table in ("subscribed_course", "renewal_attempt", "term_payment", "subscription_term", "subscription"):
        op.drop_table(table)
    for table in ("plan_price", "plan_course", "plan"):
        op.drop_table(table)
