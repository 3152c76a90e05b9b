"""what the report on meetings counts, and who has answered what was unclear."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting_documents") as batch_op:
        batch_op.add_column(sa.Column("days_after", sa.Integer(), nullable=True))
    with op.batch_alter_table("meeting_tasks") as batch_op:
        batch_op.add_column(sa.Column("opened_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("told_on_day", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("told_after_days", sa.Integer(), nullable=True))
    with op.batch_alter_table("guidance_questions") as batch_op:
        batch_op.add_column(sa.Column("answered_by", sa.String(length=20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("guidance_questions") as batch_op:
        batch_op.drop_column("answered_by")
    with op.batch_alter_table("meeting_tasks") as batch_op:
        batch_op.drop_column("told_after_days")
        batch_op.drop_column("told_on_day")
        batch_op.drop_column("opened_on")
    with op.batch_alter_table("meeting_documents") as batch_op:
        batch_op.drop_column("days_after")
