"""The demonstration's handsets: what the simulated provider delivered to a number, and a form to write from it. No script."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.clock import STOCKHOLM
from core.ids import NewId
from core.phone import PhoneNumber, grouped, parse_phone
from sms.ports import Handsets, OnHandset
from sms.service import Sms

PAGE = "/sms"
PUBLIC_ROUTES = {
    ("GET", PAGE): "demonstration only: the texts on invented telephones",
    ("POST", PAGE): "demonstration only: writes from an invented telephone; from our own page only",
    (
        "POST",
        f"{PAGE}/handelse",
    ): "demonstration only: lets something happen to an invented person; from our own page only",
}
"""The routes of this file, each with the reason why it needs no log-in."""

LONGEST = 1_000
WORDS = ("UTBETALNING", "STATUS", "RING", "HANDLÄGGARE", "MEDDELA", "HJÄLP", "STOPP", "START")
LOOKS, BETWEEN_LOOKS = 20, 0.1
"""How often, and how many seconds apart, the page looks for the answer before it shows what was written."""

_FICTION = re.compile(r"\+46701740(60[5-9]|6[1-9][0-9])")
"""070-174 06 05 to 070-174 06 99 (PTS)."""

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


async def _nobody(_number: PhoneNumber) -> str:
    return ""


async def _nothing(_number: PhoneNumber, _what: str) -> None:
    return None


@dataclass(frozen=True)
class Happenings:
    """What can be let happen to whoever a number belongs to: names by word, whose it is (``""``: nobody's), and the way to."""

    names: Mapping[str, str] = field(default_factory=dict)
    owner: Callable[[PhoneNumber], Awaitable[str]] = _nobody
    happen: Callable[[PhoneNumber, str], Awaitable[None]] = _nothing


def make_handsets_router(
    *,
    sms: Sms,
    simulated: Handsets,
    numbers: Sequence[PhoneNumber],
    new_id: NewId,
    demo: bool,
    happenings: Happenings,
) -> APIRouter:
    """Return the routes of the demonstration's handsets; none where there is no demonstration."""
    router = APIRouter(prefix=PAGE, include_in_schema=False)
    if not demo:
        return router
    _add_looking(router, sms, simulated, numbers, happenings)
    _add_writing(router, sms, simulated, new_id)

    @router.post("/handelse")
    async def happens(
        request: Request, telefon: Annotated[str, Form(max_length=40)], vad: Annotated[str, Form(max_length=40)]
    ) -> Response:
        number = _invented(telefon)
        if number is None or vad not in happenings.names or not _is_ours(request):
            return HTMLResponse("", status_code=403)
        before = list(await simulated.on_handset(number))[:1]
        await happenings.happen(number, vad)
        await _look_for_more(simulated, number, than=before)
        return _back_to(number)

    return router


def _add_looking(
    router: APIRouter, sms: Sms, simulated: Handsets, numbers: Sequence[PhoneNumber], happenings: Happenings
) -> None:
    @router.get("")
    async def look(telefon: Annotated[str, Query(max_length=40)] = "") -> Response:
        number = _invented(telefon) or numbers[0]
        received = [(one.at, one.text, True) for one in await simulated.on_handset(number)]
        async with sms.database.reading() as tx:
            written = [(at, text, False) for at, text in await sms.written_from(tx, number)]
        shown = [
            {"at": f"{at.astimezone(STOCKHOLM):%H.%M.%S}", "text": text, "is_ours": is_ours}
            for at, text, is_ours in sorted(received + written)
        ]
        choices = [(one.e164, grouped(one)) for one in dict.fromkeys([*numbers, number])]
        owner = await happenings.owner(number)
        page = _ENVIRONMENT.get_template("handsets.html")
        return HTMLResponse(
            page.render(
                number=number.e164, shown_as=grouped(number), choices=choices, texts=shown, words=WORDS, owner=owner,
                happenings=tuple(happenings.names.items()) if owner else (),
            )
        )  # fmt: skip


def _add_writing(router: APIRouter, sms: Sms, simulated: Handsets, new_id: NewId) -> None:
    @router.post("")
    async def write(
        request: Request,
        telefon: Annotated[str, Form(max_length=40)],
        text: Annotated[str, Form(max_length=LONGEST)] = "",
    ) -> Response:
        number = _invented(telefon)
        if number is None or not _is_ours(request):
            return HTMLResponse("", status_code=403)
        before = list(await simulated.on_handset(number))[:1]
        await sms.receive(provider=simulated.name, provider_id=new_id("sim"), number=number.e164, text=text)
        await _look_for_more(simulated, number, than=before)
        return _back_to(number)


async def _look_for_more(simulated: Handsets, number: PhoneNumber, *, than: Sequence[OnHandset]) -> None:
    """Wait for an answer for a moment, so that one sees it without asking again; there may be none."""
    for _ in range(LOOKS):
        if list(await simulated.on_handset(number))[:1] != than:
            return
        await asyncio.sleep(BETWEEN_LOOKS)


def _back_to(number: PhoneNumber) -> Response:
    return RedirectResponse(f"{PAGE}?telefon={quote(number.e164)}#last", status_code=303)


def _is_ours(request: Request) -> bool:
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _invented(text: str) -> PhoneNumber | None:
    """Return a number that the telecom authority keeps for fiction, so that it is nobody's; ``None`` for any other."""
    number = parse_phone(text)
    return number if number is not None and _FICTION.fullmatch(number.e164) else None
