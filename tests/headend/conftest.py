"""Real engines for the head-end's tests: started once, a database of its own for each test."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from engines import Engines, engines_running
from headend_rig import Site, TwinStandIn, make_site


@pytest.fixture(scope="session")
def engines() -> Generator[Engines]:
    """PostgreSQL and NATS for all tests of this room. A test that kills one starts it again."""
    with engines_running() as running:
        yield running


@pytest_asyncio.fixture
async def site(engines: Engines, tmp_path: Path) -> Site:
    """A fresh database and the settings of an interactive run."""
    return await make_site(engines, tmp_path)


@pytest_asyncio.fixture
async def twin(engines: Engines) -> AsyncGenerator[TwinStandIn]:
    """The twin's end of NATS."""
    stand_in = TwinStandIn(engines)
    await stand_in.open()
    yield stand_in
    await stand_in.close()
