"""what goes with a meeting: kallelse, preparation, documentation, offers, what follows."""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guidance_questions",
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", storage.schema.Instant(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", storage.schema.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("question", name=op.f("pk_guidance_questions")),
    )
    op.create_table(
        "meeting_answers",
        sa.Column("meeting", sa.String(length=60), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("given_at", storage.schema.Instant(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("meeting", "question", name=op.f("pk_meeting_answers")),
    )
    op.create_table(
        "meeting_briefs",
        sa.Column("brief", sa.String(length=60), nullable=False),
        sa.Column("meeting", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", storage.schema.Instant(), nullable=False),
        sa.Column("signed_by", sa.String(length=60), nullable=False),
        sa.Column("signed_at", storage.schema.Instant(), nullable=True),
        sa.Column("read_at", storage.schema.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("brief", name=op.f("pk_meeting_briefs")),
    )
    op.create_index(op.f("ix_meeting_briefs_meeting"), "meeting_briefs", ["meeting"], unique=False)
    op.create_table(
        "meeting_consents",
        sa.Column("consent", sa.String(length=60), nullable=False),
        sa.Column("meeting", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", storage.schema.Instant(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("withdrawn_at", storage.schema.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("consent", name=op.f("pk_meeting_consents")),
    )
    op.create_index(op.f("ix_meeting_consents_meeting"), "meeting_consents", ["meeting"], unique=False)
    op.create_table(
        "meeting_documents",
        sa.Column("meeting", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("handed_over_at", storage.schema.Instant(), nullable=True),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", storage.schema.Instant(), nullable=False),
        sa.Column("receipt", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("meeting", "edition", name=op.f("pk_meeting_documents")),
    )
    op.create_table(
        "meeting_follow_ups",
        sa.Column("meeting", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("asked_at", storage.schema.Instant(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", storage.schema.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("meeting", name=op.f("pk_meeting_follow_ups")),
    )
    op.create_table(
        "meeting_letters",
        sa.Column("meeting", sa.String(length=60), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("made_at", storage.schema.Instant(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("meeting", "sequence", "method", name=op.f("pk_meeting_letters")),
    )
    op.create_table(
        "meeting_offers",
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("meeting", sa.String(length=60), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("times", sa.Text(), nullable=False),
        sa.Column("made_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number_hash", "purpose", name=op.f("pk_meeting_offers")),
    )
    op.create_table(
        "meeting_tasks",
        sa.Column("task", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("informed_at", storage.schema.Instant(), nullable=True),
        sa.Column("agent", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_meeting_tasks")),
    )
    op.create_index(op.f("ix_meeting_tasks_due_on"), "meeting_tasks", ["due_on"], unique=False)
    op.create_index(op.f("ix_meeting_tasks_person"), "meeting_tasks", ["person"], unique=False)
    with op.batch_alter_table("contacts") as batch_op:
        batch_op.add_column(sa.Column("meeting", sa.String(length=60), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("contacts") as batch_op:
        batch_op.drop_column("meeting")
    op.drop_index(op.f("ix_meeting_tasks_person"), table_name="meeting_tasks")
    op.drop_index(op.f("ix_meeting_tasks_due_on"), table_name="meeting_tasks")
    op.drop_table("meeting_tasks")
    op.drop_table("meeting_offers")
    op.drop_table("meeting_letters")
    op.drop_table("meeting_follow_ups")
    op.drop_table("meeting_documents")
    op.drop_index(op.f("ix_meeting_consents_meeting"), table_name="meeting_consents")
    op.drop_table("meeting_consents")
    op.drop_index(op.f("ix_meeting_briefs_meeting"), table_name="meeting_briefs")
    op.drop_table("meeting_briefs")
    op.drop_table("meeting_answers")
    op.drop_table("guidance_questions")
