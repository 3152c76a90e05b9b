"""The configuration of this room: who may log in, and what agents choose from. Errors name the field in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigurationError
from core.ids import AgentId
from dashboard.users import Role, User
from storage.edited_file import read_edited

ANSWERED = "answered"
"""The way to end a written contact to which an agent has written an answer."""

TO_CALLBACK = "to_callback"
"""The way to end a written contact that promises to ring its citizen."""


class Choice(BaseModel):
    """One entry of a list that agents choose from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: str = Field(min_length=1, max_length=60)


class DeskFile(BaseModel):
    """The shape of ``config/desk.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    not_ready_reasons: tuple[Choice, ...] = Field(min_length=1)
    wrap_up_codes: tuple[Choice, ...] = Field(min_length=1)
    ring_back_codes: tuple[Choice, ...] = ()
    written_codes: tuple[Choice, ...] = ()
    steps: dict[str, str] = Field(default_factory=dict)


class UserEntry(BaseModel):
    """One user in ``config/demo/users.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_.-]{0,39}$")
    name: str = Field(min_length=1, max_length=80)
    roles: frozenset[Role] = Field(min_length=1)
    password_hash: str = Field(default="", pattern=r"^(\$argon2id\$.+)?$")


class UsersFile(BaseModel):
    """The shape of ``config/demo/users.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    users: tuple[UserEntry, ...]


@dataclass(kw_only=True)
class DeskChoices:
    """What agents choose from, as id → label, in the order to show; ``steps`` names what callers chose on the way,
    ``ring_back_codes`` who answered instead when we rang somebody back, ``written_codes`` how it ended with somebody who
    has written; :data:`TO_CALLBACK` among the latter promises to ring them."""

    not_ready_reasons: Mapping[str, str]
    wrap_up_codes: Mapping[str, str]
    steps: Mapping[str, str]
    ring_back_codes: Mapping[str, str] = field(default_factory=dict)
    written_codes: Mapping[str, str] = field(default_factory=dict)

    def renew(self, newer: "DeskChoices") -> None:
        """Become other choices, for everybody who holds these."""
        self.not_ready_reasons, self.wrap_up_codes = newer.not_ready_reasons, newer.wrap_up_codes
        self.steps, self.ring_back_codes = newer.steps, newer.ring_back_codes
        self.written_codes = newer.written_codes


def load_desk(text: str, *, file: str = "config/desk.yaml") -> DeskChoices:
    """Read the agents' choices; raises :class:`ConfigurationError`."""
    desk = read_edited(DeskFile, text, file=file)
    return DeskChoices(
        not_ready_reasons={choice.id: choice.label for choice in desk.not_ready_reasons},
        wrap_up_codes={choice.id: choice.label for choice in desk.wrap_up_codes},
        steps=desk.steps,
        ring_back_codes={choice.id: choice.label for choice in desk.ring_back_codes},
        written_codes={choice.id: choice.label for choice in desk.written_codes},
    )


def load_users(text: str, *, file: str = "config/demo/users.yaml") -> tuple[User, ...]:
    """Read the local users; raises :class:`ConfigurationError`."""
    entries = read_edited(UsersFile, text, file=file).users
    names = [entry.id for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(faults=[f"{file}: user {name}: {name} is there twice" for name in twice])
    return tuple(
        User(id=AgentId(entry.id), name=entry.name, roles=entry.roles, password_hash=entry.password_hash)
        for entry in entries
    )
