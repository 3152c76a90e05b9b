"""How each provider of texts has done lately is read by an index, and so is what citizens wrote lately."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sms_received_at", "sms_received", ["received_at"], unique=False)
    op.create_index("ix_sms_attempts_provider", "sms_attempts", ["provider", "started_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_sms_received_at", table_name="sms_received")
    op.drop_index("ix_sms_attempts_provider", table_name="sms_attempts")
