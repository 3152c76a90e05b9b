"""I-07: the order of the line, from the offers that were ever made and from what the harness saw."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.proof.reading import SLACK, Line, Skills, Violation, of, shared, slow
from tests.proof.scale import HEAD_STARTS, PREFERRED, needs

AVOID = 30.0
REBUILT = 5_000
"""A greater gap between two tokens than this comes of a rebuild."""


def order(lines: Sequence[Line], skills: Skills) -> Iterator[Violation]:
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
        self.arrived = {line["contact"]: line for line in of(lines, "arrived")}
        self.entered: dict[str, float] = {}
        for line in of(lines, "in_line"):
            self.entered.setdefault(line["contact"], line["t"])
        self.gone = {line["contact"]: line["t"] for line in of(lines, "hung_up")}
        self.returned = _times_by_contact(lines, "returned")
        self.unbridged = _times_by_contact(lines, "unbridged")
        self.emptied = [line["t"] for line in of(lines, "fault") if line["what"] in ("flushall", "redis_killed")]
        self.offers = [line for line in of(lines, "book_offer") if line["ended"] != line["made"]]
        self.rung: dict[str, float] = {}
        for line in of(lines, "rings"):
            self.rung.setdefault(line["offer"], line["t"])
        self.of: dict[str, list[Line]] = defaultdict(list)
        for line in of(lines, "book_offer"):
            self.of[line["contact"]].append(line)
        self.still = slow(lines)
        self.unsure = self._unsure()
        self.unwritten = self._unwritten()
        self.ranks = sorted((_rank(line), name) for name, line in self.arrived.items())

    def _unsure(self) -> set[str]:
        """Contacts of which some offer is not, or not wholly, in the books: its process died before it wrote."""
        written = {line["offer"] for line in of(self.lines, "book_offer")}
        found = {line["contact"] for line in of(self.lines, "rings", "shown") if line["offer"] not in written}
        for contact, offers in self.of.items():
            if any(line["ended"] is None or line["ended"] == line["made"] for line in offers):
                found.add(contact)
        return found

    def _unwritten(self) -> list[float]:
        """About when offers were made that nobody wrote down: their tokens are missing."""
        found, last = [], None
        for line in of(self.lines, "book_offer"):
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
        unsettled = unsettled or any(shared(span, (given_up - SLACK, made)) for span in self.still)
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
            back = next((at for at in self.returned.get(contact, ()) if at > last["ended"]), None)
            return back is not None and back < offer["made"] and not self._was_emptied_before(contact, back)
        # Each process reads its clock before it asks; while answers took long, that says little of what came first.
        apart = (last["ended"], offer["made"])
        return last["ended"] + 0.01 + sum(shared(span, apart) for span in self.still) < offer["made"]

    def _was_emptied_before(self, contact: str, back: float) -> bool:
        """Whether the line was emptied between the end of a talk and the return that came of it."""
        talks = self.unbridged.get(contact, ())
        ended = max((at for at in talks if at <= back), default=0)  # not that of a later talk
        return any(ended - 1 < at < back for at in self.emptied)

    def is_avoided(self, contact: str, offer: Line) -> bool:
        return any(
            one["agent"] == offer["agent"] and one["made"] < offer["made"] < one["ended"] + AVOID + SLACK
            for one in self.of[contact]
            if one["ended"] is not None
        )


def _times_by_contact(lines: Sequence[Line], kind: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for line in of(lines, kind):
        found[line["contact"]].append(line["t"])
    return found


def _rank(wish: Line) -> float:
    return float(wish["since"]) - HEAD_STARTS.get(wish["queue"], 0.0)
