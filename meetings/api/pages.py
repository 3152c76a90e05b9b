"""Writes the citizen's page of a meeting. No script; everything from outside is escaped by the templates."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi.responses import Response

from citizen_pages.api.writing import Writing
from citizen_pages.links import Links
from citizen_pages.times import Day, Words
from core.language import Language
from core.phone import grouped
from meetings.api import wording
from meetings.changing import wish_of
from meetings.documentation import Document
from meetings.errors import MeetingRefusedError
from meetings.model import ConsentKind, Meeting, State
from meetings.preparing import LONGEST_ANSWER, Preparation
from meetings.rules import has_brief
from meetings.service import Meetings

TIMES_SHOWN = 40
_DONE = {"booked": "booked", "moved": "moved", "prepared": "prepare_done", "said": "brief_noted"}


class Pages:
    """Writes the pages. ``number`` is ours, for whoever has no meeting with anybody any more."""

    def __init__(self, *, meetings: Meetings, links: Links, number: str) -> None:
        self._writing = Writing(Path(__file__).parent)
        self._meetings = meetings
        self._links = links
        self._number = number

    async def meeting(self, row: Meeting, asked: str, *, done: str = "", trouble: str = "") -> Response:
        """Show a meeting: when, where, with whom, and what can be done about it."""
        if not self.can_change(row) or row.is_protected:
            return await self.closed(row, asked)
        language = self._language(asked, row)
        words = self._writing.words[language]
        about = self._meetings.preparing.about(row)
        async with self._meetings.database.reading() as tx:
            there = await self._meetings.preparing.of(tx, row.meeting)
            letter = await self._meetings.letters.newest(tx, row.meeting)
        notice = words[trouble or _DONE[done]] if trouble or done in _DONE else ""
        return self._page(
            "meeting.html",
            language,
            HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
            row=row,
            heading=words["title"],
            notice=notice,
            notice_kind="warn" if trouble else "done",
            when=wording.when(row, words, language),
            purpose=about.purpose[language] if about else "",
            facts=wording.facts(row, self._meetings.register, about, words, language),
            has_letter=letter is not None,
            questions=self._questions(row, language, there),
            is_prepared=bool(there.answers),
            brief=self._brief(row, there),
            brief_said_no=words["brief_said_no"].format(number=self._direct(row)),
            days=await self._days(row, words, language),
            no_times=words["no_times"].format(number=self._direct(row)),
        )

    async def prepare(self, row: Meeting, asked: str, *, trouble: str = "") -> Response:
        """Show the questions to think about, with what was answered."""
        if not self.can_change(row) or row.is_protected:
            return await self.closed(row, asked)
        language = self._language(asked, row)
        words = self._writing.words[language]
        async with self._meetings.database.reading() as tx:
            there = await self._meetings.preparing.of(tx, row.meeting)
        return self._page(
            "prepare.html",
            language,
            HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
            row=row,
            heading=words["prepare_page_title"],
            notice=words[trouble] if trouble else "",
            notice_kind="warn",
            questions=self._questions(row, language, there),
            longest=LONGEST_ANSWER,
            paper=words["prepare_paper"].format(number=self._direct(row)),
        )

    async def cancel(self, row: Meeting, asked: str) -> Response:
        """Ask whether a meeting is to be cancelled."""
        if not self.can_change(row) or row.is_protected:
            return await self.closed(row, asked)
        language = self._language(asked, row)
        words = self._writing.words[language]
        text = words["cancel_page_text"].format(number=self._direct(row))
        return self._page("cancel.html", language, row=row, heading=words["cancel_page_title"], text=text)

    def can_change(self, row: Meeting) -> bool:
        """Tell whether a meeting is still ahead."""
        return row.state is State.BOOKED and self._meetings.clock.now() < row.starts_at

    async def closed(self, row: Meeting, asked: str) -> Response:
        """Say what became of a meeting about which nothing can be changed here."""
        language = self._language(asked, row)
        now = self._meetings.clock.now()
        is_on = row.state is State.BOOKED and row.starts_at <= now < row.ends_at
        words = self._writing.words[language]
        if is_on and not row.is_protected:
            text = words["begun"].format(number=self._direct(row))
            return self._page("page.html", language, HTTPStatus.OK, row=row, heading=words["title"], lines=[text])
        if await self.handed_over(row):
            text = words["done_text"].format(number=self._direct(row))
            return self._page("over.html", language, row=row, heading=words["done_title"], lines=[text])
        is_ahead = row.state is State.BOOKED and now < row.ends_at
        return self.plain("protected" if is_ahead else wording.over(row), language, number=self._direct(row))

    async def handed_over(self, row: Meeting) -> Document | None:
        """Return what was written down in a meeting, if the citizen got it; not here for whoever is protected."""
        if row.state is not State.DONE or row.is_protected:
            return None
        async with self._meetings.database.reading() as tx:
            document = await self._meetings.documents.of(tx, row.meeting)
        return document if document is not None and document.handed_over_at is not None else None

    async def document(self, row: Meeting, asked: str) -> Response:
        """Show what was written down in a meeting, what was agreed and what comes next."""
        language = self._language(asked, row)
        words = self._writing.words[language]
        document = await self.handed_over(row)
        if document is None:
            return self.plain("document_none", language, HTTPStatus.NOT_FOUND, number=self._direct(row))
        return self._page(
            "document.html",
            language,
            row=row,
            heading=words["document_title"],
            lines=document.text.splitlines(),
            agreed=document.agreed.splitlines(),
            next_step=document.next_step.splitlines(),
            wrong=words["document_wrong"].format(number=self._direct(row)),
        )

    def plain(
        self, about: str, language: Language, status: HTTPStatus = HTTPStatus.OK, *, number: str = ""
    ) -> Response:
        """Say something in a heading and a sentence."""
        return self._writing.plain(about, language, status, number=number or self._number)

    def asked_for(self, asked: str) -> Language:
        """Return the language that somebody asks for, or else Swedish."""
        return self._writing.asked_for(asked)

    def _language(self, asked: str, row: Meeting) -> Language:
        """English for whoever speaks a language in which we have no words."""
        named = (one for code in (asked, row.language) for one in self._writing.words if one.value == code)
        return next(named, Language.ENGLISH)

    def _questions(self, row: Meeting, language: Language, there: Preparation) -> list[dict[str, str]]:
        about = self._meetings.preparing.about(row)
        return [
            {
                "question": one.question,
                "asks": one.asks[language],
                "answer": there.answers.get(one.question, ""),
            }
            for one in (about.questions if about else ())
        ]

    def _brief(self, row: Meeting, there: Preparation) -> str:
        """Nobody is asked twice, and nobody whom no brief is written about."""
        if not has_brief(self._meetings.register.types.get(row.type)):
            return ""
        said = there.consents.get(ConsentKind.BRIEF)
        if said is None:
            return "open"
        return "yes" if said.stands else "no"

    async def _days(self, row: Meeting, words: Words, language: Language) -> Sequence[Day]:
        kind = self._meetings.register.types[row.type]
        wish = replace(wish_of(row, kind), offices=(row.office,), mode=row.mode)
        try:
            free = await self._meetings.times(wish, most=TIMES_SHOWN)
        except MeetingRefusedError:  # the rules are others now: what is booked stays, and their handler knows more
            return []
        return wording.days(free, words, language, now_at=row) if free else []

    def _direct(self, row: Meeting) -> str:
        host = wording.host_of(row, self._meetings.register)
        return grouped(host.number) if host else self._number

    def _page(
        self, template: str, language: Language, status: HTTPStatus = HTTPStatus.OK, *, row: Meeting, heading: str,
        **values: Any,
    ) -> Response:  # fmt: skip
        own = {
            "here": self._links.path(row.meeting),
            "mark": self._links.form_mark(row.meeting, now=self._meetings.clock.now()),
        }
        return self._writing.page(template, language, status, heading=heading, **own, **values)
