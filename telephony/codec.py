"""Actions as JSON and back, for the way from one process to another."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from core.errors import KundcenterError
from telephony.model import Action

_ACTIONS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Action)}


class UnreadableActionError(KundcenterError):
    """What came in is not an action that a switch knows."""


def encode_action(action: Action) -> str:
    """Return the action as one line of JSON; its type's name stands under ``do``."""
    return json.dumps({"do": type(action).__name__, **_plain(action)}, ensure_ascii=False, separators=(",", ":"))


def decode_action(text: str) -> Action:
    """Return the action that :func:`encode_action` has written; raises :class:`UnreadableActionError`."""
    try:
        data = json.loads(text)
        kind = _ACTIONS[data.pop("do")]
        action: Action = _read(kind, data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableActionError(type(error).__name__) from error
    return action


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): str(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _read(kind: Any, data: Any) -> Any:
    kind = getattr(kind, "__supertype__", kind)  # an id is its string
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: _read(hints[name], value) for name, value in data.items()})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _read_tuple(arguments, data)
    if origin is UnionType:
        return None if data is None else _read(arguments[0], data)
    if origin is not None:  # the notes of a Ring
        return {_read(str, key): _read(str, value) for key, value in data.items()}
    return _read_simple(kind, data)


def _read_tuple(arguments: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise TypeError
    if arguments[-1] is not ... and len(data) != len(arguments):
        raise ValueError
    return tuple(_read(arguments[0], each) for each in data)


def _read_simple(kind: type[Any], data: Any) -> Any:
    if issubclass(kind, Enum):
        return kind(data)
    if kind is float and type(data) is int:
        return float(data)
    if type(data) is not kind:
        raise TypeError
    return data
