"""a wish to be rung back is in the contact's row."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("callback_number", sa.String(length=20), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("contacts", "callback_number")
