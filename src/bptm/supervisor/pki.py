"""Certificates of a data directory: root CA, issuing CA, broker, command signing; and the callout's key pair.

Source: design section 5; RFC 5280 for the extensions (Python 3.13 and OpenSSL check them strictly).
"""

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bptm.supervisor.files import write_private
from bptm.supervisor.nkeys_adapter import account_public_key, new_account_seed

_CA_LIFE = dt.timedelta(days=3650)
_LEAF_LIFE = dt.timedelta(days=730)
_RENEW_BEFORE = dt.timedelta(days=30)
_BACKDATE = dt.timedelta(hours=1)
"""Clocks of two machines may differ a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """Paths of the files, and the callout's public key."""

    ca_cert_file: Path
    """Issuing CA first, then the root."""
    ca_key_file: Path
    broker_cert_file: Path
    """Leaf, then the issuing CA."""
    broker_key_file: Path
    command_cert_file: Path
    command_key_file: Path
    issuer_seed_file: Path
    issuer_public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    cert: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def open_pki(directory: Path, *, broker_hosts: tuple[str, ...], now_utc: dt.datetime) -> Pki:
    """Reads the certificates, making what is missing, near its end, or lacks a host of the broker.

    Args:
        directory: Of the secrets.
        broker_hosts: Addresses and names under which meters reach the broker.
        now_utc: For validity.
    """
    root_key, root_cert = directory / "root-ca.key", directory / "root-ca.crt"
    ca_key, ca_cert = directory / "issuing-ca.key", directory / "issuing-ca.crt"
    if not (ca_key.exists() and ca_cert.exists()):
        root = _certificate_authority("BPTM root CA", None, now_utc)
        _save(root_key, root_cert, root, ())
        issuing = _certificate_authority("BPTM issuing CA", root, now_utc)
        _save(ca_key, ca_cert, issuing, (root.cert,))
    issuing = _load(ca_key, ca_cert)

    broker_key, broker_cert = directory / "broker.key", directory / "broker.crt"
    if not _serves(broker_cert, broker_key, broker_hosts, now_utc):
        names = [_general_name(host) for host in broker_hosts]
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        extra: list[x509.ExtensionType] = [x509.SubjectAlternativeName(names), usage]
        broker = _leaf("BPTM broker", issuing, extra, now_utc)
        _save(broker_key, broker_cert, broker, (issuing.cert,))

    command_key, command_cert = directory / "command.key", directory / "command.crt"
    if not (command_key.exists() and command_cert.exists()):
        _save(command_key, command_cert, _leaf("BPTM command signing", issuing, [], now_utc), ())

    seed_file = directory / "callout-issuer.seed"
    if not seed_file.exists():
        write_private(seed_file, new_account_seed(os.urandom(32)))
    return Pki(
        ca_cert_file=ca_cert,
        ca_key_file=ca_key,
        broker_cert_file=broker_cert,
        broker_key_file=broker_key,
        command_cert_file=command_cert,
        command_key_file=command_key,
        issuer_seed_file=seed_file,
        issuer_public_key=account_public_key(seed_file.read_bytes()),
    )


def _certificate_authority(name: str, parent: _Pair | None, now_utc: dt.datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    builder = _builder(subject, key.public_key(), parent, now_utc, _CA_LIFE)
    builder = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=1 if parent is None else 0), critical=True
    ).add_extension(_key_usage(ca=True), critical=True)
    return _Pair(cert=builder.sign((parent.key if parent else key), hashes.SHA256()), key=key)


def _leaf(name: str, parent: _Pair, extra: list[x509.ExtensionType], now_utc: dt.datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(name), key.public_key(), parent, now_utc, _LEAF_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).add_extension(
        _key_usage(ca=False), critical=True
    )
    for extension in extra:
        builder = builder.add_extension(extension, critical=False)
    return _Pair(cert=builder.sign(parent.key, hashes.SHA256()), key=key)


def _builder(
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    parent: _Pair | None,
    now_utc: dt.datetime,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    issuer_key = parent.key.public_key() if parent else public_key
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.cert.subject if parent else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now_utc - _BACKDATE)
        .not_valid_after(now_utc + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _serves(cert_file: Path, key_file: Path, hosts: tuple[str, ...], now_utc: dt.datetime) -> bool:
    if not (cert_file.exists() and key_file.exists()):
        return False
    cert = x509.load_pem_x509_certificate(cert_file.read_bytes())
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return cert.not_valid_after_utc - _RENEW_BEFORE > now_utc and all(_general_name(host) in names for host in hosts)


def _save(key_file: Path, cert_file: Path, pair: _Pair, chain: tuple[x509.Certificate, ...]) -> None:
    key_pem = pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(key_file, key_pem)
    pems = [cert.public_bytes(serialization.Encoding.PEM) for cert in (pair.cert, *chain)]
    write_private(cert_file, b"".join(pems))


def _load(key_file: Path, cert_file: Path) -> _Pair:
    key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return _Pair(cert=x509.load_pem_x509_certificate(cert_file.read_bytes()), key=key)
