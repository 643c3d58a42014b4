"""Ctrl-C and SIGTERM as a question to ask, not as an exception at any line."""

import os
import select
import signal
from types import FrameType

from bptm.supervisor.failures import StopAskedError

_ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopper:
    """Remembers that somebody asked us to stop; waits without missing a signal or a child's end."""

    def __init__(self) -> None:
        """Takes over the signals. The main thread only."""
        self.asked = False
        self._read_fd, self._write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._ask) for number in _ASKING}
        # A handler, though it does nothing, lets a child's end wake `wait`.
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _nothing)

    def close(self) -> None:
        """Gives the signals back."""
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read_fd)
        os.close(self._write_fd)

    def wait(self, timeout_s: float) -> None:
        """Returns after this time, at a signal, or at a child's end."""
        if self.asked:
            return
        ready, _, _ = select.select([self._read_fd], [], [], max(0.0, timeout_s))
        if ready:
            os.read(self._read_fd, 4096)

    def check(self) -> None:
        """Ends the start when somebody asked.

        Raises:
            StopAskedError: Somebody did.
        """
        if self.asked:
            msg = "stopped before the run was up"
            raise StopAskedError(msg)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """See `Stopper.__init__`."""
