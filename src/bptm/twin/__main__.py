"""`python -m bptm.twin --config twin.toml`: the twin as a child of the supervisor.

Leaves on SIGTERM and SIGINT with status 0; with status 2 and one sentence when it cannot start; with
`REPLAY_STATUS` when a person asked to see a finished event again.
"""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

import uvloop

from bptm.terms.processes import REPLAY_STATUS
from bptm.twin.settings import SettingsError, TwinSettings, read_settings
from bptm.twin.start import Scene, StartError, assemble, set_scene

log = logging.getLogger("bptm.twin")

CANNOT_START = 2


def main() -> int:
    """Runs until told to leave; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bptm.twin", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="twin.toml, as docs/reference/processes.md has it")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        settings = read_settings(asked.config)
        scene = set_scene(settings)
        replay = uvloop.run(_run_until_told(settings, scene))
    except (SettingsError, StartError) as error:
        log.critical("%s", error)
        return CANNOT_START
    return REPLAY_STATUS if replay else 0


async def _run_until_told(settings: TwinSettings, scene: Scene) -> bool:
    """True when a person asked to replay the finished event; False when told to leave."""
    course = asyncio.create_task(_course(settings, scene))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, course.cancel)
    try:
        await course
    except asyncio.CancelledError:
        log.info("Told to leave: everything that was sent is in the checkpoint.")
        return False
    return True


async def _course(settings: TwinSettings, scene: Scene) -> None:
    twin = await assemble(settings, scene)
    await twin.run()


if __name__ == "__main__":
    sys.exit(main())
