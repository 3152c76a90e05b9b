"""Speech: recordings first, else synthesised; kept when it is the same for everybody, gone in a minute when not."""

import asyncio
import os
import wave
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cache_folder import chosen_cache
from core.language import Language
from telephony.asterisk import speech as speech_module
from telephony.asterisk.home import AsteriskHome
from telephony.asterisk.install import find_or_fetch
from telephony.asterisk.programs import SpeechFailedError, run_program
from telephony.asterisk.sounds import prepare_music, safety_net_prompts
from telephony.asterisk.speech import Speech
from telephony.model import Utterance


class Clock:
    at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home() -> AsteriskHome:
    return find_or_fetch(chosen_cache())


@pytest.fixture
def speech(tmp_path: Path, home: AsteriskHome, clock: Clock) -> Speech:
    return Speech(
        home,
        recordings=tmp_path / "prompts",
        cache=tmp_path / "cache",
        personal=tmp_path / "personal",
        clock=clock,
        key=b"secret" * 20,
    )


def swedish(text: str, *, wording: str | None = None, personal: bool = False) -> Utterance:
    return Utterance(text, Language.SWEDISH, wording, personal)


def seconds_of(path: Path) -> float:
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        return sound.getnframes() / sound.getframerate()


def loudest(path: Path) -> int:
    with wave.open(str(path)) as sound:
        frames = sound.readframes(sound.getnframes())
    return max(abs(int.from_bytes(frames[i : i + 2], "little", signed=True)) for i in range(0, len(frames), 2))


async def test_text_becomes_sound_that_asterisk_can_play(speech: Speech) -> None:
    address = await speech.sound(swedish("Välkommen till Kundcenter."))
    assert address.startswith("sound:/")
    path = Path(address.removeprefix("sound:") + ".wav")
    assert 0.8 < seconds_of(path) < 4
    assert loudest(path) > 16000


async def test_a_sound_that_is_there_is_known_at_once_and_one_that_is_not_is_not_made(
    speech: Speech, home: AsteriskHome, tmp_path: Path
) -> None:
    spoken, recorded = swedish("Hej!"), swedish("Hej.", wording="greeting")
    assert speech.ready(spoken) is None
    assert speech.ready(spoken) is None
    address = await speech.sound(spoken)
    assert speech.ready(spoken) == address
    unrecorded = await speech.sound(recorded)
    recording = tmp_path / "prompts" / "sv" / "greeting.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(await asyncio.to_thread((await speech.file(spoken)).read_bytes))
    assert speech.ready(recorded) is None, "a recording that has just come is heard from now on"
    assert await speech.sound(recorded) != unrecorded


async def test_the_same_text_is_made_once_even_when_asked_for_at_once(
    speech: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[str, ...]] = []

    async def counted(command: tuple[str, ...], **options: str) -> None:
        runs.append(command)
        await run_program(command, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(speech_module, "run_program", counted)
    addresses = await asyncio.gather(*(speech.sound(swedish("Ett ögonblick.")) for _ in range(20)))
    assert len(set(addresses)) == 1
    await speech.sound(swedish("Ett ögonblick."))
    assert len(runs) == 2  # one synthesis, one conversion


async def test_language_and_text_both_tell_sounds_apart(speech: Speech) -> None:
    one = await speech.sound(swedish("Kundcenter"))
    two = await speech.sound(Utterance("Kundcenter", Language.ENGLISH))
    three = await speech.sound(swedish("Kundcentret"))
    assert len({one, two, three}) == 3


async def test_a_recording_comes_before_the_synthesiser(speech: Speech, home: AsteriskHome, tmp_path: Path) -> None:
    folder = tmp_path / "prompts" / "sv"
    folder.mkdir(parents=True)
    tone = (*home.sox, "-n", "-r", "44100", "-c", "2", str(folder / "welcome.wav"), "synth", "7", "sine", "440")
    await run_program(tone)
    said = swedish("Hej.", wording="welcome")
    assert speech.has_recording(said)
    assert round(seconds_of(await speech.file(said))) == 7
    assert not speech.has_recording(Utterance("Hi.", Language.ENGLISH, "welcome"))


async def test_what_is_said_again_slowly_takes_longer_recorded_or_not(
    speech: Speech, home: AsteriskHome, tmp_path: Path
) -> None:
    folder = tmp_path / "prompts" / "sv"
    folder.mkdir(parents=True)
    tone = (*home.sox, "-n", "-r", "8000", "-c", "1", str(folder / "choice@1.wav"), "synth", "3", "sine", "440")
    await run_program(tone)
    for said in (swedish("Tryck ett om du vill tala med oss."), swedish("Tryck ett.", wording="choice@1")):
        slowly = replace(said, slow=True)
        assert seconds_of(await speech.file(slowly)) > 1.15 * seconds_of(await speech.file(said))


@pytest.mark.parametrize("wording", ["../../etc/passwd", "..", "/etc/passwd", "a/b", "", "x" * 200, ".hidden"])
async def test_a_wording_that_is_a_path_is_not_looked_up(speech: Speech, wording: str, tmp_path: Path) -> None:
    (tmp_path / "prompts" / "sv").mkdir(parents=True)
    assert not speech.has_recording(swedish("Hej.", wording=wording))


async def test_personal_text_is_kept_apart_and_gone_after_a_minute(
    speech: Speech, clock: Clock, tmp_path: Path
) -> None:
    path = await speech.file(swedish("Tolvhundra kronor.", personal=True))
    assert path.parent == tmp_path / "personal"
    clock.at = datetime.now(UTC) + timedelta(seconds=50)
    assert speech.sweep() == 0
    clock.at = datetime.now(UTC) + timedelta(seconds=61)
    assert speech.sweep() == 1
    assert list((tmp_path / "personal").iterdir()) == []
    assert list((tmp_path / "cache").iterdir()) == []


async def test_personal_text_that_is_said_again_is_kept_for_another_minute(speech: Speech, clock: Clock) -> None:
    said = swedish("Tolvhundra kronor.", personal=True)
    path = await speech.file(said)
    os.utime(path, (0, 0))
    await speech.file(said)
    assert speech.sweep() == 0


async def test_the_name_of_a_personal_sound_does_not_tell_the_text(
    speech: Speech, home: AsteriskHome, clock: Clock, tmp_path: Path
) -> None:
    other = Speech(
        home, recordings=tmp_path, cache=tmp_path / "c2", personal=tmp_path / "p2", clock=clock, key=b"other"
    )
    said = swedish("Tolvhundra kronor.", personal=True)
    assert (await speech.file(said)).name != (await other.file(said)).name


async def test_personal_text_leaves_no_file_of_its_making_behind(speech: Speech, tmp_path: Path) -> None:
    path = await speech.file(swedish("Tolvhundra kronor.", personal=True))
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]


async def test_what_a_killed_process_left_half_made_is_swept_too(speech: Speech, clock: Clock, tmp_path: Path) -> None:
    left = tmp_path / "personal" / "making-x"
    left.mkdir()
    (left / "spoken.wav").write_bytes(b"RIFF")
    clock.at = datetime.now(UTC) + timedelta(seconds=61)
    assert speech.sweep() == 1
    assert not left.exists()


@pytest.mark.parametrize(
    "text",
    [
        "-w /tmp/kc-owned.wav",
        "$(touch /tmp/kc-owned)",
        '<speak><audio src="/etc/passwd"/></speak>',
        "[[_^_en]] [[he@l'oU]]",
        "rad ett\nrad två\x00\x1b[31m",
        "\ud800",
        "",
        "...",
        "🙂",
        "ord " * 5000,
    ],
)
async def test_any_text_becomes_a_sound_and_nothing_else(speech: Speech, text: str) -> None:
    path = await speech.file(swedish(text, personal=True))
    assert seconds_of(path) < 900
    assert not Path("/tmp/kc-owned").exists()
    assert not Path("/tmp/kc-owned.wav").exists()


async def test_a_program_that_hangs_is_ended_in_time(home: AsteriskHome) -> None:
    with pytest.raises(SpeechFailedError, match=r"longer than 0\.2 s"):
        await run_program(("sleep", "60"), seconds=0.2)
    with pytest.raises(SpeechFailedError, match="cannot be started"):
        await run_program(("/nowhere/espeak-ng",))


async def test_prompts_can_be_made_beforehand_and_failures_are_counted(
    speech: Speech, tmp_path: Path, home: AsteriskHome
) -> None:
    assert await speech.prepare([swedish("Ett."), swedish("Två."), swedish("Tre kronor.", personal=True)]) == 0
    assert len(list((tmp_path / "cache").iterdir())) == 2
    folder = tmp_path / "prompts" / "sv"
    folder.mkdir(parents=True)
    (folder / "broken.wav").write_bytes(b"not a sound")
    assert await speech.prepare([swedish("Fyra.", wording="broken"), swedish("Fem.")]) == 1
    assert len(list((tmp_path / "cache").iterdir())) == 3


async def test_one_caller_who_hangs_up_does_not_take_the_sound_from_another(speech: Speech) -> None:
    said = swedish("En ganska lång mening som tar en stund att läsa upp, och som två personer väntar på.")
    first, second = asyncio.create_task(speech.sound(said)), asyncio.create_task(speech.sound(said))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).startswith("sound:")


async def test_music_is_made_only_where_there_is_none(home: AsteriskHome, tmp_path: Path) -> None:
    await prepare_music(home, tmp_path / "music")
    (made,) = (tmp_path / "music").iterdir()
    assert seconds_of(made) > 10
    assert loudest(made) > 2000
    made.rename(made.with_name("our-own.wav"))
    await prepare_music(home, tmp_path / "music")
    assert [path.name for path in (tmp_path / "music").iterdir()] == ["our-own.wav"]


def test_the_safety_net_speaks_swedish_first_and_promises_only_after_the_number_is_kept() -> None:
    prompts = safety_net_prompts()
    spoken = {name: [said.language for said in prompt] for name, prompt in prompts.items()}
    pieces = {name for name, languages in spoken.items() if len(languages) == 1}  # of a number that is read back
    assert all(
        languages == [Language.SWEDISH, Language.ENGLISH] for name, languages in spoken.items() if name not in pieces
    )
    for number in range(10):
        assert (spoken[f"digit-{number}"], spoken[f"digit-en-{number}"]) == ([Language.SWEDISH], [Language.ENGLISH])
    for name in ("stranded-keyed", "stranded-right"):
        assert (spoken[name], spoken[f"{name}-en"]) == ([Language.SWEDISH], [Language.ENGLISH])
    assert len(pieces) == 24
    for name in ("stranded-fault", "stranded-no-number", "number-not-in-use"):
        assert "ringer upp dig" not in prompts[name][0].text
