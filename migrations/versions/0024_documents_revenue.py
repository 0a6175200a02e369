"""documents and revenue"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_series",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("following", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'receipt', 'credit_note')", name=op.f("ck_document_series_kind")),
        sa.CheckConstraint("following > 0", name=op.f("ck_document_series_following")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_document_series_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_series")),
        sa.UniqueConstraint("tenant_id", "kind", "year", name=op.f("uq_document_series_tenant_id_kind_year")),
    )
    with op.batch_alter_table("document_series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_series_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "revenue_sale",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("nets", sa.JSON(), nullable=False),
        sa.Column("returned", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_revenue_sale_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revenue_sale")),
        sa.UniqueConstraint("tenant_id", "sale_id", name=op.f("uq_revenue_sale_tenant_id_sale_id")),
    )
    with op.batch_alter_table("revenue_sale", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revenue_sale_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "revenue_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hold_days", sa.Integer(), nullable=False),
        sa.Column("owner_share", sa.Integer(), nullable=False),
        sa.Column("two_above", sa.JSON(), nullable=False),
        sa.Column("smallest", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "hold_days >= 0 AND owner_share BETWEEN 0 AND 10000", name=op.f("ck_revenue_settings_terms")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_revenue_settings_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revenue_settings")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_revenue_settings_tenant_id")),
    )
    with op.batch_alter_table("revenue_settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revenue_settings_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "seller_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("pin", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("vat_registered", sa.Boolean(), nullable=False),
        sa.Column("etims", sa.Boolean(), nullable=False),
        sa.Column("etims_serial", sa.String(length=60), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_seller_settings_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_settings")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_seller_settings_tenant_id")),
    )
    with op.batch_alter_table("seller_settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seller_settings_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "billing_details",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("pin", sa.String(length=40), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_billing_details_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_billing_details_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_details")),
        sa.UniqueConstraint("user_id", name=op.f("uq_billing_details_user_id")),
    )
    with op.batch_alter_table("billing_details", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_billing_details_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.String(length=60), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=True),
        sa.Column("buyer_name", sa.String(length=200), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf_key", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("mail_state", sa.Text(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("control_state", sa.Text(), nullable=False),
        sa.Column("control_number", sa.String(length=80), nullable=False),
        sa.Column("control_serial", sa.String(length=80), nullable=False),
        sa.Column("control_url", sa.String(length=500), nullable=False),
        sa.Column("control_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("control_state IN ('none', 'waiting', 'sent')", name=op.f("ck_document_control_state")),
        sa.CheckConstraint("kind IN ('invoice', 'receipt', 'credit_note')", name=op.f("ck_document_kind")),
        sa.CheckConstraint(
            "mail_state IN ('queued', 'sent', 'skipped', 'failed')", name=op.f("ck_document_mail_state")
        ),
        sa.CheckConstraint("net >= 0 AND tax >= 0 AND net + tax > 0", name=op.f("ck_document_amounts")),
        sa.ForeignKeyConstraint(["buyer_id"], ["user.id"], name=op.f("fk_document_buyer_id_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["corrects_id"], ["document.id"], name=op.f("fk_document_corrects_id_document")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_document_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("tenant_id", "kind", "source_id", name=op.f("uq_document_tenant_id_kind_source_id")),
        sa.UniqueConstraint(
            "tenant_id", "kind", "year", "sequence", name=op.f("uq_document_tenant_id_kind_year_sequence")
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_document_tenant_id_number")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_buyer", ["buyer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_corrects_id"), ["corrects_id"], unique=False)
        batch_op.create_index("ix_document_issued", ["tenant_id", "issued_at"], unique=False)
        batch_op.create_index("ix_document_order", ["tenant_id", "order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payout_batch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("two", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_by", sa.Uuid(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'approved', 'sending', 'done', 'cancelled')",
            name=op.f("ck_payout_batch_state"),
        ),
        sa.CheckConstraint("way IN ('phone', 'bank')", name=op.f("ck_payout_batch_way")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_payout_batch_total")),
        sa.ForeignKeyConstraint(
            ["first_by"], ["user.id"], name=op.f("fk_payout_batch_first_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_payout_batch_made_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["second_by"], ["user.id"], name=op.f("fk_payout_batch_second_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payout_batch_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batch")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_payout_batch_tenant_id_number")),
    )
    with op.batch_alter_table("payout_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_batch_first_by"), ["first_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_batch_made_by"), ["made_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_batch_second_by"), ["second_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_batch_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payout_details",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('phone', 'bank')", name=op.f("ck_payout_details_way")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payout_details_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_payout_details_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_details")),
        sa.UniqueConstraint("user_id", name=op.f("uq_payout_details_user_id")),
    )
    with op.batch_alter_table("payout_details", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_details_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payout_hold",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["user.id"], name=op.f("fk_payout_hold_lifted_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["user.id"], name=op.f("fk_payout_hold_placed_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payout_hold_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_payout_hold_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_hold")),
    )
    with op.batch_alter_table("payout_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_hold_lifted_by"), ["lifted_by"], unique=False)
        batch_op.create_index("ix_payout_hold_person", ["user_id", "lifted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_hold_placed_by"), ["placed_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_hold_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "document_tax",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("net >= 0 AND tax >= 0", name=op.f("ck_document_tax_amounts")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_tax_document_id_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_document_tax_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("document_id", "rate", name=op.f("pk_document_tax")),
    )
    with op.batch_alter_table("document_tax", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_tax_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "payout_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('ready', 'sending', 'paid', 'failed', 'cancelled')", name=op.f("ck_payout_item_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payout_item_amount")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payout_batch.id"], name=op.f("fk_payout_item_batch_id_payout_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_payout_item_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_payout_item_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_item")),
        sa.UniqueConstraint("batch_id", "user_id", name=op.f("uq_payout_item_batch_id_user_id")),
    )
    with op.batch_alter_table("payout_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_item_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payout_item_user_id"), ["user_id"], unique=False)

    op.create_table(
        "revenue_share",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name=op.f("ck_revenue_share_basis_points")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_revenue_share_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["user.id"], name=op.f("fk_revenue_share_set_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_revenue_share_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_revenue_share_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revenue_share")),
    )
    with op.batch_alter_table("revenue_share", schema=None) as batch_op:
        batch_op.create_index("ix_revenue_share_course", ["course_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_revenue_share_set_by"), ["set_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_revenue_share_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_revenue_share_user_id"), ["user_id"], unique=False)

    op.create_table(
        "earning",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("sale_number", sa.String(length=60), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("basis", sa.BigInteger(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('instructor', 'affiliate')", name=op.f("ck_earning_kind")),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name=op.f("ck_earning_basis_points")),
        sa.ForeignKeyConstraint(["item_id"], ["payout_item.id"], name=op.f("fk_earning_item_id_payout_item")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_earning_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_earning_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earning")),
        sa.UniqueConstraint("tenant_id", "origin", name=op.f("uq_earning_tenant_id_origin")),
    )
    with op.batch_alter_table("earning", schema=None) as batch_op:
        batch_op.create_index("ix_earning_due", ["tenant_id", "item_id", "held_until"], unique=False)
        batch_op.create_index("ix_earning_person", ["user_id", "id"], unique=False)
        batch_op.create_index("ix_earning_sale", ["tenant_id", "sale_id", "line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_earning_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("earning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_earning_tenant_id"))
        batch_op.drop_index("ix_earning_sale")
        batch_op.drop_index("ix_earning_person")
        batch_op.drop_index("ix_earning_due")

    op.drop_table("earning")
    with op.batch_alter_table("revenue_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revenue_share_user_id"))
        batch_op.drop_index(batch_op.f("ix_revenue_share_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_revenue_share_set_by"))
        batch_op.drop_index("ix_revenue_share_course")

    op.drop_table("revenue_share")
    with op.batch_alter_table("payout_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_item_user_id"))
        batch_op.drop_index(batch_op.f("ix_payout_item_tenant_id"))

    op.drop_table("payout_item")
    with op.batch_alter_table("document_tax", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_tax_tenant_id"))

    op.drop_table("document_tax")
    with op.batch_alter_table("payout_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_hold_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_payout_hold_placed_by"))
        batch_op.drop_index("ix_payout_hold_person")
        batch_op.drop_index(batch_op.f("ix_payout_hold_lifted_by"))

    op.drop_table("payout_hold")
    with op.batch_alter_table("payout_details", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_details_tenant_id"))

    op.drop_table("payout_details")
    with op.batch_alter_table("payout_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payout_batch_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_payout_batch_second_by"))
        batch_op.drop_index(batch_op.f("ix_payout_batch_made_by"))
        batch_op.drop_index(batch_op.f("ix_payout_batch_first_by"))

    op.drop_table("payout_batch")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_tenant_id"))
        batch_op.drop_index("ix_document_order")
        batch_op.drop_index("ix_document_issued")
        batch_op.drop_index(batch_op.f("ix_document_corrects_id"))
        batch_op.drop_index("ix_document_buyer")

    op.drop_table("document")
    with op.batch_alter_table("billing_details", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_billing_details_tenant_id"))

    op.drop_table("billing_details")
    with op.batch_alter_table("seller_settings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seller_settings_tenant_id"))

    op.drop_table("seller_settings")
    with op.batch_alter_table("revenue_settings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revenue_settings_tenant_id"))

    op.drop_table("revenue_settings")
    with op.batch_alter_table("revenue_sale", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revenue_sale_tenant_id"))

    op.drop_table("revenue_sale")
    with op.batch_alter_table("document_series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_series_tenant_id"))

    op.drop_table("document_series")
