"""Placing a leg: where it may go, and what may go with it. Nothing from outside gets into a request unchecked."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from telephony.model import LegRole, Ring

_AGENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NUMBER = re.compile(r"\+?[0-9]{3,17}")
_NOTE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")
_NOTE_VALUE = re.compile(r"[A-Za-z0-9_.:+-]{1,128}")


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where legs go. ``{target}`` stands for an agent's endpoint or a citizen's number (E.164, digits and plus only).

    ``phones`` maps the number of a telephone of our own (the demo page) to its endpoint, so that it can be rung back.
    """

    agent: str = "PJSIP/{target}"
    citizen: str = "PJSIP/{target}@trunk"
    phones: Mapping[str, str] | None = None

    def of(self, action: Ring) -> str | None:
        """Return the endpoint to ring, or ``None`` when the target is not one that we ring."""
        if action.role is LegRole.AGENT:
            return self.agent.format(target=action.target) if _AGENT.fullmatch(action.target) else None
        if not _NUMBER.fullmatch(action.target):
            return None
        own = (self.phones or {}).get(action.target)
        return self.agent.format(target=own) if own else self.citizen.format(target=action.target)


def originate_body(action: Ring, *, endpoint: str, app: str) -> dict[str, object]:
    """Return the request that places a leg under our own id; notes that are not plain ids are left out."""
    variables = {"KC_ROLE": action.role.value}
    for name, value in action.notes.items():
        if _NOTE_NAME.fullmatch(name) and _NOTE_VALUE.fullmatch(value):
            variables[f"PJSIP_HEADER(add,X-KC-{name})"] = value
    return {
        "endpoint": endpoint,
        "app": app,
        "appArgs": f"placed,{action.role.value}",
        "channelId": action.leg,
        "callerId": action.shown_number if _NUMBER.fullmatch(action.shown_number) else "",
        "timeout": max(1, math.ceil(action.timeout_seconds)),
        "variables": variables,
    }
