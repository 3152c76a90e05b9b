"""What a caller in the line hears and can do, until an agent takes the call. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from ivr.flow import Human
from ivr.model import Connected, Phase, Placed, Position, Returned, Tell, TellKind, Wait, WaitedOn
from ivr.spoken import Minutes
from ivr.turn import Turn
from ivr.walk import RING_ME_BACK, enter
from telephony.model import Digits, Said

LONGER = timedelta(minutes=2)
"""A wait that will end so much later than was said has grown; less is the play of whole minutes."""


def told_in_line(turn: Turn, event: Placed | WaitedOn | Returned | Connected) -> None:
    """Take what becomes of a caller who waits."""
    position = turn.position
    if position.phase in (Phase.ENDING, Phase.ENDED):
        return
    match event:
        case Connected():
            turn.act(Phase.TALKING)
        case Returned():
            turn.change(in_line=True, wait_said=None)
            turn.say(["returned"])
            hold_again(turn)
        case Placed():
            _note_place(turn, event.place)
            if not position.place_said:  # a later place waits for the next update, so that nobody is talked at
                _say_place(turn)
        case WaitedOn() if position.phase is Phase.WAITING and not position.speaking:
            _update(turn, event.at)


def _update(turn: Turn, now: datetime | None) -> None:
    """Say how far it has come, or at least that nobody is forgotten."""
    _note_freshest(turn)
    if turn.position.place:
        _say_place(turn, now)
        return
    turn.say(["still_waiting"])
    _say_wait(turn)
    _invite(turn, now)
    turn.announce()


def _note_place(turn: Turn, place: int) -> None:
    """Keep a place for the next time that something is said: never one that is worse than what was said."""
    said = turn.position.place_said
    turn.change(place=place if not said or place < said else 0)


def _note_freshest(turn: Turn) -> None:
    if turn.position.foreseen is not None:
        _note_place(turn, turn.position.foreseen.place)


def _say_place(turn: Turn, now: datetime | None = None) -> None:
    """Say the place in the line, once whatever is being said is over: a new announcement would cut it off."""
    position = turn.position
    if position.phase is Phase.WAITING and not position.speaking and position.place:
        turn.say(["place_first" if position.place == 1 else "place"], {"place": position.place})
        turn.change(place=0, place_said=position.place)
        _say_wait(turn)
        _invite(turn, now)
        turn.announce()


def _invite(turn: Turn, now: datetime | None) -> None:
    """Say again that we can ring back, when it takes long: rarely, so that nobody feels shown out."""
    position, node = turn.position, turn.book.find(turn.position.node)
    now = position.foreseen.at if position.foreseen is not None else now
    if not isinstance(node, Human) or node.invitation is None or now is None:
        return
    every = timedelta(minutes=node.invitation.every_minutes)
    lately = position.invited_at is not None and now - position.invited_at < every
    if not lately and _takes_long(position, now, over_minutes=node.invitation.over_minutes):
        turn.say(node.invitation.say)
        turn.change(invited_at=now)


def _takes_long(position: Position, now: datetime, *, over_minutes: int) -> bool:
    """Tell whether a wait is foreseen to pass a limit; of one that nobody is sure of: whether it has already."""
    if position.foreseen is not None and position.foreseen.most:
        return position.foreseen.most > over_minutes
    return now - position.arrived_at > timedelta(minutes=over_minutes)


def _say_wait(turn: Turn) -> None:
    """Say between how many minutes it will take, and so if it takes longer than was said; nothing that is not sure."""
    foreseen, said = turn.position.foreseen, turn.position.wait_said
    if foreseen is None:
        return
    if said is not None and _takes_longer(foreseen, said):
        turn.say(["wait_longer"])
        turn.change(wait_said=None)
    if foreseen.most:
        least = min(foreseen.least, foreseen.most - 1)
        values = {"least": Minutes(least, bare=True), "most": Minutes(foreseen.most)}
        turn.say(["wait_between" if least else "wait_less"], values)
        turn.change(wait_said=foreseen)
        turn.tell(Tell(what=TellKind.WAIT_TOLD, wait=replace(foreseen, least=least)))


def _takes_longer(foreseen: Wait, said: Wait) -> bool:
    """Tell whether a wait has grown; of one that nobody is sure of any more: whether what was said has run out."""
    if not foreseen.most:
        return foreseen.at > said.latest
    return foreseen.latest > said.latest + LONGER


def hold_again(turn: Turn, *, spares_talk: bool = False) -> None:
    """Let the music play again, and say what was gathered."""
    node = turn.book.find(turn.position.node)
    listen_for = RING_ME_BACK if isinstance(node, Human) and node.meanwhile else ""
    turn.hold(listen_for=listen_for, spares_talk=spares_talk)


def heard_in_line(turn: Turn, event: Digits | Said) -> None:
    """Take a key that is pressed in the line, or the end of what was said over the music."""
    if isinstance(event, Said):
        turn.change(speaking=False)
        if not turn.position.place_said:
            _note_freshest(turn)
            _say_place(turn)
        return
    node = turn.book.find(turn.position.node)
    if event.digits == RING_ME_BACK and isinstance(node, Human) and node.meanwhile:
        turn.chose(name=f"{turn.position.node}:choice_ring_me")
        enter(turn, node.meanwhile)
