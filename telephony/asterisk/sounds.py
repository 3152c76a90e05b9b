"""The sounds that the switch must have before its first call: the safety net's prompts, and music on hold."""

import asyncio
import shutil
import tomllib
import wave
from pathlib import Path

from core.language import Language
from telephony.asterisk.configuration import TEMPLATES
from telephony.asterisk.home import AsteriskHome
from telephony.asterisk.programs import run_program
from telephony.asterisk.settings import AsteriskSettings
from telephony.asterisk.speech import Speech
from telephony.model import Utterance

_CHORDS = (("C3", "G3", "E4", "G4"), ("A2", "E3", "C4", "E4"), ("F2", "C3", "A3", "C4"), ("G2", "D3", "B3", "D4"))
_NOTE_SECONDS = "0.55"
_RATE = 8000
_PAUSE_SECONDS = 0.4
"""Between the groups of a number that is read back."""


async def prepare_sounds(home: AsteriskHome, speech: Speech, settings: AsteriskSettings) -> None:
    """Make the prompts of the safety net and, where the folder for it is empty, the music; takes a few seconds once."""
    settings.sounds.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, texts in safety_net_prompts().items():
        parts = [await speech.file(utterance) for utterance in texts]
        made = settings.sounds / f".{name}.wav"
        if len(parts) == 1:  # a piece of what is said, such as a digit
            await asyncio.to_thread(shutil.copyfile, parts[0], made)
        else:
            await run_program((*home.sox, "-V1", *map(str, parts), str(made), "pad", "0.1", "0.2"))
        made.replace(settings.sounds / f"{name}.wav")
    _write_pause(settings.sounds / "pause.wav")
    await prepare_music(home, settings.music)


def safety_net_prompts() -> dict[str, list[Utterance]]:
    """Return what the switch says by itself, by the name of its sound: Swedish first, then English where it has both."""
    with (TEMPLATES / "prompts.toml").open("rb") as file:
        prompts: dict[str, dict[str, str]] = tomllib.load(file)
    return {
        name: [Utterance(text, Language(code), wording=f"switch.{name}") for code, text in texts.items()]
        for name, texts in prompts.items()
    }


def _write_pause(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(bytes(int(_RATE * _PAUSE_SECONDS) * 2))


async def prepare_music(home: AsteriskHome, folder: Path) -> None:
    """Make a quiet piece of plucked chords, unless the folder already holds music (8 kHz mono WAV)."""
    if _has_music(folder):
        return
    notes = [note for chord in _CHORDS for note in (*chord, *reversed(chord))]
    chain = [word for note in notes for word in (":", "synth", _NOTE_SECONDS, "pluck", note, "gain", "-14")][1:]
    made = folder / ".music.partial"
    await run_program((*home.sox, "-V1", "-n", "-r", "8000", "-c", "1", "-b", "16", "-t", "wav", str(made), *chain))
    shutil.move(made, folder / "music.wav")


def _has_music(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return any(folder.glob("*.wav"))
