"""How the engine goes from node to node until the caller, or the rest of the system, has to do something. Pure."""

from typing import assert_never

from ivr.flow import (
    AskDigits,
    Branch,
    Callback,
    End,
    Human,
    Inquire,
    Menu,
    Node,
    Return,
    SayNode,
    SubFlow,
    Times,
)
from ivr.menus import offer_choices, offer_times
from ivr.model import EXHAUSTED, OF_THE_CITIZEN, InquiryAnswered, InquiryName, Phase, Tell, TellKind
from ivr.turn import AFTER_ANSWER, Turn
from telephony.model import Collect

MOST_NODES = 50
"""More nodes than this without the caller having a say is a loop, which ``flow lint`` would have found."""

RING_ME_BACK = "1"
KEEP_FRAMES = 8


def enter(turn: Turn, target: str, *, tries: int = 0, wrong_key: bool = False) -> None:
    """Go to a node and on from it, until something has to happen."""
    turn.change(tries=tries, wrong_key=wrong_key)
    following: str | None = target
    for _ in range(MOST_NODES):
        node = turn.book.find(following) if following else None
        if following is None or node is None:
            break
        turn.change(node=following)
        following = _arrive(turn, node)
        if following is None:
            return
    _no_way_on(turn)


def seek_human(turn: Turn) -> None:
    """Go where ``0`` leads from here."""
    turn.change(returns=(), anchor="")
    enter(turn, turn.book.flow_of(turn.position.node).human)


def _arrive(turn: Turn, node: Node) -> str | None:
    """Do what a node does; the next node, or ``None`` when something has to happen first."""
    match node:
        case SayNode() | SubFlow() | Return():
            return _pass(turn, node)
        case AskDigits() | Times():
            return _ask(turn, node)
        case Inquire():
            return _inquire(turn, node)
        case Menu() | Human() | Callback() | End():
            _stay(turn, node)
        case _:
            assert_never(node)
    return None


def _pass(turn: Turn, node: SayNode | SubFlow | Return) -> str | None:
    match node:
        case SayNode():
            turn.say(node.say)
            return node.next
        case SubFlow():
            turn.change(returns=(*turn.position.returns, turn.position.node)[-KEEP_FRAMES:])
            return turn.book.flows[node.flow].start
        case Return():
            return _return(turn, node)


def _stay(turn: Turn, node: Menu | Human | Callback | End) -> None:
    match node:
        case Menu():
            offer_choices(turn, node)
        case Human():
            _arrive_at_human(turn, node)
        case Callback():
            turn.inquire(InquiryName.PROMISE_CALLBACK, number=node.number, queue=queue_of(turn))
        case End():
            if node.declines and turn.position.rung:
                turn.tell(Tell(what=TellKind.DECLINED, kind=node.declines))
            turn.say(node.say)
            turn.end()


def _ask(turn: Turn, node: AskDigits | Times) -> str | None:
    if isinstance(node, Times):
        human = turn.book.flow_of(turn.position.node).human
        return None if offer_times(turn, node) else node.otherwise or human
    if turn.position.attempts.get(turn.position.node, 0) >= node.attempts:
        return follow(turn, node.results.get(EXHAUSTED))
    turn.say(node.say)
    turn.ask(Collect(max_digits=node.most, first_seconds=8.0))
    return None


def _inquire(turn: Turn, node: Inquire) -> str | None:
    position = turn.position
    known = {InquiryName.IDENTIFIED: position.level >= 2, InquiryName.IN_LINE: position.in_line}
    if node.inquiry in known:  # the position itself answers
        return follow(turn, node.results.get("yes" if known[node.inquiry] else "no"))
    turn.inquire(node.inquiry, queue=queue_of(turn))
    return None


def queue_of(turn: Turn) -> str:
    """Return the queue that was chosen, or the one for those who have chosen none."""
    human = turn.book.find(turn.book.flow_of(turn.position.node).human)
    return turn.position.queue or (human.queue if isinstance(human, Human) else "")


def _arrive_at_human(turn: Turn, node: Human) -> None:
    wants = dict.fromkeys((*turn.position.wants, *map(str, node.wants)))
    turn.change(queue=turn.position.queue or node.queue, wants=tuple(wants))
    if turn.position.in_line:
        turn.hold(listen_for=RING_ME_BACK if node.meanwhile else "")
    else:
        turn.inquire(InquiryName.REQUEST_HUMAN, queue=turn.position.queue)


def _return(turn: Turn, node: Return) -> str | None:
    *rest, caller = turn.position.returns or ("",)
    turn.change(returns=tuple(rest))
    came_from = turn.book.find(caller)
    if not isinstance(came_from, SubFlow):
        return turn.book.flow_of(turn.position.node).human
    turn.change(node=caller)
    return follow(turn, came_from.results.get(node.result))


def follow(turn: Turn, branch: Branch | None) -> str:
    """Say what a branch says and return the next node: a human when the flow does not say."""
    if branch is None:
        return turn.book.flow_of(turn.position.node).human
    turn.say(branch.say)
    return branch.next


def go_on_with(turn: Turn, inquiry: InquiryName, branch: Branch | None, answered: InquiryAnswered) -> None:
    """Say what an inquiry found, and go on; an answer is heard first, and can be interrupted."""
    personal = inquiry in OF_THE_CITIZEN
    if branch is not None:
        turn.say(branch.say, answered.values, personal=personal)
        turn.say_lines(answered.lines, personal=personal)
    if branch is not None and branch.answer:
        turn.change(answer=branch.answer, onward=branch.next, anchor=branch.again or turn.position.node)
        turn.ask(AFTER_ANSWER, phase=Phase.ANSWERING)
        return
    if answered.lines or _says_what_was_found(turn, branch, answered):
        turn.change(anchor=branch.again if branch and branch.again else turn.position.node)
    enter(turn, branch.next if branch else turn.book.flow_of(turn.position.node).human)


def _says_what_was_found(turn: Turn, branch: Branch | None, answered: InquiryAnswered) -> bool:
    """Tell whether a branch says something that only this inquiry can say again."""
    language = turn.position.language
    said = branch.say if branch else ()
    return any(not answered.values.keys().isdisjoint(turn.book.wordings.fields(language, key)) for key in said)


def _no_way_on(turn: Turn) -> None:
    """Never leave a caller in a broken flow: keep them in the line, where an agent finds them."""
    turn.say(["fault"])
    turn.hold(listen_for="")
