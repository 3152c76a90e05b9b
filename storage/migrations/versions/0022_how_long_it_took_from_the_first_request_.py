"""how long it took from the first request to the talk."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("waits") as batch_op:
        batch_op.add_column(sa.Column("asked_seconds", sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("waits") as batch_op:
        batch_op.drop_column("asked_seconds")
