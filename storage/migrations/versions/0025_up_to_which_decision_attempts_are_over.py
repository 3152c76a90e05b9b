"""up to which decision attempts to ring somebody back are over."""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts_over",
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("token", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("contact", name=op.f("pk_attempts_over")),
    )
    op.create_index(op.f("ix_attempts_over_at"), "attempts_over", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_attempts_over_at"), table_name="attempts_over")
    op.drop_table("attempts_over")
