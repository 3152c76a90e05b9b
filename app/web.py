"""The process that serves the pages and the API."""

import asyncio
import hmac
from contextlib import AsyncExitStack
from http import HTTPStatus

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from app import http_errors
from app.callbacks_api import callbacks_routers
from app.case_events import case_events_routers
from app.dashboard_wiring import Dashboard, make_dashboard
from app.health import Pulse
from app.meetings_api import meetings_routers
from app.metrics import publish, published
from app.numbers_api import numbers_routers
from app.periodic import every
from app.reloading import Reloader
from app.settings import Settings
from app.texts_page import texts_routers
from app.webhooks_api import webhooks_routers
from app.wiring import Rooms, rooms_of
from dashboard.api.headers import SecurityHeaders

_KEPT_ALIVE_SECONDS = 75
"""Longer than proxies keep a connection that nobody uses (60 s): whoever closes second loses no request, and a POST that is
lost in that moment is not sent again."""

PUBLIC_ROUTES = {
    ("GET", "/health/live"): "a supervisor of processes asks whether this one lives; it tells nothing else",
    ("GET", "/health/ready"): "a load balancer asks whether calls can be served; it names parts, never data",
    ("GET", "/metrics"): "figures of the system: from this machine, or with the token of KC_METRICS_TOKEN",
}
"""The routes of this room that need no log-in, each with the reason."""


def create_app(rooms: Rooms, dashboard: Dashboard) -> FastAPI:
    """Return the web application over these rooms; errors are problems, every route is guarded or openly public."""
    settings = rooms.settings
    pulse = Pulse(rooms.database, rooms.redis)
    app = FastAPI(title="Kundcenter", docs_url=None, redoc_url=None, openapi_url=None)
    http_errors.install(app)
    app.add_middleware(SecurityHeaders, connect_to=dashboard.connect_to, https=settings.base_url.startswith("https://"))

    @app.get("/health/live")
    async def live() -> Response:
        return PlainTextResponse("alive\n")

    @app.get("/health/ready")
    async def ready() -> Response:
        health = await pulse.feel()
        return JSONResponse({"ready": health.is_ready, "parts": dict(health.parts)}, 200 if health.is_ready else 503)

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not _may_see_metrics(request, settings):
            return http_errors.problem(HTTPStatus.FORBIDDEN, "Ask from this machine, or with the token.")
        return PlainTextResponse(await published(rooms.redis), media_type="text/plain; version=0.0.4")

    for router in (
        *callbacks_routers(rooms),
        *texts_routers(rooms),
        *meetings_routers(rooms),
        *case_events_routers(rooms),
        *numbers_routers(rooms),
        *webhooks_routers(rooms),
        *dashboard.routers,
    ):  # the pages come last: they answer every path left
        app.include_router(router)
    return app


def _may_see_metrics(request: Request, settings: Settings) -> bool:
    token = settings.metrics_token.get_secret_value()
    if token:
        sent = request.headers.get("authorization", "")
        return hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())
    return request.client is not None and request.client.host in ("127.0.0.1", "::1")


async def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    async with AsyncExitStack() as stack:
        rooms = await stack.enter_async_context(rooms_of(settings))
        dashboard = make_dashboard(rooms, stack)
        publishing = every(5, "publish figures", lambda: publish(rooms.redis, "web", rooms.figures.registry))
        learning = every(2, "learn notices", rooms.learn_notices)
        reloading = Reloader(rooms, follow=[lambda _: rooms.desks_look_again()]).run()
        taking_back = every(5, "take back telephones of desks that are gone", dashboard.softphones.take_back)
        work = (rooms.dispatcher.run(), dashboard.feed.run(), publishing, learning, reloading, taking_back)
        background = [asyncio.create_task(one) for one in work]
        config = uvicorn.Config(
            create_app(rooms, dashboard),
            host=settings.web_host,
            port=settings.web_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            timeout_keep_alive=_KEPT_ALIVE_SECONDS,
        )
        await uvicorn.Server(config).serve()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)  # before what they use is closed
