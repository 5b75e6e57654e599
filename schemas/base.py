"""Hold what every canonical record shares."""

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from schemas.classification import Classification, Use


def described(description: str, classification: Classification, *uses: Use) -> Any:
    """Declare an optional canonical field: words for a non-programmer, its class, and (identifiers) where it may be used."""
    return Field(default=None, description=description, json_schema_extra=_extra(classification, uses))


def needed(description: str, classification: Classification, *uses: Use) -> Any:
    """Declare a canonical field that a record cannot do without."""
    return Field(description=description, json_schema_extra=_extra(classification, uses))


def _extra(classification: Classification, uses: tuple[Use, ...]) -> dict[str, Any]:
    if (classification is Classification.IDENTIFIER) != bool(uses):
        raise TypeError("an identifier, and only an identifier, says where it may be used")
    extra: dict[str, Any] = {"classification": classification.value}
    if uses:
        extra["uses"] = [use.value for use in uses]
    return extra


class Canonical(BaseModel):
    """Be one canonical record: frozen, no unknown fields, about exactly one person."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    entity: ClassVar[str]

    subject: Annotated[
        UUID,
        Field(description="The record of the person whom this is about.", json_schema_extra={"classification": "none"}),
    ]


Day = date
"""A calendar day without time or zone: births, starts and ends are days."""
