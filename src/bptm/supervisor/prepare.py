"""`python -m bptm.supervisor.prepare`: finds the engines once, and copies them where root needs them.

Part of `make setup`, so that the first start does not wait for it and a missing engine is named then.
"""

import os
import sys

from bptm.supervisor.engine_home import engine_account, runnable
from bptm.supervisor.failures import SupervisorError
from bptm.supervisor.locate import find_nats, find_postgres


def main() -> int:
    """Prepares both engines; returns the exit status."""
    path = os.environ.get("PATH", os.defpath)
    try:
        account = engine_account(os.environ.get("BPTM_ENGINE_USER", ""))
        found = (
            find_postgres(os.environ.get("BPTM_PG_BIN", ""), path=path),
            find_nats(os.environ.get("BPTM_NATS_BIN", ""), path=path),
        )
        for one in found:
            where = runnable(one.engine, account)
            sys.stdout.write(
                f"        {one.engine.binary.name} {one.engine.version_text} ({one.engine.source}): {where}\n"
            )
            for note in one.notes:
                sys.stdout.write(f"        {note}\n")
    except SupervisorError as error:
        sys.stderr.write(f"setup: {error}\n")
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
