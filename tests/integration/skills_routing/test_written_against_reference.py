"""Calls and written contacts together, on a real Valkey, decided as the slow rule does: one call, and no more than fits."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from core.ids import ContactId
from skills_routing.explain.explaining import picture_of
from skills_routing.line.line_facts import Kind
from skills_routing.line.live_line import Command, Decision, read_connection
from skills_routing.model import Policy, Requirement, Skills, instant
from skills_routing.rules.steps import Ask, write_plan
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
from tests.integration.skills_routing.line_model import ModelOffer
from tests.integration.skills_routing.test_line_against_reference import LineMachine
from tests.integration.skills_routing.written_model import ContactOfWeight, WritingAgent, WrittenModel

WITH_AGENT = ("offered", "talking", "wrap_up")


class WrittenMachine(LineMachine):
    """Everything that happens to calls, and messages besides."""

    model: WrittenModel  # type: ignore[assignment]

    def model_made(self) -> WrittenModel:
        return WrittenModel(avoid_ms=self.policy.avoid // timedelta(milliseconds=1))

    @initialize(skills=st.tuples(SKILLS, SKILLS, SKILLS, SKILLS), scarcity=st.tuples(*[st.integers(0, 2)] * 4))
    def employ(self, skills: Any, scarcity: Any) -> None:
        for name, can, rare in zip(NAMES, skills, scarcity, strict=True):
            self.model.agents[name] = WritingAgent(name, can, rare)
            self.run_command(Command.KNOW_AGENT, name, can.profile, rare, 1)

    @rule(
        requirement=st.sampled_from(REQUIREMENTS), ago=st.integers(0, 1), later=LATER, wanted=WANTED,
        promised=st.booleans(),
    )  # fmt: skip
    def somebody_enters(
        self, requirement: Requirement, ago: int, later: Any = (), wanted: str = "", promised: bool = False
    ) -> None:
        super().somebody_enters(requirement, ago, later, wanted, promised)

    def contact_made(self, *values: Any) -> ContactOfWeight:
        return ContactOfWeight(*values)

    @rule(
        requirement=st.sampled_from(REQUIREMENTS), weight=st.sampled_from([1, 1, 2]), behind=st.sampled_from([0, 9]),
        later=LATER, wanted=WANTED,
    )  # fmt: skip
    def somebody_writes(
        self, requirement: Requirement, weight: int, behind: int, later: Any = (), wanted: str = ""
    ) -> None:
        now, plan = self.model.now, self.plan_of(requirement, later, wanted)
        contact = ContactOfWeight(f"con_{next(self.numbers):05d}", plan, now + behind, weight=weight)
        text = write_plan(tuple(Ask(asked, due) for asked, due in plan), weight=weight)
        own = (contact.name, "", "kö", contact.line, contact.rank, now, "")
        own += (0, text, plan[1][1] if len(plan) > 1 else "")
        self.model.enter(contact)
        self.run_command(Command.ENTER, *own)
        assert self.run_command(Command.ENTER, *own).status == "known"

    @rule(requirements=st.lists(st.sampled_from(REQUIREMENTS), min_size=2, max_size=4))
    def several_write_in_the_same_moment(self, requirements: list[Requirement]) -> None:
        for requirement in requirements:
            self.somebody_writes(requirement, 1, 0)

    @rule(call=st.sampled_from(REQUIREMENTS), text=st.sampled_from(REQUIREMENTS), capacity=st.sampled_from([2, 3]))
    def a_call_waits_for_somebody_who_writes(self, call: Requirement, text: Requirement, capacity: int) -> None:
        """Whoever writes is kept free for the call; the next text is for whoever is not."""
        for name in NAMES:
            self.an_agent_is_to_take_more_or_less(name, capacity, False)
        self.everybody_becomes_ready(list(NAMES))
        for _ in range(2):
            self.somebody_writes(call, 1, 0)
            for offer in self.model.pending():
                self._says_yes(offer)
        self.somebody_enters(call, 0)
        self.somebody_writes(text, 1, 0)

    @precondition(lambda self: self.model.pending())
    @rule(data=st.data())
    def an_agent_says_yes(self, data: st.DataObject) -> None:
        self._says_yes(data.draw(st.sampled_from(self.model.pending())))

    def _says_yes(self, offer: ModelOffer) -> None:
        self.model.take(offer)
        assert self.run_command(Command.TAKE, offer.name, offer.token).status == "ok"

    @precondition(lambda self: self._at_hand())
    @rule(data=st.data())
    def a_citizen_has_the_answer(self, data: st.DataObject) -> None:
        contact = data.draw(st.sampled_from(self._at_hand()))
        self.model.close(contact)
        assert self.run_command(Command.WRAP_UP, contact.agent, contact.name, "", "").status == "ok"
        assert self.run_command(Command.WRAP_UP, contact.agent, contact.name, "", "").status == "not_yours"

    @rule(name=AGENTS, capacity=st.sampled_from([0, 2, 3]), may=st.booleans())
    def an_agent_is_to_take_more_or_less(self, name: str, capacity: int, may: bool) -> None:
        agent = self.model.agents[name]
        self.model.learn(agent, agent.skills, agent.scarcity, capacity, may)
        self.run_command(Command.KNOW_AGENT, name, agent.skills.profile, agent.scarcity, 1, capacity, int(may))

    @rule(name=AGENTS, skills=SKILLS, scarcity=st.integers(0, 2))
    def an_agent_learns(self, name: str, skills: Skills, scarcity: int) -> None:
        agent = self.model.agents[name]
        self.model.learn(agent, skills, scarcity, agent.capacity, agent.interruptible)
        may = int(agent.interruptible)
        self.run_command(Command.KNOW_AGENT, name, skills.profile, scarcity, 1, agent.capacity, may)

    @rule()
    def every_idle_agent_who_was_not_offered_somebody_has_the_reason_that_the_model_has(self) -> None:
        open_ = [one for one in self.model.agents.values() if one.is_open and not self.model.is_gone(one)]
        for contact in self.model.contacts.values():
            if contact.state == "waiting":
                found = self.wait(self.line.fields(f"kc:contact:{contact.name}"))
                connection = read_connection(ContactId(contact.name), found)
                picture = self.wait(picture_of(self.line, connection, found, instant(self.model.now)))
                told = {one.agent: (str(one.why), one.skill) for one in picture.not_offered}
                assert told == {one.name: self.model.why_not(contact, one) for one in open_}

    @rule()
    def the_safety_net_finds_every_pair(self) -> None:
        for _ in range(50):
            expected = self._next_pair()
            decision: Decision = self.wait(self.line.run(Command.MATCH, now=instant(self.model.now)))
            self._let_go_of_those_without_a_browser()
            offers = [fact for fact in decision.facts if fact.fact is Kind.OFFER_MADE]
            for fact in offers:
                agent, contact = self.model.agents[fact.agent], self.model.contacts[fact.contact]
                assert agent.is_open and not self.model.is_gone(agent)
                self.model._reserve(contact, agent, fact.reason)
                self.model.made = None
                contact.offer, contact.token, self.last_token = fact.offer, fact.token, fact.token
                self.model.offers[fact.offer] = ModelOffer(
                    fact.offer, fact.contact, fact.agent, fact.token, self.model.now + 20_000
                )
            if not offers:
                assert expected is None
                break

    def _let_go_of_those_without_a_browser(self) -> None:
        """The line finds them on its way, in its own order; it may only find those who are gone."""
        here = self.wait(self.line.agents())
        for agent in self.model.agents.values():
            found = here[agent.name]  # type: ignore[index]
            if (found["state"], found.get("next", "")) != (agent.state, agent.next) and found["state"] != "RESERVED":
                assert agent.is_open and self.model.is_gone(agent)
                self.model.dismiss(agent)

    def _at_hand(self) -> list[ContactOfWeight]:
        return [one for one in self.model.contacts.values() if one.weight and one.state == "talking"]

    @invariant()
    def nobody_has_two_calls_or_another_load_than_the_contacts_weigh(self) -> None:
        here = self.wait(self.line.agents())
        pipe = self.redis.pipeline(transaction=False)
        for agent in self.model.agents.values():
            pipe.smembers(f"kc:written:{agent.name}")
        for agent, at_hand in zip(self.model.agents.values(), self.wait(pipe.execute()), strict=True):
            mine = [one for one in self.model.contacts.values() if one.agent == agent.name and one.state in WITH_AGENT]
            assert sum(not one.weight for one in mine) <= 1
            assert agent.load == sum(one.weight for one in mine)
            assert at_hand == {one.name for one in mine if one.weight and one.state == "talking"}
            found = here[agent.name]  # type: ignore[index]
            assert (int(found.get("load") or 0), found.get("next", "")) == (agent.load, agent.next)


@pytest.mark.parametrize(("rules", "examples"), [(WrittenMachine.policy, 60), (LOOKS_NOWHERE, 30)])
def test_calls_and_written_contacts_are_decided_as_the_reference_does(
    valkey_url: str, rules: Policy, examples: int
) -> None:
    play(WrittenMachine, url=valkey_url, policy=rules, examples=examples)
