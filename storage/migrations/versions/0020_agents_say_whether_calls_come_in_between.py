"""Agents say whether calls come in between what they write."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("lets_calls_in", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("agents", "lets_calls_in")
