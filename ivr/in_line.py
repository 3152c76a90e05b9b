"""What a caller in the line hears and can do, until an agent takes the call. Pure."""

from ivr.flow import Human
from ivr.model import Connected, Phase, Placed, Returned, WaitedOn
from ivr.turn import Turn
from ivr.walk import RING_ME_BACK, enter
from telephony.model import Digits, Said


def told_in_line(turn: Turn, event: Placed | WaitedOn | Returned | Connected) -> None:
    """Take what becomes of a caller who waits."""
    position = turn.position
    if position.phase in (Phase.ENDING, Phase.ENDED):
        return
    match event:
        case Connected():
            turn.act(Phase.TALKING)
        case Returned():
            turn.change(in_line=True)
            turn.say(["returned"])
            hold_again(turn)
        case Placed():
            turn.change(place=event.place if event.place != position.place_said else 0)
            if not position.place_said:  # a later place waits for the next update, so that nobody is talked at
                _say_place(turn)
        case WaitedOn() if position.phase is Phase.WAITING and not position.speaking:
            if not position.place:
                turn.say(["still_waiting"])
            _say_place(turn)
            turn.announce()


def _say_place(turn: Turn) -> None:
    """Say the place in the line, once whatever is being said is over: a new announcement would cut it off."""
    position = turn.position
    if position.phase is Phase.WAITING and not position.speaking and position.place:
        turn.say(["place_first" if position.place == 1 else "place"], {"place": position.place})
        turn.change(place=0, place_said=position.place)
        turn.announce()


def hold_again(turn: Turn) -> None:
    """Let the music play again, and say what was gathered."""
    node = turn.book.find(turn.position.node)
    turn.hold(listen_for=RING_ME_BACK if isinstance(node, Human) and node.meanwhile else "")


def heard_in_line(turn: Turn, event: Digits | Said) -> None:
    """Take a key that is pressed in the line, or the end of what was said over the music."""
    if isinstance(event, Said):
        turn.change(speaking=False)
        if not turn.position.place_said:
            _say_place(turn)
        return
    node = turn.book.find(turn.position.node)
    if event.digits == RING_ME_BACK and isinstance(node, Human) and node.meanwhile:
        turn.chose(name=f"{turn.position.node}:choice_ring_me")
        enter(turn, node.meanwhile)
