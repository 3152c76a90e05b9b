"""Texts out and in. Every method is a transaction of its own, unless it takes one."""

from sms.agent_writing import AgentWriting
from sms.receiving import Received, Receiving
from sms.sending import Sending
from sms.threads import Threads

__all__ = ["Received", "Sms"]


class Sms(Sending, Receiving, Threads, AgentWriting):
    """What citizens get from us and write to us as texts."""
