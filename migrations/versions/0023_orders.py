"""orders"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coupon",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_key", sa.String(length=80), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uses_allowed", sa.Integer(), nullable=True),
        sa.Column("uses_per_person", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("first_purchase", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(basis_points > 0) <> (amount IS NOT NULL)", name=op.f("ck_coupon_one_way")),
        sa.CheckConstraint("amount IS NULL OR amount > 0", name=op.f("ck_coupon_amount")),
        sa.CheckConstraint("basis_points >= 0 AND basis_points <= 10000", name=op.f("ck_coupon_basis_points")),
        sa.CheckConstraint("used >= 0 AND (uses_allowed IS NULL OR used <= uses_allowed)", name=op.f("ck_coupon_used")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_coupon_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("tenant_id", "code_key", name=op.f("uq_coupon_tenant_id_code_key")),
    )
    with op.batch_alter_table("coupon", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coupon_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "tax_rate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("inclusive", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("basis_points >= 0 AND basis_points <= 10000", name=op.f("ck_tax_rate_basis_points")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tax_rate_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rate")),
    )
    with op.batch_alter_table("tax_rate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tax_rate_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "affiliate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("code_key", sa.String(length=80), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share_bp >= 0 AND share_bp <= 10000", name=op.f("ck_affiliate_share_bp")),
        sa.CheckConstraint("window_days >= 1 AND window_days <= 365", name=op.f("ck_affiliate_window_days")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_affiliate_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_affiliate_user_id_user"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliate")),
        sa.UniqueConstraint("tenant_id", "code_key", name=op.f("uq_affiliate_tenant_id_code_key")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_affiliate_tenant_id_user_id")),
    )
    with op.batch_alter_table("affiliate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_affiliate_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_affiliate_user_id"), ["user_id"], unique=False)

    op.create_table(
        "cart",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("coupon_code", sa.String(length=40), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "currency IN ('KES', 'UGX', 'TZS', 'NGN', 'USD', 'EUR', 'INR')", name=op.f("ck_cart_currency")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cart_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_cart_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_cart_tenant_id_user_id")),
    )
    with op.batch_alter_table("cart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cart_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cart_user_id"), ["user_id"], unique=False)

    op.create_table(
        "coupon_use",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupon_id"], ["coupon.id"], name=op.f("fk_coupon_use_coupon_id_coupon"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_coupon_use_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_coupon_use_user_id_user"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_use")),
        sa.UniqueConstraint("coupon_id", "subject_id", name=op.f("uq_coupon_use_coupon_id_subject_id")),
    )
    with op.batch_alter_table("coupon_use", schema=None) as batch_op:
        batch_op.create_index("ix_coupon_use_of_person", ["coupon_id", "user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_coupon_use_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_coupon_use_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_coupon_use_user_id"), ["user_id"], unique=False)

    op.create_table(
        "product",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("on_reversal", sa.Text(), nullable=False),
        sa.Column("tax_rate_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('course', 'path', 'plan', 'certificate_fee', 'bundle', 'seat')", name=op.f("ck_product_kind")
        ),
        sa.CheckConstraint("on_reversal IN ('revoke', 'keep')", name=op.f("ck_product_on_reversal")),
        sa.ForeignKeyConstraint(["tax_rate_id"], ["tax_rate.id"], name=op.f("fk_product_tax_rate_id_tax_rate")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_product_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("tenant_id", "kind", "subject_id", name=op.f("uq_product_tenant_id_kind_subject_id")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index("ix_product_shown", ["tenant_id", "active", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_product_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_product_tax_rate_id"), ["tax_rate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_product_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "attribution",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("affiliate_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["affiliate_id"], ["affiliate.id"], name=op.f("fk_attribution_affiliate_id_affiliate"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_attribution_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_attribution_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_attribution_tenant_id_user_id")),
    )
    with op.batch_alter_table("attribution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attribution_affiliate_id"), ["affiliate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attribution_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attribution_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attribution_user_id"), ["user_id"], unique=False)

    op.create_table(
        "bundle_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["product.id"], name=op.f("fk_bundle_item_bundle_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_bundle_item_product_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_bundle_item_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("bundle_id", "product_id", name=op.f("pk_bundle_item")),
    )
    with op.batch_alter_table("bundle_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bundle_item_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bundle_item_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "cart_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("for_others", sa.Boolean(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cart_item_quantity")),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("fk_cart_item_cart_id_cart"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_cart_item_product_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cart_item_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_item")),
        sa.UniqueConstraint(
            "cart_id", "product_id", "for_others", name=op.f("uq_cart_item_cart_id_product_id_for_others")
        ),
    )
    with op.batch_alter_table("cart_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cart_item_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cart_item_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "coupon_product",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupon_id"], ["coupon.id"], name=op.f("fk_coupon_product_coupon_id_coupon"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_coupon_product_product_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_coupon_product_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("coupon_id", "product_id", name=op.f("pk_coupon_product")),
    )
    with op.batch_alter_table("coupon_product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coupon_product_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_coupon_product_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "price",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "currency IN ('KES', 'UGX', 'TZS', 'NGN', 'USD', 'EUR', 'INR')", name=op.f("ck_price_currency")
        ),
        sa.CheckConstraint("interval IN ('once', 'month', 'year')", name=op.f("ck_price_interval")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_price_amount")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_price_product_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_price_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
        sa.UniqueConstraint(
            "product_id",
            "currency",
            "interval",
            "valid_from",
            name=op.f("uq_price_product_id_currency_interval_valid_from"),
        ),
    )
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_price_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "purchase_order",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=True),
        sa.Column("coupon_code", sa.String(length=40), nullable=False),
        sa.Column("affiliate_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "currency IN ('KES', 'UGX', 'TZS', 'NGN', 'USD', 'EUR', 'INR')", name=op.f("ck_purchase_order_currency")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'paid', 'fulfilled', 'cancelled', 'expired', 'partially_refunded', 'refunded')",
            name=op.f("ck_purchase_order_state"),
        ),
        sa.CheckConstraint("refunded >= 0 AND refunded <= total", name=op.f("ck_purchase_order_refunded")),
        sa.CheckConstraint(
            "total >= 0 AND net >= 0 AND tax >= 0 AND discount >= 0", name=op.f("ck_purchase_order_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["affiliate_id"],
            ["affiliate.id"],
            name=op.f("fk_purchase_order_affiliate_id_affiliate"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["user.id"], name=op.f("fk_purchase_order_buyer_id_user")),
        sa.ForeignKeyConstraint(
            ["coupon_id"], ["coupon.id"], name=op.f("fk_purchase_order_coupon_id_coupon"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_purchase_order_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint("buyer_id", "key", name=op.f("uq_purchase_order_buyer_id_key")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_purchase_order_tenant_id_number")),
    )
    with op.batch_alter_table("purchase_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_order_affiliate_id"), ["affiliate_id"], unique=False)
        batch_op.create_index("ix_purchase_order_by_state", ["tenant_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_order_coupon_id"), ["coupon_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_order_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_order_intent_id"), ["intent_id"], unique=False)
        batch_op.create_index("ix_purchase_order_of_buyer", ["buyer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_order_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_order_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("on_reversal", sa.Text(), nullable=False),
        sa.Column("for_others", sa.Boolean(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("opens", sa.JSON(), nullable=False),
        sa.Column("back_net", sa.BigInteger(), nullable=False),
        sa.Column("back_tax", sa.BigInteger(), nullable=False),
        sa.Column("back_total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('course', 'path', 'plan', 'certificate_fee', 'bundle', 'seat')", name=op.f("ck_order_line_kind")
        ),
        sa.CheckConstraint("on_reversal IN ('revoke', 'keep')", name=op.f("ck_order_line_on_reversal")),
        sa.CheckConstraint("back_total >= 0 AND back_total <= total", name=op.f("ck_order_line_back")),
        sa.CheckConstraint("net >= 0 AND tax >= 0 AND total >= 0", name=op.f("ck_order_line_amounts")),
        sa.CheckConstraint("quantity > 0 AND unit >= 0 AND discount >= 0", name=op.f("ck_order_line_counts")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_order_line_order_id_purchase_order"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id_product")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_line_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_line_order_id_position")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_line_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_line_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "order_refund",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'settled', 'failed')", name=op.f("ck_order_refund_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_order_refund_amount")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_order_refund_asked_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_order.id"],
            name=op.f("fk_order_refund_order_id_purchase_order"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_refund_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_refund")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_order_refund_order_id_key")),
        sa.UniqueConstraint("tenant_id", "refund_id", name=op.f("uq_order_refund_tenant_id_refund_id")),
    )
    with op.batch_alter_table("order_refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_refund_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_refund_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_refund_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "order_gift",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["user.id"], name=op.f("fk_order_gift_claimed_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_order_gift_line_id_order_line"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_order_gift_order_id_purchase_order"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_gift_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_gift")),
        sa.UniqueConstraint("line_id", "number", name=op.f("uq_order_gift_line_id_number")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_order_gift_token_hash")),
    )
    with op.batch_alter_table("order_gift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_gift_claimed_by"), ["claimed_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_gift_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_gift_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "order_grant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('course', 'path', 'certificate_fee')", name=op.f("ck_order_grant_kind")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_order_grant_line_id_order_line"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_order_grant_order_id_purchase_order"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_order_grant_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_order_grant_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_grant")),
        sa.UniqueConstraint(
            "line_id", "user_id", "kind", "object_id", name=op.f("uq_order_grant_line_id_user_id_kind_object_id")
        ),
    )
    with op.batch_alter_table("order_grant", schema=None) as batch_op:
        batch_op.create_index("ix_order_grant_of_person", ["user_id", "object_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_grant_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_grant_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("order_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_grant_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_order_grant_order_id"))
        batch_op.drop_index("ix_order_grant_of_person")

    op.drop_table("order_grant")
    with op.batch_alter_table("order_gift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_gift_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_order_gift_order_id"))
        batch_op.drop_index(batch_op.f("ix_order_gift_claimed_by"))

    op.drop_table("order_gift")
    with op.batch_alter_table("order_refund", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_refund_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_order_refund_order_id"))
        batch_op.drop_index(batch_op.f("ix_order_refund_asked_by"))

    op.drop_table("order_refund")
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_line_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_order_line_product_id"))

    op.drop_table("order_line")
    with op.batch_alter_table("purchase_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_order_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_order_payment_id"))
        batch_op.drop_index("ix_purchase_order_of_buyer")
        batch_op.drop_index(batch_op.f("ix_purchase_order_intent_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_order_expires_at"))
        batch_op.drop_index(batch_op.f("ix_purchase_order_coupon_id"))
        batch_op.drop_index("ix_purchase_order_by_state")
        batch_op.drop_index(batch_op.f("ix_purchase_order_affiliate_id"))

    op.drop_table("purchase_order")
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_tenant_id"))

    op.drop_table("price")
    with op.batch_alter_table("coupon_product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coupon_product_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_coupon_product_product_id"))

    op.drop_table("coupon_product")
    with op.batch_alter_table("cart_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cart_item_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_cart_item_product_id"))

    op.drop_table("cart_item")
    with op.batch_alter_table("bundle_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bundle_item_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_bundle_item_product_id"))

    op.drop_table("bundle_item")
    with op.batch_alter_table("attribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attribution_user_id"))
        batch_op.drop_index(batch_op.f("ix_attribution_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_attribution_expires_at"))
        batch_op.drop_index(batch_op.f("ix_attribution_affiliate_id"))

    op.drop_table("attribution")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_product_tax_rate_id"))
        batch_op.drop_index(batch_op.f("ix_product_subject_id"))
        batch_op.drop_index("ix_product_shown")

    op.drop_table("product")
    with op.batch_alter_table("coupon_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coupon_use_user_id"))
        batch_op.drop_index(batch_op.f("ix_coupon_use_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_coupon_use_subject_id"))
        batch_op.drop_index("ix_coupon_use_of_person")

    op.drop_table("coupon_use")
    with op.batch_alter_table("cart", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cart_user_id"))
        batch_op.drop_index(batch_op.f("ix_cart_tenant_id"))

    op.drop_table("cart")
    with op.batch_alter_table("affiliate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_affiliate_user_id"))
        batch_op.drop_index(batch_op.f("ix_affiliate_tenant_id"))

    op.drop_table("affiliate")
    with op.batch_alter_table("tax_rate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tax_rate_tenant_id"))

    op.drop_table("tax_rate")
    with op.batch_alter_table("coupon", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coupon_tenant_id"))

    op.drop_table("coupon")
