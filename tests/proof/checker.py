"""Reads a history and says what in it must never happen. Plain and slow; it knows nothing of how the line works.

*Sure* is what the harness saw between two instants: an offer that was seen on the desk and whose acceptance was
answered lived from the one to the other. Where a process died before it wrote what it had decided, less is sure, and
less is claimed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.proof.order import order
from tests.proof.reading import Line, Skills, Violation, of, shared, slow, stood_still
from tests.proof.scale import PREFERRED, needs

LEASE, HEALS = 10.0, 15.0


def check(lines: Sequence[Line], skills: Skills) -> list[Violation]:
    """Return everything in this history that must never happen."""
    rules = (
        *(_overlaps, _bridges, _tokens, _skills, _steps, _gone_browsers, _late_commands, order, _outcomes, _promises),
        *(_healed, _cut_off, _left),
    )
    came = {line["contact"] for line in of(lines, "arrived")}
    strange = [line for line in of(lines, "rings", "shown", "bridged", "book_offer") if line["contact"] not in came]
    if strange:  # the other rules ask what these wished for
        return [
            Violation("strangers", f"{line['kind']} at {line['t']}: {line['contact']!r} never came") for line in strange
        ]
    return [found for rule in rules for found in rule(lines, skills)]


# --- I-01, I-02 -------------------------------------------------------------------------------------------------------


def _overlaps(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """An offer that was surely alive while another of the same contact or agent surely was."""
    spans: dict[str, tuple[float, float, Line]] = {}
    for line in of(lines, "shown", "accept", "reject"):
        if line.get("error"):
            continue
        alive_at = line["a"] if line["kind"] != "shown" else line["t"]
        first, _last, seen = spans.get(line["offer"], (line["t"], alive_at, line))
        spans[line["offer"]] = (first, max(alive_at, first), seen)
    for rule, key in (("I-01", "contact"), ("I-02", "agent")):
        for one, other in _neighbours(spans.values(), key):
            if other[0] < one[1]:
                yield Violation(rule, f"offers {one[2]['offer']} and {other[2]['offer']} at once, {key} {one[2][key]}")


def _neighbours(spans: Iterable[tuple[float, float, Line]], key: str) -> Iterator[tuple[Any, Any]]:
    by_key: dict[str, list[tuple[float, float, Line]]] = defaultdict(list)
    for span in spans:
        by_key[span[2][key]].append(span)
    for found in by_key.values():
        found.sort(key=lambda span: span[:2])
        for at, one in enumerate(found):
            yield from ((one, other) for other in found[at + 1 :])


def _bridges(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """Two conversations at once, of a citizen or of an agent."""
    talking: dict[str, Line] = {}
    for line in of(lines, "bridged", "unbridged"):
        if line["kind"] == "unbridged":
            for key in [key for key, talk in talking.items() if talk["leg"] == line["leg"]]:
                del talking[key]
            continue
        for rule, key in (("I-01", "contact"), ("I-02", "agent")):
            before = talking.get(line[key])
            if before is not None and before["leg"] != line["leg"]:
                yield Violation(rule, f"{key} {line[key]} is in two conversations at {line['t']}")
            talking[line[key]] = line


# --- I-31 -------------------------------------------------------------------------------------------------------------


def _tokens(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """Tokens are never used twice, and grow: what was seen later of a contact or an agent has the higher one."""
    owner: dict[int, str] = {}
    for line in of(lines, "shown", "book_offer"):
        if owner.setdefault(line["token"], line["offer"]) != line["offer"]:
            yield Violation("I-31", f"token {line['token']} for {owner[line['token']]} and {line['offer']}")
    for key in ("contact", "agent"):
        newest: dict[str, Line] = {}
        for line in of(lines, "shown"):
            before = newest.get(line[key])
            if before is not None and before["token"] > line["token"] and before["t"] < line["a"]:
                yield Violation("I-31", f"{key} {line[key]}: {line['offer']} shown after a newer one")
            if before is None or before["token"] < line["token"]:
                newest[line[key]] = line


def _late_commands(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """A command for an offer or a talk that is over is refused, and the refusal has a name."""
    named = {"StaleOfferError", "NotYourContactError", "WrongStateError", "UnknownAgentError"}
    named |= {"LiveStoreUnavailableError", "DatabaseUnavailableError"}
    had: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in of(lines, "book_offer"):
        had[line["agent"], line["contact"]].append(line)
    for line in lines:
        error = line.get("error")
        if error is not None and error.startswith("!"):
            yield Violation("refusals", f"{line['kind']} at {line['t']} failed without a name: {error}")
        if line["kind"] == "tried" and error is not None and error not in named and not _means_another(had, line):
            yield Violation("I-31", f"{line['what']} of {line['offer']} by {line['agent']} was not refused: {error!r}")
    newest: dict[str, Line] = {}
    for line in of(lines, "shown", "accept", "reject"):
        before = newest.get(line["contact"])
        is_old = before is not None and before["token"] > line["token"] and before["t"] < line.get("a", 0)
        if is_old and line["kind"] != "shown" and line["error"] == "":
            yield Violation("I-31", f"{line['kind']} with the old token {line['token']} was carried out")
        if line["kind"] == "shown" and (before is None or before["token"] < line["token"]):
            newest[line["contact"]] = line


def _means_another(had: Mapping[tuple[str, str], Sequence[Line]], tried: Line) -> bool:
    """Whether the agent had that contact anew: some commands name the contact, and mean what is now."""
    return tried["what"] in ("hang_up", "wrap_up") and any(
        line["offer"] != tried["offer"]
        and line["made"] < tried["t"]
        and (line["how"] == "accepted" or line["ended"] is None or line["ended"] > tried["a"])
        for line in had.get((tried["agent"], tried["contact"]), ())
    )


# --- I-08, I-09 -------------------------------------------------------------------------------------------------------


def _skills(lines: Sequence[Line], skills: Skills) -> Iterator[Violation]:
    wish = {line["contact"]: needs(line["queue"], line["language"]) for line in of(lines, "arrived")}
    for line in of(lines, "rings", "shown", "bridged", "book_offer"):
        has = skills[line["agent"]]
        lacks = {skill: level for skill, level in wish[line["contact"]].items() if has.get(skill, 0) < level}
        if lacks:
            yield Violation("I-08", f"{line['kind']}: {line['agent']} lacks {lacks} for {line['contact']}")


def _steps(lines: Sequence[Line], skills: Skills) -> Iterator[Violation]:
    """Nobody is shown before the time to an agent who has less than is asked for until then."""
    arrived = {line["contact"]: line for line in of(lines, "arrived")}
    for offer in of(lines, "book_offer"):
        wish = arrived[offer["contact"]]
        skill, level, seconds = PREFERRED.get(wish["queue"], ("", 0, 0.0))
        if skills[offer["agent"]].get(skill, 0) < level and offer["made"] < wish["since"] + seconds - 0.05:
            what = f"{offer['offer']}: {offer['agent']} has less than {skill} {level}, {offer['made'] - wish['since']:.1f} s after"
            yield Violation("steps", f"{what} {offer['contact']} came")


def _gone_browsers(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """No offer is made more than 10 s after the last sign of life that anybody can have taken in."""
    signs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in lines:
        if line["kind"] in ("alive", "late") and "agents" in line:
            for agent in line["agents"]:
                signs[agent].append((line.get("a", 0), line["t"]))
        elif line["kind"] == "renewed" or (line["kind"] == "late" and line["do"] in ("state", "wrap_up")):
            signs[line["agent"]].append((line.get("a", 0), line["t"]))
    still = stood_still(lines)
    for offer in of(lines, "book_offer"):
        taken_in = [end for begin, end in signs[offer["agent"]] if begin <= offer["made"] + 0.5]
        last = max(taken_in, default=0.0)
        late = offer["made"] - last - LEASE - sum(shared(span, (last, offer["made"])) for span in still)
        if late > 0.5:
            yield Violation("I-09", f"{offer['offer']} to {offer['agent']}, silent for {late + LEASE:.1f} s")


# --- I-03 -------------------------------------------------------------------------------------------------------------


def _outcomes(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """Each contact that came has one row with one outcome, told once, and the right one."""
    rows = {line["contact"]: line for line in of(lines, "book_contact")}
    told: dict[str, int] = defaultdict(int)
    for line in of(lines, "book_ended"):
        told[line["contact"]] += 1
    bridged = {line["contact"] for line in of(lines, "bridged")}
    for line in of(lines, "arrived"):
        name = line["contact"]
        row = rows.get(name)
        if row is None or row["outcome"] is None:
            yield Violation("I-03", f"{name} has no outcome")
            continue
        if told[name] != 1:
            yield Violation("I-03", f"the end of {name} was told {told[name]} times")
        if row["outcome"] == "lost_technical" and not row["fault"]:
            yield Violation("I-03", f"{name} was lost without a named fault")
        if row["outcome"] == "answered" and name not in bridged:
            yield Violation("I-03", f"{name} counts as answered, and talked to nobody")
        if row["outcome"] == "self_served":
            yield Violation("I-03", f"{name} counts as self-served, and asked for a human")


def _promises(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """Whoever was promised to be rung back is, and no agent is asked to ring somebody who has talked already.

    A process that stood still with "ring them back" in its hands may say so once more when it wakes up. There are no
    books of promises here that would tell it that the promise is kept, and would take it out of the line again.
    """
    kept = {line["contact"]: line["t"] for line in of(lines, "kept")}
    promised = {line["contact"] for line in of(lines, "arrived") if line.get("promised")}
    for row in of(lines, "book_contact"):
        if (row["outcome"] == "callback_promised") is not (row["contact"] in promised):
            yield Violation("I-03", f"{row['contact']} ended as {row['outcome']}, promised or not")
    yield from (Violation("promises", f"{name} was never rung back") for name in sorted(promised - kept.keys()))
    late = [line for line in of(lines, "late") if line["do"] == "promise"]
    woken = {line["contact"]: line["t"] for line in late if line["t"] > kept.get(line["contact"], 1e9)}
    for offer in of(lines, "book_offer"):
        is_told_anew = offer["made"] + 0.5 > woken.get(offer["contact"], 1e9)
        if offer["made"] > kept.get(offer["contact"], 1e9) + 0.5 and not is_told_anew:
            yield Violation("promises", f"{offer['contact']} was shown again ({offer['offer']}) after it was kept")


# --- what heals by itself ---------------------------------------------------------------------------------------------


def _healed(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """What does not fit (a desk that says BUSY beside a silent telephone, a talk without sound) is over within 15 s."""
    still = slow(lines)
    since: dict[tuple[str, str], tuple[float, float]] = {}
    for line in of(lines, "odd"):
        key = (line["agent"], line["of"])
        first, last = since.get(key, (line["t"], line["t"]))
        if line["t"] - last > 8:  # it was in order meanwhile
            first = line["t"]
        since[key] = (first, line["t"])
        if line["a"] - first - sum(shared(span, (first, line["a"])) for span in still) > HEALS:
            yield Violation("heals", f"{line['agent']} is {line['state']} since {first} with nobody on the telephone")
            since[key] = (line["t"], line["t"])
    for line in of(lines, "no_sound"):
        if not any(shared(span, (line["t"] - HEALS, line["t"])) for span in still):
            yield Violation("heals", f"{line['agent']} answered and heard nobody for 15 s, until {line['t']}")


def _cut_off(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """No line of a citizen ends unless somebody ends it: they lose patience, or one of the two who talk rings off.

    Whoever is rung back has none of their own that could be cut off.
    """
    ended = {line["contact"] for line in of(lines, "gave_up", "rang_off", "ends_talk")}
    ended |= {line["contact"] for line in of(lines, "tried") if line["what"] == "hang_up" and not line["error"]}
    for line in of(lines, "hung_up"):
        if line["contact"] not in ended:
            yield Violation("lost", f"{line['contact']} was cut off at {line['t']}, and nobody had rung off")


def _left(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """In the end nobody waits and nobody is busy with nobody."""
    for line in of(lines, "everybody_gone"):
        if not line["in_time"]:
            gone = {each["contact"] for each in of(lines, "hung_up", "kept")}
            left = [each["contact"] for each in of(lines, "arrived") if each["contact"] not in gone]
            yield Violation("lost", f"{len(left)} callers were still there when the time was up: {left[:8]}")
    for line in of(lines, "quiet"):
        if line["still_busy"]:
            yield Violation("lost", f"in the end some still had work: {line['still_busy']}")
    for line in of(lines, "book_left"):
        if line["routed"]:
            yield Violation("lost", f"{line['routed']} contacts are still in routing's books")
