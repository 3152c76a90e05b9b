"""What comes in from a page: how often somebody may ask, the fields that forms share, and the way back to the page."""

from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from core.language import Language
from storage.limits import RateLimit

Asked = Annotated[str, Query(alias="lang", max_length=5)]
"""The language that somebody asks for."""
Done = Annotated[str, Query(max_length=10)]
"""What was done just now: the page says so."""
Mark = Annotated[str, Form(max_length=400)]
"""The mark of a form on our own page."""
When = Annotated[str, Form(max_length=20)]
"""The time that was chosen."""


async def asks_too_often(limit: RateLimit, request: Request, token: str) -> bool:
    """Tell whether this place, or this link, was here too often; neither is kept as it is."""
    place = request.client.host if request.client else ""
    for who in (place, token):
        if await limit.is_too_many(sha256(who.encode()).hexdigest()[:32]):
            return True
    return False


def time_of(value: str) -> datetime | None:
    """Return the time that a value stands for; ``None`` when it stands for none."""
    if not (value.isascii() and value.isdecimal() and len(value) <= 10):
        return None
    return datetime.fromtimestamp(int(value), UTC)


def back(path: str, asked: str, *, done: str = "") -> Response:
    """Lead whoever sent a form to the page, so that a page that is loaded anew sends nothing twice.

    ``path`` may say what was chosen in a query of its own.
    """
    wanted = {"lang": asked if asked in {one.value for one in Language} else "", "done": done}
    query = "&".join(f"{name}={value}" for name, value in wanted.items() if value)
    joined = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{joined}{query}" if query else path, HTTPStatus.SEE_OTHER)
