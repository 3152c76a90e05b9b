"""Turn what is to be said into a sound that the switch can play: a recording if there is one, else synthesised."""

import asyncio
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import structlog

from core.clock import Clock
from core.language import Language
from telephony.asterisk.home import SoundPrograms
from telephony.asterisk.programs import SpeechFailedError, run_program
from telephony.model import Utterance

VOICES = {Language.SWEDISH: "sv", Language.ENGLISH: "en-gb"}
WORDS_A_MINUTE = 150
SLOWLY = 0.75
"""The pace of what is said again to somebody who did not follow, as a part of the usual one."""

PERSONAL_KEPT = timedelta(minutes=1)
LONGEST_TEXT = 2000
"""Characters; what is longer is cut, since nobody listens to it and it would hold up the others."""

_TELEPHONE_SOUND = ("-r", "8000", "-c", "1", "-b", "16", "-e", "signed-integer")
_CLARITY = ("highpass", "180", "lowpass", "3600", "norm", "-3")
_WORDING = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.@-]{0,99}")
_MAKING = "making-"
_NOT_SPOKEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

_log = structlog.get_logger()


class Speech:
    """Makes and keeps sounds.

    Text that is the same for everybody stays in ``cache``; personal text is under ``personal``, by a name that
    cannot be guessed (``key`` is a secret of this process), and :meth:`sweep` removes it after a minute.
    """

    def __init__(
        self, programs: SoundPrograms, *, recordings: Path, cache: Path, personal: Path, clock: Clock, key: bytes
    ) -> None:
        self._programs = programs
        self._recordings = recordings
        self._cache = _private(cache)
        self._personal = _private(personal)
        self._clock = clock
        self._key = hashlib.sha256(key).digest()  # of the length that blake2b takes
        self._under_way: dict[Path, asyncio.Task[None]] = {}
        self._at_once = asyncio.Semaphore(max(2, os.cpu_count() or 2))

    async def sound(self, utterance: Utterance) -> str:
        """Return the media address of this utterance for ARI, such as ``sound:/…/9f2c``, making the sound if need be.

        Raises :class:`~telephony.asterisk.programs.SpeechFailedError`.
        """
        return f"sound:{(await self.file(utterance)).with_suffix('')}"

    def ready(self, utterance: Utterance) -> str | None:
        """Return the media address of an utterance whose sound is there already; every prompt of every call asks this."""
        _, target = self._source_and_target(utterance)
        return f"sound:{target.removesuffix('.wav')}" if _is_there(target, touch=utterance.personal) else None

    async def file(self, utterance: Utterance) -> Path:
        """Return the WAV file (8 kHz, mono, 16 bits) of this utterance, making it if need be."""
        recording, wanted = self._source_and_target(utterance)
        target = Path(wanted)
        if _is_there(wanted, touch=utterance.personal):
            return target
        task = self._under_way.get(target)
        if task is None:
            task = asyncio.create_task(self._make(utterance, recording, target))
            self._under_way[target] = task
            task.add_done_callback(lambda done: self._under_way.pop(target, None))
        await asyncio.shield(task)
        return target

    async def prepare(self, utterances: Iterable[Utterance], *, at_once: int = 2) -> int:
        """Make all these sounds beforehand, ``at_once`` at a time, and return how many could not be made."""
        waiting = iter([utterance for utterance in utterances if not utterance.personal])
        results = await asyncio.gather(*(self._prepare_from(waiting) for _ in range(at_once)))
        return sum(results)

    def sweep(self) -> int:
        """Remove personal sounds that are older than a minute, and return how many."""
        oldest = (self._clock.now() - PERSONAL_KEPT).timestamp()
        removed = 0
        for path in self._personal.iterdir():
            try:
                if path.stat().st_mtime < oldest:
                    _remove(path)
                    removed += 1
            except FileNotFoundError:  # another process swept it first
                continue
        return removed

    def has_recording(self, utterance: Utterance) -> bool:
        """Whether a person has recorded this wording in this language."""
        return self._recording_of(utterance)[0] is not None

    async def _prepare_from(self, waiting: Iterable[Utterance]) -> int:
        failed = 0
        for utterance in waiting:
            try:
                await self.file(utterance)
            except SpeechFailedError as error:
                failed += 1
                _log.warning("prompt_not_prepared", wording=utterance.wording, reason=str(error))
        return failed

    async def _make(self, utterance: Utterance, recording: Path | None, target: Path) -> None:
        async with self._at_once:
            # Beside its target, so that the last step is a rename and personal text is nowhere else.
            with tempfile.TemporaryDirectory(prefix=_MAKING, dir=target.parent) as work:
                source = recording or await self._synthesise(utterance, Path(work) / "spoken.wav")
                made = Path(work) / "made.wav"
                slower = ("tempo", "-s", str(SLOWLY)) if recording and utterance.slow else ()
                convert = (*self._programs.sox, "-V1", str(source), *_TELEPHONE_SOUND, str(made), *_CLARITY, *slower)
                await run_program(convert)
                made.chmod(0o600)
                made.replace(target)

    async def _synthesise(self, utterance: Utterance, spoken: Path) -> Path:
        voice = VOICES[utterance.language]
        options = ("-v", voice, "-s", str(_pace(utterance)), "-p", "45", "-b", "1", "--stdin", "-w", str(spoken))
        await run_program((*self._programs.espeak, *options), text=speakable(utterance.text))
        return spoken

    def _source_and_target(self, utterance: Utterance) -> tuple[Path | None, str]:
        """Return the recording, if there is one, and where the sound is or has to be."""
        recording, facts = self._recording_of(utterance)
        if recording is None or facts is None:
            return None, self._synthesised(utterance)
        name = _hash_of_file(recording, facts.st_size, facts.st_mtime_ns)
        return Path(recording), f"{self._cache}/{name}{'-slow' if utterance.slow else ''}.wav"

    def _recording_of(self, utterance: Utterance) -> tuple[str | None, os.stat_result | None]:
        if utterance.wording is None or utterance.personal or not _WORDING.fullmatch(utterance.wording):
            return None, None
        path = f"{self._recordings}/{utterance.language.value}/{utterance.wording}.wav"
        try:
            facts = os.stat(path)
        except OSError:
            return None, None
        return (path, facts) if stat.S_ISREG(facts.st_mode) else (None, None)

    def _synthesised(self, utterance: Utterance) -> str:
        voice = f"{VOICES[utterance.language]}/{_pace(utterance)}\n{speakable(utterance.text)}".encode(
            "utf-8", "replace"
        )
        if utterance.personal:
            return f"{self._personal}/{hashlib.blake2b(voice, key=self._key, digest_size=16).hexdigest()}.wav"
        return f"{self._cache}/{hashlib.sha256(voice).hexdigest()}.wav"


def _pace(utterance: Utterance) -> int:
    return round(WORDS_A_MINUTE * SLOWLY) if utterance.slow else WORDS_A_MINUTE


def speakable(text: str) -> str:
    """Return the text without what a synthesiser takes as a command: control characters and phoneme brackets."""
    plain = _NOT_SPOKEN.sub(" ", text)[:LONGEST_TEXT].replace("[[", "[ [").strip()
    return plain if any(character.isalnum() for character in plain) else "."


def _remove(path: Path) -> None:
    if path.name.startswith(_MAKING):  # left behind by a process that was killed
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


@lru_cache(maxsize=4096)
def _hash_of_file(path: str, size: int, changed_ns: int) -> str:
    return hashlib.sha256(f"{path}\n{size}\n{changed_ns}".encode()).hexdigest()


def _is_there(path: str, *, touch: bool) -> bool:
    try:
        os.utime(path) if touch else os.stat(path)
    except FileNotFoundError:
        return False
    return True


def _private(folder: Path) -> Path:
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
