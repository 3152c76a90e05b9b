"""Writes the citizen's page of a promise. No script; everything from outside is escaped by the templates."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi.responses import Response

from callbacks.api import wording
from callbacks.model import Callback, CallbackState
from callbacks.service import Callbacks
from citizen_pages.api.writing import Writing
from citizen_pages.links import Links
from core.clock import Clock
from core.language import Language

PLACE = "place"
_DONE = {"moved": "moved", PLACE: "kept_place"}


@dataclass(frozen=True, kw_only=True)
class Says:
    """What the page tells of us: the number that we ring from, how often we try, and how far apart, in minutes."""

    number: str
    most_attempts: Callable[[], int]
    minutes_between: Callable[[], int]


class Pages:
    """Writes the pages."""

    def __init__(self, *, links: Links, clock: Clock, says: Says) -> None:
        self._writing = Writing(Path(__file__).parent)
        self._links = links
        self._clock = clock
        self._says = says

    async def promise(
        self, callbacks: Callbacks, row: Callback, asked: str, *, done: str = "", trouble: str = ""
    ) -> Response:
        """Show a promise, and the times that it can be moved to."""
        language = self._language(asked, row)
        words = self._writing.words[language]
        if not row.is_open or row.state is CallbackState.TAKEN:
            return self.over(row, asked)
        free = await callbacks.times(queue=row.queue)
        notice = words[trouble or _DONE[done]] if trouble or done in _DONE else ""
        return self._page(
            "promise.html",
            language,
            HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
            row=row,
            heading=words["title"],
            notice=notice,
            notice_kind="warn" if trouble else "done",
            when=wording.when(row, words, language),
            our_number=self._says.number,
            ends_with=row.number.e164[-2:],
            how_often=words["how_often_text"].format(
                n=self._says.most_attempts(), minutes=self._says.minutes_between()
            ),
            has_proof=bool(row.proof),
            place_chosen=row.slot is None,
            days=wording.days(free, words, language, chosen=row.slot),
        )

    def cancel(self, row: Callback, asked: str) -> Response:
        """Ask whether a promise is to be cancelled."""
        if not row.is_open or row.state is CallbackState.TAKEN:
            return self.over(row, asked)
        language = self._language(asked, row)
        words = self._writing.words[language]
        text = words["cancel_page_text"].format(number=self._says.number)
        return self._page("cancel.html", language, row=row, heading=words["cancel_page_title"], text=text)

    def over(self, row: Callback, asked: str) -> Response:
        """Say that a promise is over, or that we ring just now."""
        about = wording.over(row)
        status = HTTPStatus.CONFLICT if row.is_open else HTTPStatus.GONE
        return self.plain(about, self._language(asked, row), HTTPStatus.OK if about == "cancelled" else status)

    def plain(self, about: str, language: Language, status: HTTPStatus) -> Response:
        """Say something in a heading and a sentence."""
        return self._writing.plain(about, language, status, number=self._says.number)

    def asked_for(self, asked: str) -> Language:
        """Return the language that somebody asks for, or else Swedish."""
        return self._writing.asked_for(asked)

    def _language(self, asked: str, row: Callback) -> Language:
        return self.asked_for(asked or row.language)

    def _page(
        self, template: str, language: Language, status: HTTPStatus = HTTPStatus.OK, *, row: Callback, heading: str,
        **values: Any,
    ) -> Response:  # fmt: skip
        own = {
            "here": self._links.path(row.callback),
            "mark": self._links.form_mark(row.callback, now=self._clock.now()),
        }
        return self._writing.page(template, language, status, heading=heading, **own, **values)
