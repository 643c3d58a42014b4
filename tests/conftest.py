"""What every test room shares: the tests' own folder on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
