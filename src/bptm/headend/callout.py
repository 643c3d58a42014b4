"""Who may connect as which meter: the auth callout of NATS.

NATS verifies in the TLS handshake that a client certificate chains to our CA. It then asks here. The answer lets
a certificate that our registry knows, and nobody else, publish on its meter's `up` topic and hear its `down` topic.

Source: NATS ADR-26 (authorization callouts); docs/reference/processes.md for the topics.
"""

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from bptm.headend.nkey import account_name_of
from bptm.wire.topics import down_subject, up_subject

_log = logging.getLogger(__name__)

CALLOUT_SUBJECT = "$SYS.REQ.USER.AUTH"
_ACCOUNT = "BPTM"
_PAYLOAD_BYTES_MAX = 1 << 16
"""As `wire.cbor_strict.MESSAGE_BYTES_MAX`: no message of a meter is longer."""

KnownKey = Callable[[str, bytes], bool]
"""Whether this meter is enrolled with this public key (DER) and not revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The client is this meter."""

    meter_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The client is nobody; `reason` goes into the log, never to the client."""

    reason: str


class Callout:
    """Judges connections and signs the answers."""

    def __init__(self, issuer: Ed25519PrivateKey, known_key: KnownKey) -> None:
        """Answers are signed with `issuer`, whose public key stands in the configuration of NATS."""
        self._issuer = issuer
        self._issuer_name = account_name_of(issuer)
        self._known_key = known_key
        self.admitted_count = 0
        self.denied_count = 0

    def answer(self, request: bytes, *, wall_s: float | None = None) -> bytes | None:
        """The signed answer to one request of NATS; None when the request itself makes no sense.

        Args:
            request: The JWT that NATS sent. Its signature need not be checked: only NATS can publish on `$SYS`.
            wall_s: The wall clock, for tests.
        """
        claims = _claims_of(request)
        if claims is None:
            _log.error(
                "an authorization request of NATS cannot be read (%d bytes); is it of another release?", len(request)
            )
            return None
        nats = cast("Mapping[str, Any]", claims["nats"])
        user = str(nats.get("user_nkey", ""))
        server = str(cast("Mapping[str, Any]", nats.get("server_id") or {}).get("id", ""))
        if not user or not server:
            _log.error("an authorization request of NATS names no user key or no server; nobody is let in")
            return None
        now_s = int(time.time() if wall_s is None else wall_s)
        verdict = judge(nats, self._known_key)
        answer: dict[str, object] = {"type": "authorization_response", "version": 2}
        if isinstance(verdict, Admitted):
            self.admitted_count += 1
            answer["jwt"] = self._sign(_ACCOUNT, user, _rights_of(verdict.meter_id), now_s, verdict.meter_id)
        else:
            self.denied_count += 1
            _log.warning("a client was turned away: %s", verdict.reason)
            answer["error"] = "not a meter that is enrolled here"
        return self._sign(server, user, answer, now_s, "").encode()

    def _sign(self, audience: str, subject: str, nats: Mapping[str, object], now_s: int, name: str) -> str:
        claims: dict[str, object] = {
            "aud": audience, "iat": now_s, "iss": self._issuer_name, "sub": subject, "name": name, "nats": nats,
        }  # fmt: skip
        claims["jti"] = hashlib.sha256(orjson.dumps(claims)).hexdigest()[:32]
        body = _b64(orjson.dumps({"typ": "JWT", "alg": "ed25519-nkey"})) + "." + _b64(orjson.dumps(claims))
        return body + "." + _b64(self._issuer.sign(body.encode()))


def judge(nats: Mapping[str, Any], known_key: KnownKey) -> Admitted | Denied:
    """Who a client is, by its certificate and our registry.

    Args:
        nats: The `nats` part of an authorization request.
        known_key: The registry.
    """
    tls = cast("Mapping[str, Any]", nats.get("client_tls") or {})
    chains = cast("list[list[str]]", tls.get("verified_chains") or [])
    if not chains or not chains[0]:
        return Denied(reason="no client certificate that chains to our CA")
    try:
        certificate = x509.load_pem_x509_certificate(chains[0][0].encode())
    except ValueError as problem:
        return Denied(reason=f"its certificate cannot be read ({problem})")
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1:
        return Denied(reason=f"its certificate has {len(names)} common names, needs one")
    meter_id = str(names[0].value)
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if not known_key(meter_id, key):
        return Denied(reason=f"{meter_id!r} is not enrolled with this key, or revoked")
    # MQTT closes the older of two sessions with one client id: a meter must not be able to close another's.
    client = cast("Mapping[str, Any]", nats.get("client_info") or {})
    client_id = str(client.get("mqtt_id", ""))
    if client.get("type") == "mqtt" and client_id != meter_id:
        return Denied(reason=f"{meter_id!r} came with the MQTT client id {client_id!r}, needs its own meter id")
    return Admitted(meter_id=meter_id)


def _rights_of(meter_id: str) -> dict[str, object]:
    """A NATS user: this meter's two subjects, no more."""
    return {
        "type": "user",
        "version": 2,
        "subs": -1,
        "data": -1,
        "payload": _PAYLOAD_BYTES_MAX,
        "pub": {"allow": [up_subject(meter_id)]},
        "sub": {"allow": [down_subject(meter_id)]},
    }


def _claims_of(request: bytes) -> Mapping[str, Any] | None:
    """Claims of a JWT, its signature unchecked."""
    parts = request.split(b".")
    if len(parts) != 3:  # noqa: PLR2004 (header, claims, signature)
        return None
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    if not isinstance(claims, dict):
        return None
    known = cast("dict[str, Any]", claims)
    return known if isinstance(known.get("nats"), dict) else None


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
