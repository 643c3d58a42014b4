"""A report of the bench in a real Chromium, as wide as a phone and as a desk: of a run that ended in long words."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bptm.twin.bench.report import report_page
from bptm.twin.bench.report_parts import Provenance
from bptm.wire import bench_frames as frames
from twin.bench_peer import Peer, judged, speaks, write_scenario

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = b"the board's watchdog bit: " + b"stack_of_task_measure_0xdeadbeef " * 8


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a controller that gave up with many words."""
    home = tmp_path_factory.mktemp("report")
    peer = Peer(speaks(lambda _tick: frames.frame(frames.FrameKind.SORRY, WORDS)))
    result = judged(write_scenario(home / "a-tenth"), peer.link(), compiled=False)
    peer.end()
    assert "stack_of_task" in result.ended
    file = home / "report.html"
    file.write_text(report_page(result, Provenance(command="bptm bench a-tenth", made_at="now")), encoding="utf-8")
    return file


def opened(browser: Browser, report: Path, width: int) -> Page:
    """The page at this width, without an error of its script."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(report.as_uri())
    page.locator("#chart svg").first.wait_for()
    page.locator("#waves svg").first.wait_for()
    assert errors == []
    return page


@pytest.mark.parametrize("width", [360, 420, 1200])
def test_the_page_is_as_wide_as_its_window(browser: Browser, report: Path, width: int) -> None:
    """Long words of a controller wrap."""
    page = opened(browser, report, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("width", [420, 1200])
def test_names_of_lanes_lie_beside_or_above_their_bars(browser: Browser, report: Path, width: int) -> None:
    """No lane's name covers a bar, at either width; names inside the bar of modes are its own words."""
    page = opened(browser, report, width)
    names = ["mode", "U closed", "order to U", "B closed", "order to B", "feeder alive"]
    overlaps = page.evaluate(
        """names => [...document.querySelectorAll("#chart .lane text")].filter((t) => names.includes(t.textContent))
          .flatMap((t) => [...t.parentNode.querySelectorAll("rect")].map((r) => [t, r.getBoundingClientRect()]))
          .filter(([t, r]) => { const b = t.getBBox(), m = t.getScreenCTM(), ink = b.y + 0.85 * b.height;
            return m.e + m.a * b.x < r.right && m.e + m.a * (b.x + b.width) > r.left && m.f + m.d * ink > r.top + 1
              && m.f + m.d * (b.y + 3) < r.bottom; })
          .map(([t]) => t.textContent)""",
        names,
    )
    found = page.evaluate('[...document.querySelectorAll("#chart .lane text")].map((t) => t.textContent)')
    assert set(names) <= set(found)
    assert overlaps == []
    page.close()


def test_an_order_to_open_is_a_frame_and_its_legend_says_so(browser: Browser, report: Path) -> None:
    """B is ordered open all along: no full bar, and words for each shape."""
    page = opened(browser, report, 1200)
    fills = page.evaluate(
        """[...document.querySelectorAll("#chart .lane")]
          .filter((g) => g.querySelector("text").textContent === "order to B")
          .flatMap((g) => [...g.querySelectorAll("rect")].map((r) => r.getAttribute("fill")))"""
    )
    assert fills == ["var(--paper)"]
    legend = page.locator("#chart .legend").first.inner_text()
    for words in ("closed, or ordered to close", "ordered to open", "open, or no order"):
        assert words in legend
    page.close()
