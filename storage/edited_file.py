"""Reads YAML that people wrote, and says what is wrong with it in their words: file, field, fault."""

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
        why = getattr(error, "problem", None)
        raise ConfigurationError(f"{file}: {where}not YAML" + (f": {why}" if why else "")) from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file}: the file must be a mapping of names to values")
    return content


def explain(error: ValidationError, *, file: str, tag_at: int | None = None) -> str:
    """Say which fields of a file are wrong and why, one after the other.

    ``tag_at`` is where pydantic puts the kind of a part into the place, which is nothing that the file has.
    """
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        place = [str(part) for number, part in enumerate(problem["loc"]) if number != tag_at]
        lines.append(f"{file}: {'.'.join(place) or 'file'}: {problem['msg']}")
    return "; ".join(lines[:_MOST_FAULTS])
