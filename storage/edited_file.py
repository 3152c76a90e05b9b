"""Reads YAML that people wrote, and says what is wrong with it in their words: file, field, fault."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from core.errors import ConfigurationError

LONGEST = 1_000_000
_MOST_FAULTS = 20
_Shape = TypeVar("_Shape", bound=BaseModel)


def read_edited(shape: type[_Shape], text: str, *, file: str) -> _Shape:
    """Read a YAML text into a shape; raises :class:`ConfigurationError` that names all that is wrong."""
    try:
        return shape.model_validate(read_mapping(text, file=file))
    except ValidationError as error:
        raise ConfigurationError(explain(error, file=file)) from None


def read_mapping(text: str, *, file: str) -> dict[str, Any]:
    """Read a YAML mapping; raises :class:`ConfigurationError` naming the file, and the line where there is one."""
    if len(text) > LONGEST:
        raise ConfigurationError(f"{file}: the file is too long")
    try:
        content = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        why = getattr(error, "problem", None) or (str(error) if type(error) is ValueError else "")
        raise ConfigurationError(f"{file}: {where}not YAML" + (f": {why}" if why else "")) from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file}: the file must be a mapping of names to values")
    return content


def explain(error: ValidationError, *, file: str, tag_at: int | None = None) -> str:
    """Say which fields of a file are wrong and why, one after the other. What stands in the field is not repeated.

    ``tag_at`` is where pydantic puts the kind of a part into the place, which is nothing that the file has.
    """
    lines = []
    for problem in _causes(error.errors(include_url=False, include_input=False)):
        place = [str(part) for number, part in enumerate(problem["loc"]) if number != tag_at]
        lines.append(f"{file}: {'.'.join(place) or 'file'}: {_in_plain_words(problem)}")
    return "; ".join(lines[:_MOST_FAULTS])


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
