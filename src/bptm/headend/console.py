"""The console: NiceGUI pages on the head-end's FastAPI app, for a signed-in operator only.

Call `mount` last: NiceGUI takes every address that no route before it has.
"""

import hashlib
import html
from collections.abc import Callable
from pathlib import Path

import orjson
from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.datastructures import Headers
from starlette.staticfiles import StaticFiles

from bptm.headend.desk import Desk
from bptm.headend.pages.counts import CountsTrend
from bptm.headend.pages.fleet import FleetPage
from bptm.headend.pages.index import MeterIndex
from bptm.headend.pages.meter import MeterPage
from bptm.headend.pages.parts import STATIC
from bptm.headend.pages.session import COOKIE, SESSION_S, SessionGate, cookie_in, plain_page, sealed, who_signed_in
from bptm.headend.programme import add_programme

COUNT_EACH_S = 0.5
"""How often the counts are looked at for the trend, in wall time."""

RECONNECT_S = 60.0
"""A browser that was away this long finds its page as it left it; past that it loads the page anew."""

FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#141b23"/>'
    '<path d="M3 16h8m10 0h8M11 16l9-7" stroke="#e7edf3" stroke-width="3" stroke-linecap="round" fill="none"/>'
    '<circle cx="11" cy="16" r="2.5" fill="#e7edf3"/><circle cx="21" cy="16" r="2.5" fill="#e7edf3"/></svg>'
)


def mount(
    app: FastAPI,
    desk: Desk,
    *,
    session_secret: str,
    take_token: Callable[[str], bool],
    programme_dir: Path | None = None,
) -> None:
    """Adds sign-in, pages and their gate to `app`. Once a process: NiceGUI has one set of pages.

    Args:
        app: The head-end's app, all other routes already on it.
        desk: The service behind the pages.
        session_secret: Seals the session cookies.
        take_token: Uses up a one-time token; False when there is no such token (any more).
        programme_dir: Folder with the pages of the programme desk.
    """
    index = MeterIndex(desk)
    trend = CountsTrend()

    def signed_in(headers: Headers) -> bool:
        return who_signed_in(cookie_in(headers), session_secret) is not None

    _add_sign_in(app, session_secret, take_token)
    app.mount("/console/static", StaticFiles(directory=STATIC))

    @app.get("/console/meters.json", include_in_schema=False)
    def meters() -> Response:
        return Response(orjson.dumps(index.map_points(), option=orjson.OPT_NON_STR_KEYS), media_type="application/json")

    add_programme(app, programme_dir)
    _add_pages(desk, index, trend)
    nicegui_app.timer(COUNT_EACH_S, lambda: trend.note(desk.clock(), desk.counts()))
    app.add_middleware(SessionGate, signed_in=signed_in)
    # NiceGUI leaves the type of `root`, which we do not use, open.
    ui.run_with(  # pyright: ignore[reportUnknownMemberType]
        app,
        title="BPTM",
        favicon=FAVICON,
        dark=True,
        tailwind=False,
        reconnect_timeout=RECONNECT_S,
        show_welcome_message=False,
    )


def _add_sign_in(app: FastAPI, session_secret: str, take_token: Callable[[str], bool]) -> None:
    @app.get("/sign-in", include_in_schema=False)
    def sign_in(token: str = "") -> Response:
        if not take_token(token):
            # The gate's own page says what to do.
            return RedirectResponse("/", status_code=303)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(COOKIE, sealed("operator", session_secret), max_age=SESSION_S, httponly=True, samesite="lax")
        return answer


def _add_pages(desk: Desk, index: MeterIndex, trend: CountsTrend) -> None:
    style = f"/console/static/console.css?v={_digest('console.css')}"

    def dress(title: str) -> None:
        ui.page_title(title)
        ui.add_head_html(f'<link rel="stylesheet" href="{style}">')

    @ui.page("/")
    def fleet() -> None:
        dress("Meters - BPTM")
        FleetPage(desk, index, trend, who="operator")

    @ui.page("/meter/{meter_id}")
    def meter(meter_id: str) -> Response | None:
        view = desk.meter(meter_id)
        if view is None and not desk.places():
            return plain_page("Starting", "<p>The head-end is starting. This page comes by itself.</p>", 503, again_s=2)
        if view is None:
            named = f"<p>No meter has the id <code>{html.escape(meter_id)}</code>.</p>"
            return plain_page("No such meter", named + '<p><a href="/">Look it up in the list.</a></p>', 404)
        dress(f"{meter_id} - BPTM")
        MeterPage(desk, view, who="operator")
        return None


def _digest(name: str) -> str:
    """Part of a file's hash, so that a browser fetches it anew exactly when it changed."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
