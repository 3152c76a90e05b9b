"""What a kallelse says: why, when, where, with whom, their direct number, what to think of, and how to change it. Pure.

Nothing in it tells whose it is, and for whoever has a protected identity it tells neither place nor name (I-27). Without a
direct number that reaches the handler there is no kallelse (R63, N6).
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from babel import Locale
from babel.dates import format_date, format_time

from core.clock import STOCKHOLM
from core.language import Language
from core.phone import PhoneNumber, grouped
from meetings.errors import NoDirectNumberError, NumberNotRoutedError
from meetings.model import Meeting, MeetingId
from meetings.policy import About
from meetings.register import Handler, Mode, Register

Words = Mapping[str, str]
_IN_SWEDISH = frozenset({"sv", "sgn-se"})
"""Who speaks one of these reads Swedish; everybody else gets English, and hears who interprets."""
_CLOCK = {Language.SWEDISH: "HH.mm", Language.ENGLISH: "HH:mm"}


class Method(StrEnum):
    """What a kallelse does to the calendar of whoever gets it (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Section:
    """A part of a kallelse: a stable ``name`` (``when``, ``where``, ``why`` …), what stands over it, and its lines."""

    name: str
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Kallelse:
    """A kallelse as it was written. ``place`` is empty where there is none, or it must not be told; ``direct`` is E.164."""

    meeting: MeetingId
    method: Method
    sequence: int
    language: Language
    starts_at: datetime
    ends_at: datetime
    place: str
    direct: str
    summary: str
    description: str
    title: str
    greeting: str
    sections: tuple[Section, ...]
    closing: tuple[str, ...]

    def lines_of(self, name: str) -> Sequence[str]:
        """Return the lines of one section; none when it has not got it."""
        return next((one.lines for one in self.sections if one.name == name), ())


def language_of(row: Meeting) -> Language:
    """Return the language in which somebody is called to a meeting: theirs where we have it."""
    return Language.SWEDISH if row.language in _IN_SWEDISH else Language.ENGLISH


def handler_of(row: Meeting, register: Register) -> Handler:
    """Return the handler of ours who calls to a meeting; raises :class:`NoDirectNumberError` when there is none any more."""
    staff = [register.handlers[one] for one in row.parts.staff if one in register.handlers]
    ours = [one for one in staff if one.is_ours]
    if not ours:
        raise NoDirectNumberError
    return ours[0]


def compose(
    row: Meeting,
    *,
    method: Method,
    register: Register,
    about: About,
    words: Mapping[Language, Words],
    routed: Collection[PhoneNumber],
    link: str = "",
) -> Kallelse:
    """Write the kallelse of a meeting as it is now.

    ``routed`` are the numbers that come in to us and are put through. Raises :class:`NoDirectNumberError` and
    :class:`NumberNotRoutedError`: a number that nobody answers is worse than none.
    """
    handler = handler_of(row, register)
    if handler.number not in routed:
        raise NumberNotRoutedError
    language = language_of(row)
    said = _Said(
        row, register=register, handler=handler, about=about, words=words[language], language=language, link=link
    )
    cancels = method is Method.CANCEL
    sections = said.cancelled() if cancels else said.invited()
    title = "title_cancelled" if cancels else "title_moved" if row.sequence else "title"
    return Kallelse(
        meeting=row.meeting,
        method=method,
        sequence=row.sequence + cancels,  # whoever cancels says a newer thing than whoever invited (RFC 5546)
        language=language,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=said.place,
        direct=handler.number.e164,
        summary=said.words["summary_phone" if row.mode is Mode.PHONE else "summary"],
        description=said("description"),
        title=said.words[title],
        greeting=said.words["greeting"],
        sections=tuple(one for one in sections if one.lines),
        closing=(said.words["signature"], said.words["sender"]),
    )


def as_text(kallelse: Kallelse) -> str:
    """Return a kallelse as plain text."""
    parts = [kallelse.title, kallelse.greeting]
    parts += ["\n".join((one.heading, *one.lines)) for one in kallelse.sections]
    return "\n\n".join([*parts, "\n".join(kallelse.closing)]) + "\n"


def as_json(kallelse: Kallelse) -> str:
    """Return a kallelse as it is kept; :func:`from_json` reads it."""
    instants = {"starts_at": kallelse.starts_at.isoformat(), "ends_at": kallelse.ends_at.isoformat()}
    return json.dumps(asdict(kallelse) | instants, ensure_ascii=False)


def from_json(text: str) -> Kallelse:
    """Read a kallelse that is kept."""
    read = json.loads(text)
    sections = tuple(Section(one["name"], one["heading"], tuple(one["lines"])) for one in read["sections"])
    typed = {
        "meeting": MeetingId(read["meeting"]), "method": Method(read["method"]), "language": Language(read["language"]),
        "starts_at": datetime.fromisoformat(read["starts_at"]), "ends_at": datetime.fromisoformat(read["ends_at"]),
        "sections": sections, "closing": tuple(read["closing"]),
    }  # fmt: skip
    return Kallelse(**{**read, **typed})


class _Said:
    """The words of one kallelse, with its values put in."""

    def __init__(
        self,
        row: Meeting,
        *,
        register: Register,
        handler: Handler,
        about: About,
        words: Words,
        language: Language,
        link: str,
    ) -> None:
        self._row, self._register, self._about, self._language, self._link = row, register, about, language, link
        self._office = register.offices.get(row.office)
        self.words = words
        self._name = words["your_handler"] if row.is_protected else handler.name
        minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
        self._values = {
            "name": self._name,
            "direct": grouped(handler.number),
            "day": format_date(row.starts_at.astimezone(STOCKHOLM).date(), "EEEE d MMMM", locale=language.value),
            "from": self._clock(row.starts_at),
            "until": self._clock(row.ends_at),
            "minutes": str(minutes),
            "link": link,
        }

    def __call__(self, key: str, **more: str) -> str:
        line = self.words[key].format(**self._values, **more)
        return line[:1].upper() + line[1:]

    @property
    def place(self) -> str:
        """Where to go, on one line; empty by phone, by video, and for whoever is protected."""
        if self._row.is_protected or self._row.mode is not Mode.PHYSICAL or self._office is None:
            return ""
        return f"{self._office.name}, {self._office.address}"

    def invited(self) -> Iterator[Section]:
        """Yield what somebody is called to."""
        yield self._section("when", self("when_said"))
        yield self._section("where", *self._where())
        yield self._section("why", self._about.purpose[self._language], *self._label())
        yield self._section("whom", *self._whom())
        yield self._section("number", self("number_said"))
        yield self._section("questions", *self._questions())
        yield self._section("bring", *self._bring())
        yield self._section("change", self("change_protected" if self._row.is_protected else "change_said"))
        if self._link:
            yield self._section("page", self("page_said"))

    def cancelled(self) -> Iterator[Section]:
        """Yield what somebody hears whose meeting is not to be."""
        yield self._section("cancelled", self("cancelled_said"))
        yield self._section("again", self("again_said"))

    def _section(self, name: str, *lines: str) -> Section:
        return Section(name, self.words[name], tuple(line for line in lines if line))

    def _clock(self, at: datetime) -> str:
        return format_time(at.astimezone(STOCKHOLM).time(), _CLOCK[self._language], locale=self._language.value)

    def _where(self) -> Iterator[str]:
        if self._row.is_protected:
            yield self("where_protected")
        elif self._row.mode is not Mode.PHYSICAL:
            yield self("where_phone" if self._row.mode is Mode.PHONE else "where_video")
        elif self._office is not None:
            yield self._office.name
            yield self._office.address
            room = self._register.rooms.get(self._row.parts.room or "")
            features = self._office.features | (room.features if room else frozenset())
            for one in ("step_free", "lift", "hearing_loop"):
                if one in features:
                    yield self.words[one]

    def _label(self) -> Iterator[str]:
        kind = self._register.types.get(self._row.type)
        if kind is not None:
            yield self("why_said", label=kind.label[self._language])

    def _whom(self) -> Iterator[str]:
        staff = [self._register.handlers[one] for one in self._row.parts.staff if one in self._register.handlers]
        for one in staff:
            if not self._row.is_protected:
                yield self.words["whom_ours" if one.is_ours else f"whom_{one.authority}"].format(name=one.name)
            elif one.is_ours:
                yield self.words["whom_protected"]
        kind = self._register.types.get(self._row.type)
        for other in kind.others if kind is not None else ():
            yield self.words.get(f"whom_{other}", "")
        if self._row.parts.interpreter is not None:
            yield self("whom_interpreter", language=self._tongue())
        if self._row.mode is Mode.PHYSICAL:
            yield self.words["company"]

    def _tongue(self) -> str:
        spoken = self._row.language
        known: str = Locale(self._language.value).languages.get(spoken, spoken)
        return self.words.get(f"language_{spoken}", known)

    def _questions(self) -> Iterator[str]:
        if not self._about.questions:
            return
        for one in self._about.questions:
            yield f"– {one.asks[self._language]}"
        yield self("questions_said")
        if self._link:
            yield self.words["questions_page"]

    def _bring(self) -> Iterator[str]:
        if self._row.mode is Mode.PHYSICAL:
            yield self._about.bring.get(self._language, "")
