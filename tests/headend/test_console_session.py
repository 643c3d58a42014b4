"""Nobody reaches a page, its socket or the list of meters without a session of ours, and no other site rides on one."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from bptm.headend.pages.session import COOKIE, SESSION_S, SessionGate, cookie_in, sealed, who_signed_in

SECRET = "a secret of this test"  # noqa: S105 (a test's own)


async def _behind(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers everything: what the gate lets through."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1000})
        return
    await PlainTextResponse("inside")(scope, receive, send)


def _signed_in(headers: Headers) -> bool:
    return who_signed_in(cookie_in(headers), SECRET) is not None


GATE = SessionGate(_behind, _signed_in)


async def _socket_answer(headers: dict[str, str]) -> Message:
    """The gate's first answer to a browser that opens NiceGUI's socket with these headers."""
    raw = [(name.encode(), value.encode()) for name, value in {**headers, "host": "console.test"}.items()]
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        answers.append(message)

    await GATE({"type": "websocket", "path": "/_nicegui_ws/socket.io/", "headers": raw}, receive, send)
    return answers[0]


def test_a_sealed_session_says_who_it_is_until_it_ends() -> None:
    """Good up to and including its last second, then nobody."""
    value = sealed("operator", SECRET, now_s=1000)
    assert who_signed_in(value, SECRET, now_s=1000 + SESSION_S) == "operator"
    assert who_signed_in(value, SECRET, now_s=1001 + SESSION_S) is None


def test_another_secret_opens_nothing() -> None:
    """A head-end whose secret was replaced knows none of the old sessions."""
    assert who_signed_in(sealed("operator", SECRET), "another secret") is None


@given(value=st.text(max_size=200))
def test_no_made_up_cookie_is_a_session(value: str) -> None:
    """Any text at all: never a session, never an exception."""
    assert who_signed_in(value, SECRET) is None


@given(place=st.integers(min_value=0), to=st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_cookie_is_no_session(place: int, to: str) -> None:
    """Changing any one character of body or seal breaks it."""
    value = sealed("operator", SECRET, now_s=1000)
    at = place % len(value)
    changed = value[:at] + to + value[at + 1 :]
    assert (who_signed_in(changed, SECRET, now_s=1000) is None) == (changed != value)


@pytest.mark.parametrize("path", ["/", "/meter/BPTM-000001", "/console/meters.json", "/_nicegui_ws/socket.io/"])
async def test_without_a_session_every_guarded_address_shows_how_to_sign_in(path: str) -> None:
    """401 with the way in, and nothing of what lies behind; with a session the same address opens."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(GATE), base_url="http://console.test") as browser:
        refused = await browser.get(path)
        opened = await browser.get(path, headers={"cookie": f"{COOKIE}={sealed('operator', SECRET)}"})
    assert refused.status_code == 401
    assert "bptm headend link" in refused.text
    assert (opened.status_code, opened.text) == (200, "inside")
    assert "frame-ancestors 'none'" in opened.headers["content-security-policy"]


async def test_a_socket_opens_for_our_own_pages_only() -> None:
    """With the operator's cookie: our origin passes, another site's does not; without the cookie nothing does."""
    cookie = {"cookie": f"{COOKIE}={sealed('operator', SECRET)}"}
    ours, theirs = {"origin": "http://console.test"}, {"origin": "http://evil.test"}
    assert (await _socket_answer({**cookie, **ours}))["type"] == "websocket.accept"
    for refused in (await _socket_answer({**cookie, **theirs}), await _socket_answer(ours)):
        assert (refused["type"], refused["code"]) == ("websocket.close", 1008)
