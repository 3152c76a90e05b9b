"""Turns what the rooms below say into what an agent sees. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from cases.model import CaseStatus, PersonCard
from contacts.model import Channel, Contact
from core.ids import ContactId
from core.language import Language
from core.phone import grouped, parse_phone
from dashboard import views
from dashboard.text_ports import Text
from ivr.notice_board import NoticeBoard
from ivr.notices import Place
from skills_routing.agents.desk import OfferShown, QueueLength, Talk, WrittenWork

LANGUAGE = Language.SWEDISH


def steps_in_words(path: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    """Name what a caller chose: ``main/menu:choice_payment`` by its choice or its place; the same twice is said once."""
    said: list[str] = []
    for name in path:
        place, _, choice = name.partition(":")
        words = labels.get(name) or labels.get(choice) or labels.get(place) or _plain(choice or place)
        if words != (said[-1] if said else ""):
            said.append(words)
    return said


def about(
    row: Contact | None, contact: ContactId, *, queue: str, queues: Sequence[QueueLength], steps: Mapping[str, str]
) -> views.WaitingFor:
    """Tell what a contact wants, without telling who it is."""
    wanted = queue or (row.queue if row else "")
    return views.WaitingFor(
        contact=contact,
        channel=row.channel if row else Channel.VOICE,
        queue=wanted,
        queue_label=queue_label(wanted, queues),
        waiting_since=row.waiting_since if row else None,
        language=row.language if row else LANGUAGE,
        level=row.level if row else 0,
        path=steps_in_words(row.path, steps) if row else [],
    )


def queue_label(queue: str, queues: Sequence[QueueLength]) -> str:
    """Return the queue's name for an agent; what nobody has named is a general question."""
    labels = {length.queue: length.label for length in queues}
    return labels[queue].get(LANGUAGE, queue) if queue in labels else "Allmän fråga"


RingBacks = Mapping[ContactId, views.RingBackView | None]


def offer(
    shown: OfferShown | None, wants: Mapping[ContactId, views.WaitingFor], ring_backs: RingBacks
) -> views.OfferView | None:
    """Show an offer."""
    if shown is None:
        return None
    return views.OfferView(
        offer=shown.offer,
        token=shown.token,
        expires_at=shown.expires_at,
        is_ring_back=shown.is_ring_back,
        is_written=shown.is_written,
        about=wants[shown.contact].model_copy(update={"waiting_since": shown.waiting_since}),
        ring_back=ring_backs.get(shown.contact),
    )


def talk(
    shown: Talk | None, wants: Mapping[ContactId, views.WaitingFor], ring_backs: RingBacks
) -> views.TalkView | None:
    """Show a conversation."""
    if shown is None:
        return None
    return views.TalkView(
        since=shown.since,
        connected=not shown.is_calling,
        on_hold=shown.on_hold,
        about=wants[shown.contact],
        ring_back=ring_backs.get(shown.contact),
    )


def written(
    shown: Sequence[WrittenWork], wants: Mapping[ContactId, views.WaitingFor], newest: Mapping[ContactId, Text | None]
) -> list[views.WrittenView]:
    """Show those whom the agent answers in writing, in the order in which they were taken."""
    return [_written(one, wants[one.contact], newest.get(one.contact)) for one in shown]


def _written(one: WrittenWork, about: views.WaitingFor, last: Text | None) -> views.WrittenView:
    return views.WrittenView(
        since=one.since,
        about=about.model_copy(update={"waiting_since": one.waiting_since}),
        last_at=last.at if last else None,
        last_is_ours=last is not None and last.is_ours,
        last_state=(last.state or "") if last else "",
    )


def wrap_up(
    contact: ContactId | None, since: datetime, wants: Mapping[ContactId, views.WaitingFor], ring_backs: RingBacks
) -> views.WrapUpView | None:
    """Show what is to be written up."""
    if contact is None:
        return None
    return views.WrapUpView(since=since, about=wants[contact], ring_back=ring_backs.get(contact))


def queue(length: QueueLength) -> views.QueueView:
    """Show how many wait."""
    return views.QueueView(
        queue=length.queue,
        label=length.label.get(LANGUAGE, length.queue),
        waiting=length.waiting,
        longest_since=length.longest_since,
        least_minutes=length.wait.low_minutes if length.wait else None,
        most_minutes=length.wait.high_minutes if length.wait else None,
        written=length.written,
        written_since=length.written_since,
    )


def notices(
    board: NoticeBoard, queues: Sequence[QueueLength], skills: Mapping[str, str], *, now: datetime
) -> list[views.NoticeView]:
    """Show every message that callers hear."""
    return [
        views.NoticeView(
            place=one.place,
            name=one.name,
            label=queue_label(one.name, queues) if one.place is Place.QUEUE else skills.get(one.name, one.name),
            text=board.text(one),
            put_up_by=one.put_up_by,
            ends_at=one.ends_at,
            ends_soon=one.ends_soon(at=now),
        )
        for one in board.up()
    ]


def card(
    row: Contact, person: views.PersonView | None, *, unavailable: bool, benefits: Mapping[str, str]
) -> views.CardView:
    """Show who a contact is with."""
    number = parse_phone(row.caller)
    return views.CardView(
        contact=row.contact,
        number=grouped(number) if number else "",
        display_name=row.display_name,
        level=row.level,
        opened_at=row.opened_at,
        answers=[_answer(answer, benefits) for answer in row.answers],
        person=person,
        person_unavailable=unavailable,
    )


def person(seen: PersonCard, *, benefits: Mapping[str, str]) -> views.PersonView:
    """Show a person and the open matters."""
    return views.PersonView(
        name=seen.name,
        language=seen.language,
        protected=seen.protected,
        matters=[_matter(matter, benefits) for matter in seen.open_matters],
    )


def _matter(matter: CaseStatus, benefits: Mapping[str, str]) -> views.MatterView:
    return views.MatterView(
        benefit=benefits.get(matter.benefit, matter.benefit),
        state=matter.state,
        decision_expected_on=matter.decision_expected_on,
        decided_on=matter.decided_on,
        missing=list(matter.missing),
    )


def _answer(answer: str, benefits: Mapping[str, str]) -> str:
    kind, _, benefit = answer.partition(":")
    return f"{kind}:{benefits.get(benefit, benefit)}" if benefit else kind


def _plain(name: str) -> str:
    return name.rpartition("/")[2].removeprefix("choice_").replace("_", " ")
