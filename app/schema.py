"""Knows every room's tables, so that migrations can be written and checked against them."""

from sqlalchemy import MetaData

import callbacks.attempt_store
import callbacks.place_store
import callbacks.slot_store
import callbacks.store
import cases.events_store
import contacts.store
import dashboard.store
import identity.binding_store
import identity.store
import ivr.notices_store
import meetings.documenting_store
import meetings.following_store
import meetings.invitation_store
import meetings.letter_store
import meetings.offer_store
import meetings.preparing_store
import meetings.store
import skills_routing.agents.staffing_store
import skills_routing.forecast.told_store
import skills_routing.forecast.wait_store
import skills_routing.line.over_store
import skills_routing.store
import sms.adapters.simulator
import sms.store
import sms.written_store
import storage.audit
import storage.inbox
import storage.leases
import storage.outbox
import webhooks.store
from storage.schema import metadata

_ROOMS = (
    callbacks.attempt_store, callbacks.place_store, callbacks.slot_store, callbacks.store, cases.events_store, contacts.store,
    dashboard.store, identity.binding_store, identity.store, ivr.notices_store,
    meetings.documenting_store, meetings.following_store, meetings.invitation_store, meetings.letter_store, meetings.offer_store,
    meetings.preparing_store, meetings.store,
    skills_routing.store, skills_routing.agents.staffing_store, skills_routing.forecast.wait_store,
    skills_routing.forecast.told_store, skills_routing.line.over_store,
    sms.adapters.simulator, sms.store, sms.written_store,
    storage.audit, storage.inbox, storage.leases, storage.outbox,
    webhooks.store,
)  # fmt: skip


def every_table() -> MetaData:
    """Return the tables of all rooms."""
    return metadata
