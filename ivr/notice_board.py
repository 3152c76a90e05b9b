"""The board of notices: supervisors put them up, and every process knows them, also while the database is away."""

import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

import structlog

from core.clock import Clock
from core.language import Language
from ivr import notices_store
from ivr.errors import NoticePlaceUnknownError, NoticeRefusedError
from ivr.notices import LONGEST, USUAL, Message, Notice, Place, faults_in, spoken, spoken_to_all
from ivr.wording import Wordings
from storage.database import Database, Transaction
from telephony.model import Utterance

log = structlog.get_logger()

Places = Callable[[Place], Collection[str]]
"""Names the entry points, the queues or the skills that there are."""

SkillsOf = Callable[[str, Language], Collection[str]]
"""Names the skills that a queue needs in a language."""


def _none_known(_queue: str, _language: Language) -> Collection[str]:
    return ()


class NoticeBoard:
    """Notices that are up. What is up is read again and again (:meth:`refresh`), so that no call waits for it."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        wordings: Callable[[], Wordings],
        places: Places,
        skills_of: SkillsOf = _none_known,
    ) -> None:
        self._skills_of = skills_of
        self._database = database
        self._clock = clock
        self._wordings = wordings
        self._places = places
        self._known: tuple[Notice, ...] = ()
        self._said_to_end: set[int] = set()

    # --- what supervisors do ------------------------------------------------------------------------------------------

    async def put_up(
        self,
        tx: Transaction,
        place: Place,
        name: str,
        *,
        message: Message,
        by: str,
        lasts: timedelta = USUAL,
    ) -> Notice:
        """Have a message said from now on, in place of the one that is; callers hear it once ``tx`` has committed.

        Raises :class:`~ivr.errors.NoticePlaceUnknownError`, and :class:`~ivr.errors.NoticeRefusedError` for a text that
        cannot be said or a time that is none.
        """
        self._require(place, name)
        message = Message(**{field: unicodedata.normalize("NFC", text) for field, text in vars(message).items()})
        faults = [*faults_in(message, self._wordings())]
        if not timedelta() < lasts <= LONGEST:
            faults.append(f"Ett meddelande kan gälla i högst {LONGEST // timedelta(hours=1)} timmar åt gången.")
        if faults:
            raise NoticeRefusedError(" ".join(faults))
        now = self._clock.now()
        new = Notice(
            number=0, place=place, name=name, message=message, put_up_by=by, put_up_at=now, ends_at=now + lasts
        )
        up = await notices_store.add(tx, new)
        log.warning("a notice is up", place=place, name=name, by=by, ends_at=up.ends_at.isoformat())
        return up

    async def take_down(self, tx: Transaction, place: Place, name: str, *, by: str) -> bool:
        """Have a message said no more once ``tx`` has committed; tell whether there was one."""
        taken = await notices_store.take_down(tx, place, name, by=by, at=self._clock.now())
        if taken:
            log.warning("a notice is taken down", place=place, name=name, by=by)
        return taken

    # --- what callers hear --------------------------------------------------------------------------------------------

    def first_of_all(self, entry_point: str) -> tuple[Utterance, ...]:
        """Return what a new caller at an entry point hears before anything else, in every language that it has."""
        found = self._at(Place.ENTRY_POINT, entry_point)
        return spoken_to_all(found.message, self._wordings()) if found else ()

    def before_waiting(self, queue: str, language: Language, *, besides: Collection[str] = ()) -> tuple[Utterance, ...]:
        """Return what a caller hears before waiting: of the queue, and of each skill that the queue needs in this language
        or that this caller needs ``besides``; the same words once."""
        skills = {*self._skills_of(queue, language), *besides}
        found = [self._at(Place.QUEUE, queue), *(self._at(Place.SKILL, skill) for skill in sorted(skills))]
        said = [one for each in found if each for one in spoken(each.message, language, self._wordings())]
        return tuple(dict.fromkeys(said))

    def up(self) -> tuple[Notice, ...]:
        """Return every notice that is up, as this process knows it."""
        now = self._clock.now()
        return tuple(notice for notice in self._known if notice.is_up(at=now))

    def everything_said(self) -> tuple[Utterance, ...]:
        """Return all that is to be said of notices, in every language, so that it can be spoken beforehand."""
        return tuple(one for notice in self.up() for one in spoken_to_all(notice.message, self._wordings()))

    def text(self, notice: Notice) -> str:
        """Return what a notice says, in Swedish."""
        return " ".join(one.text for one in spoken(notice.message, Language.SWEDISH, self._wordings()))

    def places(self, place: Place) -> tuple[str, ...]:
        """Return the entry points, the queues or the skills at which something can be put up."""
        return tuple(self._places(place))

    def ready_made(self) -> Mapping[str, str]:
        """Return the ready-made texts, by id, in Swedish."""
        return self._wordings().ready_made()

    # --- what time brings ---------------------------------------------------------------------------------------------

    async def refresh(self) -> bool:
        """Learn what is up, and tell whether that is news. What was known stays known when the database is away."""
        async with self._database.reading() as tx:
            known = tuple(await notices_store.standing(tx))
        changed, self._known = known != self._known, known
        return changed

    async def run_due(self) -> tuple[Notice, ...]:
        """Close notices whose time is up, warn once of those that end soon, and return the closed ones."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            ended = tuple(await notices_store.close_ended(tx, at=now))
            standing = await notices_store.standing(tx)
        for notice in ended:
            log.warning("a notice has ended by itself", place=notice.place, name=notice.name)
        for notice in standing:
            if notice.ends_soon(at=now) and notice.number not in self._said_to_end:
                self._said_to_end.add(notice.number)
                log.warning(
                    "a notice ends soon; put it up again if it still is true", place=notice.place, name=notice.name
                )
        return ended

    def _at(self, place: Place, name: str) -> Notice | None:
        return next((one for one in self.up() if (one.place, one.name) == (place, name)), None)

    def _require(self, place: Place, name: str) -> None:
        known = self._places(place)
        if name not in known:
            raise NoticePlaceUnknownError(f"Det finns: {', '.join(sorted(known))}.")
