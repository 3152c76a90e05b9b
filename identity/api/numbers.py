"""The API by which a system that knows its citizens by eID (Mina sidor) has a number count as somebody's.

A personnummer travels in the body of a request, never in its address. The system vouches for who it is (level 3); the
telephone still is asked by a text whether it is right.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from core.clock import STOCKHOLM, Clock
from core.descriptions import described
from core.ids import PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber, parse_phone
from identity.binding import ANSWERS, Binding, Kind
from identity.bindings import Bindings
from identity.errors import NumberNotPossibleError
from identity.personnummer import Personnummer, parse
from identity.service import Identity

PREFIX = "/api/v1/numbers"
READ, WRITE = "numbers:read", "numbers:write"
PUBLIC_ROUTES = {
    ("GET", f"{PREFIX}/openapi.json"): "tells other systems how to use this API; it holds no data",
}
"""The routes of this file that need no token, each with the reason."""

MaySystem = Callable[[str], Callable[[Request], Awaitable[str]]]
"""Returns, for a scope, what recognises the system behind a request."""

Reachable = Callable[[str], Awaitable[Subject | None]]
"""Returns the agency's key of whoever has twelve digits, if texts may be written to them; raises ``UnavailableError``."""


class Whose(BaseModel):
    """A person, by personnummer or coordination number."""

    model_config = ConfigDict(extra="forbid")

    personnummer: str = Field(max_length=20, repr=False)


class Number(Whose):
    """A person and a Swedish mobile number."""

    number: str = Field(max_length=40, repr=False, examples=["070-174 06 05"])


class Wish(Number):
    """A person wants to be answered on a number, and what we may write to it."""

    language: Language = Language.SWEDISH
    kinds: list[Kind] = Field(default_factory=lambda: sorted(ANSWERS), max_length=len(Kind))


class Allowed(Number):
    """All that may be written to a number from now on."""

    kinds: list[Kind] = Field(max_length=len(Kind))


class Gone(Whose):
    """A person whose numbers, or one of them, are to be let go of."""

    number: str = Field(default="", max_length=40, repr=False)


class NumberShown(BaseModel):
    """A number, what we may write to it, and whether its telephone has said yes."""

    number: str
    kinds: list[Kind]
    asked_at: datetime
    confirmed_at: datetime | None


class Ended(BaseModel):
    """How many numbers do not count as theirs any more."""

    ended: int


@dataclass(frozen=True)
class Numbers:
    """What stands behind the routes."""

    identity: Identity
    bindings: Bindings
    reachable: Reachable
    clock: Clock

    def read(self, digits: str) -> tuple[Personnummer, PersonId]:
        """Return a personnummer and its pseudonym; raises a :class:`~identity.errors.PersonnummerError`."""
        personnummer = parse(digits, on=self.clock.now().astimezone(STOCKHOLM).date())
        return personnummer, self.identity.person_id(personnummer)


def make_numbers_router(*, may: MaySystem, numbers: Numbers) -> APIRouter:
    """Return the routes for other systems."""
    router = APIRouter(prefix=PREFIX, tags=["numbers"])
    _add_description(router)
    _add_looking(router, may(READ), numbers)
    _add_changing(router, may(WRITE), numbers)
    return router


def _add_description(router: APIRouter) -> None:
    @router.get("/openapi.json", include_in_schema=False)
    async def description() -> dict[str, Any]:
        return described(get_openapi(title="Kundcenter: numbers", version="1", routes=router.routes))


def _add_looking(router: APIRouter, reader: Any, numbers: Numbers) -> None:
    @router.post("/look")
    async def look(_: Annotated[str, Depends(reader)], whose: Whose) -> list[NumberShown]:
        """Show the numbers that count as somebody's."""
        _personnummer, person = numbers.read(whose.personnummer)
        async with numbers.bindings.database.reading() as tx:
            return [_shown(one) for one in await numbers.bindings.of_person(tx, person)]


def _add_changing(router: APIRouter, writer: Any, numbers: Numbers) -> None:
    @router.post("/bind", status_code=202)
    async def bind(system: Annotated[str, Depends(writer)], wish: Wish) -> NumberShown:
        """Ask for a number to count as somebody's: its telephone gets a text, and says yes or no."""
        personnummer, person = numbers.read(wish.personnummer)
        subject = await numbers.reachable(personnummer.reveal())
        if subject is None:
            raise NumberNotPossibleError
        asked = await numbers.bindings.ask(
            person=person, subject=subject, number=_number(wish.number), language=wish.language, by=_by(system),
            kinds=frozenset(wish.kinds),
        )  # fmt: skip
        return _shown(asked)

    @router.post("/allow", status_code=204)
    async def allow(system: Annotated[str, Depends(writer)], allowed: Allowed) -> None:
        """Allow exactly these kinds. A number that is not theirs is refused."""
        _personnummer, person = numbers.read(allowed.personnummer)
        if not await numbers.bindings.set_kinds(person, _number(allowed.number), allowed.kinds, by=_by(system)):
            raise NumberNotPossibleError

    @router.post("/unbind")
    async def unbind(system: Annotated[str, Depends(writer)], gone: Gone) -> Ended:
        """Let go of all numbers of somebody, or of one."""
        _personnummer, person = numbers.read(gone.personnummer)
        number = _number(gone.number) if gone.number else None
        return Ended(ended=await numbers.bindings.unbind_person(person, by=_by(system), number=number))


def _by(system: str) -> str:
    return f"system:{system}"


def _number(text: str) -> PhoneNumber:
    number = parse_phone(text)
    if number is None:
        raise NumberNotPossibleError
    return number


def _shown(one: Binding) -> NumberShown:
    return NumberShown(
        number=one.number.e164, kinds=sorted(one.allowed), asked_at=one.asked_at, confirmed_at=one.confirmed_at
    )
