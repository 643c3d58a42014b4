"""The head-end's web application: API first, then the console, which takes every address that is left."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from bptm.headend import console
from bptm.headend.api import make_router
from bptm.headend.guard import SignInTokens
from bptm.headend.service import Service
from bptm.headend.settings import HeadendSettings, read_secret

_BODY_MAX = 16 << 20
"""Two thousand certificate requests take about two megabytes."""


def create_app(
    service: Service, settings: HeadendSettings, *, on_failure: Callable[[str], None] | None = None
) -> FastAPI:
    """API and console on one application.

    Args:
        service: Started and stopped with the application.
        settings: For tokens and secrets.
        on_failure: Called with one sentence when the service cannot go on.

    Raises:
        SettingsError: A secret cannot be read.
    """
    enrol_token = read_secret(settings.enrol_token_file)
    session_secret = read_secret(settings.session_secret_file)

    async def work() -> None:
        await service.start()
        why = await service.failed()
        if on_failure is not None:
            on_failure(why)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        # In the background: the API says "starting" while PostgreSQL or NATS are not there yet.
        task = asyncio.create_task(work(), name="service")
        task.add_done_callback(lambda ended: _tell(ended, on_failure))
        yield
        while not task.done():
            # Until it listens: see `Service.stop`.
            task.cancel()
            await asyncio.wait({task}, timeout=0.1)
        await service.stop()

    app = FastAPI(title="BPTM head-end", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(make_router(service, enrol_token=enrol_token, session_secret=session_secret))
    app.add_exception_handler(RequestValidationError, say_what_is_wrong)
    console.mount(
        app,
        service,
        session_secret=session_secret,
        take_token=SignInTokens(settings.sign_in_token_file).take,
        programme_dir=Path(settings.programme_dir) if settings.programme_dir else None,
    )
    return app


def _tell(ended: asyncio.Task[None], on_failure: Callable[[str], None] | None) -> None:
    if not ended.cancelled() and (problem := ended.exception()) is not None and on_failure is not None:
        on_failure(str(problem) or type(problem).__name__)


async def say_what_is_wrong(_request: Request, problem: Exception) -> JSONResponse:
    """One sentence for a request that is not of the expected form."""
    assert isinstance(problem, RequestValidationError)
    faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in problem.errors()]
    more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""  # noqa: PLR2004 (a sentence, not a list)
    return JSONResponse({"detail": "; ".join(faults[:5]) + more}, status_code=422)
