"""Compile what a contract says of a stream as a whole into table rules. Unknown words are refused by their place.

Two forms of ODCS 3.1 are read at a stream (schema) `quality`: its library's `rowCount` and `duplicateValues`, and
`type: custom, engine: greatExpectations` with `implementation: {rule: <ours>, <arguments>}`. Others are refused.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from open_data_contract_standard.model import DataQuality, SchemaObject
from pydantic import ValidationError

from wye.errors import ContractBroken
from wye.quality.dimension import ODCS_DIMENSIONS
from wye.quality.tables.deletions import Deletions
from wye.quality.tables.fresh import Fresh
from wye.quality.tables.key_unique import KeyUnique
from wye.quality.tables.null_share import NullShare
from wye.quality.tables.quarantined import Quarantined
from wye.quality.tables.row_count import RowCount
from wye.quality.tables.rule import NamedRule, TableRule
from wye.quality.tables.tied import Tied
from wye.quality.tables.unique import Unique
from wye.quality.tables.value_share import ValueShare
from wye.vocabulary import Dimension, Severity

ENGINE = "greatExpectations"

TABLE_RULES: Mapping[str, type[TableRule]] = MappingProxyType(
    {
        "deletions": Deletions,
        "fresh": Fresh,
        "key_unique": KeyUnique,
        "null_share": NullShare,
        "quarantined": Quarantined,
        "row_count": RowCount,
        "tied": Tied,
        "unique": Unique,
        "value_share": ValueShare,
    }
)

SEVERITIES = (Severity.ERROR, Severity.WARNING)
"""Of ODCS's three examples, what a table rule does: hold, or warn. `info` would be a rule that nobody reads."""

BOUNDS = {
    "mustBe": ("at_least", "at_most"),
    "mustBeGreaterOrEqualTo": ("at_least",),
    "mustBeLessOrEqualTo": ("at_most",),
}
"""ODCS operators that the library's metrics take here; for strict ones, say the next number."""


def compile_table_rules(
    source: str, stream: SchemaObject, all_streams: Sequence[SchemaObject]
) -> tuple[NamedRule, ...]:
    """Compile the table rules of one stream; raises ContractBroken saying where, what, and what would be right."""
    found: list[NamedRule] = []
    for quality in stream.quality or []:
        where = f"contract of `{source}`: table rule `{quality.name}` of `{stream.name}`"
        if not quality.name or not quality.description:
            raise ContractBroken(f"{where} needs a `name` and a `description`")
        if quality.name in {rule.name for rule in found}:
            raise ContractBroken(f"{where} stands twice")
        kind, arguments = _asked(where, quality, stream)
        if kind == "tied":
            arguments = {**arguments, "to": _tie(where, arguments.get("column"), stream, all_streams)}
        rule = _made(where, kind, arguments)
        strange = sorted(set(rule.columns()) - {str(column.name) for column in stream.properties or []})
        if strange:
            raise ContractBroken(f"{where} looks at `{strange[0]}`, which is no column of `{stream.name}`")
        found.append(NamedRule(quality.name, kind, rule, _dimension(where, quality), _severity(where, quality)))
    return tuple(found)


def _asked(where: str, quality: DataQuality, stream: SchemaObject) -> tuple[str, Mapping[str, object]]:
    """Find which rule is asked for, and with which arguments."""
    form = quality.type or "library"
    if form == "library":
        return _library(where, quality, stream)
    if form != "custom" or quality.engine != ENGINE:
        asked = f"engine `{quality.engine}`" if form == "custom" else f"type `{form}`"
        raise ContractBroken(f"{where} is of {asked}; allowed: `library`, or `custom` with engine `{ENGINE}`")
    given: Any = quality.implementation
    kind = given.get("rule") if isinstance(given, dict) else given
    if not isinstance(given, dict) or kind not in TABLE_RULES:
        raise ContractBroken(f"{where} asks for rule `{kind}`; there are: {', '.join(sorted(TABLE_RULES))}")
    return str(kind), {key: value for key, value in given.items() if key != "rule"}


def _library(where: str, quality: DataQuality, stream: SchemaObject) -> tuple[str, Mapping[str, object]]:
    """Read the library's two metrics that say something of a whole table."""
    operators = {name: value for name in _OPERATORS if (value := getattr(quality, name)) is not None}
    arguments: Mapping[str, object] = quality.arguments or {}
    if quality.metric == "rowCount" and operators.keys() <= BOUNDS.keys() and not arguments:
        return "row_count", {bound: value for name, value in operators.items() for bound in BOUNDS[name]}
    if quality.metric == "duplicateValues" and operators == {"mustBe": 0} and arguments.keys() == {"properties"}:
        named = arguments["properties"]
        columns = [str(column) for column in named] if isinstance(named, list) else []
        key = [str(column.name) for column in stream.properties or [] if column.primaryKey]
        return ("key_unique", {}) if columns == key else ("unique", {"of": columns})
    raise ContractBroken(
        f"{where} asks for metric `{quality.metric}` with {', '.join(f'`{name}`' for name in [*operators, *arguments])};"
        f" there are: `rowCount` with {', '.join(f'`{name}`' for name in BOUNDS)}, and `duplicateValues` with"
        " `mustBe: 0` and `arguments: {properties: [...]}`"
    )


_OPERATORS = (
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo",
    "mustBeBetween", "mustNotBeBetween",
)  # fmt: skip


def _tie(where: str, column: object, stream: SchemaObject, all_streams: Sequence[SchemaObject]) -> str:
    """Find the stream to whose key a column is tied by its relationship."""
    relationships = [
        str(tie.to) for each in stream.properties or [] if each.name == column for tie in each.relationships or []
    ]
    keys = {
        f"{other.name}.{each.name}": str(other.name)
        for other in all_streams
        if len([one for one in other.properties or [] if one.primaryKey]) == 1
        for each in other.properties or []
        if each.primaryKey
    }
    if len(relationships) != 1 or relationships[0] not in keys:
        raise ContractBroken(
            f"{where}: column `{column}` needs one relationship (`relationships: [{{to: stream.column}}]`) to the only"
            f" key column of a stream; those are: {', '.join(sorted(keys)) or 'none'}"
        )
    return keys[relationships[0]]


def _made(where: str, kind: str, arguments: Mapping[str, object]) -> TableRule:
    try:
        return TABLE_RULES[kind](**arguments)
    except (ValidationError, TypeError) as error:
        loc: tuple[int | str, ...] = ()
        message = "are no names"
        if isinstance(error, ValidationError):
            loc, message = error.errors()[0]["loc"], error.errors()[0]["msg"]
        place = ".".join(str(part) for part in loc)
        allowed = ", ".join(name for name in TABLE_RULES[kind].model_fields if (kind, name) != ("tied", "to"))
        raise ContractBroken(
            f"{where}: argument{f' `{place}`' if place else 's'} of `{kind}`: {message.lower()};"
            f" allowed: {allowed or 'none'}"
        ) from None


def _dimension(where: str, quality: DataQuality) -> Dimension:
    dimension = ODCS_DIMENSIONS.get(quality.dimension or "")
    if dimension is None:
        raise ContractBroken(
            f"{where} has dimension `{quality.dimension}`; allowed: {', '.join(sorted(ODCS_DIMENSIONS))}"
        )
    return dimension


def _severity(where: str, quality: DataQuality) -> Severity:
    if quality.severity not in SEVERITIES:
        raise ContractBroken(f"{where} has severity `{quality.severity}`; allowed: `error` holds, `warning` warns")
    return Severity(str(quality.severity))
