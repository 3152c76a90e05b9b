"""The checker can fail: a history that is well passes, and each kind of wrong in it is found."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.proof.checker import check
from tests.proof.made_up import made_up

SKILLS = {
    "asa": {"sjuk": 3, "allmant": 1, "svenska": 5},
    "bo": {"sjuk": 2, "svenska": 5},
    "eva": {"allmant": 3, "svenska": 5},
}
Lines = list[dict[str, Any]]


def line(t: float, kind: str, **fields: Any) -> dict[str, Any]:
    return {"t": t, "kind": kind, **fields}


def well() -> Lines:
    """Two callers for the same, in their order: the second is turned down once; each talks to one agent."""
    return [
        line(0.0, "alive", a=0.0, agents=["asa", "bo"], error=""),
        line(1.0, "arrived", contact="c1", leg="l1", since=1.0, queue="sjuk", language="sv"),
        line(1.1, "in_line", contact="c1"),
        line(1.5, "arrived", contact="c2", leg="l2", since=1.5, queue="sjuk", language="sv"),
        line(1.6, "in_line", contact="c2"),
        line(2.1, "rings", agent="asa", offer="o1", contact="c1", leg="a1"),
        line(2.3, "shown", agent="asa", a=2.2, offer="o1", token=1, contact="c1"),
        line(2.5, "accept", agent="asa", a=2.4, offer="o1", token=1, contact="c1", error=""),
        line(2.6, "bridged", contact="c1", agent="asa", leg="a1"),
        line(3.1, "rings", agent="bo", offer="o2", contact="c2", leg="a2"),
        line(3.3, "shown", agent="bo", a=3.2, offer="o2", token=2, contact="c2"),
        line(3.5, "reject", agent="bo", a=3.4, offer="o2", token=2, contact="c2", error=""),
        line(3.6, "silent", agent="bo", offer="o2", leg="a2"),
        line(5.9, "rang_off", contact="c1"),
        line(6.0, "unbridged", contact="c1", leg="a1"),
        line(6.0, "hung_up", contact="c1"),
        line(7.1, "rings", agent="asa", offer="o3", contact="c2", leg="a3"),
        line(7.3, "shown", agent="asa", a=7.2, offer="o3", token=3, contact="c2"),
        line(7.5, "accept", agent="asa", a=7.4, offer="o3", token=3, contact="c2", error=""),
        line(7.6, "bridged", contact="c2", agent="asa", leg="a3"),
        line(8.9, "ends_talk", contact="c2", agent="asa"),
        line(9.0, "unbridged", contact="c2", leg="a3"),
        line(9.0, "hung_up", contact="c2"),
        line(9.5, "tried", agent="asa", a=9.4, what="accept", offer="o3", contact="c2", error="StaleOfferError"),
        line(9.9, "everybody_gone", in_time=True),
        line(10.0, "quiet", still_busy=[]),
        line(10.0, "book_contact", contact="c1", outcome="answered", fault="", agent="asa"),
        line(10.0, "book_contact", contact="c2", outcome="answered", fault="", agent="asa"),
        line(10.0, "book_ended", contact="c1"),
        line(10.0, "book_ended", contact="c2"),
        line(10.0, "book_offer", offer="o1", contact="c1", agent="asa", token=1, made=2.0, ended=2.55, how="accepted"),
        line(10.0, "book_offer", offer="o2", contact="c2", agent="bo", token=2, made=3.0, ended=3.45, how="rejected"),
        line(10.0, "book_offer", offer="o3", contact="c2", agent="asa", token=3, made=7.0, ended=7.55, how="accepted"),
        line(10.0, "book_left", routed=0),
    ]


def change(lines: Lines, at: dict[str, Any], **fields: Any) -> Lines:
    """Change the one line that has all these."""
    [found] = [each for each in lines if at.items() <= each.items()]
    found.update(fields)
    return lines


def add(lines: Lines, *more: dict[str, Any]) -> Lines:
    return sorted([*lines, *more], key=lambda each: each["t"])


def without(lines: Lines, **fields: Any) -> Lines:
    return [each for each in lines if not fields.items() <= each.items()]


def _c3(lines: Lines, *more: dict[str, Any]) -> Lines:
    """A third caller, who is never shown to anybody."""
    return add(
        lines,
        line(4.0, "arrived", contact="c3", leg="l3", since=4.0, queue="sjuk", language="sv"),
        line(4.1, "in_line", contact="c3"),
        *more,
        line(10.0, "book_contact", contact="c3", outcome="abandoned", fault="", agent=None),
        line(10.0, "book_ended", contact="c3"),
    )


def test_a_history_in_which_all_is_well_passes() -> None:
    assert check(well(), SKILLS) == []


def test_a_caller_who_loses_patience_is_not_lost() -> None:
    assert check(_c3(well(), line(4.9, "gave_up", contact="c3"), line(5.0, "hung_up", contact="c3")), SKILLS) == []


class _Counted(Lines):
    readings = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.readings += 1
        return super().__iter__()


@pytest.mark.parametrize("contacts", [40, 400])
def test_the_history_is_read_a_few_times_however_many_callers_there_are(contacts: int) -> None:
    """Else the history of the long proof, of a hundred thousand lines, is read for hours."""
    lines, skills = made_up(agents=contacts // 10, contacts=contacts)
    counted = _Counted(lines)
    assert check(counted, skills) == []
    assert 0 < counted.readings < 60


WRONGS: list[tuple[str, str, Callable[[Lines], Lines]]] = [
    (
        "I-01",
        "the contact is shown to a second agent, who accepts while the first still can",
        lambda lines: add(
            lines,
            line(2.35, "shown", agent="bo", a=2.32, offer="o9", token=9, contact="c1"),
            line(2.45, "accept", agent="bo", a=2.38, offer="o9", token=9, contact="c1", error=""),
        ),
    ),
    (
        "I-01",
        "the citizen is in two conversations",
        lambda lines: add(lines, line(4.0, "bridged", contact="c1", agent="bo", leg="a9")),
    ),
    (
        "I-02",
        "the agent has two offers at once",
        lambda lines: add(
            lines,
            line(2.35, "shown", agent="asa", a=2.32, offer="o9", token=9, contact="c2"),
            line(2.45, "accept", agent="asa", a=2.38, offer="o9", token=9, contact="c2", error=""),
        ),
    ),
    (
        "I-02",
        "the agent is in two conversations",
        lambda lines: add(lines, line(4.0, "bridged", contact="c2", agent="asa", leg="a9")),
    ),
    (
        "I-03",
        "a contact has no outcome",
        lambda lines: change(lines, {"kind": "book_contact", "contact": "c1"}, outcome=None),
    ),
    ("I-03", "a contact has no row", lambda lines: without(lines, kind="book_contact", contact="c2")),
    ("I-03", "an end is told twice", lambda lines: add(lines, line(10.0, "book_ended", contact="c2"))),
    (
        "I-03",
        "something was lost without a fault",
        lambda lines: change(lines, {"kind": "book_contact", "contact": "c1"}, outcome="lost_technical"),
    ),
    (
        "I-03",
        "somebody counts as answered who talked to nobody",
        lambda lines: without(lines, kind="bridged", contact="c1"),
    ),
    (
        "I-07",
        "the one who came later is offered first",
        lambda lines: change(
            change(lines, {"kind": "arrived", "contact": "c2"}, since=0.5), {"kind": "in_line", "contact": "c2"}, t=0.6
        ),
    ),
    (
        "I-07",
        "one who came back does not keep the time",
        lambda lines: add(
            lines,
            line(4.0, "arrived", contact="c3", leg="l3", since=4.0, queue="sjuk", language="sv"),
            line(5.1, "rings", agent="asa", offer="o4", contact="c3", leg="a4"),
            line(8.9, "gave_up", contact="c3"),
            line(9.0, "hung_up", contact="c3"),
            line(10.0, "book_contact", contact="c3", outcome="abandoned", fault="", agent=None),
            line(10.0, "book_ended", contact="c3"),
            line(
                9.99,
                "book_offer",
                offer="o4",
                contact="c3",
                agent="asa",
                token=2.5,
                made=5.0,
                ended=5.5,
                how="rejected",
            ),
        ),
    ),
    (
        "I-08",
        "an agent without the skill is rung",
        lambda lines: change(lines, {"kind": "rings", "offer": "o1"}, agent="eva"),
    ),
    (
        "I-09",
        "an agent whose browser is long gone is offered somebody",
        lambda lines: change(lines, {"kind": "book_offer", "offer": "o3"}, made=12.0, ended=12.5),
    ),
    (
        "I-31",
        "an offer that is over is accepted",
        lambda lines: change(lines, {"kind": "tried"}, error=""),
    ),
    (
        "I-31",
        "a talk that is over is hung up",
        lambda lines: change(lines, {"kind": "tried"}, error="", what="hang_up"),
    ),
    (
        "I-31",
        "the old token is taken after the new one was shown",
        lambda lines: add(lines, line(7.9, "reject", agent="bo", a=7.8, offer="o2", token=2, contact="c2", error="")),
    ),
    (
        "I-31",
        "a token is used twice",
        lambda lines: change(lines, {"kind": "book_offer", "offer": "o3"}, token=2),
    ),
    (
        "I-07",
        "a head start is not taken for time",
        lambda lines: [
            {**each, "queue": "allmant"} if each["kind"] == "arrived" and each["contact"] == "c2" else each
            for each in lines
        ],
    ),
    (
        "steps",
        "somebody is shown to an agent who has less than is asked for just then",
        lambda lines: [{**each, "queue": "foralder"} if each["kind"] == "arrived" else each for each in lines],
    ),
    (
        "promises",
        "somebody who was promised it is never rung back",
        lambda lines: change(lines, {"kind": "arrived", "contact": "c2"}, promised=True),
    ),
    (
        "promises",
        "an agent is asked to ring somebody who has talked already",
        lambda lines: add(lines, line(5.0, "kept", contact="c2")),
    ),
    (
        "promises",
        "an agent is asked to ring somebody who has talked, and a process wakes up too late to be why",
        lambda lines: add(
            lines, line(5.0, "kept", contact="c2"), line(8.0, "late", do="promise", contact="c2", error="")
        ),
    ),
    (
        "strangers",
        "somebody is rung for a contact that never came",
        lambda lines: without(lines, kind="arrived", contact="c2"),
    ),
    (
        "I-03",
        "a promise counts as answered",
        lambda lines: change(lines, {"kind": "arrived", "contact": "c2"}, promised=True),
    ),
    (
        "refusals",
        "a refusal has no name",
        lambda lines: change(lines, {"kind": "accept", "offer": "o1"}, error="!KeyError"),
    ),
    (
        "heals",
        "an agent is busy with nobody for longer than 15 s",
        lambda lines: [
            *lines,
            *(line(t, "odd", agent="bo", a=t, state="BUSY", of="c9") for t in (11.0, 14.0, 20.0, 26.0, 29.0)),
        ],
    ),
    (
        "heals",
        "an agent answers and hears nobody",
        lambda lines: add(lines, line(9.0, "no_sound", agent="bo", leg="a9")),
    ),
    ("lost", "a caller who waits is cut off", lambda lines: _c3(lines, line(5.0, "hung_up", contact="c3"))),
    ("lost", "a caller whom an agent lost is cut off", lambda lines: without(lines, kind="ends_talk", contact="c2")),
    ("lost", "callers are still there", lambda lines: change(lines, {"kind": "everybody_gone"}, in_time=False)),
    ("lost", "an agent still has work", lambda lines: change(lines, {"kind": "quiet"}, still_busy=["1 BUSY"])),
    ("lost", "the books still know somebody", lambda lines: change(lines, {"kind": "book_left"}, routed=1)),
]


@pytest.mark.parametrize(("rule", "wrong", "spoil"), WRONGS, ids=[wrong for _, wrong, _ in WRONGS])
def test_what_must_never_happen_is_found(rule: str, wrong: str, spoil: Callable[[Lines], Lines]) -> None:
    assert rule in {found.rule for found in check(spoil(well()), SKILLS)}, wrong


def test_an_agent_who_has_just_declined_may_take_the_next_in_line() -> None:
    lines = change(
        change(well(), {"kind": "arrived", "contact": "c2"}, since=0.5), {"kind": "in_line", "contact": "c2"}, t=0.6
    )
    declined = line(
        9.99, "book_offer", offer="o0", contact="c2", agent="asa", token=0, made=0.7, ended=1.2, how="rejected"
    )
    assert not [found for found in check(add(lines, declined), SKILLS) if found.rule == "I-07"]


def test_while_answers_take_long_clocks_do_not_tell_who_came_back_to_the_line_first() -> None:
    lines = change(
        change(well(), {"kind": "arrived", "contact": "c2"}, since=0.5), {"kind": "in_line", "contact": "c2"}, t=0.6
    )
    lapsed = line(
        9.99, "book_offer", offer="o0", contact="c2", agent="bo", token=0, made=0.7, ended=1.2, how="timed_out"
    )
    slow = line(5.0, "shown", a=1.0, agent="bo", offer="o0", token=0, contact="c2")
    assert [found for found in check(add(lines, lapsed), SKILLS) if found.rule == "I-07"]
    assert not [found for found in check(add(lines, lapsed, slow), SKILLS) if found.rule == "I-07"]


def test_while_redis_stands_still_no_time_passes_for_a_browser() -> None:
    lines = change(well(), {"kind": "book_offer", "offer": "o3"}, made=12.0, ended=12.5)
    stall = (line(1.0, "fault", what="redis_still"), line(5.0, "fault", what="redis_again"))
    assert not [found for found in check(add(lines, *stall), SKILLS) if found.rule == "I-09"]


def test_a_process_that_wakes_up_with_a_promise_that_is_kept_may_tell_it_once_more() -> None:
    lines = add(well(), line(5.0, "kept", contact="c2"), line(6.9, "late", do="promise", contact="c2", error=""))
    assert not [found for found in check(lines, SKILLS) if "shown again" in found.what]
