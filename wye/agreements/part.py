"""Say what every part of an agreement's files is: frozen, no unknown keys, no coercion; and the shapes of its words."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Principal = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+@[a-z0-9.-]+$", max_length=128)]
Period = Annotated[str, StringConstraints(pattern=r"^P[1-9][0-9]{0,2}[YMD]$")]
"""An ISO 8601 period of years, months or days."""
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+$")]


class Part(BaseModel):
    """Be one part of an agreement: frozen, no unknown keys, no coercion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
