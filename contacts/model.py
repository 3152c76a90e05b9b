"""What a contact is, and which outcomes there are. Pure."""

from enum import StrEnum


class Channel(StrEnum):
    """The medium of a contact."""

    VOICE = "voice"
    SMS = "sms"
    MEETING = "meeting"
    EMAIL = "e-mail"


class Outcome(StrEnum):
    """How a contact ended. There is no "refused" (DESIGN §6, R9)."""

    ANSWERED = "answered"
    SELF_SERVED = "self_served"
    CALLBACK_PROMISED = "callback_promised"
    MEETING_BOOKED = "meeting_booked"
    SMS_HANDED_OVER = "sms_handed_over"
    ABANDONED_RECOVERED = "abandoned_recovered"
    ABANDONED = "abandoned"
    LOST_TECHNICAL = "lost_technical"
