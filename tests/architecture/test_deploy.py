"""What is handed to operators names commands, settings and figures that exist."""

import re
import subprocess
from collections.abc import Iterator

from ruamel.yaml import YAML

from app.settings import Settings
from telephony.asterisk.settings import check_secret
from tests.architecture.tree import ROOT, files, python_files, strings

DEPLOY = ROOT / "deploy"
PROCESSES = {"web", "switch", "worker", "sweeper"}


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


def test_the_composition_runs_the_four_processes_by_commands_that_exist() -> None:
    ours = {
        name: service
        for name, service in read_yaml("compose.yaml")["services"].items()
        if service["image"] == "kundcenter"
    }
    assert set(ours) == PROCESSES | {"schema"}
    assert {name: service["command"] for name, service in ours.items() if name != "schema"} == {
        name: [name] for name in PROCESSES
    }


def test_the_units_run_the_four_processes() -> None:
    target = (DEPLOY / "systemd" / "kundcenter.target").read_text("utf-8")
    assert set(re.findall(r"kundcenter@(\w+)\.service", target)) == PROCESSES
    unit = (DEPLOY / "systemd" / "kundcenter@.service").read_text("utf-8")
    assert "-m app %i" in unit


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
