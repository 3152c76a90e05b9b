"""The tables of the main job."""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows stay'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows stay'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit rows stay'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
    ),
}
"""The audit's rows are only ever added (I-25)."""


def upgrade() -> None:
    op.create_table(
        "agent_states",
        sa.Column("agent", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_agent_states")),
    )
    op.create_table(
        "agents",
        sa.Column("agent", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("site", sa.String(length=60), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_agents")),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("read_at", storage.schema.Instant(), nullable=False),
        sa.Column("reader", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "callbacks",
        sa.Column("callback", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("first_requested_at", storage.schema.Instant(), nullable=False),
        sa.Column("promised_at", storage.schema.Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", storage.schema.Instant(), nullable=True),
        sa.Column("taken_by", sa.String(length=60), nullable=True),
        sa.Column("taken_at", storage.schema.Instant(), nullable=True),
        sa.Column("ended_at", storage.schema.Instant(), nullable=True),
        sa.Column("last_reason", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("callback", name=op.f("pk_callbacks")),
    )
    op.create_index(op.f("ix_callbacks_contact"), "callbacks", ["contact"], unique=False)
    op.create_index("ix_callbacks_waiting", "callbacks", ["state", "first_requested_at"], unique=False)
    op.create_index(
        "uq_callbacks_open_number",
        "callbacks",
        ["number"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'taken')"),
        postgresql_where=sa.text("state IN ('waiting', 'taken')"),
    )
    op.create_table(
        "contact_steps",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("at", storage.schema.Instant(), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_contact_steps")),
    )
    op.create_index(op.f("ix_contact_steps_at"), "contact_steps", ["at"], unique=False)
    op.create_index(op.f("ix_contact_steps_contact"), "contact_steps", ["contact"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", storage.schema.Instant(), nullable=False),
        sa.Column("leg", sa.String(length=80), nullable=True),
        sa.Column("called", sa.String(length=40), nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("wants_human", sa.Boolean(), nullable=False),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("waiting_since", storage.schema.Instant(), nullable=True),
        sa.Column("agent", sa.String(length=60), nullable=True),
        sa.Column("connected_at", storage.schema.Instant(), nullable=True),
        sa.Column("talk_ended_at", storage.schema.Instant(), nullable=True),
        sa.Column("talk_ended_by", sa.String(length=10), nullable=True),
        sa.Column("callback", sa.String(length=60), nullable=True),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("ended_at", storage.schema.Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("fault", sa.String(length=60), nullable=False),
        sa.Column("wrap_up_code", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("contact", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_leg"), "contacts", ["leg"], unique=False)
    op.create_index("ix_contacts_open", "contacts", ["state", "opened_at"], unique=False)
    op.create_index(op.f("ix_contacts_opened_at"), "contacts", ["opened_at"], unique=False)
    op.create_table(
        "identity_codes",
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("set_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_identity_codes")),
    )
    op.create_table(
        "identity_tries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("at", storage.schema.Instant(), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=60), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity_tries")),
    )
    op.create_index(op.f("ix_identity_tries_at"), "identity_tries", ["at"], unique=False)
    op.create_index(op.f("ix_identity_tries_caller"), "identity_tries", ["caller"], unique=False)
    op.create_index(op.f("ix_identity_tries_contact"), "identity_tries", ["contact"], unique=False)
    op.create_index(op.f("ix_identity_tries_person"), "identity_tries", ["person"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("seen_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("fencing", sa.Integer(), nullable=False),
        sa.Column("expires_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "login_tries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("tried_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_login_tries")),
    )
    op.create_index("ix_login_tries_who_tried_at", "login_tries", ["who", "tried_at"], unique=False)
    op.create_table(
        "offers",
        sa.Column("offer", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("agent", sa.String(length=60), nullable=False),
        sa.Column("token", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent_leg", sa.String(length=80), nullable=False),
        sa.Column("offered_at", storage.schema.Instant(), nullable=False),
        sa.Column("ended_at", storage.schema.Instant(), nullable=True),
        sa.Column("how", sa.String(length=20), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("offer", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_agent_leg"), "offers", ["agent_leg"], unique=False)
    op.create_index(op.f("ix_offers_contact"), "offers", ["contact"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("occurred_at", storage.schema.Instant(), nullable=False),
        sa.Column("dispatched_at", storage.schema.Instant(), nullable=True),
        sa.Column("claimed_until", storage.schema.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_waiting", "outbox", ["dispatched_at", "number"], unique=False)
    op.create_table(
        "routed_contacts",
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("leg", sa.String(length=80), nullable=False),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("line", sa.String(length=400), nullable=False),
        sa.Column("rank", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("waiting_since", storage.schema.Instant(), nullable=False),
        sa.Column("entered_at", storage.schema.Instant(), nullable=False),
        sa.Column("agent", sa.String(length=60), server_default="", nullable=False),
        sa.Column("agent_leg", sa.String(length=80), server_default="", nullable=False),
        sa.Column("offer", sa.String(length=60), server_default="", nullable=False),
        sa.Column("token", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False),
        sa.Column("callback", sa.String(length=60), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("contact", name=op.f("pk_routed_contacts")),
    )
    op.create_index(op.f("ix_routed_contacts_state"), "routed_contacts", ["state"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("family", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("logged_in_at", storage.schema.Instant(), nullable=False),
        sa.Column("made_at", storage.schema.Instant(), nullable=False),
        sa.Column("seen_at", storage.schema.Instant(), nullable=False),
        sa.Column("expires_at", storage.schema.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_family"), "sessions", ["family"], unique=False)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_sessions_family"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_routed_contacts_state"), table_name="routed_contacts")
    op.drop_table("routed_contacts")
    op.drop_index("ix_outbox_waiting", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_offers_contact"), table_name="offers")
    op.drop_index(op.f("ix_offers_agent_leg"), table_name="offers")
    op.drop_table("offers")
    op.drop_index("ix_login_tries_who_tried_at", table_name="login_tries")
    op.drop_table("login_tries")
    op.drop_table("leases")
    op.drop_table("inbox")
    op.drop_index(op.f("ix_identity_tries_person"), table_name="identity_tries")
    op.drop_index(op.f("ix_identity_tries_contact"), table_name="identity_tries")
    op.drop_index(op.f("ix_identity_tries_caller"), table_name="identity_tries")
    op.drop_index(op.f("ix_identity_tries_at"), table_name="identity_tries")
    op.drop_table("identity_tries")
    op.drop_table("identity_codes")
    op.drop_index(op.f("ix_contacts_opened_at"), table_name="contacts")
    op.drop_index("ix_contacts_open", table_name="contacts")
    op.drop_index(op.f("ix_contacts_leg"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_contact_steps_contact"), table_name="contact_steps")
    op.drop_index(op.f("ix_contact_steps_at"), table_name="contact_steps")
    op.drop_table("contact_steps")
    op.drop_index(
        "uq_callbacks_open_number",
        table_name="callbacks",
        sqlite_where=sa.text("state IN ('waiting', 'taken')"),
        postgresql_where=sa.text("state IN ('waiting', 'taken')"),
    )
    op.drop_index("ix_callbacks_waiting", table_name="callbacks")
    op.drop_index(op.f("ix_callbacks_contact"), table_name="callbacks")
    op.drop_table("callbacks")
    op.drop_table("audit_head")
    op.drop_table("audit")
    op.drop_table("agents")
    op.drop_table("agent_states")
