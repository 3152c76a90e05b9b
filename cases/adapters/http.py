"""The agency's case systems over HTTP; the contract is in ``cases/README.md``.

A personnummer travels in the body of a request, never in its address. Every answer says whom it is about, and one
about somebody else is thrown away.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

import aiohttp
import structlog
from pydantic import BaseModel, ValidationError

from cases.adapters.answers import EventsAnswer, Located, MattersAnswer, PaymentsAnswer, PersonAnswer
from cases.breaker import Breaker
from cases.errors import CasesUnavailableError, WrongAnswerError
from cases.model import CaseStatus, Payment, Person
from cases.polling import Page
from core.clock import Clock
from core.ids import Subject

log = structlog.get_logger()

TOTAL_SECONDS = 2.0
LARGEST_ANSWER = 256 * 1024

_T = TypeVar("_T", bound=BaseModel)
_Subjective = TypeVar("_Subjective", PersonAnswer, PaymentsAnswer, MattersAnswer)


class HttpRegister:
    """Asks the agency's systems: at most two seconds a question, never twice, and not at all while they are down.

    Use it as an async context manager, or call ``close``.
    """

    def __init__(
        self, *, url: str, token: str, clock: Clock, breaker: Breaker | None = None, seconds: float = TOTAL_SECONDS
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._clock = clock
        self._breaker = breaker or Breaker()
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def locate(self, personnummer: str) -> Subject | None:
        """Return the register's own key for twelve digits, or ``None`` when there is nobody."""
        body = await self._ask("POST", "/v1/locate", {"personnummer": personnummer})
        if body is None:
            return None
        located = _read(Located, body)
        if located.personnummer != personnummer:
            raise _about_somebody_else("locate")
        return Subject(located.subject)

    async def person(self, subject: Subject) -> Person:
        """Return who the person is."""
        answer = await self._of(PersonAnswer, subject, "person")
        return Person(**answer.model_dump(exclude={"subject"}))

    async def payments(self, subject: Subject) -> Sequence[Payment]:
        """Return what is to be paid to the person."""
        answer = await self._of(PaymentsAnswer, subject, "payments")
        return tuple(Payment(**row.model_dump()) for row in answer.payments)

    async def matters(self, subject: Subject) -> Sequence[CaseStatus]:
        """Return the person's matters, the newest first."""
        answer = await self._of(MattersAnswer, subject, "matters")
        return tuple(CaseStatus(**row.model_dump()) for row in answer.matters)

    async def events(self, *, after: str) -> Page:
        """Return what has happened after a place in the list of events."""
        body = await self._ask("GET", f"/v1/events?after={quote(after, safe='')}", None)
        if body is None:
            raise WrongAnswerError("events")
        answer = _read(EventsAnswer, body)
        return Page([(one.id, one.model_dump_json()) for one in answer.events], answer.next)

    async def _of(self, shape: type[_Subjective], subject: Subject, what: str) -> _Subjective:
        body = await self._ask("GET", f"/v1/subjects/{quote(subject, safe='')}/{what}", None)
        if body is None:
            raise WrongAnswerError(what)
        answer = _read(shape, body)
        if answer.subject != subject:
            raise _about_somebody_else(what)
        return answer

    async def _ask(self, method: str, path: str, body: Mapping[str, str] | None) -> bytes | None:
        now = self._clock.now()
        if not self._breaker.may_ask(now=now):
            raise CasesUnavailableError("not asked: it did not answer before")
        try:
            answer = await self._exchange(method, path, body)
        except (aiohttp.ClientError, TimeoutError, OSError, CasesUnavailableError) as error:
            self._breaker.failed(now=self._clock.now())
            name = type(error).__name__
            log.warning("cases.no_answer", error=name, failures=self._breaker.failures)
            raise CasesUnavailableError(name) from None  # the foreign error holds the address, and with it the subject
        self._breaker.answered()
        return answer

    async def _exchange(self, method: str, path: str, body: Mapping[str, str] | None) -> bytes | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        async with self._session.request(method, self._url + path, json=body, allow_redirects=False) as response:
            if response.status == 404:
                return None
            if response.status != 200:
                raise CasesUnavailableError(f"status {response.status}")
            content = await response.content.read(LARGEST_ANSWER + 1)
            while not response.content.at_eof() and len(content) <= LARGEST_ANSWER:
                content += await response.content.read(LARGEST_ANSWER + 1 - len(content))
            return content


def _read(shape: type[_T], body: bytes) -> _T:
    if len(body) > LARGEST_ANSWER:
        raise WrongAnswerError("too long")
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        fields = sorted({".".join(map(str, problem["loc"][:1])) for problem in error.errors(include_input=False)})
        log.warning("cases.wrong_answer", shape=shape.__name__, fields=fields)
        raise WrongAnswerError(shape.__name__) from None


def _about_somebody_else(what: str) -> WrongAnswerError:
    log.error("cases.answer_about_somebody_else", what=what)
    return WrongAnswerError("about somebody else")
