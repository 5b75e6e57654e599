"""Read the settings once, from the environment; the names are the ones that docker/compose.yaml uses."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Hold every setting of the engine. Variables start with `WYE_`; a nested key follows two underscores."""

    model_config = SettingsConfigDict(env_prefix="WYE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(default=Path("var"), description="Folder of everything that Wye writes.")
    database_url: str | None = Field(default=None, description="PostgreSQL; none means the embedded one.")
    amqp_url: str | None = Field(default=None, description="RabbitMQ with its vhost; none means the private node.")
    agreements: Path = Field(default=Path("sharing_agreements"), description="Folder of the sharing agreements.")
    allow_example_signers: bool = Field(default=False, description="Let `@example` principals sign: only a demo may.")
    agreements_root: str | None = Field(
        default=None, description="Public half of the key that signs the allowed signers: one OpenSSH line."
    )
    council: str = Field(default="arrowshire-council", description="The party that this hub belongs to.")
    sources: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Per connector, how to reach its system: WYE_SOURCES__FRAMEWORKI__URL=..."
    )
    care_system: str = Field(default="frameworki", description="The connector that partners' notices are written to.")
    batch_rows: int = Field(default=5000, ge=1, description="Rows in one batch, and so in one transaction.")
    window: int = Field(default=500, ge=1, description="Publisher confirms outstanding at once.")

    @property
    def keys(self) -> Path:
        """Say where the file key provider keeps its key files (mode 0700)."""
        return self.home / "keys"
