"""The door of every route: who asks, do they ask from our page, and may they."""

import hmac
from collections.abc import Collection

from fastapi import Request, Response

from dashboard.errors import ForeignRequestError, NotAllowedError, NotLoggedInError
from dashboard.sessions import Session, Sessions
from dashboard.users import Role

COOKIE = "kc_session"
CSRF_HEADER = "X-KC-CSRF"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """Recognises the person behind a request. ``origins`` are where our own pages come from, as browsers write it."""

    def __init__(self, *, sessions: Sessions, origins: Collection[str], secure_cookie: bool) -> None:
        self._sessions = sessions
        self._origins = origins
        self.secure_cookie = secure_cookie

    async def anyone_logged_in(self, request: Request, response: Response) -> Session:
        """Return the log-in behind a request, or raise.

        :class:`NotLoggedInError`; :class:`ForeignRequestError` when it would change something and does not carry the
        log-in's own ``X-KC-CSRF``, or comes from another site's page.
        """
        cookie = request.cookies.get(COOKIE, "")
        if not cookie:
            raise NotLoggedInError
        streams = request.headers.get("accept", "").startswith("text/event-stream")
        session = await self._sessions.recognise(cookie, may_rotate=not streams)
        if request.method not in _SAFE:
            self.require_own_page(request)
            sent = request.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode(), session.csrf.encode()):
                raise ForeignRequestError
        if session.new_cookie:
            self.hand_out(response, session.new_cookie)
        return session

    async def agent(self, request: Request, response: Response) -> Session:
        """Return the log-in of a person who takes contacts; raises :class:`NotAllowedError` for others."""
        session = await self.anyone_logged_in(request, response)
        if Role.AGENT not in session.roles:
            raise NotAllowedError
        return session

    async def supervisor(self, request: Request, response: Response) -> Session:
        """Return the log-in of a supervisor; raises :class:`NotAllowedError` for others."""
        session = await self.anyone_logged_in(request, response)
        if Role.SUPERVISOR not in session.roles:
            raise NotAllowedError
        return session

    def require_own_page(self, request: Request) -> None:
        """Refuse a request that a browser says comes from somebody else's page.

        A page of another site cannot set our header without asking first, and we never say yes to that question.
        """
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "same-origin")
        foreign = (origin is not None and origin not in self._origins) or site not in {"same-origin", "none"}
        if foreign or CSRF_HEADER not in request.headers:
            raise ForeignRequestError

    def hand_out(self, response: Response, cookie: str) -> None:
        """Give the browser its cookie: no script reads it, no other site sends it."""
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="lax", secure=self.secure_cookie, path="/")

    def take_back(self, response: Response) -> None:
        """Have the browser forget its cookie."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self.secure_cookie, path="/")
