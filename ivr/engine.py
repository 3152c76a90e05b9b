"""The engine: ``step(book, position, event) -> (position, actions)``. Pure; it never raises for anything a caller does."""

from typing import assert_never

from ivr.flow import AskDigits, Branch, Callback, Choice, FlowBook, Human, Inquire, Menu, Times
from ivr.in_line import heard_in_line, hold_again, told_in_line
from ivr.menus import choices_for, time_on, turn_page
from ivr.model import (
    EXHAUSTED,
    OF_ONE_BENEFIT,
    OFF_THE_LINE,
    REASONS,
    TRY_AGAIN,
    Began,
    Broke,
    Connected,
    InquiryAnswered,
    InquiryName,
    IvrAction,
    IvrEvent,
    MachineHeard,
    Phase,
    Placed,
    Position,
    Resumed,
    Returned,
    Stranded,
    Tell,
    TellKind,
    WaitedOn,
)
from ivr.turn import Turn
from ivr.walk import RING_ME_BACK, enter, go_on_with, queue_of, seek_human
from telephony.model import Digits, NoInput, Said

MOST_TRIES = 3
WRONG_KEY = ("no_match", "not_all_digits")


def step(book: FlowBook, position: Position, event: IvrEvent) -> tuple[Position, tuple[IvrAction, ...]]:
    """Take one event of a call and return where the call then is, and what to do, in order.

    An event that answers an earlier turn than the present one, or that does not fit what the caller is doing,
    changes nothing.
    """
    turn = Turn(book, position)
    match event:
        case Digits() | NoInput() | Said():
            if event.ref == str(position.turn):
                _heard(turn, event)
        case InquiryAnswered():
            if position.phase is Phase.INQUIRING and event.turn == position.turn:
                _answered(turn, event)
        case Placed() | WaitedOn() | Returned() | Connected():
            told_in_line(turn, event)
        case Began() | Resumed() | Broke() | Stranded():
            _start(turn, event)
        case MachineHeard():
            _leave_to_machine(turn)
        case _:
            assert_never(event)
    return turn.position, tuple(turn.actions)


# --- what the caller does -------------------------------------------------------------------------------------------


def _heard(turn: Turn, event: Digits | NoInput | Said) -> None:
    match turn.position.phase, event:
        case Phase.ASKING, Digits():
            _pressed(turn, event)
        case Phase.ASKING, NoInput():
            _again(turn, _lacking(turn, "no_input", "no_digits"))
        case Phase.ANSWERING, Digits():
            if not _global_key(turn, event.digits):
                _answer_heard(turn)  # whoever presses on has heard enough
        case Phase.ANSWERING, NoInput():
            _answer_heard(turn)
        case Phase.WAITING, Digits() | Said():
            heard_in_line(turn, event)
        case Phase.ENDING, Said():
            turn.hang_up()


def _answer_heard(turn: Turn) -> None:
    position = turn.position
    node = turn.book.find(position.node)
    of_one_benefit = isinstance(node, Inquire) and node.inquiry in OF_ONE_BENEFIT
    benefit = position.benefit if of_one_benefit else ""
    turn.tell(Tell(what=TellKind.ANSWER_GIVEN, kind=position.answer, benefit=benefit))
    enter(turn, position.onward)


def _pressed(turn: Turn, event: Digits) -> None:
    node = turn.book.find(turn.position.node)
    match node:
        case Menu() | Times():
            chosen = [choice for choice in choices_for(turn, node) if choice.key == event.digits]
            if chosen:
                _choose(turn, chosen[0])
                return
            if isinstance(node, Times) and _pressed_time(turn, node, event.digits):
                return
        case AskDigits():
            if event.digits.isascii() and event.digits.isdecimal() and node.least <= len(event.digits) <= node.most:
                turn.walked(turn.position.node)
                turn.inquire(node.inquiry, digits=event.digits)
                return
    if not _global_key(turn, event.digits):
        _again(turn, _lacking(turn, "no_match", "not_all_digits"))


def _pressed_time(turn: Turn, node: Times, key: str) -> bool:
    """Take a time, or go to the next page, and tell whether the key was for either."""
    slot = time_on(turn, key)
    if slot is not None:
        turn.chose(name=f"{turn.position.node}:choice_time")
        turn.change(slot=slot)
        enter(turn, node.next)
        return True
    if turn_page(turn, key):
        enter(turn, turn.position.node)
        return True
    return False


def _choose(turn: Turn, choice: Choice) -> None:
    turn.chose(name=f"{turn.position.node}:{choice.say}")
    if choice.language:
        turn.change(language=choice.language, back=())
    if choice.benefit:
        turn.change(benefit=choice.benefit)
    if (choice.queue or choice.wants) and not turn.position.in_line:
        turn.change(queue=choice.queue or turn.position.queue, wants=tuple(map(str, choice.wants)))
    if choice.soonest:
        turn.change(slot=None)
    enter(turn, choice.next)


def _global_key(turn: Turn, digits: str) -> bool:
    """Do what ``0``, ``9`` and ``*`` do everywhere, and tell whether it was one of them."""
    match digits:
        case "0":
            turn.chose(name=f"{turn.position.node}:choice_human")
            seek_human(turn)
        case "9":
            enter(turn, turn.position.anchor or turn.position.node)
        case "*":
            *rest, previous = turn.position.back or (turn.position.node,)
            turn.change(back=tuple(rest), anchor="")
            enter(turn, previous)
        case _:
            return False
    return True


def _lacking(turn: Turn, choice: str, digits: str) -> str:
    """Return what to say of silence or a wrong key: who is asked for a number has no choice to make."""
    return digits if isinstance(turn.book.find(turn.position.node), AskDigits) else choice


def _again(turn: Turn, why: str) -> None:
    """Say it again; the second time slower; the third time go on to a human.

    Where the node says ``otherwise``, silence leads there instead. Whoever has pressed a key, if a wrong one, is there and
    wants something: that leads to a human only.
    """
    position = turn.position
    node = turn.book.find(position.node)
    wrong_key = position.wrong_key or why in WRONG_KEY
    has_said_all = why == "no_input" and isinstance(node, Menu) and node.once
    if has_said_all or position.tries + 1 >= MOST_TRIES:
        otherwise = node.otherwise if isinstance(node, Menu | Times | AskDigits) else ""
        if otherwise and (has_said_all or not wrong_key):
            turn.change(anchor="")
            enter(turn, otherwise)
            return
        turn.say(["to_human"])
        seek_human(turn)
        return
    turn.change(tries=position.tries + 1)
    turn.say([why])
    enter(turn, position.node, tries=position.tries + 1, wrong_key=wrong_key)


# --- what the rest of the system answers ----------------------------------------------------------------------------


def _answered(turn: Turn, event: InquiryAnswered) -> None:
    _learn(turn, event)
    if event.result in OFF_THE_LINE and turn.position.in_line:
        turn.tell(Tell(what=TellKind.LINE_LEFT, kind="callback"))
        turn.change(in_line=False)
    node = turn.book.find(turn.position.node)
    match node:
        case Inquire():
            go_on_with(turn, node.inquiry, node.results.get(event.result), event)
        case AskDigits():
            result = _counted(turn, node, event.result)
            go_on_with(turn, node.inquiry, node.results.get(result), event)
        case Callback():
            go_on_with(turn, InquiryName.PROMISE_CALLBACK, _of_promise(node, event.result), event)
        case Human():
            _human_answered(turn, node, event)
        case _:
            seek_human(turn)


def _of_promise(node: Callback, result: str) -> Branch | None:
    """Return what follows a wish to be rung back; a reason that the flow says nothing of is "not possible"."""
    known = "not_possible" if result in REASONS and result not in node.results else result
    return node.results.get(known)


def _learn(turn: Turn, event: InquiryAnswered) -> None:
    if event.found is not None:
        turn.change(found=event.found, slot=None)
    if event.meeting is not None:
        turn.change(meeting=event.meeting, slot=None)
    known = {"person": event.person, "subject": event.subject, "level": event.level, "office": event.office}
    turn.change(**{name: value for name, value in known.items() if value is not None})


def _counted(turn: Turn, node: AskDigits, result: str) -> str:
    if result not in TRY_AGAIN:
        return result
    used = turn.position.attempts.get(turn.position.node, 0) + 1
    turn.change(attempts={**turn.position.attempts, turn.position.node: used})
    return EXHAUSTED if used >= node.attempts else result


def _human_answered(turn: Turn, node: Human, event: InquiryAnswered) -> None:
    if event.result == "closed":
        go_on_with(turn, InquiryName.REQUEST_HUMAN, node.closed, event)
        return
    turn.change(in_line=True, notices=(*turn.position.notices, *event.notices))
    turn.say(node.say or ("please_wait",))
    turn.hold(listen_for=RING_ME_BACK if node.meanwhile else "")


# --- at the start, after a restart, after a fault -------------------------------------------------------------------


def _start(turn: Turn, event: Began | Resumed | Broke | Stranded) -> None:
    match event:
        case Began():
            queue = turn.position.queue or event.queue
            turn.change(version=turn.book.version, notices=event.notices, queue=queue)
            enter(turn, turn.book.rung_start if turn.position.rung else turn.book.start_of(event.flow))
        case Resumed():
            _resume(turn)
        case Broke():
            _recover(turn)
        case Stranded():
            _keep(turn)


def _leave_to_machine(turn: Turn) -> None:
    """Say what is said to machines; whoever has pressed a key is none, whatever it sounds like."""
    position = turn.position
    if position.rung and position.phase is Phase.ASKING and not position.path and turn.book.find(turn.book.machine):
        enter(turn, turn.book.machine)


def _resume(turn: Turn) -> None:
    match turn.position.phase:
        case Phase.WAITING:
            hold_again(turn, spares_talk=True)  # an agent may have said yes since the leg was found
        case Phase.TALKING | Phase.ENDED:
            pass
        case _:
            if turn.book.find(turn.position.node) is None:
                seek_human(turn)
            else:
                enter(turn, turn.position.node)


def _recover(turn: Turn) -> None:
    position = turn.position
    if position.phase in (Phase.TALKING, Phase.ENDED):
        return
    turn.change(faults=position.faults + 1)
    turn.say(["fault"])
    if position.in_line:
        hold_again(turn)
    else:
        seek_human(turn)


def _keep(turn: Turn) -> None:
    if turn.position.phase in (Phase.TALKING, Phase.ENDED):
        return
    turn.change(in_line=True, queue=queue_of(turn), pending=())
    hold_again(turn)
