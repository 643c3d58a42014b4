"""Who is let in, and what a meter that is in may do: against the real broker."""

import logging
from pathlib import Path

import pytest
from headend_rig import START_S, Keys, MeterLink, Site, enrolled, message_of, until

from bptm.headend.callout import Admitted, Callout, Denied, judge
from bptm.headend.nkey import account_key_of, account_name_of
from bptm.supervisor.nkeys_adapter import account_public_key, new_account_seed
from bptm.wire.cbor import encode_upward
from engines import Party, make_party


def _link(site: Site, keys: Keys) -> MeterLink:
    return MeterLink(site.engines, keys, site.command.key.public_key())


def _as_keys(party: Party, meter_id: str) -> Keys:
    return Keys(meter_id=meter_id, key=party.key, certificate_pem=party.certificate_file.read_text())


@pytest.mark.system
async def test_a_meter_can_neither_speak_as_another_nor_hear_what_another_hears(site: Site) -> None:
    """Publishes on another's topic and on odd ones, subscribes to another's and to wildcards: nothing comes of it."""
    async with site.running() as service:
        one, two = await enrolled(service, "M1", "M2")
        thief, victim = _link(site, one), _link(site, two)
        await thief.open(site.folder)
        await victim.open(site.folder)
        assert await victim.listen()
        assert not await thief.listen("M2")
        assert not await thief.listen("+")
        await thief.publish(encode_upward(message_of("M2", 1, START_S)), meter_id="M2")
        # What the broker let through after that on its own topic shows that the forged one would have come.
        await thief.publish(encode_upward(message_of("M1", 1, START_S)))
        await until(lambda: service.ingest.message_count + service.ingest.unreadable_count >= 1, "the honest message")
        rows = await site.rows("select meter_id from message join registry using (meter_no)")
        assert [row["meter_id"] for row in rows] == ["M1"]
        assert await site.rows("select 1 from quarantine") == []
        assert victim.acked == 0
        await thief.close()
        await victim.close()


@pytest.mark.system
async def test_only_enrolled_meters_with_their_own_key_are_let_in(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown, wrong key for a known name, revoked, foreign CA, another's client id: each is turned away."""
    caplog.set_level(logging.WARNING)
    async with site.running() as service:
        known, revoked = await enrolled(service, "M1", "M2")
        await site.rows("update enrol set revoked_wall = now() where meter_no = 1")
        await service.keeper.reread()

        unknown = _as_keys(make_party(site.folder, "M9", issuer=site.engines.ca), "M9")
        impostor = _as_keys(make_party(site.folder, "M1", issuer=site.engines.ca), "M1")
        await _is_turned_away(site, unknown, site.folder)
        await _is_turned_away(site, impostor, site.folder)
        await _is_turned_away(site, revoked, site.folder)
        await _is_turned_away(site, known, site.folder, client_id="M2")
        assert service.callout.denied_count == 4

        foreign_ca = make_party(site.folder, "foreign-ca")
        foreigner = _as_keys(make_party(site.folder, "M1-foreign", issuer=foreign_ca), "M1")
        await _is_turned_away(site, foreigner, site.folder)
        # The broker itself refused that one in the handshake.
        assert service.callout.denied_count == 4

        link = _link(site, known)
        await link.open(site.folder)
        await link.close()


async def _is_turned_away(site: Site, keys: Keys, folder: Path, *, client_id: str | None = None) -> None:
    link = _link(site, keys)
    with pytest.raises((ConnectionError, OSError)):
        await link.open(folder, client_id=client_id)
    await link.close()


def test_nkeys_agree_with_the_library_of_nats() -> None:
    """Public name of a seed, against `nkeys`."""
    for _ in range(20):
        seed = new_account_seed(bytes(range(32)))
        assert account_name_of(account_key_of(seed.decode())) == account_public_key(seed)


@pytest.mark.parametrize("seed", ["", "SA", "SAAAAA", "not base32!", "SUAM" + "A" * 54])
def test_a_damaged_issuer_seed_is_refused(seed: str) -> None:
    """Empty, short, of another alphabet, of a user."""
    with pytest.raises(ValueError, match="issuer seed"):
        account_key_of(seed)


@pytest.mark.parametrize(
    ("nats", "reason"),
    [
        ({}, "no client certificate"),
        ({"client_tls": {"verified_chains": []}}, "no client certificate"),
        ({"client_tls": {"verified_chains": [["no PEM"]]}}, "cannot be read"),
        ({"client_tls": {"certs": ["unverified"]}}, "no client certificate"),
    ],
)
def test_no_verified_certificate_means_no(nats: dict[str, object], reason: str) -> None:
    """Requests without a chain that NATS verified are denied whatever else they hold."""
    verdict = judge(nats, lambda _meter, _key: True)
    assert isinstance(verdict, Denied)
    assert reason in verdict.reason


def test_a_certificate_without_exactly_one_name_is_denied(tmp_path: Path) -> None:
    """The registry is asked by the one common name; the key must be the registered one."""
    ca = make_party(tmp_path, "ca")
    meter = make_party(tmp_path, "M1", issuer=ca)
    nats = {"client_tls": {"verified_chains": [[meter.certificate_file.read_text()]]}}
    assert judge(nats, lambda meter_id, _key: meter_id == "M1") == Admitted(meter_id="M1")
    assert isinstance(judge(nats, lambda _meter, _key: False), Denied)


def test_nonsense_from_the_broker_lets_nobody_in(caplog: pytest.LogCaptureFixture) -> None:
    """A request that is no JWT, or names no user, gets no answer at all: NATS then refuses the client."""
    callout = Callout(account_key_of(new_account_seed(bytes(32)).decode()), lambda _meter, _key: True)
    for request in (b"", b"a.b.c", b"x", b"e30.e30.e30", b"e30.bnVsbA.x"):
        assert callout.answer(request) is None
    assert callout.admitted_count == 0
    assert "cannot be read" in caplog.text
