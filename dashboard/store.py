"""The tables of the dashboard room: who is logged in, and attempts to log in."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from storage.schema import Instant, metadata

_Number = BigInteger().with_variant(Integer, "sqlite")

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("family", String(64), nullable=False, index=True),
    Column("agent", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("roles", String(200), nullable=False),
    Column("logged_in_at", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

login_tries = Table(
    "login_tries",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("who", String(64), nullable=False),
    Column("tried_at", Instant, nullable=False),
    Index("ix_login_tries_who_tried_at", "who", "tried_at"),
)
