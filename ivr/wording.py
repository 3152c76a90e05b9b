"""What is said, in each language: keys and their text, with fields to fill in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.language import Language
from ivr.spoken import Name, Value, spoken
from telephony.model import Utterance

_FIELD = re.compile(r"\{([a-z_]+)\}")
_UNNAMED = {Language.SWEDISH: "ersättningen", Language.ENGLISH: "the benefit"}

SYSTEM_WORDINGS: Mapping[str, frozenset[str]] = {
    "no_input": frozenset(),
    "no_match": frozenset(),
    "no_digits": frozenset(),
    "not_all_digits": frozenset(),
    "to_human": frozenset(),
    "fault": frozenset(),
    "outage": frozenset(),
    "please_wait": frozenset(),
    "place_first": frozenset(),
    "place": frozenset({"place"}),
    "wait_less": frozenset({"most"}),
    "wait_between": frozenset({"least", "most"}),
    "wait_longer": frozenset(),
    "still_waiting": frozenset(),
    "returned": frozenset(),
    "goodbye": frozenset(),
    "choice_benefit": frozenset({"benefit", "key"}),
    "choice_more": frozenset({"key"}),
    "payment": frozenset({"benefit", "date", "amount"}),
    "payment_without_amount": frozenset({"benefit", "date"}),
    "payment_without_day": frozenset({"benefit"}),
    "case_received": frozenset({"benefit"}),
    "case_received_until": frozenset({"benefit", "date"}),
    "case_in_progress": frozenset({"benefit"}),
    "case_in_progress_until": frozenset({"benefit", "date"}),
    "case_needs_more": frozenset({"benefit", "missing"}),
    "case_decided": frozenset({"benefit"}),
    "case_decided_on": frozenset({"benefit", "date"}),
    "calendar_day": frozenset({"date"}),
    "calendar_day_born": frozenset({"date", "born_from", "born_to"}),
    "open_today": frozenset({"opens_at", "closes_at"}),
    "hours_of_days": frozenset({"first_day", "last_day", "opens_at", "closes_at"}),
    "hours_of_day": frozenset({"first_day", "opens_at", "closes_at"}),
    "opens_next": frozenset({"opens_on", "opens_at"}),
    "number_back": frozenset({"number"}),
    "number_own": frozenset({"number"}),
    "choice_time": frozenset({"time", "key"}),
    "choice_more_times": frozenset({"key"}),
    "promise_made": frozenset(),
    "promise_at": frozenset({"time"}),
    "promise_about": frozenset({"time"}),
    "promise_soon": frozenset(),
    "promise_when_open": frozenset({"opens_on", "opens_at"}),
    "promise_from": frozenset({"number"}),
    "promise_tries": frozenset({"tries"}),
    "promise_need_not_place": frozenset(),
    "promise_need_not_time": frozenset(),
    "promise_code": frozenset({"code"}),
    "promise_code_again": frozenset({"code"}),
    "promise_never_ask": frozenset(),
    "promise_known": frozenset({"tail"}),
    "promise_known_here": frozenset(),
    "meeting_coming": frozenset({"time"}),
    "meeting_chosen": frozenset({"time"}),
    "meeting_is_booked": frozenset({"time"}),
    "meeting_is_moved": frozenset({"time"}),
    "meeting_where": frozenset({"place"}),
    "meeting_where_told": frozenset(),
    "meeting_rings": frozenset(),
    "meeting_video": frozenset(),
    "meeting_takes": frozenset({"minutes"}),
    "meeting_direct": frozenset({"number"}),
    "meeting_office": frozenset({"place"}),
    "meeting_times_phone": frozenset(),
    "meeting_times_video": frozenset(),
    "letter_purpose": frozenset({"text"}),
    "letter_whom": frozenset({"name"}),
    "letter_questions": frozenset(),
    "letter_says": frozenset({"text"}),
    "letter_change": frozenset(),
}
"""Wordings that the engine and the service use by themselves, and the fields that each may have."""

READY_MADE = "notice_"
"""Wordings whose names begin so are said by no flow: supervisors put them up when they are true."""


@dataclass(frozen=True)
class Wordings:
    """The texts of every language by key, and the names of configured things (benefits) by id."""

    texts: Mapping[Language, Mapping[str, str]]
    names: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)

    @cached_property
    def _fields(self) -> Mapping[tuple[Language, str], tuple[str, ...]]:
        return {
            (language, key): tuple(_FIELD.findall(text))
            for language, texts in self.texts.items()
            for key, text in texts.items()
        }

    def has(self, key: str) -> bool:
        """Whether the key exists in any language."""
        return any(key in texts for texts in self.texts.values())

    def ready_made(self) -> Mapping[str, str]:
        """Return the texts that supervisors choose from, by key, in Swedish."""
        texts = self.texts.get(Language.SWEDISH, {})
        return {key: text for key, text in texts.items() if key.startswith(READY_MADE)}

    def fields(self, language: Language, key: str) -> tuple[str, ...]:
        """Return the names of the fields of a wording."""
        return self._fields.get((language, key), ())

    def utterance(
        self,
        key: str,
        *,
        language: Language,
        values: Mapping[str, Value],
        personal: bool = False,
        slow: bool = False,
    ) -> Utterance | None:
        """Render a wording; ``None`` when there is none in this language or in Swedish.

        A wording without fields can have a recording under its key, a choice under its key, ``@`` and the digit.
        """
        found = language if key in self.texts.get(language, {}) else Language.SWEDISH
        text = self.texts.get(found, {}).get(key)
        if text is None:
            return None
        fields = self.fields(found, key)
        if fields:  # in one pass: what is filled in is not looked at again
            text = _FIELD.sub(lambda match: self._spoken(values.get(match.group(1), ""), found), text)
        recording = key if not fields else f"{key}@{values.get('key', '')}" if fields == ("key",) else None
        return Utterance(text, found, wording=recording, personal=personal and bool(fields), slow=slow)

    def _spoken(self, value: Value, language: Language) -> str:
        if isinstance(value, Name):
            return self.names.get(value.id, {}).get(language, _UNNAMED[language])
        return spoken(value, language)
