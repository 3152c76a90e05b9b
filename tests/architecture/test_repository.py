"""What whoever opens the repository counts on: targets that explain themselves, and no trace of somebody's machine."""

import os
import re
import tomllib

from tests.architecture.tree import PACKAGES, ROOT, committed, files, named

TEXT = {
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".toml",
    ".lock",
    ".json",
    ".conf",
    ".service",
    ".vue",
    ".ts",
    ".css",
    ".html",
    ".lua",
    ".sh",
    "",
}
EXPLAIN_THEMSELVES = {"help", "setup", "run", "test", "check", "phone", "asterisk", "bench", "lock", "clean"}


def test_every_target_that_one_runs_is_explained_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert explained >= EXPLAIN_THEMSELVES
    named_phony = {word for line in re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE) for word in line.split()}
    inner = set(re.findall(r"^([a-z-]+):", makefile.partition("# The parts of the above")[2], re.MULTILINE))
    assert explained | inner == named_phony


def test_every_room_is_formatted_linted_typed_and_held_to_the_arrows() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [parts] = re.findall(r"^PARTS := (.*)$", makefile, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert set(parts.split()) == set(PACKAGES)
    assert set(project["mypy"]["packages"]) >= set(PACKAGES)
    assert set(project["importlinter"]["root_packages"]) == set(PACKAGES)


def test_continuous_integration_runs_the_same_targets_as_a_person() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert [line for line in script.read_text("utf-8").splitlines() if line.startswith("make ")] == [
        "make check",
        "make test",
    ]


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    running = [*project["dependencies"], *project["optional-dependencies"]["postgresql"]]
    for lock, wanted in {
        "requirements.lock": running,
        "requirements-dev.lock": [*running, *project["optional-dependencies"]["dev"]],
    }.items():
        locked = {line.partition("==")[0] for line in (ROOT / lock).read_text("utf-8").split()}
        assert {re.split(r"[\[<>=!~ ]", one, maxsplit=1)[0].lower().replace(".", "-") for one in wanted} <= locked


def test_every_configuration_file_is_explained_in_a_readme() -> None:
    explained = "\n".join(file.read_text("utf-8") for file in committed("*README.md", "docs/howto/*.md"))
    unexplained = [
        named(file)
        for file in files("config", ".yaml", ".json")
        if file.name not in explained and f"{file.parent.name}/*{file.suffix}" not in explained
    ]
    assert not unexplained


def test_no_file_names_a_folder_of_somebodys_machine_or_a_package_registry() -> None:
    trace = re.compile(
        r"(?<![\w.~-])/(home|Users)/[a-z]\w+|(?<![\w.~-])/work/[a-z]|" + "registry[.]npmjs|files[.]pythonhosted"
    )
    found = [
        f"{named(file)}:{number}"
        for file in committed()
        if file.suffix in TEXT and file.stat().st_size < 2_000_000
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1)
        if trace.search(line)
    ]
    assert not found


def test_no_document_points_at_something_that_is_not_there() -> None:
    dead = [
        f"{named(file)}: {target}"
        for file in committed("*.md")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", file.read_text("utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (file.parent / target).exists()
    ]
    assert not dead


def test_a_decision_says_why_what_follows_and_what_else_there_was() -> None:
    decisions = list(files("docs/decisions", ".md"))
    assert len(decisions) >= 8
    numbers = [file.name[:4] for file in decisions]
    assert len(set(numbers)) == len(numbers)
    for file in decisions:
        text = file.read_text("utf-8")
        assert text.startswith(f"# {file.name[:4]} "), named(file)
        parts = ["Context", "Decision", "Consequences", "Alternatives"]
        assert [part for part in re.findall(r"^## (\w+)", text, re.MULTILINE) if part in parts] == parts, named(file)
        assert "\n> " in text, f"{named(file)}: the decision in one sentence"
        assert len(text.splitlines()) <= 80, named(file)


def test_each_migration_follows_one_other_so_that_there_is_one_newest() -> None:
    found = [path.read_text("utf-8") for path in sorted((ROOT / "storage" / "migrations" / "versions").glob("*.py"))]
    revisions = [re.findall(r'^revision = "(\w+)"', text, re.MULTILINE) for text in found]
    before = [re.findall(r'^down_revision = "(\w+)"', text, re.MULTILINE) for text in found]
    assert [name for one in revisions for name in one] == [f"{number:04d}" for number in range(1, len(found) + 1)]
    assert [name for one in before for name in one] == [f"{number:04d}" for number in range(1, len(found))]
