"""What is handed to operators names commands, settings and figures that exist."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from app.settings import Settings
from telephony.asterisk.settings import check_secret
from tests.architecture.tree import ROOT, called, calls, files, python_files, strings

DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"
PROCESSES = {"asterisk", "web", "switch", "worker", "sweeper"}


def read_yaml(name: str) -> dict:  # type: ignore[type-arg]
    return YAML(typ="safe").load((DEPLOY / name).read_text("utf-8"))


def settings_named() -> Iterator[str]:
    for file in [*files("deploy", ".yaml", ".service", ".example", ".md"), ROOT / "README.md"]:
        yield from re.findall(r"\bKC_[A-Z_]+[A-Z]\b", file.read_text("utf-8"))


def test_every_setting_that_is_named_exists() -> None:
    named = set(settings_named())
    known = {f"KC_{name.upper()}" for name in Settings.model_fields}
    assert len(named) > 10
    assert {name.removesuffix("_FILE") for name in named} <= known


def ours_in_the_composition() -> dict:  # type: ignore[type-arg]
    services = read_yaml("compose.yaml")["services"]
    return {name: service for name, service in services.items() if service["image"] == "kundcenter"}


def unit(name: str) -> dict[str, str]:
    """The settings of a unit, the last of each name."""
    text = (SYSTEMD / name).read_text("utf-8")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


def test_every_process_of_the_command_line_is_told_of_here() -> None:
    started = {
        str(call.args[0].value)
        for call in calls(ROOT / "app" / "cli" / "main.py")
        if called(call) == "_run_process" and isinstance(call.args[0], ast.Constant)
    }
    assert started == PROCESSES
    assert set(re.findall(r"\| `kundcenter (\w+)` \|", (DEPLOY / "README.md").read_text("utf-8"))) == PROCESSES


def test_the_composition_runs_every_process_by_a_command_that_exists() -> None:
    ours = ours_in_the_composition()
    assert {name: service["command"] for name, service in ours.items() if name != "schema"} == {
        name: [name] for name in PROCESSES
    }


def test_the_units_run_every_process() -> None:
    target = (SYSTEMD / "kundcenter.target").read_text("utf-8")
    named = set(re.findall(r"kundcenter[@-](\w+)\.service", target))
    assert named == PROCESSES
    for name in PROCESSES:
        own = SYSTEMD / f"kundcenter-{name}.service"
        command = unit(own.name if own.exists() else "kundcenter@.service")["ExecStart"]
        assert command.endswith(f"-m app {name}" if own.exists() else "-m app %i")


def test_the_switch_and_its_controller_share_their_folders_and_their_user_in_the_units() -> None:
    controller, switch = unit("kundcenter@.service"), unit("kundcenter-asterisk.service")
    shared = ("User", "StateDirectory", "CacheDirectory", "UMask", "EnvironmentFile", "WorkingDirectory")
    assert [switch[name] for name in shared] == [controller[name] for name in shared]
    example = dict(re.findall(r"(?m)^(KC_\w+)=(.*)$", (SYSTEMD / "kundcenter.env.example").read_text("utf-8")))
    assert example["KC_STATE_DIR"] == f"/var/lib/{controller['StateDirectory']}"
    assert example["KC_CACHE_DIR"] == f"/var/cache/{controller['CacheDirectory']}"
    assert "Requires" not in switch, "it speaks to callers also when the database is away"
    guide = (DEPLOY / "README.md").read_text("utf-8")
    assert f"KC_CACHE_DIR={example['KC_CACHE_DIR']} make asterisk" in guide
    for name in {name for name in example if name.endswith("_FILE")}:
        assert Path(example[name]).name in re.findall(r"for secret in (.+); do", guide)[0].split()


def test_the_switch_and_its_controller_share_their_folders_and_their_network_in_the_composition() -> None:
    ours = ours_in_the_composition()
    for process in PROCESSES:
        mounted = dict(reversed(volume.split(":")) for volume in ours[process]["volumes"])
        for name in ("KC_STATE_DIR", "KC_CACHE_DIR"):
            assert mounted[ours[process]["environment"][name]], name
        assert ours[process]["volumes"] == ours["switch"]["volumes"]
        assert ours[process]["network_mode"] == "host"
    assert ours["asterisk"]["depends_on"] == {}
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    for name in ("KC_STATE_DIR", "KC_CACHE_DIR"):
        assert f"{name}={ours['switch']['environment'][name]}" in dockerfile
    assert f"telephony.asterisk.install --cache {ours['switch']['environment']['KC_CACHE_DIR']}" in dockerfile


def test_every_figure_that_an_alert_asks_for_is_published() -> None:
    published = {str(text.value) for file in python_files("app", "telephony", "contacts") for text in strings(file)}
    rules = [rule for group in read_yaml("prometheus/alerts.yaml")["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"\bkc_[a-z_]+", rule["expr"])}
    assert len(asked) > 3
    assert {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked} <= published
    assert all(rule["annotations"]["fix"] for rule in rules)


def test_secrets_that_are_made_as_the_guide_says_are_taken_by_the_settings() -> None:
    [making] = re.findall(r"umask 077; (.+) > /etc/kundcenter/\$secret", (DEPLOY / "README.md").read_text("utf-8"))
    for _ in range(20):  # by chance one without a character of base64's own could come
        made = subprocess.run(["sh", "-c", making], capture_output=True, text=True, check=True).stdout.strip()
        assert len(check_secret(made)) >= 32
