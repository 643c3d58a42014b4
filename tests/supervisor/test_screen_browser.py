"""The page opens by itself where there is a person with a desktop, and only there."""

from pathlib import Path

import pytest

from bptm.supervisor.screen import Screen, has_desktop


def test_a_browser_is_opened_only_for_a_person_with_a_desktop() -> None:
    """A display and not root; over a plain terminal or as root nothing is opened."""
    assert has_desktop({"DISPLAY": ":0"}, 1000)
    assert has_desktop({"WAYLAND_DISPLAY": "wayland-0"}, 1000)
    assert not has_desktop({"DISPLAY": ":0"}, 0)
    assert not has_desktop({}, 1000)
    assert not has_desktop({"DISPLAY": ""}, 1000)
    assert not Screen(headless=False).shows_pages(), "the tests' output is no terminal"


def test_the_link_reaches_the_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser of our own, named as $BROWSER names one, gets the link as its word."""
    heard = tmp_path / "heard"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {heard}\n')
    browser.chmod(0o755)
    # The module reads $BROWSER once, when it first looks for browsers; `%s` makes it wait for the program.
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    Screen(headless=False).show("http://127.0.0.1:1/sign-in?token=t")
    assert heard.read_text() == "http://127.0.0.1:1/sign-in?token=t"
