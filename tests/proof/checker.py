"""Reads a history and says what in it must never happen. Plain and slow; it knows nothing of how the line works.

*Sure* is what the harness saw between two instants: an offer that was seen on the desk and whose acceptance was
answered lived from the one to the other. Where a process died before it wrote what it had decided, less is sure, and
less is claimed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.proof.scale import HEAD_STARTS, PREFERRED, needs

Line = Mapping[str, Any]
Skills = Mapping[str, Mapping[str, int]]

LEASE, AVOID, HEALS, SLOW = 10.0, 30.0, 15.0, 3.0
REBUILT = 5_000
"""A greater gap between two tokens than this comes of a rebuild."""
SLACK = 5.0
"""Seconds by which what is only looked for now and then may be late."""


@dataclass(frozen=True)
class Violation:
    """One thing that must never happen, and where to look."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def check(lines: Sequence[Line], skills: Skills) -> list[Violation]:
    """Return everything in this history that must never happen."""
    rules = (
        *(_overlaps, _bridges, _tokens, _skills, _steps, _gone_browsers, _late_commands, _order, _outcomes, _promises),
        *(_healed, _left),
    )
    return [found for rule in rules for found in rule(lines, skills)]


def _of(lines: Iterable[Line], *kinds: str) -> Iterator[Line]:
    return (line for line in lines if line["kind"] in kinds)


# --- I-01, I-02 -------------------------------------------------------------------------------------------------------


def _overlaps(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """An offer that was surely alive while another of the same contact or agent surely was."""
    spans: dict[str, tuple[float, float, Line]] = {}
    for line in _of(lines, "shown", "accept", "reject"):
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
    for line in _of(lines, "bridged", "unbridged"):
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
    for line in _of(lines, "shown", "book_offer"):
        if owner.setdefault(line["token"], line["offer"]) != line["offer"]:
            yield Violation("I-31", f"token {line['token']} for {owner[line['token']]} and {line['offer']}")
    for key in ("contact", "agent"):
        newest: dict[str, Line] = {}
        for line in _of(lines, "shown"):
            before = newest.get(line[key])
            if before is not None and before["token"] > line["token"] and before["t"] < line["a"]:
                yield Violation("I-31", f"{key} {line[key]}: {line['offer']} shown after a newer one")
            if before is None or before["token"] < line["token"]:
                newest[line[key]] = line


def _late_commands(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """A command for an offer or a talk that is over is refused, and the refusal has a name."""
    named = {"StaleOfferError", "NotYourContactError", "WrongStateError", "UnknownAgentError"}
    named |= {"LiveStoreUnavailableError", "DatabaseUnavailableError"}
    for line in lines:
        error = line.get("error")
        if error is not None and error.startswith("!"):
            yield Violation("refusals", f"{line['kind']} at {line['t']} failed without a name: {error}")
        if line["kind"] == "tried" and error is not None and error not in named and not _means_another(lines, line):
            yield Violation("I-31", f"{line['what']} of {line['offer']} by {line['agent']} was not refused: {error!r}")
    newest: dict[str, Line] = {}
    for line in _of(lines, "shown", "accept", "reject"):
        before = newest.get(line["contact"])
        is_old = before is not None and before["token"] > line["token"] and before["t"] < line.get("a", 0)
        if is_old and line["kind"] != "shown" and line["error"] == "":
            yield Violation("I-31", f"{line['kind']} with the old token {line['token']} was carried out")
        if line["kind"] == "shown" and (before is None or before["token"] < line["token"]):
            newest[line["contact"]] = line


def _means_another(lines: Sequence[Line], tried: Line) -> bool:
    """Whether the agent had that contact anew: some commands name the contact, and mean what is now."""
    return tried["what"] in ("hang_up", "wrap_up") and any(
        line["agent"] == tried["agent"]
        and line["contact"] == tried["contact"]
        and line["offer"] != tried["offer"]
        and line["made"] < tried["t"]
        and (line["how"] == "accepted" or line["ended"] is None or line["ended"] > tried["a"])
        for line in _of(lines, "book_offer")
    )


# --- I-08, I-09 -------------------------------------------------------------------------------------------------------


def _skills(lines: Sequence[Line], skills: Skills) -> Iterator[Violation]:
    wish = {line["contact"]: needs(line["queue"], line["language"]) for line in _of(lines, "arrived")}
    for line in _of(lines, "rings", "shown", "bridged", "book_offer"):
        has = skills[line["agent"]]
        lacks = {skill: level for skill, level in wish[line["contact"]].items() if has.get(skill, 0) < level}
        if lacks:
            yield Violation("I-08", f"{line['kind']}: {line['agent']} lacks {lacks} for {line['contact']}")


def _steps(lines: Sequence[Line], skills: Skills) -> Iterator[Violation]:
    """Nobody is shown before the time to an agent who has less than is asked for until then."""
    arrived = {line["contact"]: line for line in _of(lines, "arrived")}
    for offer in _of(lines, "book_offer"):
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
    still = _stood_still(lines)
    for offer in _of(lines, "book_offer"):
        taken_in = [end for begin, end in signs[offer["agent"]] if begin <= offer["made"] + 0.5]
        last = max(taken_in, default=0.0)
        late = offer["made"] - last - LEASE - sum(_shared(span, (last, offer["made"])) for span in still)
        if late > 0.5:
            yield Violation("I-09", f"{offer['offer']} to {offer['agent']}, silent for {late + LEASE:.1f} s")


def _slow(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """When answers took long: a machine with too much to do heals nothing in time, and that proves nothing."""
    spans = [(line["a"], line["t"]) for line in lines if line.get("a") and line["t"] - line["a"] > SLOW]
    merged: list[tuple[float, float]] = []
    for begin, end in sorted([*spans, *_stood_still(lines)]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _stood_still(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """When Redis stood still: no time passes in it then."""
    spans, begun = [], 0.0
    for line in _of(lines, "fault"):
        if line["what"] == "redis_still":
            begun = line["t"]
        elif line["what"] == "redis_again":
            spans.append((begun, line["t"]))
    return spans


def _shared(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


# --- I-07 -------------------------------------------------------------------------------------------------------------


def _order(lines: Sequence[Line], skills: Skills) -> Iterator[Violation]:
    """Nobody is offered to an agent while somebody surely waits who stands before them and whom the agent could serve,
    but for one who has just declined. A head start is time: who has it stands as if they had come so much earlier."""
    books = _Books(lines, skills)
    for offer in books.offers:
        for earlier in books.before(offer):
            if books.surely_waits(earlier, offer) and not books.is_avoided(earlier, offer):
                what = f"{offer['contact']} was offered ({offer['offer']}, at {offer['made']:.2f}) before {earlier}"
                yield Violation("I-07", what)


class _Books:
    """What is known of the line from the offers ever made and from what the harness saw."""

    def __init__(self, lines: Sequence[Line], skills: Skills) -> None:
        self.lines, self.skills = lines, skills
        self.arrived = {line["contact"]: line for line in _of(lines, "arrived")}
        self.entered: dict[str, float] = {}
        for line in _of(lines, "in_line"):
            self.entered.setdefault(line["contact"], line["t"])
        self.gone = {line["contact"]: line["t"] for line in _of(lines, "hung_up")}
        self.returned = [(line["contact"], line["t"]) for line in _of(lines, "returned")]
        self.emptied = [line["t"] for line in _of(lines, "fault") if line["what"] in ("flushall", "redis_killed")]
        self.offers = [line for line in _of(lines, "book_offer") if line["ended"] != line["made"]]
        self.rung: dict[str, float] = {}
        for line in _of(lines, "rings"):
            self.rung.setdefault(line["offer"], line["t"])
        self.of: dict[str, list[Line]] = defaultdict(list)
        for line in _of(lines, "book_offer"):
            self.of[line["contact"]].append(line)
        self.still = _slow(lines)
        self.unsure = self._unsure()
        self.unwritten = self._unwritten()
        self.ranks = sorted((_rank(line), name) for name, line in self.arrived.items())

    def _unsure(self) -> set[str]:
        """Contacts of which some offer is not, or not wholly, in the books: its process died before it wrote."""
        written = {line["offer"] for line in _of(self.lines, "book_offer")}
        found = {line["contact"] for line in _of(self.lines, "rings", "shown") if line["offer"] not in written}
        for contact, offers in self.of.items():
            if any(line["ended"] is None or line["ended"] == line["made"] for line in offers):
                found.add(contact)
        return found

    def _unwritten(self) -> list[float]:
        """About when offers were made that nobody wrote down: their tokens are missing."""
        found, last = [], None
        for line in _of(self.lines, "book_offer"):
            if last is not None and 1 < line["token"] - last < REBUILT:
                found.append(line["made"])
            last = line["token"]
        return found

    def before(self, offer: Line) -> Iterator[str]:
        """Return who stands before the one that is offered, of those whom this agent could surely serve then."""
        mine, seen = _rank(self.arrived[offer["contact"]]), self.rung.get(offer["offer"], 0.0)
        for rank, other in self.ranks:
            if rank >= mine - 0.002:  # whole milliseconds
                return
            waits = self.entered.get(other, 1e9) <= offer["made"] and self.gone.get(other, 1e9) > seen
            if waits and self._could_serve(offer, self.arrived[other]):
                yield other

    def _could_serve(self, offer: Line, wish: Line) -> bool:
        """Whether the agent has what is asked for, or what was asked for first is surely given up."""
        has = self.skills[offer["agent"]]
        if any(has.get(skill, 0) < level for skill, level in needs(wish["queue"], wish["language"]).items()):
            return False
        skill, level, seconds = PREFERRED.get(wish["queue"], ("", 0, 0.0))
        if has.get(skill, 0) >= level:
            return True
        given_up = self.entered.get(wish["contact"], 1e9) + seconds + SLACK
        made = offer["made"]  # what was emptied has its steps anew a moment later, and slow answers take them late
        unsettled = any(0 <= made - at < 2 * SLACK for at in self.emptied)
        unsettled = unsettled or any(_shared(span, (given_up - SLACK, made)) for span in self.still)
        return made > given_up and not unsettled

    def surely_waits(self, contact: str, offer: Line) -> bool:
        """Whether a contact was in the line from before an offer was made until after it was seen."""
        seen = self.rung.get(offer["offer"])
        if seen is None or contact in self.unsure or self.entered.get(contact, 1e9) > offer["made"]:
            return False
        if self.gone.get(contact, 1e9) <= seen or any(0 < offer["made"] + 1 - at < 60 for at in self.unwritten):
            return False
        older = [one for one in self.of[contact] if one["token"] < offer["token"]]
        newer = [one for one in self.of[contact] if one["token"] > offer["token"]]
        # By their tokens it was the other way round: two processes read their clocks before they asked.
        if newer and newer[0]["made"] <= offer["made"]:
            return False
        if not older:
            return True
        last = older[-1]
        if last["how"] == "accepted":
            back = [at for name, at in self.returned if name == contact and at > last["ended"]]
            talks = [line["t"] for line in _of(self.lines, "unbridged") if line["contact"] == contact]
            ended = max((at for at in talks if back and at <= back[0]), default=0)  # not that of a later talk
            kept = back and not any(ended - 1 < at < back[0] for at in self.emptied)
            return bool(kept) and back[0] < offer["made"]
        # Each process reads its clock before it asks; while answers took long, that says little of what came first.
        apart = (last["ended"], offer["made"])
        return last["ended"] + 0.01 + sum(_shared(span, apart) for span in self.still) < offer["made"]

    def is_avoided(self, contact: str, offer: Line) -> bool:
        return any(
            one["agent"] == offer["agent"] and one["made"] < offer["made"] < one["ended"] + AVOID + SLACK
            for one in self.of[contact]
            if one["ended"] is not None
        )


def _rank(wish: Line) -> float:
    return float(wish["since"]) - HEAD_STARTS.get(wish["queue"], 0.0)


# --- I-03 -------------------------------------------------------------------------------------------------------------


def _outcomes(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """Each contact that came has one row with one outcome, told once, and the right one."""
    rows = {line["contact"]: line for line in _of(lines, "book_contact")}
    told: dict[str, int] = defaultdict(int)
    for line in _of(lines, "book_ended"):
        told[line["contact"]] += 1
    bridged = {line["contact"] for line in _of(lines, "bridged")}
    for line in _of(lines, "arrived"):
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
    """Whoever was promised to be rung back is, and no agent is asked to ring somebody who has talked already."""
    kept = {line["contact"]: line["t"] for line in _of(lines, "kept")}
    promised = {line["contact"] for line in _of(lines, "arrived") if line.get("promised")}
    for row in _of(lines, "book_contact"):
        if (row["outcome"] == "callback_promised") is not (row["contact"] in promised):
            yield Violation("I-03", f"{row['contact']} ended as {row['outcome']}, promised or not")
    yield from (Violation("promises", f"{name} was never rung back") for name in sorted(promised - kept.keys()))
    for offer in _of(lines, "book_offer"):
        if offer["made"] > kept.get(offer["contact"], 1e9) + 0.5:
            yield Violation("promises", f"{offer['contact']} was shown again ({offer['offer']}) after it was kept")


# --- what heals by itself ---------------------------------------------------------------------------------------------


def _healed(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """What does not fit (a desk that says BUSY beside a silent telephone, a talk without sound) is over within 15 s."""
    still = _slow(lines)
    since: dict[tuple[str, str], tuple[float, float]] = {}
    for line in _of(lines, "odd"):
        key = (line["agent"], line["of"])
        first, last = since.get(key, (line["t"], line["t"]))
        if line["t"] - last > 8:  # it was in order meanwhile
            first = line["t"]
        since[key] = (first, line["t"])
        if line["a"] - first - sum(_shared(span, (first, line["a"])) for span in still) > HEALS:
            yield Violation("heals", f"{line['agent']} is {line['state']} since {first} with nobody on the telephone")
            since[key] = (line["t"], line["t"])
    for line in _of(lines, "no_sound"):
        if not any(_shared(span, (line["t"] - HEALS, line["t"])) for span in still):
            yield Violation("heals", f"{line['agent']} answered and heard nobody for 15 s, until {line['t']}")


def _left(lines: Sequence[Line], _: Skills) -> Iterator[Violation]:
    """In the end nobody waits and nobody is busy with nobody."""
    for line in _of(lines, "everybody_gone"):
        if not line["in_time"]:
            gone = {each["contact"] for each in _of(lines, "hung_up", "kept")}
            left = [each["contact"] for each in _of(lines, "arrived") if each["contact"] not in gone]
            yield Violation("lost", f"{len(left)} callers were still there when the time was up: {left[:8]}")
    for line in _of(lines, "quiet"):
        if line["still_busy"]:
            yield Violation("lost", f"in the end some still had work: {line['still_busy']}")
    for line in _of(lines, "book_left"):
        if line["routed"]:
            yield Violation("lost", f"{line['routed']} contacts are still in routing's books")
