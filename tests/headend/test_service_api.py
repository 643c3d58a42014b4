"""The API over HTTP: who may ask what, and what bad questions are told."""

from collections.abc import AsyncGenerator

import httpx
import orjson
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from headend_rig import START_S, Keys, Site, TwinStandIn, enrolled, message_of, report_of, until

from bptm.headend.api import make_router
from bptm.headend.app import say_what_is_wrong
from bptm.headend.pages.session import COOKIE, sealed
from bptm.headend.service import Service
from bptm.operations.event_chain import verify_events
from bptm.terms import core_codes as c
from bptm.terms.codes import Status

pytestmark = pytest.mark.system

TOKEN = {"Authorization": "Bearer enrol-token-of-a-test"}
SECRET = "session-secret-of-a-test"  # noqa: S105 (of a service that lives for one test)
SIGNED_IN = {"Cookie": f"{COOKIE}={sealed('operator', SECRET)}"}
OWN_PAGE = SIGNED_IN | {"Origin": "http://desk", "Sec-Fetch-Site": "same-origin"}


@pytest_asyncio.fixture
async def service(site: Site) -> AsyncGenerator[Service]:
    """A running service."""
    async with site.running() as running:
        yield running


@pytest_asyncio.fixture
async def desk(service: Service) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the API, without a network between."""
    app = FastAPI()
    app.include_router(make_router(service, enrol_token="enrol-token-of-a-test", session_secret=SECRET))  # noqa: S106
    app.add_exception_handler(RequestValidationError, say_what_is_wrong)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        yield client


def _enrol_body(*meters: Keys, **values: object) -> dict[str, object]:
    def one(keys: Keys) -> dict[str, object]:
        application = keys.application()
        return {
            "csr_pem": application.csr_pem,
            "meter_id": application.meter_id,
            "place": "Sonoma",
            "region": "North",
            "lat": 38.3,
            "lon": -122.5,
            "backup": 1,
            "medical": False,
            "note": "",
        } | values

    return {"meters": [one(keys) for keys in meters]}


async def test_enrolment_is_the_same_for_the_same_key_and_refused_for_another(desk: httpx.AsyncClient) -> None:
    """Twice the same key: the same certificate. Another key: refused, and nobody of that call is enrolled."""
    meter, other = Keys(meter_id="M1"), Keys(meter_id="M2")
    first = await desk.post("/api/v1/enrol", json=_enrol_body(meter), headers=TOKEN)
    again = await desk.post("/api/v1/enrol", json=_enrol_body(meter), headers=TOKEN)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["certificates"][0]["meter_id"] == "M1"
    assert "BEGIN CERTIFICATE" in first.json()["certificates"][0]["certificate_pem"]
    thief = await desk.post("/api/v1/enrol", json=_enrol_body(other, Keys(meter_id="M1")), headers=TOKEN)
    assert thief.status_code == 422
    assert "another key" in thief.json()["detail"]
    meters = await desk.get("/api/v1/meters", headers=TOKEN)
    assert [one["meter_id"] for one in meters.json()] == ["M1"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"csr_pem": "nonsense"}, "cannot be read"),
        ({"meter_id": "M2"}, "names ['M1'], needs this meter alone"),
        ({"meter_id": "../M1"}, "letters, digits"),
        ({"lat": 91.0}, "not on the globe"),
        ({"backup": 77}, "Backup 77 is unknown"),
        ({"backup": "windmill"}, "Backup 'windmill' is unknown"),
        ({"place": "x" * 300}, "at most 200"),
        ({"colour": "red"}, "colour"),
        ({"medical": "perhaps"}, "medical"),
    ],
)
async def test_a_bad_application_is_refused_with_the_meter_and_the_reason(
    desk: httpx.AsyncClient, values: dict[str, object], told: str
) -> None:
    """One bad value each; nothing is enrolled."""
    answer = await desk.post("/api/v1/enrol", json=_enrol_body(Keys(meter_id="M1"), **values), headers=TOKEN)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert (await desk.get("/api/v1/meters", headers=TOKEN)).json() == []


async def test_nobody_enrols_or_reads_without_the_token_or_a_session(desk: httpx.AsyncClient) -> None:
    """No token, a wrong one, a forged cookie: 401 everywhere but health."""
    bad = [{}, {"Authorization": "Bearer wrong"}, {"Cookie": f"{COOKIE}={sealed('operator', 'another secret')}"}]
    for headers in bad:
        assert (
            await desk.post("/api/v1/enrol", json=_enrol_body(Keys(meter_id="M1")), headers=headers)
        ).status_code == 401
        for path in ("summary", "meters", "meters/M1", "alarms", "commands", "chain/verify", "chain/export", "hours"):
            assert (await desk.get(f"/api/v1/{path}", headers=headers)).status_code == 401
        assert (await desk.get("/metrics", headers=headers)).status_code == 401
    assert (await desk.get("/api/v1/health")).status_code == 200
    for headers in (TOKEN, SIGNED_IN):
        assert (await desk.get("/api/v1/summary", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (TOKEN, 401),
        (SIGNED_IN | {"Origin": "http://elsewhere"}, 403),
        (SIGNED_IN | {"Origin": "null"}, 403),
        (SIGNED_IN | {"Referer": "http://elsewhere/page"}, 403),
        (SIGNED_IN | {"Sec-Fetch-Site": "cross-site"}, 403),
        (SIGNED_IN | {"Sec-Fetch-Site": "same-site"}, 403),
        (OWN_PAGE, 409),
        (SIGNED_IN, 409),
    ],
)
async def test_posts_are_taken_from_our_own_pages_of_a_signed_in_operator_only(
    desk: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    """409 is the answer of the service itself: there is no such meter, no replay answers."""
    command = {"action": "hold_return", "target": "M9"}
    assert (await desk.post("/api/v1/commands", json=command, headers=headers)).status_code == status
    control = {"do": "speed", "speed": 0}
    assert (await desk.post("/api/v1/control", json=control, headers=headers)).status_code == status


async def test_the_api_shows_what_was_stored(desk: httpx.AsyncClient, service: Service, twin: TwinStandIn) -> None:
    """Meter, events, trend, hours, alarms, metrics, chain, after two messages."""
    await enrolled(service, "M1")
    lost = report_of(START_S + 600, event=c.EVENT_FED_BY_CHANGED, fed_by=c.FED_BY_NONE, mode=c.MODE_DARK)
    rows = [report_of(START_S + 300, premise_w=800.0, utility_in_mwticks=432_000_000 * 5), lost]
    await twin.send_up(message_of("M1", 1, START_S + 600, *rows))
    await until(lambda: service.counts()[Status.DARK] == 1, "stored")
    await twin.tick(START_S + 700)
    await until(lambda: service.clock().at_s == START_S + 700, "the clock")

    meter = (await desk.get("/api/v1/meters/M1", headers=TOKEN)).json()
    assert (meter["status"], meter["heard_s"], meter["place"]["backup"]) == ("dark", START_S + 600, "portable")
    events = (await desk.get("/api/v1/meters/M1/events", headers=TOKEN)).json()
    assert [(event["event"], event["at_s"]) for event in events] == [("fed_by_changed", START_S + 600)]
    trend = (await desk.get("/api/v1/meters/M1/trend?hours=1", headers=TOKEN)).json()
    assert [point["at_s"] for point in trend] == [START_S + 300, START_S + 600]
    (hour,) = (await desk.get("/api/v1/hours", headers=TOKEN)).json()
    assert (hour["messages"], hour["readings"], hour["events"]) == (1, 1, 1)
    summary = (await desk.get("/api/v1/summary", headers=TOKEN)).json()
    assert summary["counts"]["dark"] == 1
    assert summary["clock"]["at_s"] == START_S + 700
    chain = (await desk.get("/api/v1/chain/verify", headers=TOKEN)).json()
    export = (await desk.get("/api/v1/chain/export", headers=TOKEN)).json()
    verdict = verify_events(export["events"], export["head_event_no"], export["head"])
    assert (verdict.events_count, verdict.head, verdict.fault) == (chain["events"], chain["head"], "")
    assert (chain["events"], chain["fault"]) == (1, "")
    metrics = (await desk.get("/metrics", headers=TOKEN)).text
    assert 'bptm_meters{status="dark"} 1.0' in metrics
    assert (await desk.get("/api/v1/meters/M2", headers=TOKEN)).status_code == 404
    assert (await desk.get("/api/v1/meters/M1/trend?hours=-1", headers=TOKEN)).status_code == 422


async def test_control_goes_to_the_twin_and_its_answer_comes_back(
    desk: httpx.AsyncClient, twin: TwinStandIn, service: Service
) -> None:
    """Speed and pause reach the twin; nonsense does not."""
    assert (await desk.post("/api/v1/control", json={"do": "speed", "speed": 60}, headers=OWN_PAGE)).json()["ok"]
    assert (await desk.post("/api/v1/control", json={"do": "pause"}, headers=OWN_PAGE)).status_code == 200
    bad = await desk.post("/api/v1/control", json={"do": "explode"}, headers=OWN_PAGE)
    assert bad.status_code == 409
    assert "none of play" in bad.json()["why"]
    assert [control["do"] for control in twin.controls] == ["speed", "pause"]
    assert service.ready


async def test_reading_says_503_while_postgresql_is_gone(desk: httpx.AsyncClient, service: Service, site: Site) -> None:
    """What is in memory still answers; what must be read says to come again."""
    await enrolled(service, "M1")
    site.engines.kill_pg()
    try:
        assert (await desk.get("/api/v1/meters/M1", headers=TOKEN)).status_code == 200
        answer = await desk.get("/api/v1/meters/M1/events", headers=TOKEN)
        assert answer.status_code == 503
        assert "cannot be reached" in answer.json()["detail"]
        enrolment = await desk.post("/api/v1/enrol", json=_enrol_body(Keys(meter_id="M2")), headers=TOKEN)
        assert enrolment.status_code == 503
    finally:
        site.engines.start_pg()


async def test_the_openapi_page_names_every_public_route(desk: httpx.AsyncClient) -> None:
    """The description is offered, and complete."""
    paths = orjson.loads((await desk.get("/openapi.json")).content)["paths"]
    assert {"/api/v1/enrol", "/api/v1/commands", "/api/v1/control", "/api/v1/chain/verify", "/metrics"} <= set(paths)
