"""What agents write to citizens by text, and the texts that they begin with."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ids import ContactId
from core.language import Language
from core.phone import PhoneNumber
from sms import store
from sms.agent_texts import fault_in
from sms.errors import TextNotAllowedError
from sms.gsm import written
from sms.model import Purpose, Refused
from sms.part import Part
from storage.database import Transaction


@dataclass(frozen=True)
class AgentTemplate:
    """A text that agents begin with."""

    id: str
    label: str
    text: str


class AgentWriting(Part):
    """What agents write."""

    def templates(self, language: Language) -> Sequence[AgentTemplate]:
        """Return the texts that agents begin with, in a language, with our number in them."""
        return [
            AgentTemplate(name, one.label, one.of[language].replace("{number}", self._own_number))
            for name, one in self._texts.templates.items()
        ]

    async def why_not(self, number: PhoneNumber | None) -> Refused | None:
        """Return why nothing can be written to a number; ``None`` when it can."""
        if not self.is_on:
            return Refused.OFF
        if number is None or not number.is_swedish_mobile:
            return Refused.NOT_MOBILE
        return Refused.OPTED_OUT if await self.is_opted_out(number) else None

    async def write_as_agent(
        self, tx: Transaction, *, key: str, number: PhoneNumber, text: str, contact: ContactId, language: Language
    ) -> Refused | None:
        """Mean to send what an agent wrote, once for each ``key``, and return why not.

        Whoever wrote within the last hour (``question_lapses``) gets it at once, at any hour: it is an answer to that.
        Raises :class:`TextNotAllowedError` with what is wrong with the text.
        """
        fault = fault_in(text, own_number=self._own_number)
        if fault is not None:
            raise TextNotAllowedError(fault)
        now = self._clock.now()
        last = await store.written_from(tx, number, limit=1)
        is_answer = bool(last) and last[0][0] > now - self.policy.question_lapses
        meant = await self._mean(
            tx, purpose=Purpose.FROM_AGENT, subject=key, number=number, language=language, contact=contact,
            write=lambda: written(text.strip()), at_once=is_answer,
        )  # fmt: skip
        return meant if isinstance(meant, Refused) else None
