"""``python -m app`` is the ``kundcenter`` command."""

from app.cli.main import cli

cli()
