"""Enrolment: a meter's own key, named in a request it signed, becomes a certificate of our issuing CA.

A meter has one key for life. The same key again gets the same certificate while that lasts, then a new one;
another key for a meter that is enrolled is refused, since it may be somebody else's.

Source: RFC 2986 (PKCS #10); RFC 5280 for the certificate; design section 5.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bptm.headend.database import Database, Transaction
from bptm.headend.settings import SettingsError
from bptm.terms.codes import BackupKind

METERS_MAX = 2_000
"""Meters in one call: about two seconds of work."""

_LIFE = dt.timedelta(days=730)
_RENEW_BEFORE = dt.timedelta(days=30)
_BACKDATE = dt.timedelta(hours=1)
"""Clocks of two machines may differ a little."""

_METER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_TEXT_MAX = 200
_CSR_MAX = 4096
_LAT_MAX, _LON_MAX = 90.0, 180.0


class EnrolmentRefusedError(Exception):
    """The call is refused as a whole; nothing of it was done. The text says which meter and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterApplication:
    """What one meter brings."""

    csr_pem: str
    meter_id: str
    place: str
    region: str
    lat: float
    lon: float
    backup: BackupKind
    medical: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A meter's public key as the registry holds it."""

    public_key: bytes
    """DER, SubjectPublicKeyInfo."""
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate for one application; `new` when it must be stored."""

    application: MeterApplication
    certificate_pem: str
    public_key: bytes
    serial: str
    not_after_utc: dt.datetime
    new: bool


class CertificateAuthority:
    """Our issuing CA."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        """Certificate and key of the CA that signs meters' certificates."""
        self._certificate = certificate
        self._key = key

    @classmethod
    def read(cls, certificate_file: Path, key_file: Path) -> "CertificateAuthority":
        """The CA in two PEM files; the issuing certificate is the first in its file.

        Raises:
            SettingsError: Not readable, not PEM, or the two do not belong together.
        """
        try:
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as problem:
            msg = f"the issuing CA in {certificate_file} and {key_file} cannot be read: {problem}"
            raise SettingsError(msg) from problem
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            msg = f"the key {key_file} does not belong to the certificate {certificate_file}; give the matching pair"
            raise SettingsError(msg)
        return cls(certificate, key)

    def issue(
        self, application: MeterApplication, public_key: ec.EllipticCurvePublicKey, now_utc: dt.datetime
    ) -> Issued:
        """A certificate for two years: common name and URI name the meter, for use as a TLS client only."""
        not_after = now_utc + _LIFE
        serial = x509.random_serial_number()
        uri = x509.UniformResourceIdentifier(f"urn:bptm:meter:{application.meter_id}")
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, application.meter_id)]))
            .issuer_name(self._certificate.subject)
            .public_key(public_key)
            .serial_number(serial)
            .not_valid_before(now_utc - _BACKDATE)
            .not_valid_after(not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_KEY_USAGE, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([uri]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Issued(
            application=application,
            certificate_pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            public_key=der_of(public_key),
            serial=f"{serial:x}",
            not_after_utc=not_after,
            new=True,
        )


_KEY_USAGE = x509.KeyUsage(
    digital_signature=True, key_cert_sign=False, crl_sign=False, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


def der_of(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key in the form in which the registry keeps it."""
    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def issue_all(
    authority: CertificateAuthority,
    applications: Sequence[MeterApplication],
    known: Mapping[str, Identity],
    kept: Mapping[str, Issued],
    now_utc: dt.datetime,
) -> list[Issued]:
    """A certificate for every application, in order, or none at all.

    Args:
        authority: Who signs.
        applications: At most `METERS_MAX`.
        known: Meters that are enrolled.
        kept: Certificates that are still good, by meter id.
        now_utc: For their validity.

    Raises:
        EnrolmentRefusedError: A request is malformed, not signed by its own key, names another meter, or brings
            another key than the meter is enrolled with.
    """
    if not 1 <= len(applications) <= METERS_MAX:
        msg = f"{len(applications)} meters in one call, needs 1 to {METERS_MAX}; split the call"
        raise EnrolmentRefusedError(msg)
    seen: set[str] = set()
    issued: list[Issued] = []
    for application in applications:
        meter_id = application.meter_id
        _check_words(application)
        if meter_id in seen:
            msg = f"meter {meter_id} stands twice in one call; name each meter once"
            raise EnrolmentRefusedError(msg)
        seen.add(meter_id)
        public_key = _key_in_request(application)
        identity = known.get(meter_id)
        if identity is not None and identity.revoked:
            msg = f"meter {meter_id} is revoked; register a replacement under a new meter id"
            raise EnrolmentRefusedError(msg)
        if identity is not None and identity.public_key != der_of(public_key):
            msg = f"meter {meter_id} is enrolled with another key; a meter keeps its key, or is replaced under a new id"
            raise EnrolmentRefusedError(msg)
        old = kept.get(meter_id)
        still_good = old is not None and old.not_after_utc - _RENEW_BEFORE >= now_utc
        issued.append(old if old is not None and still_good else authority.issue(application, public_key, now_utc))
    return issued


def _check_words(application: MeterApplication) -> None:
    if not _METER_ID.fullmatch(application.meter_id):
        msg = f"meter id {application.meter_id[:80]!r} is not 1 to 64 letters, digits, '-' or '_'"
        raise EnrolmentRefusedError(msg)
    for name, words in (("place", application.place), ("region", application.region), ("note", application.note)):
        if len(words) > _TEXT_MAX or "\x00" in words:
            msg = f"meter {application.meter_id}: {name} of {len(words)} characters, needs at most {_TEXT_MAX}, no NUL"
            raise EnrolmentRefusedError(msg)
    if not (abs(application.lat) <= _LAT_MAX and abs(application.lon) <= _LON_MAX):
        msg = f"meter {application.meter_id}: position {application.lat}, {application.lon} is not on the globe"
        raise EnrolmentRefusedError(msg)


def _key_in_request(application: MeterApplication) -> ec.EllipticCurvePublicKey:
    """The public key in a request that is signed with it and names this meter."""
    meter_id = application.meter_id
    if len(application.csr_pem) > _CSR_MAX:
        msg = f"meter {meter_id}: the certificate request has {len(application.csr_pem)} characters, at most {_CSR_MAX}"
        raise EnrolmentRefusedError(msg)
    try:
        request = x509.load_pem_x509_csr(application.csr_pem.encode())
        key = request.public_key()
        signed = request.is_signature_valid
    except ValueError as problem:
        msg = f"meter {meter_id}: the certificate request cannot be read ({problem}); send PKCS #10 in PEM"
        raise EnrolmentRefusedError(msg) from problem
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        msg = f"meter {meter_id}: the certificate request has another kind of key, needs P-256"
        raise EnrolmentRefusedError(msg)
    if not signed:
        msg = f"meter {meter_id}: the certificate request is not signed by its own key"
        raise EnrolmentRefusedError(msg)
    names = [str(name.value) for name in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [meter_id]:
        msg = f"meter {meter_id}: the certificate request names {names}, needs this meter alone"
        raise EnrolmentRefusedError(msg)
    return key


async def load_identities(database: Database) -> dict[str, Identity]:
    """Public key of every enrolled meter.

    Raises:
        StoreUnavailableError: PostgreSQL is gone.
    """
    rows = await database.rows(
        "select distinct on (meter_no) meter_id, public_key, revoked_wall is not null as revoked "
        "from enrol join registry using (meter_no) order by meter_no, enrol_no desc"
    )
    return {row["meter_id"]: Identity(public_key=bytes(row["public_key"]), revoked=row["revoked"]) for row in rows}


async def load_kept(database: Database, applications: Sequence[MeterApplication]) -> dict[str, Issued]:
    """The newest certificate of each of these meters that has one.

    Raises:
        StoreUnavailableError: PostgreSQL is gone.
    """
    by_id = {application.meter_id: application for application in applications}
    rows = await database.rows(
        "select distinct on (meter_no) meter_id, public_key, serial, certificate_pem, not_after_wall "
        "from enrol join registry using (meter_no) where meter_id = any($1) order by meter_no, enrol_no desc",
        list(by_id),
    )
    return {
        row["meter_id"]: Issued(
            application=by_id[row["meter_id"]],
            certificate_pem=row["certificate_pem"],
            public_key=bytes(row["public_key"]),
            serial=row["serial"],
            not_after_utc=row["not_after_wall"],
            new=False,
        )
        for row in rows
    }


async def store_issued(transaction: Transaction, issued: Sequence[Issued]) -> None:
    """Registers the meters that are new and keeps the certificates that are new."""
    fresh = [one for one in issued if one.new]
    # The lock keeps numbers without a gap: they are indices of arrays.
    await transaction.execute("lock table registry in share row exclusive mode")
    count = (await transaction.rows("select count(*) as meters from registry"))[0]["meters"]
    ids = [one.application.meter_id for one in fresh]
    rows = await transaction.rows("select meter_id, meter_no from registry where meter_id = any($1)", ids)
    numbers: dict[str, int] = {row["meter_id"]: row["meter_no"] for row in rows}
    newcomers = [one.application for one in fresh if one.application.meter_id not in numbers]
    for number, meter in enumerate(newcomers, count):
        numbers[meter.meter_id] = number
    await transaction.execute_many(
        "insert into registry (meter_no, meter_id, place, region, lat, lon, backup, medical, note) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (numbers[m.meter_id], m.meter_id, m.place, m.region, m.lat, m.lon, int(m.backup), m.medical, m.note)
            for m in newcomers
        ],
    )
    await transaction.execute_many(
        "insert into link (meter_no, stored_seq, boots, command_seq) values ($1, 0, 0, 0)",
        [(numbers[m.meter_id],) for m in newcomers],
    )
    await transaction.execute_many(
        "insert into enrol (meter_no, public_key, serial, certificate_pem, not_after_wall) values ($1, $2, $3, $4, $5)",
        [
            (numbers[one.application.meter_id], one.public_key, one.serial, one.certificate_pem, one.not_after_utc)
            for one in fresh
        ],
    )
