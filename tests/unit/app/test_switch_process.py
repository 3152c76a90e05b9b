"""What our Asterisk is started with, and whether it is ours to start."""

from pathlib import Path

import pytest

from app.configuration import load_configuration
from app.settings import ROOT, Settings
from app.switch_process import asterisk_settings, keep_asterisk
from app.switches import NO_SOUND, Voice, the_switch
from core.errors import ConfigurationError

SECRETS = {"ari_password": "a" * 32, "ami_password": "b" * 32, "pepper": "c" * 32}


def test_the_switch_is_told_where_calls_come_in_and_who_hands_them_over(tmp_path: Path) -> None:
    settings = Settings(
        state_dir=tmp_path, sip_host="10.0.0.4", trunk_addresses="10.0.0.5,10.1.0.0/28",
        trunk_contact="sip:10.0.0.5:5060", **SECRETS,
    )  # fmt: skip
    made = asterisk_settings(settings, load_configuration(ROOT / "config"))
    assert (made.sip_host, made.trunk_addresses) == ("10.0.0.4", ("10.0.0.5/32", "10.1.0.0/28"))
    assert (made.trunk_contact, made.spool) == ("sip:10.0.0.5:5060", tmp_path / "stranded")


@pytest.mark.parametrize("theirs", [{"ari_url": "http://127.0.0.1:8088"}, {"switch": "simulator", "demo": True}])
async def test_a_switch_of_somebody_elses_is_not_ours_to_keep_up(tmp_path: Path, theirs: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="Somebody else's switch"):
        await keep_asterisk(Settings(state_dir=tmp_path, **SECRETS, **theirs))


@pytest.mark.parametrize("ari_url", ["", "http://127.0.0.1:8088"])
async def test_a_controller_needs_what_prompts_are_spoken_with_and_no_asterisk_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ari_url: str
) -> None:
    settings = Settings(state_dir=tmp_path / "state", cache_dir=tmp_path / "cache", ari_url=ari_url, **SECRETS)
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(ConfigurationError) as refused:
        async with the_switch(settings, Voice()):
            pass
    assert NO_SOUND in str(refused.value)
    for name in ("espeak-ng", "sox"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    voice = Voice()
    async with the_switch(settings, voice):
        assert voice.speech is not None
