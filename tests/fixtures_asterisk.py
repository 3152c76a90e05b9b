"""The fixture ``real_asterisk``: one switch for a whole test session, with three agents' lines and two demo phones."""

import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from telephony.asterisk.settings import AgentLine, DemoPhone
from tests.asterisk import TestSwitch, start_asterisk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def real_asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TestSwitch]:
    agents = tuple(
        AgentLine(name=name, password=secrets.token_urlsafe(18), browser=False) for name in ("asa", "bo", "cia")
    )
    phones = tuple(
        DemoPhone(name=f"phone-{n}", number=f"+4670174060{n}", password=secrets.token_urlsafe(18)) for n in (6, 7)
    )
    switch = await start_asterisk(tmp_path_factory.mktemp("asterisk"), agents=agents, phones=phones)
    yield switch
    await switch.process.stop()
