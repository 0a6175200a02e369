"""media"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source_key", sa.String(length=300), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('picture', 'film', 'file')", name=op.f("ck_media_item_kind")),
        sa.CheckConstraint("state IN ('processing', 'ready', 'failed')", name=op.f("ck_media_item_state")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_media_item_percent")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_media_item_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_media_item_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user.id"], name=op.f("fk_media_item_uploaded_by_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_item")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_media_item_course_id_name")),
    )
    with op.batch_alter_table("media_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_item_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_item_uploaded_by"), ["uploaded_by"], unique=False)

    op.create_table(
        "media_upload",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('receiving', 'checking', 'taken', 'refused', 'quarantined')", name=op.f("ck_media_upload_state")
        ),
        sa.CheckConstraint("received BETWEEN 0 AND size", name=op.f("ck_media_upload_received")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_media_upload_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_media_upload_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_media_upload_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_upload")),
    )
    with op.batch_alter_table("media_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_upload_course_id"), ["course_id"], unique=False)
        batch_op.create_index("ix_media_upload_expiry", ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_upload_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_upload_user_id"), ["user_id"], unique=False)

    op.create_table(
        "media_caption",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["media_item.id"], name=op.f("fk_media_caption_item_id_media_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_media_caption_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_caption")),
        sa.UniqueConstraint("item_id", "language", name=op.f("uq_media_caption_item_id_language")),
    )
    with op.batch_alter_table("media_caption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_caption_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "media_upload_piece",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_media_upload_piece_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["media_upload.id"],
            name=op.f("fk_media_upload_piece_upload_id_media_upload"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_upload_piece")),
        sa.UniqueConstraint("upload_id", "start", name=op.f("uq_media_upload_piece_upload_id_start")),
    )
    with op.batch_alter_table("media_upload_piece", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_upload_piece_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "video_progress",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("intervals", sa.JSON(), nullable=False),
        sa.Column("position", sa.Float(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_video_progress_percent")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["media_item.id"], name=op.f("fk_video_progress_item_id_media_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_video_progress_lesson_id_lesson"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_video_progress_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_video_progress_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_progress")),
        sa.UniqueConstraint(
            "user_id", "lesson_id", "item_id", name=op.f("uq_video_progress_user_id_lesson_id_item_id")
        ),
    )
    with op.batch_alter_table("video_progress", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_video_progress_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_video_progress_lesson_id"), ["lesson_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_video_progress_tenant_id"), ["tenant_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("video_progress", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_video_progress_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_video_progress_lesson_id"))
        batch_op.drop_index(batch_op.f("ix_video_progress_item_id"))

    op.drop_table("video_progress")
    with op.batch_alter_table("media_upload_piece", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_upload_piece_tenant_id"))

    op.drop_table("media_upload_piece")
    with op.batch_alter_table("media_caption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_caption_tenant_id"))

    op.drop_table("media_caption")
    with op.batch_alter_table("media_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_upload_user_id"))
        batch_op.drop_index(batch_op.f("ix_media_upload_tenant_id"))
        batch_op.drop_index("ix_media_upload_expiry")
        batch_op.drop_index(batch_op.f("ix_media_upload_course_id"))

    op.drop_table("media_upload")
    with op.batch_alter_table("media_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_item_uploaded_by"))
        batch_op.drop_index(batch_op.f("ix_media_item_tenant_id"))

    op.drop_table("media_item")
