"""What every test room shares: the tests' own folder on the path, and no time limit on an example of hypothesis."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# Speed is no claim of a test: on a machine at work an example may take seconds.
settings.register_profile("bptm", deadline=None)
settings.load_profile("bptm")
