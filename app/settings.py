"""What an operator sets: ``KC_…`` variables, secrets also from files named by ``KC_…_FILE``. Only this room reads them."""

import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.cache_folder import default_cache
from core.errors import ConfigurationError
from storage.database import url_fault as database_fault
from storage.redis import EmbeddedStore
from storage.redis import url_fault as live_store_fault

ROOT = Path(__file__).resolve().parent.parent


class WrongSettingError(ConfigurationError):
    """These settings cannot be used."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Take a sentence for each wrong setting: its name and what is allowed, never what it was set to."""
        super().__init__("\n- " + "\n- ".join(faults))
        self.faults = tuple(faults)


class SwitchKind(StrEnum):
    """Which telephone switch carries the calls."""

    ASTERISK = "asterisk"
    SIMULATOR = "simulator"


class SecretFiles(PydanticBaseSettingsSource):
    """Reads ``KC_NAME_FILE`` for each setting that is a secret: the way containers and systemd hand secrets over."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the content of the file that the environment names for this field, if any."""
        variable = f"KC_{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        if path is None or "SecretStr" not in str(field.annotation):
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise WrongSettingError([f"{variable}: the file that it names cannot be read: {error.strerror}."]) from None
        except UnicodeDecodeError:
            raise WrongSettingError([f"{variable}: the file that it names is not text in UTF-8."]) from None

    def __call__(self) -> dict[str, Any]:
        """Return every setting that a file gives."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """All settings, with the defaults of a demo on one machine. Every one is ``KC_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="KC_", extra="ignore", frozen=True)

    demo: bool = Field(False, description="A demo on this machine: makes its own secrets, demo persons and telephones.")
    state_dir: Path = Field(ROOT / ".state", description="Where the database, the live store and secrets are kept.")
    cache_dir: Path = Field(
        default_factory=default_cache,
        description="Where what was fetched or can be made again is kept: Asterisk, spoken prompts.",
    )
    config_dir: Path = Field(ROOT / "config", description="The folder of flows, wording, queues and opening hours.")

    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the state folder.")
    redis_url: str = Field("", description="Redis or Valkey URL; empty means an embedded Valkey.")

    web_host: str = "127.0.0.1"
    web_port: int = Field(8000, ge=1, le=65535)
    public_url: str = Field("", description="The address that browsers use; empty means http://web_host:web_port.")

    switch: SwitchKind = SwitchKind.ASTERISK
    national_number: str = Field("0771524524", pattern=r"^0[0-9]{6,12}$", examples=["0771524524"])
    demo_always_open: bool = Field(True, description="In the demo agents answer at all hours, whatever the file says.")
    offer_seconds: float = Field(20, ge=3, le=120, description="How long an agent has to answer an offer.")
    sip_port: int = Field(5060, ge=1, le=65535)
    ari_port: int = Field(8088, ge=1, le=65535, description="Asterisk's HTTP: ARI, and WebSocket for softphones.")
    ami_port: int = Field(5038, ge=1, le=65535, validate_default=True)
    rtp_first_port: int = Field(20_000, ge=1024, le=65535)
    rtp_last_port: int = Field(24_999, ge=1024, le=65535, validate_default=True)
    sip_host: str = Field("127.0.0.1", description="The address of this machine at which SIP and all sound come in.")
    trunk_contact: str = Field("", description="Where our Asterisk places calls to citizens, as sip:127.0.0.1:5070.")
    trunk_addresses: str = Field(
        "", description="Who besides this machine hands calls to our Asterisk: 10.0.0.5 or 10.1.0.0/28, comma between."
    )
    ari_url: str = Field(
        "", description="ARI of an Asterisk on this machine that somebody else runs; empty means our own."
    )

    pepper: SecretStr = Field(SecretStr(""), description="Key of the pseudonyms of citizens, 32 characters or more.")
    session_secret: SecretStr = Field(SecretStr(""), description="Signs the session cookies of agents.")
    ari_password: SecretStr = SecretStr("")
    ami_password: SecretStr = SecretStr("")
    demo_password: SecretStr = Field(SecretStr(""), description="The password of every demo agent.")
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token for /metrics from other machines.")

    api_tokens: SecretStr = Field(
        SecretStr(""), description="Other systems, as name:scope+scope=token, comma between; empty: the API is off."
    )

    webhooks: SecretStr = Field(
        SecretStr(""),
        description="What other systems are told: system address event,event whsec_… (docs/howto/webhooks.md).",
    )
    webhooks_private: bool = Field(False, description="Those systems may be in the agency's own network (10.…).")

    cases_url: str = Field("", description="The agency's case systems over HTTP; empty means the embedded register.")
    cases_token: SecretStr = SecretStr("")
    cases_events_poll: bool = Field(False, description="Ask the case systems for events, where they cannot tell us.")
    cases_events_secret: SecretStr = Field(
        SecretStr(""), description="whsec_… that the case systems sign their events with; empty: none are taken in."
    )

    sms_providers: str = Field(
        "", pattern=r"^(|\s*[a-z0-9]+(:[0-9]+)?(\s*,\s*[a-z0-9]+(:[0-9]+)?)*\s*)$", examples=["46elks:80,twilio:20"],
        description="Who sends our texts, as 46elks:80,twilio:20 with the part of each; empty: nobody (demo: simulator).",
    )  # fmt: skip
    elks_username: str = ""
    elks_password: SecretStr = SecretStr("")
    elks_sender: str = Field("", description="Our number at 46elks, which citizens answer to.")
    elks_webhook_secret: SecretStr = Field(SecretStr(""), description="In the addresses that 46elks posts to.")
    elks_url: str = "https://api.46elks.com"
    elks_per_second: float = Field(50, ge=1, le=1000, description="So many texts a second from each process.")
    twilio_account: str = Field("", description="The account's SID, as AC….")
    twilio_token: SecretStr = Field(SecretStr(""), description="The account's auth token; it also signs webhooks.")
    twilio_sender: str = Field("", description="Our number at Twilio, which citizens answer to.")
    twilio_url: str = Field("https://api.dublin.ie1.twilio.com", description="Their region: this one is in the EU.")
    twilio_per_second: float = Field(10, ge=1, le=1000, description="So many texts a second from each process.")

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    def __init__(self, **values: Any) -> None:
        """Read the settings; raises :class:`WrongSettingError`, which names each that cannot be used."""
        try:
            super().__init__(**values)
        except ValidationError as error:  # its own words hold what was set, which may be a secret
            fields = type(self).model_fields
            faults = [_fault(str(one["loc"][0]), fields[str(one["loc"][0])], {**one}) for one in error.errors()]
            raise WrongSettingError(faults) from None

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        return _without_fault(url, database_fault)

    @field_validator("redis_url")
    @classmethod
    def _is_a_live_store(cls, url: str) -> str:
        return _without_fault(url, live_store_fault)

    @field_validator("sip_host")
    @classmethod
    def _is_an_address(cls, host: str) -> str:
        try:
            found = IPv4Address(host)
        except ValueError:
            raise ValueError("must be one of this machine's addresses, as 10.0.0.4") from None
        if found.is_unspecified:
            raise ValueError("must be one of this machine's addresses: sound goes out with it, so 0.0.0.0 does not do")
        return str(found)

    @field_validator("trunk_addresses")
    @classmethod
    def _are_networks(cls, listed: str) -> str:
        try:
            found = [IPv4Network(one.strip()) for one in listed.split(",") if one.strip()]
        except ValueError:
            raise ValueError("must be addresses or networks, as 10.0.0.5,10.1.0.0/28") from None
        if any(one.prefixlen == 0 for one in found):
            raise ValueError("must not be everybody")
        return ",".join(map(str, found))

    @field_validator("rtp_last_port")
    @classmethod
    def _leaves_room_for_sound(cls, last: int, others: ValidationInfo) -> int:
        if last - others.data.get("rtp_first_port", 0) < 3:
            raise ValueError("must be at least 3 more than KC_RTP_FIRST_PORT: sound needs four ports or more")
        return last

    @field_validator("ami_port")
    @classmethod
    def _is_another_port(cls, port: int, others: ValidationInfo) -> int:
        if port == others.data.get("ari_port"):
            raise ValueError("must be another port than KC_ARI_PORT")
        return port

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read from arguments first, then from variables, then from files that variables name."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @property
    def trunk_networks(self) -> tuple[str, ...]:
        """Who besides this machine hands calls to our Asterisk, each as a network (10.0.0.5/32)."""
        return tuple(filter(None, self.trunk_addresses.split(",")))

    @property
    def sms_shares(self) -> dict[str, float]:
        """Each named provider of texts, and its part when all are well; 1 where none is given."""
        named = (one.strip().partition(":") for one in self.sms_providers.split(",") if one.strip())
        return {name: float(part or 1) for name, _, part in named}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret that is set, as it is written: what no line of a log may hold."""
        set_ones = (getattr(self, name) for name in type(self).model_fields)
        whole = [one.get_secret_value() for one in set_ones if isinstance(one, SecretStr) and one]
        of_systems = [one.partition("=")[2] for one in self.api_tokens.get_secret_value().split(",")]
        signing = [word for word in self.webhooks.get_secret_value().split() if word.startswith("whsec_")]
        return (*whole, *filter(None, of_systems), *signing, *(one.removeprefix("whsec_") for one in signing))

    @property
    def base_url(self) -> str:
        """The address that browsers use."""
        return self.public_url.rstrip("/") or f"http://{self.web_host}:{self.web_port}"

    @property
    def live_url(self) -> str:
        """The URL of the live store: our own in the state folder unless another is named."""
        return self.redis_url or EmbeddedStore(self.state_dir / "live").url

    @property
    def sql_url(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.state_dir}/kundcenter.db"


def _without_fault(url: str, fault_of: Callable[[str], str]) -> str:
    fault = fault_of(url) if url else ""
    if fault:
        raise ValueError(fault)
    return url


def _fault(name: str, field: FieldInfo, error: Mapping[str, Any]) -> str:
    """Name the variable and what it may be. Nothing of what it was set to is repeated."""
    return f"KC_{name.upper()}: {_allowed(field, error)}."


def _allowed(field: FieldInfo, error: Mapping[str, Any]) -> str:
    kind = field.annotation
    least, most = (
        next((getattr(one, end) for one in field.metadata if hasattr(one, end)), None) for end in ("ge", "le")
    )
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if kind is bool:
        return "must be true or false"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"must be {' or '.join(kind)}"
    if kind in (int, float) and least is not None and most is not None:
        number = "a whole number" if kind is int else "a number"
        return f"must be {number} from {least} to {most}"
    if error["type"] == "string_pattern_mismatch" and field.examples:
        return f"must look like {field.examples[0]}"
    return str(error["msg"]).replace("Input should be", "must be")
