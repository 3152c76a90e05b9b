"""Keeps whose a number is, and what we may write to it. Every change stands in the chain of audit."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.clock import Clock
from core.ids import AgentId, ContactId, NewId, PersonId, Subject
from core.language import Language
from core.phone import PhoneNumber
from identity import binding_store as store
from identity.binding import ANSWERS, Binding, Kind, Nobody, owner
from identity.errors import NumberNotPossibleError
from identity.events import NumberAsked
from storage.audit import Reading, note_reading
from storage.database import Database, Transaction

MOST_NUMBERS = 5
"""Nobody has more telephones to ask from; whoever tries is looking for something else."""


@dataclass(frozen=True)
class Lifetime:
    """How long a binding holds without being confirmed again, and how long its telephone has to say yes."""

    holds: timedelta = timedelta(days=180)
    answer_within: timedelta = timedelta(minutes=60)


class Bindings:
    """Numbers of persons. ``lifetime`` tells how long they hold just now."""

    def __init__(self, *, database: Database, clock: Clock, new_id: NewId, lifetime: Callable[[], Lifetime]) -> None:
        self.database = database
        self._clock = clock
        self._new_id = new_id
        self._lifetime = lifetime

    async def ask(
        self,
        *,
        person: PersonId,
        subject: Subject,
        number: PhoneNumber,
        language: Language,
        by: str,
        contact: ContactId | None = None,
        kinds: Collection[Kind] = ANSWERS,
    ) -> Binding:
        """Note that a person at level 2 or more wants to be answered on a number; its telephone is to say yes.

        One that holds already is confirmed by that, and more may be allowed. Raises :class:`NumberNotPossibleError` for
        what is no Swedish mobile number, and for one number too many.
        """
        if not number.is_swedish_mobile:
            raise NumberNotPossibleError
        now = self._clock.now()
        async with self.database.transaction() as tx:
            mine = await store.of_person(tx, person, to_change=True)
            known = next((one for one in mine if one.number == number), None)
            if known is not None and known.holds(at=now, lifetime=self._lifetime().holds):
                return await self._confirmed_again(tx, known, kinds=frozenset(kinds), by=by)
            if known is None and len(mine) >= MOST_NUMBERS:
                raise NumberNotPossibleError
            if known is not None:
                await self._end(tx, known, by="asked_again")
            new = Binding(
                binding=self._new_id("bnd"), person=person, subject=subject, number=number, language=language,
                allowed=frozenset(kinds), asked_at=now, asked_by=by, contact=contact,
            )  # fmt: skip
            if not await store.add(tx, new):
                raise NumberNotPossibleError  # another call of the same person was quicker by a moment
            await self._note(tx, new, "number_asked", by=by)
            await tx.record(NumberAsked(occurred_at=now, binding=new.binding, contact=contact))
        return new

    async def answer(self, number: PhoneNumber, *, is_right: bool) -> bool:
        """Take what the telephone itself says about being asked for; ``False`` when nothing was asked of it, or too long ago."""
        now, within = self._clock.now(), self._lifetime().answer_within
        async with self.database.transaction() as tx:
            rows = await store.of_number(tx, number, to_change=True)
            asked = [one for one in rows if one.is_asked(at=now, answer_within=within)]
            for one in asked:
                if is_right:
                    await store.change(tx, replace(one, confirmed_at=now))
                    await self._note(tx, one, "number_bound", by="telephone")
                else:
                    await self._end(tx, one, by="telephone")
        return bool(asked)

    async def confirm(self, person: PersonId, number: PhoneNumber) -> bool:
        """Let a binding that holds hold anew, as its person has shown who they are in a call from it; ``False``: it does not."""
        now = self._clock.now()
        async with self.database.transaction() as tx:
            for one in await store.of_person(tx, person, to_change=True):
                if one.number == number and one.holds(at=now, lifetime=self._lifetime().holds):
                    await store.change(tx, replace(one, confirmed_at=now))
                    return True
        return False

    async def allow(self, binding: str, kinds: Collection[Kind], *, by: str) -> bool:
        """Allow more to be written to a number; ``False`` when it was ended meanwhile."""
        async with self.database.transaction() as tx:
            row = await store.find(tx, binding, to_change=True)
            if row is None or row.ended_at is not None:
                return False
            await self._set_kinds(tx, row, row.allowed | frozenset(kinds), by=by)
        return True

    async def set_kinds(self, person: PersonId, number: PhoneNumber, kinds: Collection[Kind], *, by: str) -> bool:
        """Allow exactly these kinds for one number of a person; ``False`` when it is none of theirs."""
        async with self.database.transaction() as tx:
            for one in await store.of_person(tx, person, to_change=True):
                if one.number == number:
                    await self._set_kinds(tx, one, frozenset(kinds), by=by)
                    return True
        return False

    async def unbind_number(self, number: PhoneNumber, *, by: str) -> int:
        """End every binding of a number, and return how many there were: whoever holds the telephone may want that."""
        async with self.database.transaction() as tx:
            rows = await store.of_number(tx, number, to_change=True)
            for one in rows:
                await self._end(tx, one, by=by)
        return len(rows)

    async def unbind_person(self, person: PersonId, *, by: str, number: PhoneNumber | None = None) -> int:
        """End every binding of a person, or that of one number, and return how many there were."""
        async with self.database.transaction() as tx:
            rows = [
                one
                for one in await store.of_person(tx, person, to_change=True)
                if number is None or one.number == number
            ]
            for one in rows:
                await self._end(tx, one, by=by)
        return len(rows)

    async def owner(self, tx: Transaction, number: PhoneNumber) -> Binding | Nobody:
        """Return whose number it is just now."""
        rows = await store.of_number(tx, number)
        return owner(rows, at=self._clock.now(), lifetime=self._lifetime().holds)

    async def of_number(self, tx: Transaction, number: PhoneNumber) -> Sequence[Binding]:
        """Return every binding of a number that was not ended, also one that nobody has confirmed: for caution only."""
        return await store.of_number(tx, number)

    async def of_person(self, tx: Transaction, person: PersonId) -> Sequence[Binding]:
        """Return the bindings of a person that hold."""
        return self._held(await store.of_person(tx, person))

    async def of_subject(self, tx: Transaction, subject: Subject) -> Sequence[Binding]:
        """Return the bindings that hold of whoever the agency's systems know under this key."""
        return self._held(await store.of_subject(tx, subject))

    async def get(self, tx: Transaction, binding: str) -> Binding | None:
        """Return a binding, also one that has ended."""
        return await store.find(tx, binding)

    def still_holds(self, binding: Binding) -> bool:
        """Tell whether a binding that was read before holds at this moment."""
        return binding.holds(at=self._clock.now(), lifetime=self._lifetime().holds)

    async def forget(self, *, older_than: timedelta) -> int:
        """Delete what ended, or lapsed, longer ago than this, and return how many."""
        now = self._clock.now()
        async with self.database.transaction() as tx:
            lapsed = now - older_than - self._lifetime().holds
            return await store.forget(tx, before=now - older_than, last_confirmed_before=lapsed)

    def _held(self, rows: Sequence[Binding]) -> Sequence[Binding]:
        return [one for one in rows if self.still_holds(one)]

    async def _confirmed_again(self, tx: Transaction, row: Binding, *, kinds: frozenset[Kind], by: str) -> Binding:
        confirmed = replace(row, confirmed_at=self._clock.now())
        await store.change(tx, confirmed)
        return await self._set_kinds(tx, confirmed, confirmed.allowed | kinds, by=by)

    async def _set_kinds(self, tx: Transaction, row: Binding, kinds: frozenset[Kind], *, by: str) -> Binding:
        if kinds == row.allowed:
            return row
        changed = replace(row, allowed=kinds)
        await store.change(tx, changed)
        await self._note(tx, row, f"writing:{','.join(sorted(kinds))}", by=by)
        return changed

    async def _end(self, tx: Transaction, row: Binding, *, by: str) -> None:
        await store.change(tx, replace(row, ended_at=self._clock.now(), ended_by=by))
        await self._note(tx, row, "number_unbound", by=by)

    async def _note(self, tx: Transaction, row: Binding, what: str, *, by: str) -> None:
        """Put a change into the chain of audit, in its own transaction (I-25)."""
        reading = Reading(reader=AgentId(by), what=what, contact=row.contact, subject=row.subject)
        await note_reading(tx, reading, at=self._clock.now())
