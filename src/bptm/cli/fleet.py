"""`bptm fleet`: simulate many homes, or device-centuries with faults."""

from typing import Annotated

from cyclopts import Parameter

import bptm
from bptm.cli.asked import UsageError


def fleet(*_words: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]) -> int:
    """Simulate many homes, or device-centuries with faults."""
    msg = f"bptm fleet is not built yet in version {bptm.__version__}; bptm --help lists what is"
    raise UsageError(msg)
