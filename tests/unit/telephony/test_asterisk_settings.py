"""What goes into Asterisk's own files is checked first, since a line too many there is a command."""

import tomllib
from pathlib import Path

import pytest

from telephony.asterisk.configuration import TEMPLATES
from telephony.asterisk.install import AsteriskNotAvailableError, mirror_among, write_apt_configuration
from telephony.asterisk.settings import AgentLine, AsteriskSettings, DemoPhone, SwitchSettingsError


def settings(**changes: object) -> AsteriskSettings:
    values: dict[str, object] = {
        "ari_password": "a" * 16,
        "ami_password": "b" * 16,
        "sounds": Path("/var/kc/sounds"),
        "music": Path("/var/kc/music"),
        "spool": Path("/var/kc/stranded"),
    }
    return AsteriskSettings(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"ari_password": "short"},
        {"ari_password": "x" * 12 + "\n[other]\npassword=y"},  # a second user
        {"ami_password": "x" * 12 + ";"},  # a comment
        {"ami_user": "watcher]\nwrite=all\n["},
        {"numbers": ("_X.",)},  # a pattern that takes everything
        {"numbers": ("0771524524,1,System(id)",)},
        {"numbers": ("${EPOCH}",)},
        {"app": "kundcenter,inbound"},
        {"spool": Path("/var/kc,,,/x")},  # ends the argument of FILE()
        {"spool": Path("/var/kc=1")},
        {"sounds": Path("/var/${SHELL(id)}")},
        {"sounds": Path("relative")},
        {"agents": (AgentLine(name="åsa"),)},
        {"agents": (AgentLine(name="asa\ncontext=entry"),)},
        {"agents": (AgentLine(name="trunk"),)},
        {"agents": (AgentLine(name="asa"), AgentLine(name="asa"))},
        {"agents": (AgentLine(name="phone-1"),), "phones": (DemoPhone(name="phone-1", number="+46701740605"),)},
        {"phones": (DemoPhone(name="phone-1", number='"X" <1>'),)},
        {"trunk_contact": "sip:x@y;transport=tcp\nendpoint=z"},
        {"trunk_addresses": ("10.0.0.1\nmatch=0.0.0.0/0",)},
        {"sip_host": "10.0.0.4\nbind=0.0.0.0"},
        {"sip_port": 0},
        {"rtp_ports": (20000, 20001)},
        {"http_port": 5038},
    ],
    ids=str,
)
def test_a_value_that_could_become_a_line_of_its_own_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SwitchSettingsError):
        settings(**changes)


def test_a_secret_is_never_part_of_what_is_printed() -> None:
    made = settings(agents=(AgentLine(name="asa", password="s" * 20),))
    assert "aaaa" not in repr(made) and "bbbb" not in repr(made) and "ssss" not in repr(made)
    with pytest.raises(SwitchSettingsError) as refused:
        settings(ari_password="short")
    assert "short" not in str(refused.value)


def test_the_dialplan_has_no_pattern_of_any_length_and_runs_no_program() -> None:
    text = (TEMPLATES / "extensions.conf.j2").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(";")]
    assert not any("_X." in line or "_." in line or "_!" in line for line in lines)
    for forbidden in ("System(", "SHELL", "CALLERID(name", "CALLERID(all", "Dial(", "Exec", "AGI", "EVAL"):
        assert not any(forbidden in line for line in lines), forbidden
    assert all("FILTER(0-9+" in line for line in lines if "CALLERID(" in line)


def test_every_prompt_that_the_dialplan_plays_has_its_words() -> None:
    dialplan = (TEMPLATES / "extensions.conf.j2").read_text("utf-8")
    words = tomllib.loads((TEMPLATES / "prompts.toml").read_text("utf-8"))
    parts = [part.split(",")[0].split(")")[0].strip() for part in dialplan.split("{{ settings.sounds }}/")[1:]]
    in_each = {part.replace("{{ language }}", language) for part in parts for language in ("", "-en")}
    digits = {name: [name.split("${")[0] + str(digit) for digit in range(10)] for name in in_each if "${" in name}
    played = {one for name in in_each for one in digits.get(name, [name])}
    assert played == set(words) | {"pause"}  # which has none


@pytest.mark.parametrize(
    ("lines", "mirror"),
    [
        (["http://deb.debian.org/debian/ main Debian"], "http://deb.debian.org/debian"),
        (
            ["http://mirror.example/debian-security/ main Debian", "https://mirror.example/debian/ main Debian"],
            "https://mirror.example/debian",
        ),
        (["http://apt.example/other/ main Other"], "http://deb.debian.org/debian"),  # not Debian's archive
        (["http://archive.example/ubuntu/ main Ubuntu"], "http://deb.debian.org/debian"),  # nor this
        ([], "http://deb.debian.org/debian"),
    ],
)
def test_the_mirror_of_the_machine_is_used_where_it_has_one(lines: list[str], mirror: str) -> None:
    assert mirror_among(lines) == mirror


def test_apt_is_told_to_keep_all_its_state_in_our_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.asterisk.install.KEYRING", tmp_path)
    text = write_apt_configuration(tmp_path / "work", mirror="http://deb.debian.org/debian").read_text("utf-8")
    for key in ("Dir::State ", "Dir::State::status ", "Dir::Cache ", "Dir::Etc::sourcelist "):
        (line,) = [line for line in text.splitlines() if line.startswith(key)]
        assert str(tmp_path) in line
    assert 'Dir::Etc::sourceparts "-"' in text
    assert "Dir::Etc::parts" not in text  # the machine's proxy and sign-in stay in force


def test_a_machine_without_the_keyring_is_told_which_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.asterisk.install.KEYRING", tmp_path / "none")
    with pytest.raises(AsteriskNotAvailableError, match="debian-archive-keyring"):
        write_apt_configuration(tmp_path / "work", mirror="x")


def test_the_defaults_are_those_that_other_programs_rely_on() -> None:
    made = settings()
    assert (made.sip_port, made.http_port, made.ami_port, made.app) == (5060, 8088, 5038, "kundcenter")
    assert "0771524524" in made.numbers
