"""Exceptions of the supervisor. The tree is drawn in the docstring of the room."""


class SupervisorError(Exception):
    """One sentence for the person at the terminal: what was wrong, the value seen, what to do."""

    exit_status: int = 1


class CannotStartError(SupervisorError):
    """The run cannot start; nothing is left half-started."""

    exit_status: int = 2


class GaveUpError(SupervisorError):
    """A child stopped more often than the restart policy allows."""


class ReplayAskedError(SupervisorError):
    """A person asked at the page to replay the finished event; the run begins again."""


class StopAskedError(SupervisorError):
    """Ctrl-C or SIGTERM arrived before the run was up."""
