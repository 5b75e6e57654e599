"""Say of each key of an agreement.yaml what it means, and what keeps it: keys.yaml, one row for each key there is.

No key pretends: it is enforced by modules that are named, or it is a statement of the signatories. Tests compare the
rows with the model, and the modules with the keys.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Field

from wye.agreements.loading import load, read
from wye.agreements.model import Agreement
from wye.agreements.part import Part, Text

HERE = Path(__file__).parent


class Key(Part):
    """Be one row of keys.yaml."""

    key: str
    """The path of the key, `[]` standing for each element of a list."""
    says: Text
    by: tuple[str, ...] = ()
    """Modules that enforce it."""
    uses: str | None = None
    """The word by which these modules know it, where it is not its own."""
    statement: bool = False


class KeyTable(Part):
    """Hold the rows of keys.yaml."""

    keys: Annotated[tuple[Key, ...], Field(min_length=1)]


@cache
def keys() -> dict[str, Key]:
    """Give the rows by the path of the key."""
    rows = load(KeyTable, read(HERE / "keys.yaml"), "keys.yaml").value.keys
    table = {row.key: row for row in rows}
    if len(table) != len(rows):
        raise TypeError("keys.yaml: a key stands twice")
    return table


def leaves(model: type[BaseModel] = Agreement, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give the path of every key that holds a value, with what may stand there, in the model's order."""
    for name, info in model.model_fields.items():
        here = f"{path}{'.' if path else ''}{info.alias or name}"
        inner, listed = part_in(info.annotation)
        if inner is None:
            yield here, info.annotation
        else:
            yield from leaves(inner, f"{here}[]" if listed else here)


def part_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Find the part of an agreement that stands at a key, if it is no plain value, and whether there may be several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    if get_origin(annotation) in {Union, UnionType, tuple, Annotated}:
        for one in get_args(annotation):
            inner, listed = part_in(one)
            if inner is not None:
                return inner, listed or get_origin(annotation) is tuple
    return None, False
