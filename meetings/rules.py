"""What kind of meeting may be had for what (R62, R68, R73–R75b). Pure."""

from datetime import date

from core.ids import AgentId
from meetings.model import Wish
from meetings.register import PROTECTED_POOL, Authority, Handler, MeetingType, Register, Seat

BRIEF_BEFORE = frozenset({"kontaktmote", "gemensam_kartlaggning"})
"""Before meetings of these types the employment service may read a brief without a name."""

Refusal = tuple[str, str]
"""The word of the rule that is broken, and the type of meeting that is meant for it, or nothing."""


def refusal(register: Register, kind: MeetingType, wish: Wish, *, on: date) -> Refusal | None:
    """Return why somebody cannot have such a meeting on a day; ``None`` when they can.

    ``not_valid_then``, ``not_asked_by``, ``about_a_decision``, ``enrolment``, ``consent_missing``,
    ``checklist_missing``, ``mode_not_offered``, ``not_in_pool`` (R75), ``handler_unknown``.
    """
    if not kind.is_valid(on=on):
        return "not_valid_then", kind.replaced_by
    if wish.asked_by not in kind.asked_by:
        return "not_asked_by", ""
    if wish.about_decision and not kind.decisions:
        return "about_a_decision", kind.separately
    if wish.enrols and not kind.enrolment:
        return "enrolment", ""
    return _of_what_is_missing(register, kind, wish)


def has_brief(kind: MeetingType | None) -> bool:
    """Tell whether the partner may read of the citizen before such a meeting: no name, and only after a yes (R68)."""
    return kind is not None and kind.type in BRIEF_BEFORE


def may_hold(handler: Handler, seat: Seat, *, is_protected: bool) -> bool:
    """Tell whether somebody may take this seat: only those of the pool (R75), and the cleared for a protected person."""
    is_cleared = not is_protected or PROTECTED_POOL in handler.pools
    return handler.authority is seat.authority and (not seat.pool or seat.pool in handler.pools) and is_cleared


def _of_what_is_missing(register: Register, kind: MeetingType, wish: Wish) -> Refusal | None:
    missing = sorted(kind.needs - wish.given)
    if missing:
        return f"{missing[0]}_missing", ""
    if wish.mode is not None and wish.mode not in kind.modes:
        return "mode_not_offered", ""
    return _of_the_handler(register, kind, wish, wish.handler) if wish.handler else None


def _of_the_handler(register: Register, kind: MeetingType, wish: Wish, who: AgentId) -> Refusal | None:
    handler = register.handlers.get(who)
    if handler is None or handler.authority is not Authority.FORSAKRINGSKASSAN:
        return "handler_unknown", ""
    if not any(may_hold(handler, seat, is_protected=wish.is_protected) for seat in kind.staff):
        return "not_in_pool", ""
    return None
