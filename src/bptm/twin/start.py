"""Puts a twin together from its settings: event, homes, checkpoint, keys, connections.

StartError      it cannot start; the text is one sentence for the terminal
"""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from numpy.typing import NDArray

from bptm.compiled.fleet import Fleet
from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin.bus import Bus
from bptm.twin.checkpoint import CheckpointError, CheckpointStore, Progress
from bptm.twin.event import EventFileError, OutageEvent, load_raw, load_shipped
from bptm.twin.host import Heard, Parts, Twin, claimed_seq
from bptm.twin.keys import EnrolmentRefusedError, KeyRing, enrol
from bptm.twin.links import Broker, Links, LinksError, allow_open_files
from bptm.twin.population import Population, make_population
from bptm.twin.settings import TwinSettings
from bptm.twin.world import World

log = logging.getLogger(__name__)


class StartError(Exception):
    """The twin cannot start; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is replayed, before anything moves."""

    population: Population
    fingerprint: str


def set_scene(settings: TwinSettings) -> Scene:
    """Event and homes of these settings.

    Raises:
        StartError: The event cannot be read, or does not have these homes.
    """
    try:
        event = _event_of(settings)
        population = make_population(event, settings.meters, settings.seed, settings.start_s)
    except (EventFileError, ValueError) as error:
        raise StartError(str(error)) from error
    digest = hash_of_setups(population.setups)
    fingerprint = (
        f"{settings.event_name or event.name}, {settings.meters} meters, seed {settings.seed}, "
        f"from {settings.start_s}, homes {digest[:16]}"
    )
    return Scene(population=population, fingerprint=fingerprint)


def _event_of(settings: TwinSettings) -> OutageEvent:
    if settings.event_file:
        return load_raw(Path(settings.event_file), settings.start_s)
    return load_shipped()


def hash_of_setups(setups: NDArray[np.void]) -> str:
    """SHA-256 of the homes, field by field: the gaps of an aligned record hold anything."""
    digest = hashlib.sha256()
    for name in setups.dtype.names or ():
        digest.update(name.encode() + b"\0" + np.ascontiguousarray(setups[name]).tobytes())
    return digest.hexdigest()


async def assemble(settings: TwinSettings, scene: Scene) -> Twin:
    """A twin that stands where its checkpoint says, with all meters enrolled.

    Raises:
        StartError: Something is wrong that waiting will not mend.
    """
    homes = scene.population.places
    settings.twin_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        allow_open_files(settings.meters)
        store = CheckpointStore(settings.twin_dir / "twin.sqlite", scene.fingerprint)
        ring = KeyRing(settings.twin_dir / "keys.sqlite")
        loaded = store.load()
        fleet = _fleet_of(scene.population, loaded[0].fleet if loaded else None)
        utility_key = read_command_key(settings.command_cert_file)
        await enrol(ring, homes, settings.headend_url, settings.enrol_token_file)
    except (CheckpointError, LinksError, EnrolmentRefusedError, OSError, ValueError) as error:
        raise StartError(str(error)) from error
    meter_ids = [home.meter_id for home in homes]
    checkpoint = loaded[0] if loaded else None
    world = World(
        fleet,
        meter_ids=meter_ids,
        start_s=settings.start_s,
        utility_key=utility_key,
        keys=ring,
        checkpoint=checkpoint,
    )
    inbox: list[Heard] = []
    links = Links(
        Broker(host=settings.mqtt_host, port=settings.mqtt_port, ca_cert_file=settings.ca_cert_file),
        meter_ids,
        ring.identity_pem,
        lambda home, sealed: inbox.append(Heard(home=home, claimed_seq=claimed_seq(sealed), sealed=sealed)),
        seed=settings.seed,
    )
    if loaded:
        links.restore(world.meters["acked_seq"].tolist(), loaded[1])
        log.info(
            "Goes on at %d s after the start, %d messages unacknowledged.", world.tick // TICKS_PER_S, len(loaded[1])
        )
    bus = Bus(settings.nats_url, settings.nats_user, settings.nats_password)
    await bus.open()
    return Twin(
        Parts(
            settings=settings,
            world=world,
            homes=homes,
            store=store,
            links=links,
            bus=bus,
            progress=_progress_of(checkpoint.progress if checkpoint else None, settings),
        ),
        inbox,
    )


def _fleet_of(population: Population, stored: bytes | None) -> Fleet:
    # Compiles the kernel, should it not be in the cache, before the meters join rather than while they wait.
    Fleet.build(population.setups[:1], 0).advance(1)
    if stored is None:
        return Fleet.build(population.setups, population.start_tick_of_day // TICKS_PER_S)
    return Fleet.from_bytes(population.setups, stored)


def _progress_of(stored: Progress | None, settings: TwinSettings) -> Progress:
    if stored is None:
        return Progress(tick=0, stepped_s=0, lockstep=False, ended=False, wall_s=0.0)
    if stored.ended and settings.start_s + stored.tick // TICKS_PER_S < settings.end_s:
        # Asked to play further than before: the final messages were ordinary ones, and time goes on.
        return Progress(tick=stored.tick, stepped_s=stored.stepped_s, lockstep=False, ended=False, wall_s=stored.wall_s)
    return stored


def read_command_key(path: Path) -> EllipticCurvePublicKey:
    """The public key that commands are signed with.

    Raises:
        ValueError: The file holds no certificate, or one of another kind of key.
        OSError: It cannot be read.
    """
    key = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        msg = f"{path}: holds a {type(key).__name__}, expected a P-256 key"
        raise ValueError(msg)  # noqa: TRY004 - the file's content is wrong, not a Python type
    return key
