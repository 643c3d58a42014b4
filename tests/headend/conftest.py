"""Real engines for the head-end's tests: started once, a database of its own for each test."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from headend_rig import Site, TwinStandIn, drop_database, make_site

from engines import Engines, engines_running


@pytest.fixture(scope="session")
def engines() -> Generator[Engines]:
    """PostgreSQL and NATS for all tests of this room. A test that kills one starts it again."""
    with engines_running() as running:
        yield running


@pytest_asyncio.fixture
async def site(engines: Engines, tmp_path: Path) -> AsyncGenerator[Site]:
    """A fresh database and the settings of an interactive run."""
    made = await make_site(engines, tmp_path)
    yield made
    await drop_database(made)


@pytest_asyncio.fixture
async def twin(engines: Engines) -> AsyncGenerator[TwinStandIn]:
    """The twin's end of NATS."""
    stand_in = TwinStandIn(engines)
    await stand_in.open()
    yield stand_in
    await stand_in.close()
