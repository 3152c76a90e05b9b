"""What callers are told of their wait, and which waits are promises to ring back."""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waits_told",
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("told_at", storage.schema.Instant(), nullable=False),
        sa.Column("low_minutes", sa.Integer(), nullable=False),
        sa.Column("high_minutes", sa.Integer(), nullable=False),
        sa.Column("expected_seconds", sa.Float(), nullable=True),
        sa.Column("app_queue_seconds", sa.Float(), nullable=True),
        sa.Column("rest_seconds", sa.Float(), nullable=True),
        sa.Column("how", sa.String(length=10), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("contact", "told_at", name=op.f("pk_waits_told")),
    )
    op.create_index(op.f("ix_waits_told_told_at"), "waits_told", ["told_at"], unique=False)
    with op.batch_alter_table("waits") as batch:
        batch.add_column(sa.Column("promised", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("waits") as batch:
        batch.drop_column("promised")
    op.drop_index(op.f("ix_waits_told_told_at"), table_name="waits_told")
    op.drop_table("waits_told")
