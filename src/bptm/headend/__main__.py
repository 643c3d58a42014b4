"""`python -m bptm.headend --config headend.toml`: the head-end as a process of its own."""

import argparse
import logging
import signal
import sys
from pathlib import Path
from typing import NoReturn

import uvicorn

from bptm.headend.app import create_app
from bptm.headend.service import Service
from bptm.headend.settings import SettingsError, read_settings

_log = logging.getLogger("bptm.headend")

_STOP_WITHIN_S = 1
"""For requests under way at the end; the whole process stops within three seconds."""


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def main() -> int:
    """Runs until SIGTERM or SIGINT. 0 after those, 2 when it cannot start, 1 when it cannot go on."""
    parser = argparse.ArgumentParser(prog="python -m bptm.headend", description="The head-end of a fleet of meters.")
    parser.add_argument(
        "--config", type=Path, required=True, help="headend.toml, as docs/reference/processes.md lists it"
    )
    config: Path = parser.parse_args().config
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # One line a request of every page would drown what matters.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    # uvicorn stops in order and then gives the signal on: to be stopped is no failure.
    signal.signal(signal.SIGTERM, _leave)
    failures: list[str] = []

    def fail(why: str) -> None:
        failures.append(why)
        server.should_exit = True

    try:
        settings = read_settings(config)
        app = create_app(Service(settings), settings, on_failure=fail)
    except SettingsError as problem:
        sys.stderr.write(f"{problem}.\n")
        return 2
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_STOP_WITHIN_S,
            proxy_headers=False,
            server_header=False,
        )
    )
    try:
        server.run()
    except KeyboardInterrupt:
        return 0
    for why in failures:
        _log.error("%s", why)
    return 1 if failures or not server.started else 0


if __name__ == "__main__":
    raise SystemExit(main())
