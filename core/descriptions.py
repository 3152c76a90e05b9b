"""What every description of an API of ours says alike: who may use it, and that what goes wrong is a problem (RFC 9457)."""

from collections.abc import Iterator
from typing import Any

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "Which problem: urn:kundcenter:… or about:blank."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "fields": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Which fields cannot be used, and why.",
        },
    },
}
_IS_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ALWAYS = {
    "401": "No token, or none of a system that may use this API",
    "403": "This system may not do that",
    "422": "What was sent cannot be used; the problem says why",
    "503": "Something that we need does not answer just now; ask again",
}
_WITH_BODY = {"400": "The body cannot be read at all"}
_THEIRS = ("HTTPValidationError", "ValidationError")
"""How FastAPI would describe what cannot be used; we answer a problem."""


def described(said: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI description with the bearer token that every route needs, and all that any of them may answer."""
    parts = said.setdefault("components", {})
    parts["securitySchemes"] = {"system": {"type": "http", "scheme": "bearer"}}
    schemas = {name: one for name, one in parts.get("schemas", {}).items() if name not in _THEIRS}
    parts["schemas"] = schemas | {"Problem": _PROBLEM}
    for operation in _operations(said):
        answers, always = operation["responses"], _ALWAYS | (_WITH_BODY if "requestBody" in operation else {})
        for status, description in always.items():
            answers[status] = {"description": description}
        for status in [status for status in answers if status >= "400"]:
            answers[status]["content"] = _IS_PROBLEM
    return said | {"security": [{"system": []}]}


def _operations(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in said.get("paths", {}).values():
        yield from path.values()
