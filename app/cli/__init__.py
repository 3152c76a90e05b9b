"""The ``kundcenter`` command: one file per group of subcommands."""
