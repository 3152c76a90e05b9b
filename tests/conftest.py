"""What every test may use, and how tests are shared out when several processes run them (``make test``)."""

import pytest

pytest_plugins = ["tests.fixtures_storage", "tests.fixtures_asterisk", "tests.fixtures_running"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something costly: the stories of one system, what reads all our code, or one file."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: _SYSTEMS.get(_group(item), len(_SYSTEMS)))


_SYSTEMS = {"asterisk": 0, "simulator": 1}
"""The stories of a whole system wait most of their time for people to speak and telephones to ring."""


def _group(item: pytest.Item) -> str:
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    file = item.location[0]
    return str(parameters.get("system") or ("architecture" if "/architecture/" in file else file))
