"""Read the settings once, from the environment; the names are the ones that docker/compose.yaml uses."""

import os
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from wye.errors import UsageError
from wye.vocabulary import Role


class WitnessSettings(BaseModel):
    """Hold how to reach a witness of the audit log, and its public key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^\s]+$", description="Where it answers, without `/add-checkpoint`.")
    key: str = Field(description="Its public key (vkey), as it prints it.")


class AccountSettings(BaseModel):
    """Hold what an account that looks at people is: its role, and the names under which systems know its work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role = Field(description="The role in which it looks, such as payments-officer; nobody looks as a feed.")
    workers: tuple[str, ...] = Field(default=(), description="Names of the worker, as systems write them.")
    teams: tuple[str, ...] = Field(default=(), description="Names of the worker's teams, as systems write them.")
    trained_on: date | None = Field(
        default=None,
        description="The day of the last training in information governance, where an agreement asks for one.",
    )

    @field_validator("role")
    @classmethod
    def _looks(cls, role: Role) -> Role:
        if role is Role.FEED:
            raise ValueError("a feed looks at nobody: a system receives, and answers for its own access")
        return role


class Settings(BaseSettings):
    """Hold every setting of the engine. Variables start with `WYE_`; a nested key follows two underscores."""

    model_config = SettingsConfigDict(env_prefix="WYE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(default=Path("var"), description="Folder of everything that Wye writes.")
    secrets_dir: Path | None = Field(
        default=None, description="Folder of files that each hold one setting, by its variable's name in lower case."
    )
    database_url: str | None = Field(
        default=None, description="PostgreSQL, as the application's login; none means the embedded one."
    )
    sequencer_database_url: str | None = Field(
        default=None, description="The same database as the sequencer's login; none means the application's."
    )
    auditor_database_url: str | None = Field(
        default=None, description="The same database as the auditor's login; none means the application's."
    )
    migrator_database_url: str | None = Field(
        default=None, description="The same database as the owner of its tables; none means the application's."
    )
    amqp_url: str | None = Field(default=None, description="RabbitMQ with its vhost; none means the private node.")
    agreements: Path = Field(default=Path("sharing_agreements"), description="Folder of the sharing agreements.")
    allow_example_signers: bool = Field(default=False, description="Let `@example` principals sign: only a demo may.")
    agreements_root: str | None = Field(
        default=None, description="Public half of the key that signs the allowed signers: one OpenSSH line."
    )
    council: str = Field(default="arrowshire-council", description="The party that this hub belongs to.")
    council_contact: str = Field(
        default="", description="Where the council is reached: its record of processing says it."
    )
    data_protection_officer: str = Field(
        default="", description="The data protection officer and how to reach them, for the record of processing."
    )
    sources: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Per connector, how to reach its system: WYE_SOURCES__FRAMEWORKI__URL=..."
    )
    care_system: str = Field(default="frameworki", description="The connector that partners' notices are written to.")
    batch_rows: int = Field(default=5000, ge=1, description="Rows in one batch, and so in one transaction.")
    key_provider: Literal["file", "pkcs11"] = Field(
        default="file", description="Where the keys are: in a file under WYE_HOME, or in a PKCS#11 token."
    )
    pkcs11_module: Path | None = Field(default=None, description="The token's shared library.")
    pkcs11_token: str | None = Field(default=None, description="The token's label.")
    pkcs11_pin_file: Path | None = Field(
        default=None, description="A file, mode 0600, that holds the token's PIN; the PIN itself is no setting."
    )
    backup_days: int = Field(
        default=35, ge=0, description="For how long backups are kept: a wrapping key is destroyed no sooner."
    )
    retention_years: int = Field(
        default=6, ge=0, description="For how long what is known of a person is kept after the last of it, at least."
    )
    opt_out_mailbox: str | None = Field(
        default=None, description="Our MESH mailbox, by which the files for the national check of opt-outs are named."
    )
    opt_out_days: int = Field(
        default=1, ge=1, le=21, description="For how many days after it was asked an answer of that check may be used."
    )
    witnesses: dict[str, WitnessSettings] = Field(
        default_factory=dict, description="Who witnesses the audit log: WYE_WITNESSES__POLICE__URL and __KEY."
    )
    accounts: dict[str, AccountSettings] = Field(
        default_factory=dict,
        description="Who may look at people, in which role: WYE_ACCOUNTS__ANNA__ROLE=payments-officer",
    )
    offices: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Which accounts hold an office to which agreements refer a restricted record, as they write it.",
    )
    window: int = Field(default=500, ge=1, description="Publisher confirms outstanding at once.")

    @property
    def keys(self) -> Path:
        """Say where the file key provider keeps its key files (mode 0700)."""
        return self.home / "keys"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what was handed in, then the environment, then the files of `WYE_SECRETS_DIR` (secrets of a container)."""
        sources = (init_settings, env_settings, dotenv_settings, file_secret_settings)  # pydantic's own order
        folder = os.environ.get("WYE_SECRETS_DIR")
        if not folder:
            return sources
        if not Path(folder).is_dir():
            raise UsageError(f"setting `WYE_SECRETS_DIR`: there is no folder `{folder}`")
        return (*sources, SecretsSettingsSource(settings_cls, secrets_dir=folder))
