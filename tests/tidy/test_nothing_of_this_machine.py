"""No file names a package registry's host or a path of the machine it was written on."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

import pytest
from tidy_tree import ROOT, texts

# Written in pieces, so that this file does not name what it forbids.
PUBLIC_HOSTS = ("pypi." + "org", "files.python" + "hosted.org", "registry.npm" + "js.org", "registry.yarn" + "pkg.com")
MACHINE_PATHS = ("/" + "work/", "/" + "root/")
HOME_OF_A_PERSON = re.compile("/(?:home|Users)/" + r"(?!you/|user/|\$|<|\{)[a-z][\w.-]*/")


@cache
def configured_hosts() -> tuple[str, ...]:
    """Hosts of the package indexes that this machine is set up to use."""
    asked = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, check=False, text=True)
    spoken = asked.stdout + " ".join(value for name, value in os.environ.items() if "INDEX_URL" in name)
    hosts = {urlsplit(match.group()).hostname for match in re.finditer(r"https?://[^\s'\",]+", spoken)}
    # A loopback index is part of no one's machine: every test server has that name.
    return tuple(sorted(host for host in hosts if host and host not in {"localhost", "127.0.0.1"}))


def own_paths() -> tuple[str, ...]:
    """The folder that holds this checkout, unless it is so short or common that it says nothing."""
    parent = str(ROOT.parent)
    # A folder directly under the root, such as the one for temporary files, has a name that many texts carry.
    return () if len(ROOT.parent.parts) <= 2 else (f"{parent}/",)


def places(text: str, words: Iterable[str]) -> list[tuple[int, str]]:
    """Line and word of each occurrence."""
    sought = tuple(words)
    if not any(word in text for word in sought):
        return []
    return [(n, word) for n, line in enumerate(text.splitlines(), 1) for word in sought if word in line]


def test_no_file_names_a_host_of_a_package_registry() -> None:
    """RULE: what this machine is set up to use, and the public ones, stand in no file (constraints.txt included)."""
    words = (*PUBLIC_HOSTS, *configured_hosts())
    found = [f"{name}:{line}: names {word}" for name, text in texts().items() for line, word in places(text, words)]
    assert not found, "leave the registry to each machine's own settings:\n" + "\n".join(found)


def test_no_file_names_a_path_of_a_machine() -> None:
    """RULE: paths are relative to the project, or come from settings and XDG variables."""
    found = [
        f"{name}:{line}: names {word}"
        for name, text in texts().items()
        for line, word in places(text, (*MACHINE_PATHS, *own_paths()))
    ]
    found += [
        f"{name}: names {match.group()}" for name, text in texts().items() for match in HOME_OF_A_PERSON.finditer(text)
    ]
    assert not found, "write the path relative to the project:\n" + "\n".join(found)


@pytest.mark.parametrize("word", [*PUBLIC_HOSTS, *MACHINE_PATHS])
def test_a_forbidden_word_is_seen_with_its_line(word: str) -> None:
    """The search can fail: each word is found on its line."""
    assert places(f"first\nsee {word}x\n", [word]) == [(2, word)]


def test_a_home_of_a_person_is_seen_and_a_placeholder_is_not() -> None:
    """A real user's folder is found; `$USER` and `you` stand for nobody."""
    assert HOME_OF_A_PERSON.search("in /home/" + "alice/.local")
    assert not HOME_OF_A_PERSON.search("in /home/$USER/.local or /home/you/.local")
