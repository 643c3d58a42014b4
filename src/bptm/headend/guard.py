"""Who may ask the API what: the enrolment token, the operator's session, and posts from our own pages only."""

import hmac
import os
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from bptm.headend.pages.session import cookie_in, who_signed_in

_TOKEN_MAX = 200


def operator_in(headers: Headers, session_secret: str) -> str | None:
    """Who is signed in with the request's session cookie; None when nobody is."""
    return who_signed_in(cookie_in(headers), session_secret)


def bears(headers: Headers, token: str) -> bool:
    """Whether a request bears this token. Compared in constant time."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(value.strip().encode(), token.encode())


def foreign(headers: Headers) -> str:
    """What shows that a browser sends this request for another site's page; empty when nothing does.

    A session cookie is sent by the browser whoever wrote the page, so every post has to prove where it comes from.
    A program that is no browser sends none of these headers.
    """
    host = headers.get("host", "")
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return f"Sec-Fetch-Site: {site[:40]}"
    for name in ("origin", "referer"):
        value = headers.get(name)
        if value is not None and urlsplit(value).netloc != host:
            return f"{name.capitalize()}: {value[:80]}"
    return ""


class SignInTokens:
    """One-time tokens in a file, one a line; a token that was used is struck out before it opens anything."""

    def __init__(self, file: Path) -> None:
        """The supervisor and `bptm headend link` add to `file`."""
        self._file = file

    def take(self, token: str) -> bool:
        """Uses up a token; False when there is no such token (any more)."""
        if not token or len(token) > _TOKEN_MAX:
            return False
        try:
            tokens = self._file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return False
        kept = [line for line in tokens if not hmac.compare_digest(line.strip().encode(), token.encode())]
        if len(kept) == len(tokens):
            return False
        self._replace("".join(f"{line}\n" for line in kept))
        return True

    def _replace(self, content: str) -> None:
        fresh = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, content.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        fresh.replace(self._file)
