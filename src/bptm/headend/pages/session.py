"""The console's session: a signed cookie, and the gate in front of every page, socket and list of meters.

The cookie says who signed in and until when, sealed with HMAC-SHA-256; the head-end keeps nothing of it. A socket is
refused when its Origin is another site, so that no foreign page can drive the console with the operator's cookie.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "bptm_session"

SESSION_S = 12 * 3600
"""A session ends after one long shift. Own choice."""

_GUARDED_PREFIXES = ("/meter/", "/programme", "/console/meters.json", "/_nicegui_ws/")

SECURITY_HEADERS = {
    # NiceGUI compiles Vue templates in the browser, which needs 'unsafe-eval'. Nothing may come from elsewhere.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_PLAIN_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} - BPTM</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}
<style>body{{margin:0;min-height:100vh;display:grid;place-items:center;background:#0d1218;color:#e7edf3;
font:16px/1.5 Roboto,system-ui,sans-serif}}main{{max-width:30rem;padding:1.5rem}}h1{{font-size:20px;margin:0 0 .5rem}}
main.wide{{max-width:46rem;width:100%;box-sizing:border-box}}
h2{{font-size:17px;margin:1.6rem 0 .3rem;padding-top:.9rem;border-top:1px solid #2b3743}}
ul{{margin:.2rem 0;padding-left:1.2rem}}li{{padding:.15rem 0}}summary{{cursor:pointer;color:#a9b7c4}}p{{margin:.5rem 0}}
:focus-visible{{outline:3px solid #7fbcf0;outline-offset:2px;border-radius:2px}}
a{{color:inherit}}code{{background:#1c2630;padding:.1rem .4rem;border-radius:4px;overflow-wrap:anywhere}}</style></head>
<body><main{kind}><h1>{title}</h1>{body}</main></body></html>"""


def plain_page(title: str, body: str, status_code: int, *, again_s: int = 0, wide: bool = False) -> HTMLResponse:
    """A page without scripts. `title` and `body` are HTML: escape what came from outside.

    It loads itself again after `again_s`, unless that is 0; `wide` is for more than a sentence or two.
    """
    kind = ' class="wide"' if wide else ""
    refresh = f'<meta http-equiv="refresh" content="{again_s}">' if again_s else ""
    return HTMLResponse(
        _PLAIN_PAGE.format(title=title, body=body, refresh=refresh, kind=kind),
        status_code=status_code,
        headers=SECURITY_HEADERS,
    )


def sign_in_page() -> HTMLResponse:
    """What everyone sees who is not signed in."""
    body = (
        "<p>Open the one-time link that <code>bptm up</code> printed in its terminal. It works once; "
        "<code>bptm headend link</code> prints a new one.</p>"
    )
    return plain_page("Sign in", body, 401)


def sealed(who: str, secret: str, *, now_s: float | None = None) -> str:
    """Value of the session cookie for `who`, good for `SESSION_S`. `now_s` is Unix time; sessions are wall time."""
    until_s = int((time.time() if now_s is None else now_s) + SESSION_S)
    body = base64.urlsafe_b64encode(f"{until_s} {who}".encode()).decode()
    return f"{body}.{_seal(body, secret)}"


def who_signed_in(value: str, secret: str, *, now_s: float | None = None) -> str | None:
    """Who a cookie's value stands for; None when it is not ours, was changed or has ended."""
    body, _, seal = value.partition(".")
    if not hmac.compare_digest(_seal(body, secret).encode(), seal.encode()):
        return None
    try:
        until_s, _, who = base64.urlsafe_b64decode(body).decode().partition(" ")
        ended = int(until_s) < (time.time() if now_s is None else now_s)
    except (binascii.Error, ValueError):
        return None
    return None if ended else who


def _seal(body: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"console {body}".encode(), hashlib.sha256).hexdigest()


def cookie_in(headers: Headers) -> str:
    """Value of the session cookie in a request; empty when there is none."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


def same_origin(headers: Headers) -> bool:
    """Whether a browser's request comes from our own pages; requests without an Origin are no browser's socket."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


class SessionGate:
    """ASGI middleware: lets signed-in operators pass, shows everyone else how to sign in."""

    def __init__(self, app: ASGIApp, signed_in: Callable[[Headers], bool]) -> None:
        """Guards the console's addresses in `app`; `signed_in` judges a request by its headers."""
        self._app = app
        self._signed_in = signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it."""
        path: str = scope.get("path", "")
        if scope["type"] not in {"http", "websocket"} or not (path == "/" or path.startswith(_GUARDED_PREFIXES)):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._signed_in(headers) or (path.startswith("/_nicegui_ws/") and not same_origin(headers)):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": "sign in first"})
                return
            await sign_in_page()(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_secured)
