"""Earlier talks are found by person and by number: who rings again may go to the agent whom they talked with."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contacts_person", "contacts", ["person", "connected_at"])
    op.create_index("ix_contacts_caller", "contacts", ["caller", "connected_at"])


def downgrade() -> None:
    op.drop_index("ix_contacts_caller", table_name="contacts")
    op.drop_index("ix_contacts_person", table_name="contacts")
