"""Read a partner's configuration: one JSON file."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wye.errors import UsageError


class Feed(BaseModel):
    """Name one feed that is consumed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agreement: str = Field(description="The agreement; its queue is feed.<agreement>.")
    signature_required: bool = Field(default=False, description="Refuse a message that the hub did not sign.")
    on_recall: Literal["delete", "ask"] = Field(
        default="delete",
        description="What a recall does: let go of what is held and answer `deleted`; or wait until somebody answers.",
    )


class Config(BaseModel):
    """Hold a partner's configuration. Paths are read from the file's own folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="The partner's name, as the agreements write it.")
    home: Path = Field(default=Path(), description="Folder of our key pairs, made by `init`.")
    hub: Path = Field(description="The hub's public keys: a partner.json of the hub.")
    database_url: str = Field(description="Our own PostgreSQL database.")
    amqp_url: str = Field(description="The broker, with our own account.")
    feeds: tuple[Feed, ...] = Field(default=(), description="The feeds that we consume.")
    inbound: tuple[str, ...] = Field(default=(), description="The agreements under which we send.")
    batch: int = Field(default=200, ge=1, le=5000, description="Messages in one transaction.")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file; raises UsageError naming the setting that is wrong, never its value."""
        try:
            config = cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise UsageError(f"`{path}` cannot be read; make one with init") from error
        except ValidationError as error:
            # The values may hold a password: only places and what is asked for are said.
            wrong = "; ".join(f"`{'.'.join(map(str, e['loc']))}`: {e['msg']}" for e in error.errors())
            raise UsageError(f"`{path}`: {wrong}") from None
        folder = path.parent
        return config.model_copy(update={"home": folder / config.home, "hub": folder / config.hub})
