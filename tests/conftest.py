"""What every test may use."""

pytest_plugins = ["tests.fixtures_storage", "tests.fixtures_asterisk", "tests.fixtures_running"]
