"""Writes the page on which a citizen books a meeting for themselves."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from citizen_pages import times
from citizen_pages.api.writing import Writing
from citizen_pages.links import Links
from core.language import Language
from meetings.inviting import LATER
from meetings.model import Invitation, Meeting
from meetings.register import Mode
from meetings.service import Meetings


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What somebody has chosen so far: an office, how to meet, and a time (or that times are wanted from then on)."""

    office: str
    mode: Mode
    at: datetime | None = None


class InvitationPages:
    """Writes the pages. ``links`` are those of invitations, ``booked`` those of meetings, ``number`` is ours."""

    def __init__(self, *, meetings: Meetings, links: Links, booked: Links, number: str) -> None:
        self._writing = Writing(Path(__file__).parent)
        self._meetings = meetings
        self._links = links
        self._booked = booked
        self._number = number

    def plain(self, about: str, asked: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Say something in a heading and a sentence."""
        return self._writing.plain(about, self._writing.asked_for(asked), status, number=self._number)

    def meeting(self, row: Meeting) -> str:
        """Return where the page of a booked meeting is."""
        return self._booked.path(row.meeting)

    def at(self, one: Invitation, chosen: Chosen, *, what: str = "") -> str:
        """Return where what was chosen is shown; ``what`` is ``/bekrafta`` or nothing."""
        said = {"kontor": chosen.office, "satt": chosen.mode.value}
        if chosen.at is not None:
            said["tid" if what else "efter"] = times.value_of(chosen.at)
        return f"{self._links.path(one.invitation)}{what}?{urlencode(said)}"

    async def where(self, one: Invitation, asked: str, *, trouble: str = "") -> Response:
        """Ask for the postcode, or for an office."""
        language = self._language(asked, one)
        words = self._writing.words[language]
        about = self._meetings.policy.about.get(one.wish.type)
        return self._page(
            "where.html", language, one, trouble,
            heading=words["invite_title"],
            purpose=about.purpose[language] if about else "",
            until=words["invite_until"].format(day=times.day(one.expires_at, language)),
            offices=self._meetings.inviting.offices(one),
            modes=self._meetings.inviting.modes(one),
            ring=words["invite_ring"].format(number=self._number),
        )  # fmt: skip

    async def offered(self, one: Invitation, chosen: Chosen, asked: str, *, trouble: str = "") -> Response:
        """Offer three times at the office that was chosen, from a time on; without an office ask for one."""
        if not chosen.office:
            return await self.where(one, asked, trouble=trouble)
        language = self._language(asked, one)
        words = self._writing.words[language]
        found = await self._meetings.inviting.times(one, chosen.office, chosen.mode, after=chosen.at)
        others = [mode for mode in self._meetings.inviting.modes(one) if mode is not chosen.mode]
        spans = [(free.starts_at, free.ends_at) for free in found]
        first = replace(chosen, at=None)
        return self._page(
            "offered.html", language, one, trouble,
            heading=words["invite_title"],
            place=self._place(chosen, words),
            chosen=chosen,
            days=times.days(spans, words, language),
            later=self.at(one, replace(chosen, at=found[-1].starts_at + LATER)) if found else "",
            earlier=self.at(one, first) if chosen.at is not None else "",
            others=[(words[f"invite_rather_{mode}"], self.at(one, replace(first, mode=mode))) for mode in others],
            none=words["invite_none"].format(number=self._number),
        )  # fmt: skip

    async def confirm(self, one: Invitation, chosen: Chosen, asked: str) -> Response:
        """Ask whether to book what was chosen; when it is no longer free, offer what is."""
        if not chosen.office or chosen.at is None:
            return await self.offered(one, chosen, asked, trouble="invite_choose")
        found = await self._meetings.inviting.times(one, chosen.office, chosen.mode, after=chosen.at)
        free = next((each for each in found if each.starts_at == chosen.at), None)
        if free is None:
            return await self.offered(one, chosen, asked, trouble="invite_taken")
        language = self._language(asked, one)
        words = self._writing.words[language]
        span = times.from_until((free.starts_at, free.ends_at), language)
        minutes = int((free.ends_at - free.starts_at) / timedelta(minutes=1))
        when = words[f"when_{chosen.mode}"].format(day=times.day(free.starts_at, language), minutes=minutes, **span)
        return self._page(
            "confirm.html", language, one, "",
            heading=words["invite_sure"],
            when=when,
            place=self._place(chosen, words),
            chosen=chosen,
            value=times.value_of(free.starts_at),
            others=self.at(one, replace(chosen, at=None)),
        )  # fmt: skip

    def _place(self, chosen: Chosen, words: times.Words) -> str:
        office = self._meetings.register.offices[chosen.office]
        return f"{office.name}, {office.address}" if chosen.mode is Mode.PHYSICAL else words[f"invite_by_{chosen.mode}"]

    def _language(self, asked: str, one: Invitation) -> Language:
        """English for whoever speaks a language in which we have no words."""
        named = (each for code in (asked, one.wish.language) for each in self._writing.words if each.value == code)
        return next(named, Language.ENGLISH)

    def _page(self, template: str, language: Language, one: Invitation, trouble: str, **values: Any) -> Response:
        own = {
            "here": self._links.path(one.invitation),
            "mark": self._links.form_mark(one.invitation, now=self._meetings.clock.now()),
            "notice": self._writing.words[language][trouble] if trouble else "",
            "notice_kind": "warn",
        }
        return self._writing.page(
            template, language, HTTPStatus.CONFLICT if trouble else HTTPStatus.OK, **own, **values
        )
