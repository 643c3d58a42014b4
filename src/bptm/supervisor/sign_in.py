"""A new one-time sign-in link for a page that runs already."""

import fcntl
import os
import tomllib
from pathlib import Path

from bptm.supervisor.credentials import new_sign_in_token
from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.run import sign_in_link


def new_link(data_dir: Path) -> str:
    """Adds a token and returns its link.

    Raises:
        CannotStartError: Nothing runs on this data directory.
    """
    settings_file = data_dir / "run" / "headend.toml"
    try:
        port = int(tomllib.loads(settings_file.read_text())["port"])
        running = _locked(data_dir / "lock")
        if running:
            return sign_in_link(port, new_sign_in_token(data_dir / "secrets", keep_old=True))
    except PermissionError as error:
        msg = f"data directory {data_dir} belongs to another user; run this as the user that runs bptm up"
        raise CannotStartError(msg) from error
    except (OSError, KeyError, ValueError):
        running = False
    msg = f"no bptm runs on data directory {data_dir}; start it with bptm up, or name another with --data"
    raise CannotStartError(msg)


def _locked(file: Path) -> bool:
    fd = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
