"""Agents and callers of a proof. They see what persons see: their telephones, and the agent's desk."""

import asyncio
import random
from typing import Any

from skills_routing.model import Agent
from telephony.model import EndCause
from telephony.simulator.phone import SimulatedPhone
from tests.proof.clock import FastClock
from tests.proof.exchange import Exchange, leg_of
from tests.proof.history import History
from tests.proof.links import PATIENCE_SECONDS, Answer, Links

BEAT_SECONDS = 3.0
LOOK_SECONDS = 12.0
RETOLD_SECONDS = 6.0
_BATCH = 25
PROMISED = "con_p"
"""Begins the names of contacts who are rung back."""


class Proof:
    """What all share."""

    def __init__(
        self,
        *,
        clock: FastClock,
        history: History,
        links: Links,
        exchange: Exchange,
        talk: tuple[float, float],
        at_once: int,
    ) -> None:
        self.room = asyncio.Semaphore(at_once)
        self.clock, self.history, self.links, self.exchange, self.talk = clock, history, links, exchange, talk
        self.is_over = False

    async def passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.clock.speed)

    async def insist(self, do: str, **what: Any) -> Answer:
        """Ask until somebody answers: every command may be repeated."""
        tries = 0
        while True:
            patience = PATIENCE_SECONDS * (1 + tries)  # whoever asks ever more often makes it worse
            tries += 1
            answer = await self.links.ask(do, patience=patience, **what)
            if answer.error not in (None, "LiveStoreUnavailableError", "DatabaseUnavailableError"):
                return answer
            await asyncio.sleep(0.1)


class AgentAtWork:
    """One agent: a browser that is alive or gone, a softphone, habits by chance."""

    def __init__(self, proof: Proof, agent: Agent, chance: random.Random) -> None:
        self.proof, self.agent, self.chance = proof, agent.id, chance
        self.site = agent.site
        self.has_browser = True
        self.phone: SimulatedPhone = proof.exchange.phone(f"agent-{agent.id}")
        self._changed = proof.exchange.changed[f"agent-{agent.id}"]
        self._old: tuple[str, int, str] | None = None

    async def work(self) -> None:
        await self._be_ready()
        while not self.proof.is_over:
            if not self.has_browser:
                await self.proof.passes(1)
            elif self.phone.ringing:
                await self._rung()
            elif self.phone.in_call:
                await self._in_call()
            else:
                await self._look()
                await self._wait(LOOK_SECONDS)

    async def vanish(self, seconds: float) -> None:
        """The browser is killed: no heartbeat, and whatever its telephone did ends for want of sound."""
        if not self.has_browser:
            return
        self.has_browser = False
        self._write("browser_gone")
        was = leg_of(self.phone)
        await self.proof.passes(9)
        if was and leg_of(self.phone) == was and self.phone.line is not None and self.phone.answered:
            self.phone.line.reject(EndCause.FAULT)
        await self.proof.passes(seconds)
        self._write("browser_back")
        self.has_browser = True

    # --- what an agent does -------------------------------------------------------------------------------------------

    async def _be_ready(self) -> None:
        answer = await self.proof.insist("state", agent=self.agent, state="READY")
        self._write("renewed", a=answer.asked, error=answer.error)

    async def _rung(self) -> None:
        leg, notes = leg_of(self.phone), dict(self.phone.notes)
        self._write("rings", offer=notes["Offer"], contact=notes["Contact"], leg=leg)
        await self.proof.passes(self.chance.uniform(0.2, 2))
        shown = await self._shown(notes["Offer"])
        if shown is None or leg_of(self.phone) != leg:
            await self._until_silent(leg, 25)
            self._write("silent", offer=notes["Offer"], leg=leg)
            return
        await self._decide(leg, *shown)

    async def _shown(self, offer: str) -> tuple[str, int, str] | None:
        answer = await self.proof.insist("desk", agent=self.agent)
        if answer.error or not answer.result["offer"] or answer.result["offer"][0] != offer:
            self._write("not_shown", a=answer.asked, offer=offer)
            return None
        _, token, contact = answer.result["offer"]
        self._write("shown", a=answer.asked, offer=offer, token=token, contact=contact)
        return offer, token, contact

    async def _decide(self, leg: str, offer: str, token: int, contact: str) -> None:
        what = self.chance.random()
        if what < 0.86:
            answer = await self._command("accept", offer, token, contact)
            if answer.error == "" and leg_of(self.phone) == leg:
                self.phone.answer()
        elif what < 0.90:
            await self._command("reject", offer, token, contact)
        elif what < 0.93:
            self.phone.reject()
        elif what < 0.95:
            asyncio.get_running_loop().create_task(self.vanish(self.chance.uniform(8, 25)))
        await self._until_silent(leg, 30, unless_answered=True)
        self._old = (offer, token, contact)
        if leg_of(self.phone) != leg:
            self._write("silent", offer=offer, leg=leg)

    async def _in_call(self) -> None:
        leg = leg_of(self.phone)
        longest = (
            75 if self.phone.notes["Contact"].startswith(PROMISED) else 15
        )  # a citizen's telephone rings meanwhile
        if not await self._until(lambda: bool(self.phone.connected_to) or leg_of(self.phone) != leg, longest):
            self._write("no_sound", leg=leg)
            await self._until_silent(leg, 40)
            return
        await self._until_silent(leg, self.chance.uniform(*self.proof.talk))
        if leg_of(self.phone) != leg:
            return
        contact, what = self.phone.notes["Contact"], self.chance.random()
        if what < 0.45:
            self._write("ends_talk", contact=contact)
        if what < 0.35:
            answer = await self.proof.insist("hang_up", agent=self.agent, contact=contact)
            self._write("hang_up", a=answer.asked, contact=contact, error=answer.error)
        elif what < 0.45:
            self.phone.hang_up()
        elif what < 0.49 and self.phone.line is not None:
            self._write("phone_lost", contact=contact)
            self.phone.line.reject(EndCause.FAULT)
        await self._until_silent(leg, 25)
        if leg_of(self.phone) == leg:
            self._write("ends_talk", contact=contact)
            self.phone.hang_up()

    async def _look(self) -> None:
        """Look at the desk, and do what it asks for."""
        answer = await self.proof.insist("desk", agent=self.agent)
        if answer.error:
            return
        desk = answer.result
        if desk["wrap_up"]:
            await self._wrap_up(desk["wrap_up"])
        elif desk["state"] in ("NOT_READY", "LOGGED_OFF"):
            await self.proof.passes(self.chance.uniform(0.5, 3))
            await self._be_ready()
        elif desk["state"] in ("BUSY", "RESERVED") and not self.phone.in_call:
            held = desk["talk"] or (desk["offer"] or [""])[0]
            self._write("odd", a=answer.asked, state=desk["state"], of=held)
            await self._wait(2)
            return
        await self._try_what_is_over()

    async def _wrap_up(self, contact: str) -> None:
        await self.proof.passes(self.chance.uniform(0.5, 2))
        answer = await self.proof.insist("wrap_up", agent=self.agent, contact=contact)
        self._write("wrapped_up", a=answer.asked, contact=contact, error=answer.error)
        self._write("renewed", a=answer.asked, error=answer.error)

    async def _try_what_is_over(self) -> None:
        """Commands that come late: each must be refused, and say why."""
        if self._old is None or self.chance.random() > 0.3:
            return
        (offer, token, contact), self._old = self._old, None
        what = self.chance.choice(("accept", "reject", "hang_up", "wrap_up"))
        if what in ("accept", "reject"):
            answer = await self.proof.links.ask(what, agent=self.agent, offer=offer, token=token)
        else:
            answer = await self.proof.links.ask(what, agent=self.agent, contact=contact)
        self._write("tried", a=answer.asked, what=what, offer=offer, contact=contact, error=answer.error)

    async def _command(self, do: str, offer: str, token: int, contact: str) -> Answer:
        answer = await self.proof.insist(do, agent=self.agent, offer=offer, token=token)
        self._write(do, a=answer.asked, offer=offer, token=token, contact=contact, error=answer.error)
        return answer

    # --- waiting ------------------------------------------------------------------------------------------------------

    async def _wait(self, seconds: float) -> None:
        self._changed.clear()
        waiting = asyncio.ensure_future(self._changed.wait())
        await asyncio.wait({waiting}, timeout=seconds / self.proof.clock.speed)
        waiting.cancel()

    async def _until(self, condition: Any, seconds: float) -> bool:
        until = self.proof.clock.elapsed() + seconds
        while not condition():
            left = until - self.proof.clock.elapsed()
            if left <= 0 or self.proof.is_over:
                return False
            await self._wait(left)
        return True

    async def _until_silent(self, leg: str, seconds: float, *, unless_answered: bool = False) -> None:
        def is_over() -> bool:
            return leg_of(self.phone) != leg or (unless_answered and self.phone.answered)

        await self._until(is_over, seconds)

    def _write(self, kind: str, **fields: Any) -> None:
        self.proof.history.write(kind, agent=self.agent, **fields)


async def beat(proof: Proof, agents: list[AgentAtWork]) -> None:
    """Each browser that lives says so every few seconds."""
    batches = [agents[at : at + _BATCH] for at in range(0, len(agents), _BATCH)]
    await asyncio.gather(*(_beat(proof, batch, at / len(batches)) for at, batch in enumerate(batches)))


async def _beat(proof: Proof, agents: list[AgentAtWork], phase: float) -> None:
    await proof.passes(phase * BEAT_SECONDS)
    sending: set[asyncio.Task[None]] = set()
    while not proof.is_over:
        there = [one.agent for one in agents if one.has_browser]
        task = asyncio.create_task(_alive(proof, there))
        sending.add(task)
        task.add_done_callback(sending.discard)
        await proof.passes(BEAT_SECONDS)


async def _alive(proof: Proof, agents: list[Any]) -> None:
    answer = await proof.links.ask("alive", agents=agents)
    if answer.error is not None:
        proof.history.write("alive", a=answer.asked, agents=agents, error=answer.error)


async def citizen(proof: Proof, number: int, wish: dict[str, Any], chance: random.Random) -> None:
    """One citizen: rings, waits (or loses patience), talks, and hangs up."""
    await proof.passes(wish["at"])
    async with proof.room:
        await (_be_rung if wish["promised"] else _ring)(proof, number, wish, chance)


async def _be_rung(proof: Proof, number: int, wish: dict[str, Any], chance: random.Random) -> None:
    """Somebody who is promised to be rung back, and asks again and again whether that still stands, as the sweeper does."""
    contact, telephone = f"{PROMISED}{number:05d}", f"+4671{number:07d}"
    phone, changed = proof.exchange.promise(telephone, contact)
    since = round(proof.clock.elapsed(), 3)
    about = {"queue": wish["queue"], "language": str(wish["language"])}
    proof.history.write("arrived", contact=contact, leg="", since=since, promised=True, **about)
    asked_at, was_reached = float("-inf"), False
    while not was_reached:
        if phone.connected_to:
            was_reached = True
            await _talk(proof, phone, changed, chance, contact)
        elif phone.ringing and phone.line is not None:
            await proof.passes(chance.uniform(0.3, 2))
            await _answer(phone, chance)
        elif phone.line is None and proof.clock.elapsed() - asked_at > RETOLD_SECONDS:
            asked_at = proof.clock.elapsed()
            await proof.insist("promise", contact=contact, callback=f"cbk_{telephone}", number=telephone, since=since,
                               **about)  # fmt: skip
        else:
            await _wait(proof, changed, 2.0)
    proof.history.write("kept", contact=contact)


async def _answer(phone: SimulatedPhone, chance: random.Random) -> None:
    if phone.ringing and chance.random() < 0.85:
        phone.answer()
    elif phone.ringing:
        phone.reject()


async def _ring(proof: Proof, number: int, wish: dict[str, Any], chance: random.Random) -> None:
    contact, telephone = f"con_{number:05d}", f"+4670{number:07d}"
    phone, leg = await proof.exchange.call_in(telephone, contact)
    since = round(proof.clock.elapsed(), 3)
    about = {"queue": wish["queue"], "language": str(wish["language"])}
    proof.history.write("arrived", contact=contact, leg=leg, since=since, **about)
    answer = await proof.insist("arrive", contact=contact, leg=leg, since=since, **about)
    proof.history.write("entered", contact=contact, a=answer.asked, error=answer.error)
    changed = proof.exchange.changed[telephone]
    gone_at = since + wish["patience"] if wish["patience"] else float("inf")
    while phone.line is not None:
        if phone.connected_to:
            await _talk(proof, phone, changed, chance, contact)
        elif proof.clock.elapsed() >= gone_at:
            proof.history.write("gave_up", contact=contact)
            phone.hang_up()
        else:
            await _wait(proof, changed, min(5.0, max(0.05, gone_at - proof.clock.elapsed())))


async def _talk(
    proof: Proof, phone: SimulatedPhone, changed: asyncio.Event, chance: random.Random, contact: str
) -> None:
    until = proof.clock.elapsed() + chance.uniform(proof.talk[0], proof.talk[1] * 1.2)
    while phone.connected_to and proof.clock.elapsed() < until:
        await _wait(proof, changed, until - proof.clock.elapsed())
    if phone.connected_to:
        proof.history.write("rang_off", contact=contact)
        phone.hang_up()


async def _wait(proof: Proof, changed: asyncio.Event, seconds: float) -> None:
    changed.clear()
    waiting = asyncio.ensure_future(changed.wait())
    await asyncio.wait({waiting}, timeout=max(0.01, seconds / proof.clock.speed))
    waiting.cancel()
