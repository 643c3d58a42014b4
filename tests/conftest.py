"""What every test room shares: their folder on the path, no time limit on an example, and the longest first."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# Speed is no claim of a test: on a machine at work an example may take seconds.
settings.register_profile("bptm", deadline=None)
settings.load_profile("bptm")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, whatever the shuffle: a whole proof that begins last would be waited for alone."""
    items.sort(key=lambda item: (item.get_closest_marker("first") is None, item.get_closest_marker("slow") is None))
