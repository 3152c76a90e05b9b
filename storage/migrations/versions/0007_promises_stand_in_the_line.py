"""Promises to ring back stand in the line: times, slots, attempts, codes, own promises, and places that are kept."""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BEFORE = sa.text("state IN ('waiting', 'taken')")
_OPEN = sa.text("state IN ('waiting', 'in_line', 'taken')")

_INSTANTS = ("slot_starts_at", "slot_ends_at", "told_starts_at", "told_ends_at", "next_at", "in_line_at", "talked_at",
             "followed_up_at")  # fmt: skip
_NAMES = ("bound_to", "deputy", "followed_up_by")


def upgrade() -> None:
    op.drop_index("uq_callbacks_open_number", table_name="callbacks", sqlite_where=_BEFORE, postgresql_where=_BEFORE)
    for name in _INSTANTS:
        op.add_column("callbacks", sa.Column(name, storage.schema.Instant(), nullable=True))
    for name in _NAMES:
        op.add_column("callbacks", sa.Column(name, sa.String(length=60), nullable=True))
    op.add_column("callbacks", sa.Column("wish", sa.String(length=10), server_default="place", nullable=False))
    op.add_column("callbacks", sa.Column("proof", sa.String(length=6), server_default="", nullable=False))
    op.add_column("callbacks", sa.Column("follow_up_note", sa.Text(), server_default="", nullable=False))
    _keep_what_is_there()
    op.drop_column("callbacks", "not_before")
    op.create_index("uq_callbacks_open_number", "callbacks", ["number"], unique=True, sqlite_where=_OPEN,
                    postgresql_where=_OPEN)  # fmt: skip
    op.create_index("uq_callbacks_open_person", "callbacks", ["person"], unique=True, sqlite_where=_OPEN,
                    postgresql_where=_OPEN)  # fmt: skip
    op.create_index("ix_callbacks_due", "callbacks", ["state", "next_at"])
    op.create_index("ix_callbacks_slot", "callbacks", ["queue", "slot_starts_at"])
    op.create_index("ix_callbacks_number", "callbacks", ["number", "promised_at"])
    op.create_index("ix_callbacks_person", "callbacks", ["person", "promised_at"])
    op.create_index(op.f("ix_callbacks_promised_at"), "callbacks", ["promised_at"])
    _new_tables()


def _keep_what_is_there() -> None:
    op.execute("UPDATE callbacks SET next_at = COALESCE(not_before, promised_at) WHERE state = 'waiting'")
    op.execute("UPDATE callbacks SET talked_at = ended_at WHERE state = 'kept'")
    # Until now a person could have several open promises. Each stands; only the first of them is known as the person's.
    op.execute(
        "UPDATE callbacks SET person = NULL WHERE state IN ('waiting', 'taken') AND person IS NOT NULL AND EXISTS ("
        "SELECT 1 FROM callbacks AS other WHERE other.person = callbacks.person AND other.state IN ('waiting', 'taken')"
        " AND (other.first_requested_at < callbacks.first_requested_at"
        " OR (other.first_requested_at = callbacks.first_requested_at AND other.callback < callbacks.callback)))"
    )


def _new_tables() -> None:
    op.create_table(
        "callback_attempts",
        sa.Column("callback", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("leg", sa.String(length=80), nullable=False),
        sa.Column("agent", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", storage.schema.Instant(), nullable=False),
        sa.Column("ended_at", storage.schema.Instant(), nullable=True),
        sa.Column("reason", sa.String(length=60), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("callback", "number", name=op.f("pk_callback_attempts")),
        sa.UniqueConstraint("leg", name=op.f("uq_callback_attempts_leg")),
    )
    under_way = sa.text("state = 'dialling'")
    op.create_index("uq_callback_attempts_under_way", "callback_attempts", ["callback"], unique=True,
                    sqlite_where=under_way, postgresql_where=under_way)  # fmt: skip
    op.create_table(
        "callback_slots",
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("starts_at", storage.schema.Instant(), nullable=False),
        sa.Column("ends_at", storage.schema.Instant(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("queue", "starts_at", name=op.f("pk_callback_slots")),
    )
    op.create_table(
        "kept_places",
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("person", sa.String(length=80), nullable=True),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("since", storage.schema.Instant(), nullable=False),
        sa.Column("until", storage.schema.Instant(), nullable=False),
        sa.Column("used_by", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("contact", name=op.f("pk_kept_places")),
    )
    op.create_index("ix_kept_places_number", "kept_places", ["number", "until"])
    op.create_index("ix_kept_places_person", "kept_places", ["person", "until"])
    op.create_index(op.f("ix_kept_places_used_by"), "kept_places", ["used_by"])


def downgrade() -> None:
    for table in ("kept_places", "callback_slots", "callback_attempts"):
        op.drop_table(table)
    op.drop_index("uq_callbacks_open_number", table_name="callbacks", sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.drop_index("uq_callbacks_open_person", table_name="callbacks", sqlite_where=_OPEN, postgresql_where=_OPEN)
    for index in ("due", "slot", "number", "person", "promised_at"):
        op.drop_index(f"ix_callbacks_{index}", table_name="callbacks")
    op.add_column("callbacks", sa.Column("not_before", storage.schema.Instant(), nullable=True))
    op.execute("UPDATE callbacks SET not_before = next_at WHERE state = 'waiting'")
    op.execute("UPDATE callbacks SET state = 'waiting' WHERE state = 'in_line'")
    for name in (*_INSTANTS, *_NAMES, "wish", "proof", "follow_up_note"):
        op.drop_column("callbacks", name)
    op.create_index("uq_callbacks_open_number", "callbacks", ["number"], unique=True, sqlite_where=_BEFORE,
                    postgresql_where=_BEFORE)  # fmt: skip
