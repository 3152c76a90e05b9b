"""Logging in and out: a password of our own, or the organisation's log-in (OIDC)."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from dashboard.api.guard import Guard
from dashboard.configuration import DeskChoices
from dashboard.errors import LoginRefusedError, LoginServiceError
from dashboard.login_limit import LoginGate
from dashboard.ports import OrganisationLogin
from dashboard.sessions import Session, Sessions
from dashboard.softphone_leases import SoftphoneLeases
from dashboard.users import LocalUsers
from dashboard.views import ChoiceView, LoginView, MeView

PENDING_COOKIE = "kc_login"


class Credentials(BaseModel):
    """What a person types to log in."""

    name: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=200, repr=False)


def make_session_router(
    *,
    guard: Guard,
    sessions: Sessions,
    softphones: SoftphoneLeases,
    gate: LoginGate,
    choices: DeskChoices,
    users: LocalUsers | None,
    oidc: OrganisationLogin | None,
    demo: bool,
) -> APIRouter:
    """Return the routes for logging in and out and for asking who one is."""
    router = APIRouter(prefix="/api", tags=["session"])

    @router.get("/login")
    async def ways() -> LoginView:
        return LoginView(password=users is not None, organisation=oidc is not None, demo=demo and users is not None)

    @router.post("/session", status_code=204)
    async def log_in(request: Request, response: Response, credentials: Credentials) -> None:
        guard.require_own_page(request)
        place = request.client.host if request.client else ""
        await gate.count_try(name=credentials.name, place=place)
        if users is None:
            raise LoginRefusedError
        user = await users.check(name=credentials.name, password=credentials.password)
        await gate.forgive(name=credentials.name, place=place)
        opened = await sessions.open(user)
        guard.hand_out(response, opened.new_cookie)

    @router.delete("/session", status_code=204)
    async def log_out(response: Response, session: Annotated[Session, Depends(guard.anyone_logged_in)]) -> None:
        await sessions.end(session.family)
        await softphones.log_out(session.agent, session.family)
        guard.take_back(response)

    @router.get("/me")
    async def me(session: Annotated[Session, Depends(guard.anyone_logged_in)]) -> MeView:
        return _who(session, choices)

    if oidc is not None:
        _add_organisation_login(router, oidc=oidc, sessions=sessions, guard=guard, cookie=_pending_cookie(guard))
    return router


def _who(session: Session, choices: DeskChoices) -> MeView:
    return MeView(
        agent=session.agent,
        name=session.name,
        roles=sorted(session.roles),
        csrf=session.csrf,
        expires_at=session.expires_at,
        not_ready_reasons=_shown(choices.not_ready_reasons),
        ring_back_codes=_shown(choices.ring_back_codes),
        written_codes=_shown(choices.written_codes),
        wrap_up_codes=_shown(choices.wrap_up_codes),
    )


def _shown(choices: Mapping[str, str]) -> list[ChoiceView]:
    return [ChoiceView(id=key, label=text) for key, text in choices.items()]


SetCookie = Callable[[Response, str], None]


def _pending_cookie(guard: Guard) -> SetCookie:
    def put(response: Response, value: str) -> None:
        secure = guard.secure_cookie
        response.set_cookie(
            PENDING_COOKIE, value, max_age=600, httponly=True, samesite="lax", secure=secure, path="/api/login"
        )

    return put


def _add_organisation_login(
    router: APIRouter, *, oidc: OrganisationLogin, sessions: Sessions, guard: Guard, cookie: SetCookie
) -> None:
    @router.get("/login/organisation")
    async def leave() -> Response:
        address, pending = await oidc.start()
        response = RedirectResponse(address, 303)
        cookie(response, pending)
        return response

    @router.get("/login/return")
    async def come_back(request: Request) -> Response:
        response = RedirectResponse("/desk", 303)
        try:
            user = await oidc.finish(request.query_params, pending=request.cookies.get(PENDING_COOKIE, ""))
        except (LoginRefusedError, LoginServiceError):
            return RedirectResponse("/desk?login=failed", 303)
        guard.hand_out(response, (await sessions.open(user)).new_cookie)
        response.delete_cookie(PENDING_COOKIE, path="/api/login")
        return response
