"""that a contact came back to the line, and which language no skill is named for."""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "returns",
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("token", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("agent", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("returned_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("contact", "token", name=op.f("pk_returns")),
    )
    with op.batch_alter_table("routing_steps") as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=2), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("routing_steps") as batch_op:
        batch_op.drop_column("language")
    op.drop_table("returns")
