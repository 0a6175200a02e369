"""seats and usage of subscriptions; plans on the shelf"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

METRICS = "metric IN ('assistant_questions')"
LIVE = sa.text("until IS NULL")


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


def _allowances() -> None:
    op.create_table(
        "plan_allowance",
        *_tenant("plan_allowance"),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("included", sa.Integer(), nullable=False),
        sa.Column("most_beyond", sa.Integer(), nullable=False),
        sa.Column("beyond_prices", sa.JSON(), nullable=False),
        _check("plan_allowance", "metric", METRICS),
        _check("plan_allowance", "units", "included >= 0 AND most_beyond >= 0"),
        _refers("plan_allowance", "plan_id", "plan", "CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", "metric", name=op.f("pk_plan_allowance")),
    )
    _index("plan_allowance", "tenant_id")
    op.create_table(
        "subscription_usage",
        *_tenant("subscription_usage"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("beyond", sa.Integer(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        _moment("term_from", nullable=False),
        _moment("at", nullable=False),
        sa.Column("billed_in", sa.Uuid(), nullable=True),
        _check("subscription_usage", "metric", METRICS),
        _check("subscription_usage", "units", "quantity > 0 AND beyond >= 0 AND beyond <= quantity AND unit >= 0"),
        _refers("subscription_usage", "subscription_id", "subscription", "CASCADE"),
        _refers("subscription_usage", "user_id", "user", "SET NULL"),
        _refers("subscription_usage", "billed_in", "subscription_term", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_usage")),
        sa.UniqueConstraint(
            "subscription_id", "metric", "key", name=op.f("uq_subscription_usage_subscription_id_metric_key")
        ),
    )
    for column in ("tenant_id", "user_id", "billed_in"):
        _index("subscription_usage", column)
    _index("subscription_usage", "subscription_id", "user_id", "metric", "term_from", name="ix_subscription_usage_of")


def _items() -> None:
    with op.batch_alter_table("subscription") as batch:
        batch.add_column(sa.Column("own_seat", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("subscription_term") as batch:
        batch.add_column(sa.Column("seats", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("extra", sa.BigInteger(), nullable=False, server_default="0"))
        batch.create_check_constraint(op.f("ck_subscription_term_parts"), "seats > 0 AND extra >= 0 AND extra <= price")
    op.create_table(
        "subscription_item",
        *_tenant("subscription_item"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("price_id", sa.Uuid(), nullable=True),
        sa.Column("term_id", sa.Uuid(), nullable=True),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        _moment("since", nullable=False),
        _moment("until"),
        _check("subscription_item", "kind", "kind IN ('seats', 'extra')"),
        _check("subscription_item", "amounts", "quantity > 0 AND unit >= 0"),
        _refers("subscription_item", "subscription_id", "subscription", "CASCADE"),
        _refers("subscription_item", "plan_id", "plan"),
        _refers("subscription_item", "price_id", "plan_price"),
        _refers("subscription_item", "term_id", "subscription_term", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_item")),
    )
    for column in ("tenant_id", "plan_id", "price_id", "term_id"):
        _index("subscription_item", column)
    _index("subscription_item", "subscription_id", "since", name="ix_subscription_item_of")
    op.create_index(
        "uq_subscription_item_live",
        "subscription_item",
        ["subscription_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.execute(  # every subscription so far has one seat; its id serves its first item, too
        "INSERT INTO subscription_item (tenant_id, id, subscription_id, kind, plan_id, price_id, metric, quantity,"
        " unit, since, until) SELECT tenant_id, id, id, 'seats', plan_id, price_id, '', 1, amount, created_at,"
        " ended_at FROM subscription"
    )


def _seats() -> None:
    op.create_table(
        "subscription_seat",
        *_tenant("subscription_seat"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        _moment("given_at", nullable=False),
        _moment("sent_at"),
        _moment("taken_at"),
        _refers("subscription_seat", "subscription_id", "subscription", "CASCADE"),
        _refers("subscription_seat", "user_id", "user", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_seat")),
        sa.UniqueConstraint("subscription_id", "email", name=op.f("uq_subscription_seat_subscription_id_email")),
        sa.UniqueConstraint("subscription_id", "user_id", name=op.f("uq_subscription_seat_subscription_id_user_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_subscription_seat_token_hash")),
    )
    _index("subscription_seat", "tenant_id")
    _index("subscription_seat", "user_id")
    op.create_table(
        "seat_course",
        *_tenant("seat_course"),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        _moment("opened_at", nullable=False),
        _moment("closed_at"),
        _refers("seat_course", "subscription_id", "subscription", "CASCADE"),
        _refers("seat_course", "user_id", "user", "CASCADE"),
        _refers("seat_course", "course_id", "course", "CASCADE"),
        sa.PrimaryKeyConstraint("subscription_id", "user_id", "course_id", name=op.f("pk_seat_course")),
    )
    for column in ("tenant_id", "user_id", "course_id"):
        _index("seat_course", column)
    op.execute(
        "INSERT INTO seat_course (tenant_id, subscription_id, user_id, course_id, opened_at, closed_at)"
        " SELECT c.tenant_id, c.subscription_id, s.user_id, c.course_id, c.opened_at, c.closed_at"
        " FROM subscribed_course c JOIN subscription s ON s.id = c.subscription_id WHERE s.user_id IS NOT NULL"
    )
    op.drop_table("subscribed_course")


def _shelf() -> None:
    """Plans stand on the shelf as products: with the plan's id, and prices with the ids of theirs."""
    for table in ("price", "coupon_product", "bundle_item", "cart_item"):  # of plans that were put there by hand
        op.execute(f"DELETE FROM {table} WHERE product_id IN (SELECT id FROM product WHERE kind = 'plan')")  # noqa: S608
    op.execute("DELETE FROM product WHERE kind = 'plan'")
    op.execute(
        "INSERT INTO product (tenant_id, id, kind, subject_id, title, summary, active, on_reversal, created_at,"
        " updated_at) SELECT tenant_id, id, 'plan', id, title, summary, active, 'revoke', created_at, updated_at"
        " FROM plan"
    )
    op.execute(
        'INSERT INTO price (tenant_id, id, product_id, currency, amount, "interval", valid_from, valid_to)'
        ' SELECT tenant_id, id, plan_id, currency, amount, "interval", valid_from, valid_to FROM plan_price'
        " WHERE valid_to IS NULL"
    )


def upgrade() -> None:
    _allowances()
    _items()
    _seats()
    _shelf()


def downgrade() -> None:
    op.execute("DELETE FROM price WHERE product_id IN (SELECT id FROM product WHERE kind = 'plan')")
    op.execute("DELETE FROM product WHERE kind = 'plan'")
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
    op.execute(  # those of its own person; seats of others are gone
        "INSERT INTO subscribed_course (tenant_id, subscription_id, course_id, opened_at, closed_at)"
        " SELECT c.tenant_id, c.subscription_id, c.course_id, c.opened_at, c.closed_at"
        " FROM seat_course c JOIN subscription s ON s.id = c.subscription_id AND s.user_id = c.user_id"
    )
    for table in ("seat_course", "subscription_seat", "subscription_item", "subscription_usage", "plan_allowance"):
        op.drop_table(table)
    with op.batch_alter_table("subscription_term") as batch:
        batch.drop_constraint(op.f("ck_subscription_term_parts"), type_="check")
        batch.drop_column("extra")
        batch.drop_column("seats")
    with op.batch_alter_table("subscription") as batch:
        batch.drop_column("own_seat")
