"""The command `bptm`: reads what a person asked for, checks it, hands it to a host. It decides nothing.

Exit status: 0 done or stopped when asked; 1 gave up while running; 2 could not start, or asked for what is not there.
Nothing is imported at the top that a mere `--help` does not need.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

import bptm
from bptm.cli.asked import UsageError, data_dir

app = App(
    name="bptm", help="Backup power transfer meters: a fleet of them, and a real outage.", version=bptm.__version__
)
_headend = App(name="headend", help="The running fleet service.")
app.command(_headend)
# By name: a command's module is imported when it is asked for.
app.command("bptm.cli.up:up", help="Replay a real outage on a simulated fleet, and show it in a browser.")
app.command(
    "bptm.cli.firmware:app",
    name="firmware",
    help="The controller as C and MicroPython, and the same trace in every runtime.",
)
app.command("bptm.cli.prove:prove", help="Prove and search the shipped controller's laws, and break it on purpose.")
app.command("bptm.cli.bench:bench", help="Play a scenario on one meter at waveform rate, and report.")
app.command("bptm.cli.fleet:fleet", help="Simulate many homes, or device-centuries with faults.")
app.command(
    "bptm.cli.program:app",
    name="program",
    help="The programme desk: where, for whom, what it is worth, what to report.",
)
_unfinished = Group("Not built yet", sort_key=9)


@_headend.command
def link(*, data: Path | None = None) -> int:
    """Print a new one-time sign-in link for the running page.

    Args:
        data: The data directory it runs on.
    """
    from bptm.supervisor.data_dir import default_path
    from bptm.supervisor.sign_in import new_link

    print(new_link(data_dir(data) if data is not None else default_path(dict(os.environ))))
    return 0


_PLANNED = {
    "restore": "Plan the return of a dark feeder.",
    "device": "Run a real or emulated meter.",
}


def _plan(name: str, purpose: str) -> None:
    """Registers a subcommand that says that it is not built yet."""

    def not_built(*_words: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]) -> int:
        msg = f"bptm {name} is not built yet in version {bptm.__version__}; bptm --help lists what is"
        raise UsageError(msg)

    app.command(not_built, name=name, help=f"{purpose} (not built yet)", group=_unfinished)


for _name, _purpose in _PLANNED.items():
    _plan(_name, _purpose)


def main() -> None:
    """Runs the command and exits; a refusal is one sentence on standard error."""
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Runs the command with these words; returns its exit status."""
    from bptm.supervisor.failures import StopAskedError, SupervisorError

    try:
        command, bound, _ignored = app.parse_args(words, print_error=False, exit_on_error=False)
        status = _call(lambda: command(*bound.args, **bound.kwargs))
    except CycloptsError as error:
        return _refuse(" ".join(str(error).split()), 2)
    except UsageError as error:
        return _refuse(str(error), 2)
    except StopAskedError as error:
        return _refuse(str(error), 0)
    except SupervisorError as error:
        return _refuse(str(error), error.exit_status)
    except KeyboardInterrupt:
        # Before the supervisor took over the signal: nothing was started.
        return _refuse("stopped from the keyboard", 130)
    return status


def _call(command: Callable[[], object]) -> int:
    try:
        status = command()
    except BrokenPipeError:
        # Whoever read has read enough (`| head`); what is still in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status if isinstance(status, int) else 0


def _refuse(sentence: str, status: int) -> int:
    print(f"bptm: {sentence}", file=sys.stderr)
    return status
