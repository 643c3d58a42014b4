"""The console in a real Chromium, on the whole real system: an operator's first minutes.

The engines, the head-end and the twin run as `bptm up` starts them; nothing is stood in for.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect, sync_playwright

from engines import free_port

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.slow]

SPEED = 240
START_WITHIN_S = 90
STEP_MS = 60_000
"""How long one step may take on a busy machine; steps end as soon as they are done."""

METERS = 60

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in\?token=\S+")


COMMAND = [sys.executable, "-m", "bptm.cli"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running system: its data directory and the link it printed at its start."""

    data: Path
    link: str

    @property
    def home(self) -> str:
        """Address of the first page, without the slash at its end."""
        return self.link.partition("/sign-in")[0]

    def new_link(self) -> str:
        """Another link, as an operator gets one."""
        asked = subprocess.run([*COMMAND, "headend", "link", "--data", self.data], capture_output=True, check=True)
        return asked.stdout.decode().strip()


@contextmanager
def _whole_system(data: Path, port: int) -> Generator[Running]:
    """`bptm up` until the block ends."""
    settings = ["--port", str(port), "--meters", str(METERS), "--speed", str(SPEED), "--data", str(data)]
    with subprocess.Popen(
        [*COMMAND, "up", *settings],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        # Not to hang on a system that says nothing.
        alarm = threading.Timer(START_WITHIN_S, child.send_signal, [signal.SIGINT])
        alarm.start()
        said: list[str] = []
        try:
            assert child.stdout is not None
            link = ""
            for line in child.stdout:
                said.append(line)
                if found := LINK.search(line):
                    link = found.group()
                    break
            alarm.cancel()
            assert link, f"bptm up printed no sign-in link: {''.join(said)}"
            # Whatever else it prints must not fill the pipe and stop it.
            drain = threading.Thread(target=child.stdout.read, daemon=True)
            drain.start()
            yield Running(data=data, link=link)
        finally:
            alarm.cancel()
            child.send_signal(signal.SIGINT)
            try:
                child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                child.kill()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """The whole system on a fresh data directory."""
    with _whole_system(tmp_path_factory.mktemp("console") / "data", free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Chromium: Debian's, or the one that Playwright brought."""
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=CHROMIUM_OPTIONS
            )
        except Error as problem:
            pytest.fail(f"no Chromium starts here; install it (Debian: apt-get install chromium): {problem}")
        yield running
        running.close()


def _tile(page: Page, status: str) -> Locator:
    return page.locator(f"button[data-status={status}]")


def _command(page: Page, words: str) -> Locator:
    """The newest command of this action in the list."""
    return page.locator(f"[data-command][data-action='{words}']").first


def _ask(page: Page, words: str) -> Locator:
    """Presses a button of the meter page, confirms, and returns the command that this started."""
    before = page.locator("[data-command]").count()
    page.get_by_role("button", name=words, exact=True).click()
    page.get_by_role("button", name="Yes, send the command").click()
    expect(page.locator("[data-command]")).to_have_count(before + 1, timeout=STEP_MS)
    return _command(page, words)


def test_an_operator_sees_counts_move_and_follows_a_hold_to_its_end(system: Running, browser: Browser) -> None:
    """MAIN JOB 4: sign in, counts move, a home on backup, its return held and proven, allowed again and ended.

    The link must be good once only, nothing may be fetched from elsewhere, and no script may fail.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    link = system.new_link()
    foreign: list[str] = []
    failures: list[str] = []
    page.on(
        "request", lambda sent: foreign.append(sent.url) if not sent.url.startswith((system.home, "data:")) else None
    )
    page.on("pageerror", lambda error: failures.append(str(error)))

    page.goto(link)
    expect(page).to_have_url(f"{system.home}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2019")
    expect(page.locator(".map canvas").last).to_be_visible()

    # The event moves by itself: the first homes go on backup, and the six counts always make up the fleet.
    expect(_tile(page, "on_backup").locator(".tile-count")).not_to_have_text("0", timeout=2 * STEP_MS)
    expect(page.get_by_text(f"{METERS} meters", exact=True)).to_be_visible()

    page.get_by_role("button", name="Open a home on backup").click()
    page.wait_for_url(re.compile(r"/meter/BPTM-\d{6}$"))
    expect(page.locator(".state.big")).to_have_attribute("data-status", "on_backup")
    expect(page.locator("[data-switch=U]")).to_have_attribute("data-is", "open")
    expect(page.locator("[data-switch=B]")).to_have_attribute("data-is", "closed")
    expect(page.locator(".one-line")).to_have_attribute("data-stale", "no")

    hold = _ask(page, "Hold return")
    expect(hold).to_have_attribute("data-command", "proven", timeout=STEP_MS)
    expect(hold).to_contain_text("utility contactor open, backup contactor closed")
    expect(page.locator("[data-hold]")).to_contain_text("held, ")

    allow = _ask(page, "Allow return")
    expect(allow).to_have_attribute("data-command", "proven", timeout=STEP_MS)
    expect(page.locator("[data-hold]")).to_contain_text("not held")

    # Nothing is held any more, so the meter itself says no, and why.
    refused = _ask(page, "Allow return")
    expect(refused).to_have_attribute("data-command", "refused", timeout=STEP_MS)
    expect(refused).to_contain_text("needs")

    assert foreign == []
    assert failures == []
    context.close()
    stranger = browser.new_context().new_page()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_phone_needs_no_sideways_scrolling(system: Running, browser: Browser) -> None:
    """390 px wide, both pages: the content is no wider than the screen, and the filter works by touch."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    page.goto(system.new_link())
    expect(_tile(page, "utility")).to_be_visible(timeout=STEP_MS)
    widths = "[document.documentElement.scrollWidth, window.innerWidth]"
    assert page.evaluate(widths) == [390, 390]
    _tile(page, "utility").tap()
    expect(_tile(page, "utility")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{system.home}/meter/BPTM-000001")
    expect(page.locator(".one-line svg.tall")).to_be_visible(timeout=STEP_MS)
    assert page.evaluate(widths) == [390, 390]
    context.close()


def test_the_programme_section_has_a_ranking_whose_weights_move(system: Running, browser: Browser) -> None:
    """ISSUE-5: from the meters to the Programme section, a county chosen by keyboard, a hazard chosen by button.

    The page must rank as the command does, fetch nothing from elsewhere, fail in no script and fit a phone.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    failures: list[str] = []
    foreign: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "request", lambda sent: foreign.append(sent.url) if not sent.url.startswith((system.home, "data:")) else None
    )
    page.goto(system.new_link())
    page.get_by_role("link", name="Programme").click()
    # Every part of the desk is named, each with its pages or the command that makes one.
    expect(page.get_by_role("heading", level=2)).to_have_count(7)
    expect(page.get_by_role("link", name="events.json")).to_be_visible()
    page.get_by_role("link", name="Opportunity areas by county").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Opportunity areas by county")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button, weights in (("As asked", ""), ("Ice storm", "ice_storm=1"), ("Wildfire", "wildfire=1")):
        page.get_by_role("button", name=button, exact=True).click()
        asked = [*COMMAND, "program", "rank", "--json", "--draws", "20", *(["--weights", weights] if weights else [])]
        told = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)["counties"]
        here = page.evaluate("rankNow()")
        assert [(one["fips"], one["rank"]) for one in here] == [(one["fips"], one["rank"]) for one in told]
    page.locator("#map-0").focus()
    page.keyboard.press("Home")
    expect(page.locator("#said")).to_contain_text("Rank 1 of 158")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#county-card")).to_contain_text("FIPS 06")
    assert failures == []
    assert foreign == []
    context.close()


def test_the_printed_link_signs_in_and_works_without_a_pointer(system: Running, browser: Browser) -> None:
    """By keyboard alone: search the list for a meter, open it with Enter, ask for a hold and take the question back."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(STEP_MS)
    page.goto(system.link)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("000007")
    expect(page.get_by_text("1 meter", exact=True)).to_be_visible(timeout=STEP_MS)
    page.get_by_role("link", name="BPTM-000007").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/meter/BPTM-000007$"))
    page.get_by_role("button", name="Hold return", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, send the command")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Hold return", exact=True)).to_be_focused()
    assert page.locator("[data-command]").count() == 0
    context.close()
