"""Every decision of the Lua line on a real Valkey is the one that the slow, obvious rule makes (I-01, I-02, I-07, I-08, I-31)."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from core.ids import AgentId, ContactId
from skills_routing.explain.explaining import picture_of
from skills_routing.line.line_facts import Kind
from skills_routing.line.live_line import GENERATION, Command, Decision, LiveLine, read_connection
from skills_routing.model import AgentState, ContactState, Need, Policy, Requirement, Skills, instant, own_skill
from skills_routing.rules.matching import contact_for
from skills_routing.rules.steps import Ask, write_plan
from skills_routing.rules.transitions import AGENT, CONTACT
from storage.redis import blocking
from tests.integration.skills_routing.line_chances import (
    AGENTS,
    LATER,
    LOOKS_NOWHERE,
    NAMES,
    REQUIREMENTS,
    SKILLS,
    WANTED,
    play,
)
from tests.integration.skills_routing.line_model import ALONE_MS, Model, ModelAgent, ModelContact, ModelOffer, reachable


class LineMachine(RuleBasedStateMachine):
    """Does things to both and compares."""

    url = ""
    policy = Policy(many=0)

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.numbers = itertools.count(1)
        self.redis = blocking(self.url)  # a busy machine is no fault of the line
        self.line = LiveLine(redis=self.redis, new_id=lambda p: f"{p}_{next(self.numbers):05d}", policy=self.policy)
        self.model = self.model_made()
        self.before: dict[str, str] = {}
        self.last_token = 0
        self.to_be_tried_again: dict[str, ModelContact] = {}
        self.wait(self.redis.flushall())
        self.wait(self.redis.set(GENERATION, 1))

    def model_made(self) -> Model:
        return Model(avoid_ms=self.policy.avoid // timedelta(milliseconds=1))

    def teardown(self) -> None:
        self.wait(self.redis.aclose())
        self.loop.close()

    def wait(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    def run_command(self, command: Command, *own: str | int) -> Decision:
        decision: Decision = self.wait(self.line.run(command, *own, now=instant(self.model.now)))
        made = [fact for fact in decision.facts if fact.fact is Kind.OFFER_MADE]
        assert [(fact.contact, fact.agent, fact.reason) for fact in made] == (
            [self.model.made] if self.model.made else []
        )
        taken = [(fact.contact, fact.step, fact.how) for fact in decision.facts if fact.fact is Kind.STEP_TAKEN]
        assert taken == self.model.steps
        self.model.steps = []
        for fact in made:
            assert fact.token > self.last_token
            self.last_token = fact.token
            contact = self.model.contacts[fact.contact]
            contact.offer, contact.token = fact.offer, fact.token
            self.model.offers[fact.offer] = ModelOffer(
                fact.offer, fact.contact, fact.agent, fact.token, self.model.now + 20_000
            )
        self.model.made = None
        return decision

    @initialize(skills=st.tuples(SKILLS, SKILLS, SKILLS, SKILLS), scarcity=st.tuples(*[st.integers(0, 2)] * 4))
    def employ(self, skills: Any, scarcity: Any) -> None:
        for name, can, rare in zip(NAMES, skills, scarcity, strict=True):
            self.model.agents[name] = ModelAgent(name, can, rare)
            self.run_command(Command.KNOW_AGENT, name, can.profile, rare, 1)

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(
        requirement=st.sampled_from(REQUIREMENTS), ago=st.integers(0, 1), later=LATER, wanted=WANTED,
        promised=st.booleans(),
    )  # fmt: skip
    def somebody_enters(
        self, requirement: Requirement, ago: int, later: Any = (), wanted: str = "", promised: bool = False
    ) -> None:
        name, now, plan = f"con_{next(self.numbers):05d}", self.model.now, self.plan_of(requirement, later, wanted)
        contact = self.contact_made(name, plan, now - ago * 1000)
        contact.promised = promised
        self._enters(contact)

    def _enters(self, contact: ModelContact) -> None:
        name, plan = contact.name, contact.plan
        text = write_plan(tuple(Ask(asked, due) for asked, due in plan))
        leg, callback = ("", f"cbk_{name}") if contact.promised else (f"leg_{name}", "")
        own = (name, leg, "kö", contact.requirement.line, contact.rank, contact.rank, callback)
        own += (0, text, plan[1][1] if len(plan) > 1 else "")
        self.model.enter(contact)
        self.run_command(Command.ENTER, *own)
        assert self.run_command(Command.ENTER, *own).status == "known"

    def plan_of(self, requirement: Requirement, later: Any, wanted: str) -> list[tuple[Requirement, int]]:
        now = self.model.now
        plan = [(requirement, now)]
        if wanted:
            plan.insert(0, (Requirement(requirement.needs | {Need(own_skill(AgentId(wanted)))}), now))
            plan[1] = (requirement, now + 6000)
        for wider, seconds in sorted(later, key=lambda step: step[1]):
            plan.append((wider, max(plan[-1][1], now + seconds * 1000)))
        return plan

    def contact_made(self, *values: Any) -> ModelContact:
        return ModelContact(*values)

    @rule(name=AGENTS, state=st.sampled_from(["READY", "READY", "READY", "NOT_READY", "LOGGED_OFF"]))
    def an_agent_chooses(self, name: str, state: str) -> None:
        self.model.choose(self.model.agents[name], state)
        self.run_command(Command.CHOOSE_STATE, name, state, "own")

    @rule(name=AGENTS)
    def an_agent_whom_somebody_waits_for_leaves(self, name: str) -> None:
        self.an_agent_chooses(name, "NOT_READY")
        self.somebody_enters(REQUIREMENTS[0], 0, wanted=name)
        self.an_agent_chooses(name, "LOGGED_OFF")
        self.the_sweeper_comes()

    @rule(names=st.permutations(NAMES))
    def everybody_becomes_ready(self, names: list[str]) -> None:
        for name in names:
            self.model.now += 1
            self.an_agent_chooses(name, "READY")

    @rule(requirements=st.lists(st.sampled_from(REQUIREMENTS), min_size=2, max_size=4))
    def several_enter_in_the_same_moment(self, requirements: list[Requirement]) -> None:
        for requirement in requirements:
            self.somebody_enters(requirement, 0)

    @rule(milliseconds=st.sampled_from([300, 5000]))
    def all_gather_for_a_moment(self, milliseconds: int) -> None:
        self.model.gathering_till = self.model.now + milliseconds
        self.wait(self.redis.set(GENERATION, f"1 {self.model.gathering_till}"))

    @rule(seconds=st.sampled_from([0.001, 1, 4, 11]))
    def time_passes(self, seconds: float) -> None:
        self.model.now += int(seconds * 1000)

    @precondition(lambda self: self.model.contacts)
    @rule(data=st.data())
    def a_wait_is_foreseen_to_be_long(self, data: st.DataObject) -> None:
        contact = self.model.contacts[data.draw(st.sampled_from(sorted(self.model.contacts)))]
        seen = contact.step
        if contact.state == "waiting" and seen + 1 < len(contact.plan):
            assert self.run_command(Command.WIDEN, contact.name, seen + 1, "forecast").status == "stale"
            self.model.widen(contact, "forecast")
            assert self.run_command(Command.WIDEN, contact.name, seen, "forecast").status == "ok"
        assert self.run_command(Command.WIDEN, contact.name, seen, "forecast").status in ("stale", "wrong_state")

    @rule(name=AGENTS)
    def a_browser_is_heard_of(self, name: str) -> None:
        self.model.heartbeat(self.model.agents[name])
        self.run_command(Command.HEARTBEAT, name)

    @precondition(lambda self: self.model.offers)
    @rule(data=st.data(), wrong=st.booleans())
    def an_agent_takes(self, data: st.DataObject, wrong: bool) -> None:
        offer = self._any_offer(data)
        if wrong:
            assert self.run_command(Command.TAKE, offer.name, offer.token + 1).status == "stale"
        elif offer.state == "PENDING":
            self.model.take(offer)
            assert self.run_command(Command.TAKE, offer.name, offer.token).status == "ok"
        else:
            status = self.run_command(Command.TAKE, offer.name, offer.token).status
            assert status == ("already" if offer.state == "ACCEPTED" else "stale")

    @rule(name=AGENTS, here=st.booleans())
    def a_telephone_is_heard_of(self, name: str, here: bool) -> None:
        self.model.hear_phone(self.model.agents[name], here)
        assert self.run_command(Command.HEAR_PHONE, name, "1" if here else "").status == "ok"

    @precondition(lambda self: self.model.offers)
    @rule(
        data=st.data(), how=st.sampled_from(["REJECTED", "TIMED_OUT"]), why=st.sampled_from(["x", "phone_unreachable"])
    )
    def an_offer_comes_to_nothing(self, data: st.DataObject, how: str, why: str) -> None:
        offer = self._any_offer(data)
        status = "ok" if offer.state == "PENDING" else "stale"
        if status == "ok":
            self.model.end_offer(offer, how, "NOT_READY", why)
        assert self.run_command(Command.END_OFFER, offer.name, offer.token, how, "NOT_READY", why).status == status

    @precondition(lambda self: self.model.contacts)
    @rule(data=st.data())
    def somebody_hangs_up(self, data: st.DataObject) -> None:
        contact = self.model.contacts[data.draw(st.sampled_from(sorted(self.model.contacts)))]
        if contact.state in ("waiting", "offered"):
            self.model.leave(contact)
            assert self.run_command(Command.LEAVE, contact.name, "hung_up").status == "ok"
        elif contact.state == "talking":
            assert self.run_command(Command.PART, contact.name, "off_other", "citizen").status == "stale"
            self.model.part(contact)
            assert self.run_command(Command.PART, contact.name, contact.offer, "citizen").status == "ok"
        else:
            assert self.run_command(Command.LEAVE, contact.name, "hung_up").status == "wrong_state"

    @precondition(lambda self: any(one.state == "calling" for one in self.model.contacts.values()))
    @rule(data=st.data(), answers=st.booleans())
    def a_citizen_is_rung_back(self, data: st.DataObject, answers: bool) -> None:
        ringing = sorted(one.name for one in self.model.contacts.values() if one.state == "calling")
        contact = self.model.contacts[data.draw(st.sampled_from(ringing))]
        assert self.run_command(Command.CITIZEN_ANSWERED, contact.name, "off_other").status == "wrong_state"
        if answers:
            self.model.citizen_answers(contact)
            assert self.run_command(Command.CITIZEN_ANSWERED, contact.name, contact.offer).status == "ok"
        else:
            self.model.citizen_is_not_reached(contact)
            assert self.run_command(Command.PART, contact.name, contact.offer, "no_answer").status == "ok"
            self.to_be_tried_again[contact.name] = contact

    @precondition(lambda self: self.to_be_tried_again)
    @rule(data=st.data())
    def a_citizen_who_was_not_reached_is_due_again(self, data: st.DataObject) -> None:
        """They stand where they stood: before whoever began to wait later, and behind nobody new."""
        missed = self.to_be_tried_again.pop(data.draw(st.sampled_from(sorted(self.to_be_tried_again))))
        again = self.contact_made(missed.name, missed.plan, missed.rank)
        again.promised = True
        self._enters(again)

    @precondition(lambda self: any(one.state == "talking" and not one.promised for one in self.model.contacts.values()))
    @rule(data=st.data())
    def an_agent_is_lost(self, data: st.DataObject) -> None:
        talking = sorted(
            one.name for one in self.model.contacts.values() if one.state == "talking" and not one.promised
        )
        contact = self.model.contacts[data.draw(st.sampled_from(talking))]
        offer = contact.offer
        self.model.return_caller(contact)
        assert self.run_command(Command.RETURN_CALLER, contact.name, offer, "agent_lost").status == "ok"

    @rule(name=AGENTS, state=st.sampled_from(["", "READY", "NOT_READY"]))
    def an_agent_wraps_up(self, name: str, state: str) -> None:
        agent = self.model.agents[name]
        contact = agent.contact
        if agent.state == "WRAP_UP":
            self.model.wrap_up(agent, state)
            assert self.run_command(Command.WRAP_UP, name, contact, state, "").status == "ok"
        else:
            assert self.run_command(Command.WRAP_UP, name, contact or "con_none", state, "").status == "not_yours"

    @rule(name=AGENTS, skills=SKILLS, scarcity=st.integers(0, 2))
    def an_agent_learns(self, name: str, skills: Skills, scarcity: int) -> None:
        self.model.learn(self.model.agents[name], skills, scarcity)
        self.run_command(Command.KNOW_AGENT, name, skills.profile, scarcity, 1)

    @rule()
    def the_sweeper_comes(self) -> None:
        for _ in range(50):
            due = sorted(
                (o for o in self.model.pending() if o.expires <= self.model.now), key=lambda o: (o.expires, o.name)
            )
            if due:
                self.model.lapse(due[0])
            status = self.run_command(Command.LAPSE).status
            assert status == ("ok" if due else "none")
            if not due:
                break
        self._expire_browsers()
        self._take_steps()

    def _expire_browsers(self) -> None:
        leases = dict(self.wait(self.redis.zrange("kc:leases", 0, -1, withscores=True)))
        assert leases == {agent.name: agent.look_at for agent in self.model.agents.values() if agent.look_at}
        for name, till in sorted(leases.items(), key=lambda pair: (pair[1], pair[0])):
            if till <= self.model.now:
                self.model.expire(self.model.agents[name])
                assert self.run_command(Command.EXPIRE_BROWSER, ALONE_MS).status == "ok"

    def _take_steps(self) -> None:
        """The line says in which order; that it is right, and that nobody is forgotten, is for the model to say."""
        for _ in range(50):
            due = self.wait(self.redis.zrangebyscore("kc:steps", "-inf", self.model.now))
            contact = self.model.contacts[due[0]] if due else None
            if contact and (why := self.model.why_widen(contact)):
                self.model.widen(contact, why)
            assert self.run_command(Command.WIDEN).status == ("ok" if contact else "none")
            if contact is None:
                break
        waiting = [one for one in self.model.contacts.values() if one.state == "waiting"]
        assert [one.name for one in waiting if self.model.why_widen(one)] == []

    def _any_offer(self, data: st.DataObject) -> ModelOffer:
        return self.model.offers[data.draw(st.sampled_from(sorted(self.model.offers)))]

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def both_tell_the_same_story(self) -> None:
        states = {name: found["state"] for name, found in self.wait(self.line.agents()).items()}
        assert states == {agent.name: agent.state for agent in self.model.agents.values()}
        assert self.wait(self.line.contacts()) == set(self.model.contacts)
        here = self.wait(self.line.connections(self.model.contacts))  # type: ignore[arg-type]
        pipe = self.redis.pipeline(transaction=False)
        for contact in self.model.contacts.values():
            pipe.zscore(f"kc:line:{contact.line}", contact.name)
        for contact, place in zip(self.model.contacts.values(), self.wait(pipe.execute()), strict=True):
            found = here[contact.name]
            assert (found.state, found.agent, found.offer) == (contact.state, contact.agent, contact.offer)
            assert place == (contact.rank if contact.state == "waiting" else None)

    @rule()
    def every_idle_agent_who_was_not_offered_somebody_has_the_reason_that_the_model_has(self) -> None:
        idle = {agent.name: agent for agent in self.model.agents.values() if agent.state == "READY"}
        for contact in self.model.contacts.values():
            if contact.state != "waiting":
                continue
            found = self.wait(self.line.fields(f"kc:contact:{contact.name}"))
            connection = read_connection(ContactId(contact.name), found)
            picture = self.wait(picture_of(self.line, connection, found, instant(self.model.now)))
            told = {one.agent: (str(one.why), one.skill) for one in picture.not_offered}
            heard = {name: agent for name, agent in idle.items() if not self.model.is_gone(agent)}
            assert told == {name: self.model.why_not(contact, agent) for name, agent in heard.items()}
            due = contact.plan[contact.step + 1][1] if contact.step + 1 < len(contact.plan) else None
            assert picture.due_at == (instant(due) if due else None)

    @invariant()
    def nobody_is_offered_twice(self) -> None:
        pending = self.model.pending()
        assert set(self.wait(self.redis.zrange("kc:offers", 0, -1))) == {offer.name for offer in pending}
        assert len({offer.contact for offer in pending}) == len({offer.agent for offer in pending}) == len(pending)

    @invariant()
    def every_step_is_in_the_tables(self) -> None:
        states = {name: agent.state for name, agent in self.model.agents.items()}
        states |= {name: contact.state for name, contact in self.model.contacts.items()}
        for name, state in states.items():
            was = self.before.get(name, state)
            if was != state and name in self.model.contacts:
                assert reachable(CONTACT, ContactState(was), ContactState(state)), (was, state)
            elif was != state:
                assert reachable(AGENT, AgentState(was), AgentState(state)), (was, state)
        self.before = states

    @rule()
    def the_safety_net_finds_every_pair(self) -> None:
        """Afterwards nobody who could help is idle while somebody waits for just that."""
        for _ in range(50):
            made = self._next_pair()
            decision = self.wait(self.line.run(Command.MATCH, now=instant(self.model.now)))
            offers = [fact for fact in decision.facts if fact.fact is Kind.OFFER_MADE]
            for fact in offers:
                agent = self.model.agents[fact.agent]
                contact = self.model.contacts[fact.contact]
                assert self.model.why_not(contact, agent) == ("next", "") and not self.model.is_gone(agent)
                self.model._reserve(contact, agent, fact.reason)
                self.model.made = None
                contact.offer, contact.token, self.last_token = fact.offer, fact.token, fact.token
                self.model.offers[fact.offer] = ModelOffer(
                    fact.offer, fact.contact, fact.agent, fact.token, self.model.now + 20_000
                )
            for fact in decision.facts:
                if fact.fact is Kind.AGENT_STATE and fact.reason == "browser_gone":
                    gone = self.model.agents[fact.agent]
                    gone.state, gone.reason = "NOT_READY", "browser_gone"
            if not offers:
                assert made is None
                break

    def _next_pair(self) -> str | None:
        if self.model.is_gathering:
            return None
        idle = [one for one in self.model.idle() if not self.model.is_gone(self.model.agents[one.agent])]
        return next((found for one in idle if (found := contact_for(one, self.model.waiting()))), None)


@pytest.mark.parametrize(("rules", "examples"), [(LineMachine.policy, 80), (LOOKS_NOWHERE, 30)])
def test_the_line_decides_as_the_reference_does(valkey_url: str, rules: Policy, examples: int) -> None:
    play(LineMachine, url=valkey_url, policy=rules, examples=examples)
