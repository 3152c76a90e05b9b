"""The demonstration's handsets: what the simulated provider delivered to a number, and a form to write from it. No script."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.clock import STOCKHOLM
from core.ids import NewId
from core.phone import PhoneNumber, grouped, parse_phone
from sms.ports import Handsets
from sms.service import Sms

PAGE = "/sms"
PUBLIC_ROUTES = {
    ("GET", PAGE): "demonstration only: the texts on invented telephones",
    ("POST", PAGE): "demonstration only: writes from an invented telephone; from our own page only",
}
"""The routes of this file, each with the reason why it needs no log-in."""

LONGEST = 1_000
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def make_handsets_router(
    *, sms: Sms, simulated: Handsets, numbers: Sequence[PhoneNumber], new_id: NewId, demo: bool
) -> APIRouter:
    """Return the routes of the demonstration's handsets; none where there is no demonstration."""
    router = APIRouter(prefix=PAGE, include_in_schema=False)
    known = {number.e164: number for number in numbers}
    if not demo:
        return router

    @router.get("")
    async def look(telefon: Annotated[str, Query(max_length=40)] = "") -> Response:
        number = known.get(_e164(telefon), numbers[0])
        received = [(one.at, one.text, True) for one in await simulated.on_handset(number)]
        async with sms.database.reading() as tx:
            written = [(at, text, False) for at, text in await sms.written_from(tx, number)]
        shown = [
            {"at": f"{at.astimezone(STOCKHOLM):%H.%M.%S}", "text": text, "is_ours": is_ours}
            for at, text, is_ours in sorted(received + written)
        ]
        choices = [(one.e164, grouped(one)) for one in numbers]
        page = _ENVIRONMENT.get_template("handsets.html")
        return HTMLResponse(page.render(number=number.e164, shown_as=grouped(number), choices=choices, texts=shown))

    @router.post("")
    async def write(
        request: Request,
        telefon: Annotated[str, Form(max_length=40)],
        text: Annotated[str, Form(max_length=LONGEST)] = "",
    ) -> Response:
        number = known.get(_e164(telefon))
        if number is None or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return HTMLResponse("", status_code=403)
        await sms.receive(provider=simulated.name, provider_id=new_id("sim"), number=number.e164, text=text)
        return RedirectResponse(f"{PAGE}?telefon={quote(number.e164)}", status_code=303)

    return router


def _e164(text: str) -> str:
    number = parse_phone(text)
    return number.e164 if number else ""
