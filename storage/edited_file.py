"""Reads YAML that people wrote, and says what is wrong with it in their words: file, place, fault."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from core.errors import ConfigurationError

LONGEST = 1_000_000
_MOST_FAULTS = 20
_Shape = TypeVar("_Shape", bound=BaseModel)
_Loaded = TypeVar("_Loaded")


def read_edited(shape: type[_Shape], text: str, *, file: str) -> _Shape:
    """Read a YAML text into a shape; raises :class:`ConfigurationError` that names all that is wrong."""
    content = read_mapping(text, file=file)
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise refusal(error, content, file=file) from None


class Faults:
    """Gathers what is wrong in several places, so that whoever mends it hears of all of it at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, *parts: str) -> None:
        """Note a fault: file, place in it, and what is wrong."""
        self.found.append(": ".join(parts))

    def attempt(self, load: Callable[[], _Loaded]) -> _Loaded | None:
        """Return what ``load`` returns, or note what is wrong and return ``None``."""
        try:
            return load()
        except ConfigurationError as error:
            self.found.extend(error.faults)
            return None

    def refuse(self) -> None:
        """Raise :class:`ConfigurationError` with everything that was found, if anything was."""
        if self.found:
            raise ConfigurationError(faults=tuple(dict.fromkeys(self.found)))


def read_mapping(text: str, *, file: str) -> dict[str, Any]:
    """Read a YAML mapping; raises :class:`ConfigurationError` naming the file, and the line where there is one."""
    if len(text) > LONGEST:
        raise ConfigurationError(f"{file}: the file is too long")
    try:
        content = deepcopy(_read(text))
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        why = getattr(error, "problem", None) or (str(error) if type(error) is ValueError else "")
        raise ConfigurationError(f"{file}: {where}not YAML" + (f": {why}" if why else "")) from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file}: the file must be a mapping of names to values")
    return content


@lru_cache(maxsize=64)
def _read(text: str) -> Any:
    """Read YAML, which is slow: calls go on meanwhile, and most of what a reload reads again has not changed."""
    return YAML(typ="safe", pure=True).load(text)


def refusal(
    error: ValidationError, content: Mapping[str, Any], *, file: str, tag_at: int | None = None
) -> ConfigurationError:
    """Return the error that says which fields of a file are wrong and why. What stands in a field is not repeated.

    ``content`` is what was read, from which rows get their names: ``queue sjuk``, not ``queues.0``. ``tag_at`` is where
    pydantic puts the kind of a part into the place, which is nothing that the file has.
    """
    faults = Faults()
    for problem in list(_causes(error.errors(include_url=False, include_input=False)))[:_MOST_FAULTS]:
        location = [part for number, part in enumerate(problem["loc"]) if number != tag_at]
        faults.add(file, *(_place(location, content) or ["file"]), _in_plain_words(problem))
    return ConfigurationError(faults=faults.found)


_ONE_OF: Mapping[str, str] = {
    "queues": "queue", "skills": "skill", "agents": "agent", "users": "user", "benefits": "benefit",
    "segments": "segment", "persons": "person", "entry_points": "entry point", "exceptions": "exception",
    "tables": "table", "published_examples": "published example", "choices": "choice", "steps": "step",
    "payments": "payment", "matters": "matter", "nodes": "node", "not_ready_reasons": "not_ready_reason",
    "wrap_up_codes": "wrap_up_code", "offices": "office", "rooms": "room", "handlers": "handler",
    "interpreters": "interpreter", "areas": "area", "centres": "centre", "types": "type",
}  # fmt: skip
_NAMED_BY = (
    "id", "benefit", "segment", "subject", "skill", "key", "on",
    "type", "room", "handler", "interpreter", "office", "area", "centre",
)  # fmt: skip
_BY_NAME = {"nodes", "wording"}


def _place(location: Sequence[str | int], content: Any) -> list[str]:
    """Say where something is as people do: by the name of a row where it has one, otherwise by its number from 1."""
    parts: list[str] = []
    at = content
    for step in location:
        at = _within(at, step)
        if step == "[key]":  # pydantic means the name itself
            continue
        if isinstance(step, int) and parts:
            parts[-1] = f"{_ONE_OF.get(parts[-1], parts[-1])} {_name_of(at) or step + 1}"
        elif parts and parts[-1] in _BY_NAME:
            parts[-1] = f"{_ONE_OF.get(parts[-1], parts[-1])} {step}"
        else:
            parts.append(str(step))
    return parts


def _within(content: Any, step: str | int) -> Any:
    try:
        return content[step]
    except (LookupError, TypeError):
        return None


def _name_of(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    if isinstance(row.get("benefits"), list) and "days" in row:  # a table of payment days has no name of its own
        return " ".join([*(str(one) for one in row["benefits"][:3]), str(row.get("year", ""))]).strip()[:60]
    named = (row[key] for key in _NAMED_BY if key in row)
    return next((str(name)[:60] for name in named if name and not isinstance(name, list | dict)), "")


def _causes(problems: list[Any]) -> Iterator[Any]:
    """Leave out what only follows: a list is not empty because one of its rows is wrong."""
    for problem in problems:
        place = problem["loc"]
        inner = any(len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in problems)
        if not (problem["type"] == "too_short" and inner):
            yield problem


_PLAIN: Mapping[str, str] = {
    "missing": "this is missing",
    "extra_forbidden": "there is no such field",
    "string_pattern_mismatch": "this is not written as it must be (the pattern is {pattern})",
    "string_too_short": "this needs {min_length} or more characters",
    "string_too_long": "this may have {max_length} characters at most",
    "too_short": "this needs {min_length} or more",
    "too_long": "this may have {max_length} at most",
    "greater_than_equal": "this must be {ge} or more",
    "less_than_equal": "this must be {le} or less",
    "string_type": "this must be text (put it in quotes)",
    "bool_type": "this must be true or false",
    "bool_parsing": "this must be true or false",
}
_BEGINNINGS: Mapping[str, str] = {
    "int_": "this must be a whole number",
    "float_": "this must be a number",
    "date_": "this must be a day such as 2027-01-31",
    "list_": "this must be a list",
    "tuple_": "this must be a list",
    "dict_": "this must be names with values",
    "model_": "this must be names with values",
}


def _in_plain_words(problem: Any) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in ("union_tag_invalid", "enum", "literal_error"):
        allowed = re.findall(r"'([^']+)'", context.get("expected_tags") or context["expected"])
        return f"this must be one of {', '.join(allowed)}"
    if kind == "union_tag_not_found":
        return f"{context['discriminator'].strip(chr(39))} is missing"
    if kind in _PLAIN:
        return _PLAIN[kind].format(**context)
    plain = next((words for beginning, words in _BEGINNINGS.items() if kind.startswith(beginning)), "")
    return plain or str(problem["msg"]).removeprefix("Value error, ")
