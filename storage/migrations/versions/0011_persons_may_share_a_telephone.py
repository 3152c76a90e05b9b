"""Persons who share a telephone each have a promise of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('waiting', 'in_line', 'taken')")
_OF_NOBODY = sa.text("state IN ('waiting', 'in_line', 'taken') AND person IS NULL")


def upgrade() -> None:
    _index_anew(before=_OPEN, after=_OF_NOBODY)


def downgrade() -> None:
    _index_anew(before=_OF_NOBODY, after=_OPEN)


def _index_anew(*, before: sa.TextClause, after: sa.TextClause) -> None:
    name = "uq_callbacks_open_number"
    op.drop_index(name, table_name="callbacks", sqlite_where=before, postgresql_where=before)
    op.create_index(name, "callbacks", ["number"], unique=True, sqlite_where=after, postgresql_where=after)
