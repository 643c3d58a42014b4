"""Keys and certificates of the simulated meters.

Each meter makes its own P-256 key and a signing request; the head-end's CA answers with a certificate. A key is
stored before its request is sent, so that a twin killed in between asks again with the same key.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.x509.oid import NameOID

from bptm.terms.codes import BackupKind

log = logging.getLogger(__name__)

BATCH = 250
"""Meters a request: about 150 kB, answered in well under a second."""

_RETRY_S = 1.0
_ANSWER_S = 60.0
_REFUSED_FOR_GOOD = range(400, 500)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meter_key (
    home INTEGER PRIMARY KEY, meter_id TEXT NOT NULL UNIQUE, private_pem TEXT NOT NULL, certificate_pem TEXT);
"""


class Place(Protocol):
    """What the registry is told of a home (`population.HomePlace`)."""

    @property
    def meter_id(self) -> str:
        """Name of the meter."""
        ...

    @property
    def place(self) -> str:
        """Place in words."""
        ...

    @property
    def region(self) -> str:
        """Region of the utility."""
        ...

    @property
    def lat(self) -> float:
        """Latitude."""
        ...

    @property
    def lon(self) -> float:
        """Longitude."""
        ...

    @property
    def backup(self) -> BackupKind:
        """Backup source."""
        ...

    @property
    def medical(self) -> bool:
        """On the medical baseline list."""
        ...

    @property
    def note(self) -> str:
        """A planted fault in plain words, or empty."""
        ...


class EnrolmentRefusedError(Exception):
    """The head-end will not enrol these meters; the text is one sentence."""


class KeyRing:
    """Private keys and certificates of all homes, in one file of mode 0600."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file."""
        path.touch(mode=0o600, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript(_SCHEMA)
        self._identities: dict[int, tuple[str, str]] = {}
        self._signing: dict[int, EllipticCurvePrivateKey] = {}
        found = self._db.execute(
            "SELECT home, private_pem, certificate_pem FROM meter_key WHERE certificate_pem IS NOT NULL"
        )
        for home, private_pem, certificate_pem in found:
            self._identities[home] = (private_pem, certificate_pem)

    def identity_pem(self, home: int) -> bytes:
        """Private key and certificate of an enrolled home, one PEM text."""
        return "\n".join(self._identities[home]).encode()

    def signing_key(self, home: int) -> EllipticCurvePrivateKey:
        """Private key of an enrolled home, for its receipts."""
        key = self._signing.get(home)
        if key is None:
            loaded = serialization.load_pem_private_key(self._identities[home][0].encode(), None)
            assert isinstance(loaded, EllipticCurvePrivateKey)
            key = self._signing[home] = loaded
        return key

    def missing(self, homes: int) -> list[int]:
        """Homes below `homes` that have no certificate yet."""
        return [home for home in range(homes) if home not in self._identities]

    def requests(self, homes: Sequence[int], places: Sequence[Place]) -> list[dict[str, object]]:
        """What the head-end is asked for these homes; makes and stores the keys that do not exist."""
        kept: dict[int, str] = dict(self._db.execute("SELECT home, private_pem FROM meter_key"))
        asked: list[dict[str, object]] = []
        with self._db:
            for home in homes:
                place = places[home]
                if home in kept:
                    key = serialization.load_pem_private_key(kept[home].encode(), None)
                    assert isinstance(key, EllipticCurvePrivateKey)
                else:
                    key = generate_private_key(SECP256R1())
                    self._db.execute(
                        "INSERT INTO meter_key VALUES (?, ?, ?, NULL)", (home, place.meter_id, _private_pem(key))
                    )
                asked.append(_request(key, place))
        return asked

    def keep(self, homes: Sequence[int], certificates: dict[str, str], places: Sequence[Place]) -> None:
        """Stores the certificates, given by meter id, of these homes.

        Raises:
            EnrolmentRefusedError: One is missing.
        """
        with self._db:
            for home in homes:
                meter_id = places[home].meter_id
                if meter_id not in certificates:
                    msg = f"The head-end answered without a certificate for {meter_id}."
                    raise EnrolmentRefusedError(msg)
                self._db.execute(
                    "UPDATE meter_key SET certificate_pem = ? WHERE home = ?", (certificates[meter_id], home)
                )
        for home in homes:
            row = self._db.execute("SELECT private_pem FROM meter_key WHERE home = ?", (home,)).fetchone()
            self._identities[home] = (row[0], certificates[places[home].meter_id])

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


async def enrol(ring: KeyRing, places: Sequence[Place], headend_url: str, token_file: Path) -> None:
    """Gets a certificate for every home that has none. Waits for the head-end as long as it takes.

    Raises:
        EnrolmentRefusedError: The head-end refused.
    """
    missing = ring.missing(len(places))
    for first in range(0, len(missing), BATCH):
        homes = missing[first : first + BATCH]
        body = orjson.dumps({"meters": await asyncio.to_thread(ring.requests, homes, places)})
        certificates = await _ask(headend_url, token_file, body)
        ring.keep(homes, certificates, places)
        log.info("Enrolled %d of %d meters.", len(places) - len(missing) + first + len(homes), len(places))


async def _ask(headend_url: str, token_file: Path, body: bytes) -> dict[str, str]:
    said = False
    while True:
        try:
            status, answer = await asyncio.to_thread(_post, headend_url, token_file, body)
        except (OSError, HTTPException) as error:
            why = str(error) or type(error).__name__
        else:
            if status == 200:  # noqa: PLR2004 - HTTP's own number
                return _certificates(answer)
            why = f"HTTP {status}: {answer[:300].decode(errors='replace')}"
            if status in _REFUSED_FOR_GOOD:
                msg = f"The head-end at {headend_url} refused to enrol the meters ({why})."
                raise EnrolmentRefusedError(msg)
        if not said:
            log.warning("The head-end at %s does not enrol yet (%s); trying again.", headend_url, why)
            said = True
        await asyncio.sleep(_RETRY_S)


def _post(headend_url: str, token_file: Path, body: bytes) -> tuple[int, bytes]:
    token = token_file.read_text(encoding="utf-8").strip()
    parts = urlsplit(headend_url)
    assert parts.scheme == "http", "head-end and twin speak plain HTTP on loopback"
    connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=_ANSWER_S)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/enrol", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _certificates(answer: bytes) -> dict[str, str]:
    try:
        listed = orjson.loads(answer)["certificates"]
        return {str(one["meter_id"]): str(one["certificate_pem"]) for one in listed}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        msg = f"The head-end's answer to the enrolment is not the agreed JSON ({error})."
        raise EnrolmentRefusedError(msg) from error


def _private_pem(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _request(key: EllipticCurvePrivateKey, place: Place) -> dict[str, object]:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, place.meter_id)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return {
        "csr_pem": request.public_bytes(serialization.Encoding.PEM).decode(),
        "meter_id": place.meter_id,
        "place": place.place,
        "region": place.region,
        "lat": place.lat,
        "lon": place.lon,
        "backup": int(place.backup),
        "medical": place.medical,
        "note": place.note,
    }
