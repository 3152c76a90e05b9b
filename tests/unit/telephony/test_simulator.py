"""What the simulator has beyond the contract: telephones to hold in the hand, and time that may stand still."""

import asyncio
import itertools

import pytest

from core.language import Language
from telephony.model import Answer, Ask, CallArrived, Collect, EndCause, Hold, LegRole, NoInput, Ring, Say, Utterance
from telephony.simulator.line_simulator import LineSimulator
from telephony.simulator.phone import Sound, SoundKind
from telephony.simulator.virtual_time import VirtualTime

NUMBER = "0771524524"


class Bench:
    def __init__(self, **settings) -> None:
        self.time = VirtualTime()
        self.sounds: list[tuple[str, Sound]] = []
        numbers = itertools.count(1)
        self.simulator = LineSimulator(
            clock=self.time,
            new_id=lambda prefix: f"{prefix}_{next(numbers)}",
            timers=self.time,
            on_sound=lambda phone, sound: self.sounds.append((phone, sound)),
            **settings,
        )
        self.events = []
        self.task = asyncio.get_running_loop().create_task(self.listen())

    async def listen(self) -> None:
        async for event in self.simulator.events():
            self.events.append(event)

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def answered_call(self, **call):
        await self.settle()
        phone = self.simulator.call(NUMBER, **call)
        await self.settle()
        leg = self.events[-1].leg
        await self.simulator.perform(Answer(leg=leg))
        return phone, leg


def said(*texts):
    return tuple(Utterance(text, Language.SWEDISH) for text in texts)


@pytest.fixture
async def bench():
    bench = Bench()
    yield bench
    bench.task.cancel()


async def test_without_talking_time_everything_is_heard_at_once(bench):
    phone, leg = await bench.answered_call()
    await bench.simulator.perform(Say(leg=leg, utterances=said("Välkommen.", "Hej då.")))
    assert phone.heard == ["Välkommen.", "Hej då."]
    assert bench.time.time() == 0


async def test_with_talking_time_a_text_begins_when_the_one_before_has_ended():
    bench = Bench(seconds_per_character=0.1)
    phone, leg = await bench.answered_call()
    await bench.simulator.perform(Say(leg=leg, utterances=said("Välkommen.", "Hej då.")))
    bench.time.advance(0.9)
    assert phone.heard == ["Välkommen."]
    bench.time.advance(0.2)
    assert phone.heard == ["Välkommen.", "Hej då."]
    bench.task.cancel()


async def test_what_a_key_has_silenced_is_not_heard():
    bench = Bench(seconds_per_character=0.1)
    phone, leg = await bench.answered_call()
    await bench.simulator.perform(Ask(leg=leg, utterances=said("Tryck ett.", "Tryck två."), collect=Collect()))
    phone.press("1")
    bench.time.advance(10)
    assert phone.heard == ["Tryck ett."]
    bench.task.cancel()


async def test_time_outs_run_on_the_time_handed_in(bench):
    _, leg = await bench.answered_call()
    await bench.simulator.perform(Ask(leg=leg, utterances=said("?"), collect=Collect(first_seconds=600)))
    bench.time.advance(599)
    await bench.settle()
    assert not isinstance(bench.events[-1], NoInput)
    bench.time.advance(1)
    await bench.settle()
    assert isinstance(bench.events[-1], NoInput)


async def test_a_call_that_comes_before_the_controller_rings_until_it_is_there():
    bench = Bench()
    bench.simulator.call(NUMBER, caller="0701740605")
    await bench.settle()
    assert isinstance(bench.events[-1], CallArrived)
    bench.task.cancel()


async def test_a_telephone_is_known_by_its_number_however_it_is_written(bench):
    phone, _ = await bench.answered_call(caller="070-174 06 05")
    assert bench.simulator.phone("+46701740605") is phone


async def test_a_telephone_in_a_call_is_busy_for_others(bench):
    await bench.answered_call(caller="0701740605")
    await bench.simulator.perform(Ring(leg="leg_x", role=LegRole.CITIZEN, target="+46701740605"))
    await bench.settle()
    assert bench.events[-1].cause is EndCause.BUSY


async def test_every_sound_of_every_telephone_is_told(bench):
    _, leg = await bench.answered_call(caller="0701740605")
    await bench.simulator.perform(Hold(leg=leg))
    assert bench.sounds == [
        ("0701740605", Sound(SoundKind.ANSWERED)),
        ("0701740605", Sound(SoundKind.MUSIC)),
    ]


async def test_keys_pressed_after_the_end_do_nothing(bench):
    phone, _ = await bench.answered_call()
    phone.hang_up()
    phone.press("1")
    phone.answer()
    phone.hang_up()
    assert phone.ended is EndCause.NORMAL


async def test_one_can_wait_for_words(bench):
    phone, leg = await bench.answered_call()
    waiting = asyncio.create_task(phone.has_heard("pengarna", within=2))
    await bench.settle()
    await bench.simulator.perform(Say(leg=leg, utterances=said("Du får pengarna på fredag.")))
    await waiting
