"""A certificate keeps the design it was issued in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = ("design", "logo_key", "signature_key")


def upgrade() -> None:
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("design", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("logo_key", sa.String(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("signature_key", sa.String(length=300), nullable=False, server_default=""))
    _keep_designs_of_unsigned()
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        for name in COLUMNS:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)


def _keep_designs_of_unsigned() -> None:
    """Those still to be signed get the template in force: their course's own, else their institution's."""
    names = ("tenant_id", "course_id", *COLUMNS)
    certificate = sa.table("certificate", sa.column("pdf_key"), *map(sa.column, names))
    template = sa.table("certificate_template", *map(sa.column, names))
    institutions = template.alias()
    of_institution = sa.and_(institutions.c.tenant_id == certificate.c.tenant_id, institutions.c.course_id.is_(None))
    of_course = template.c.course_id == certificate.c.course_id
    unsigned = certificate.c.pdf_key == ""
    for source, chosen in ((institutions, of_institution), (template, of_course)):
        values = {name: sa.select(source.c[name]).where(chosen).scalar_subquery() for name in COLUMNS}
        there = sa.exists().where(chosen)
        op.execute(sa.update(certificate).where(unsigned, there).values(values))
