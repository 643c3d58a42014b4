"""The public API, `/api/v1/`, and `/metrics`. Plain FastAPI; the pages of the console do not use it.

Reading needs the operator's session or the enrolment token; enrolling needs the token; acting needs the session
and a request from our own origin.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from enum import Enum
from typing import Annotated, TypeVar, cast

import orjson
from fastapi import APIRouter, Body, Depends, HTTPException, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from bptm.headend.database import StoreUnavailableError
from bptm.headend.desk import CommandView
from bptm.headend.enrolment import METERS_MAX, EnrolmentRefusedError, MeterApplication
from bptm.headend.guard import bears, foreign, operator_in
from bptm.headend.metrics import metrics_text
from bptm.headend.service import Service
from bptm.terms.codes import Action, BackupKind, Status
from bptm.terms.refusals import Refused

_log = logging.getLogger(__name__)

_LIMIT_MAX = 20_000
_HOURS_MAX = 24.0 * 31

_T = TypeVar("_T")

MeterId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Limit = Annotated[int, Query(ge=1, le=_LIMIT_MAX)]


class EnrolMeter(BaseModel, extra="forbid"):
    """One meter that asks for its certificate."""

    csr_pem: str = Field(description="PKCS #10 in PEM, signed by the meter's own P-256 key; its CN is the meter id")
    meter_id: str
    place: str = ""
    region: str = ""
    lat: float
    lon: float
    backup: int | str = Field(description="kind of backup: its number or its name, such as portable")
    medical: bool = False
    note: str = ""


class EnrolCall(BaseModel, extra="forbid"):
    """Meters to enrol; all of them are, or none."""

    meters: list[EnrolMeter] = Field(min_length=1, max_length=METERS_MAX)


class CommandCall(BaseModel, extra="forbid"):
    """What to ask of whom."""

    action: str = Field(description="hold_return or allow_return")
    target: str = Field(description="a meter id, region:NAME, or region:* for all")


class ControlCall(BaseModel, extra="forbid"):
    """How the replay shall go on."""

    do: str = Field(description="play, pause, speed, next_change or restart")
    speed: float | None = None


def make_router(service: Service, *, enrol_token: str, session_secret: str) -> APIRouter:
    """All routes of the API."""

    def reader(request: Request) -> str:
        who = operator_in(request.headers, session_secret)
        if who is None and not bears(request.headers, enrol_token):
            raise HTTPException(401, "Sign in with the link of the terminal, or send the enrolment token as a bearer.")
        return who or "program"

    def operator(request: Request) -> str:
        strange = foreign(request.headers)
        if strange:
            raise HTTPException(403, f"Posts are taken from this head-end's own pages only ({strange}).")
        who = operator_in(request.headers, session_secret)
        if who is None:
            raise HTTPException(401, "Sign in with the link of the terminal; `bptm headend link` prints a new one.")
        return who

    router = APIRouter()
    _add_open_routes(router, service, enrol_token)
    _add_reading_routes(router, service, reader)
    _add_acting_routes(router, service, operator)
    return router


def _add_open_routes(router: APIRouter, service: Service, enrol_token: str) -> None:
    @router.get("/api/v1/health")
    def health() -> Response:
        """200 once the head-end takes meters and messages; 503 before."""
        state = "ready" if service.ready else "starting"
        store = "waiting" if service.ingest.waiting_for_store else "ok"
        links = "ok" if service.bus.connected else "waiting"
        return _json({"state": state, "store": store, "nats": links}, status=200 if service.ready else 503)

    @router.post("/api/v1/enrol")
    async def enrol(request: Request, call: EnrolCall) -> Response:
        """Certificates for up to 2,000 meters, in order."""
        if not bears(request.headers, enrol_token):
            raise HTTPException(401, "Send the enrolment token as a bearer.")
        applications = [_application_of(meter) for meter in call.meters]
        try:
            issued = await _stored(service.enrol(applications))
        except EnrolmentRefusedError as problem:
            raise HTTPException(422, f"{problem}.") from problem
        certificates = [
            {"meter_id": one.application.meter_id, "certificate_pem": one.certificate_pem} for one in issued
        ]
        return _json({"certificates": certificates})


def _application_of(meter: EnrolMeter) -> MeterApplication:
    return MeterApplication(
        csr_pem=meter.csr_pem,
        meter_id=meter.meter_id,
        place=meter.place,
        region=meter.region,
        lat=meter.lat,
        lon=meter.lon,
        backup=_backup_of(meter.backup),
        medical=meter.medical,
        note=meter.note,
    )


def _backup_of(said: int | str) -> BackupKind:
    try:
        return BackupKind(said) if isinstance(said, int) else BackupKind[said.upper()]
    except (ValueError, KeyError) as problem:
        known = ", ".join(f"{kind.value} {kind.name.lower()}" for kind in BackupKind)
        raise HTTPException(422, f"Backup {said!r} is unknown; expected one of {known}.") from problem


def _add_reading_routes(router: APIRouter, service: Service, reader: Callable[[Request], str]) -> None:  # noqa: C901
    # One small function a route; they do not grow into each other.
    api = APIRouter(dependencies=[Depends(reader)])

    @api.get("/api/v1/summary")
    def summary() -> Response:
        """The event clock, how many meters have each status, and the planted faults by meter."""
        counts = {status.name.lower(): count for status, count in service.counts().items()}
        faults = {place.meter_id: place.note for place in service.places() if place.note}
        return _json({"clock": asdict(service.clock()), "counts": counts, "faults": faults})

    @api.get("/api/v1/meters")
    def meters() -> Response:
        """All meters with their status."""
        statuses = service.statuses()
        return _json(
            [
                {**asdict(place), "status": Status(int(statuses[place.number])).name.lower()}
                for place in service.places()
            ]
        )

    @api.get("/api/v1/meters/{meter_id}")
    def meter(meter_id: MeterId) -> Response:
        """One meter as it was last heard."""
        view = service.meter(meter_id)
        if view is None:
            raise HTTPException(404, f"No meter has the id {meter_id}.")
        return _json(asdict(view))

    @api.get("/api/v1/meters/{meter_id}/events")
    async def events(meter_id: MeterId, limit: Limit = 50) -> Response:
        """Stored events of a meter, newest first."""
        return _json([asdict(event) for event in await _stored(service.events(meter_id, limit))])

    @api.get("/api/v1/meters/{meter_id}/trend")
    async def trend(meter_id: MeterId, hours: Annotated[float, Query(gt=0, le=_HOURS_MAX)] = 6.0) -> Response:
        """Stored rows of a meter over the last hours of event time, oldest first."""
        return _json([asdict(point) for point in await _stored(service.trend(meter_id, hours))])

    @api.get("/api/v1/hours")
    async def hours() -> Response:
        """Fleet counts and energy by hour of event time."""
        return _json([asdict(hour) for hour in await _stored(service.hours())])

    @api.get("/api/v1/alarms")
    def alarms(limit: Limit = 200) -> Response:
        """Alarms, standing ones first, then newest first."""
        return _json([asdict(alarm) for alarm in service.alarms(limit)])

    @api.get("/api/v1/commands")
    def commands(target: str = "", limit: Limit = 100) -> Response:
        """Commands, newest first; of one meter when `target` names it."""
        return _json([_command(view) for view in service.commands(target, limit)])

    @api.get("/api/v1/chain/verify")
    async def chain() -> Response:
        """Recomputes the hash chain over all stored events; `fault` is empty when it holds."""
        return _json(asdict(await _stored(service.verify_chain())))

    @api.get("/api/v1/chain/export")
    async def export_chain() -> Response:
        """All stored events with their hashes and the recorded head: input of `bptm program results`."""
        pieces = service.export_chain()
        # The first piece is asked for here: a store that is gone is still told as such.
        first = await _stored(anext(pieces))
        headers = {"Content-Disposition": 'attachment; filename="events.json"'}
        return StreamingResponse(_after(first, pieces), media_type="application/json", headers=headers)

    @api.get("/metrics")
    def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(metrics_text(service), media_type="text/plain; version=0.0.4; charset=utf-8")

    router.include_router(api)


def _add_acting_routes(router: APIRouter, service: Service, operator: Callable[[Request], str]) -> None:
    who_acts = Depends(operator)

    @router.post("/api/v1/commands")
    async def issue(call: Annotated[CommandCall, Body()], who: Annotated[str, who_acts]) -> Response:
        """Sends a signed command; each is followed to exactly one end at `GET /api/v1/commands`."""
        actions = {action.name.lower(): action for action in Action}
        if call.action not in actions:
            raise HTTPException(422, f"Action {call.action!r} is unknown; expected {' or '.join(actions)}.")
        outcome = await service.issue(actions[call.action], call.target, who)
        if isinstance(outcome, Refused):
            return _json({"refused": [asdict(unmet) for unmet in outcome.unmet], "why": outcome.sentence()}, status=409)
        return _json([_command(view) for view in outcome], status=202)

    @router.post("/api/v1/control")
    async def control(call: Annotated[ControlCall, Body()], who: Annotated[str, who_acts]) -> Response:
        """Play, pause, speed, next change or restart of the replay."""
        _log.info("%s asks the replay for %s", who, call.do)
        why_not = await service.control(call.do, call.speed)
        return _json({"ok": not why_not, "why": why_not}, status=409 if why_not else 200)


def _command(view: CommandView) -> Mapping[str, object]:
    return asdict(view)


async def _after(first: bytes, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The first piece and the others; the store's connection is given back even when nobody reads to the end."""
    try:
        yield first
        async for piece in pieces:
            yield piece
    finally:
        await pieces.aclose()


async def _stored(read: Awaitable[_T]) -> _T:
    """What a reading of the store gives; 503 while PostgreSQL is gone."""
    try:
        return await read
    except StoreUnavailableError as problem:
        raise HTTPException(503, f"{problem}.", headers={"Retry-After": "2"}) from problem


def _json(content: object, *, status: int = 200) -> Response:
    """JSON with enumerations by their lower-case names."""
    return Response(orjson.dumps(_named(content)), status_code=status, media_type="application/json")


def _named(value: object) -> object:
    """The same with names in place of enumerations; orjson would write their numbers."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, dict):
        return {key: _named(one) for key, one in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_named(one) for one in cast("Sequence[object]", value)]
    return value
