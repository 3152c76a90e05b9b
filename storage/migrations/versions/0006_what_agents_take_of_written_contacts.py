"""What agents take of written contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("capacity", sa.Integer(), server_default="3", nullable=False))
    op.add_column("agents", sa.Column("interruptible", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("agents", "interruptible")
    op.drop_column("agents", "capacity")
