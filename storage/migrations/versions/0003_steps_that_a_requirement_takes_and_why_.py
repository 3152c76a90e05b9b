"""steps that a requirement takes, and why an agent was chosen."""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing_steps",
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=400), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("taken_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("contact", "step", name=op.f("pk_routing_steps")),
    )
    op.add_column("offers", sa.Column("why", sa.String(length=20), server_default="", nullable=False))
    op.add_column("routed_contacts", sa.Column("step", sa.Integer(), server_default="0", nullable=False))
    op.add_column("routed_contacts", sa.Column("steps", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("routed_contacts", "steps")
    op.drop_column("routed_contacts", "step")
    op.drop_column("offers", "why")
    op.drop_table("routing_steps")
