"""Read an ODCS contract into what the engine needs: who controls the data, which columns, which rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty
from yaml import YAMLError

from schemas.classification import Classification
from wye.errors import ContractBroken
from wye.quality.dimension import ODCS_DIMENSIONS
from wye.quality.rules import RULES
from wye.quality.tables.compiling import compile_table_rules
from wye.quality.tables.rule import NamedRule
from wye.vocabulary import Carried, Dimension, Severity

LEFT_OUT = frozenset({"email_address", "nhs_number", "nino", "postcode", "telephone", "uprn", "upn"})
"""Rules whose failing value may be left out (severity `warning`): to lack an address or a number says nothing else.

INVARIANT: no rule on codes, days or names is among them: a restriction, an end or a death that is left out would be
read as its opposite.
"""


@dataclass(frozen=True, slots=True)
class RowRule:
    """Hold one rule on one column, and what becomes of a row that fails it."""

    name: str
    column: str
    rule: str
    arguments: Mapping[str, object]
    dimension: Dimension
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class StreamContract:
    """Hold what one stream promises: each of its columns is there, whether or not every row has a value."""

    stream: str
    columns: tuple[str, ...]
    classifications: Mapping[str, Classification]
    rules: tuple[RowRule, ...]
    protective: frozenset[str] = frozenset()
    """Columns that may carry a protection of a person: a restriction, a safe address, an objection."""
    table_rules: tuple[NamedRule, ...] = ()

    def check_columns(self, found: frozenset[str]) -> None:
        """Refuse columns that the contract does not name, and the loss of any it does, by their names.

        A lost column is never read as "nothing known": a restriction that is no longer said is not a restriction lifted.
        """
        strange = sorted(found.difference(self.columns))
        if strange:
            raise ContractBroken(
                f"stream `{self.stream}` holds {_listed(strange)}, which its contract does not name: "
                "describe the column in the contract, or have the source leave it out"
            )
        lacking = sorted(set(self.columns) - found)
        if lacking:
            raise ContractBroken(
                f"stream `{self.stream}` lacks {_listed(lacking)}, which its contract names: have the source bring it back"
            )


@dataclass(frozen=True, slots=True)
class Contract:
    """Hold one connector's contract."""

    source: str
    name: str
    """What people call the system."""
    purpose: str
    """What its data are for, in words."""
    controller: str
    owner: str
    streams: Mapping[str, StreamContract]


def load_contract(path: Path, source: str) -> Contract:
    """Read and compile a contract file; raises ContractBroken with the file, the place and what would be right."""
    try:
        odcs = OpenDataContractStandard.from_file(str(path))
    except (OSError, ValueError, YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark is not None else ""
        raise ContractBroken(
            f"contract of `{source}` cannot be read as ODCS 3.1{place}: {type(error).__name__}"
        ) from error
    properties = {item.property: item.value for item in odcs.customProperties or []}
    controller, owner = properties.get("controller"), properties.get("owner")
    if not controller or not owner:
        raise ContractBroken(f"contract of `{source}` names no controller or owner under customProperties")
    objects = odcs.schema_ or []
    streams = {str(item.name): _stream(source, item, objects) for item in objects}
    purpose = odcs.description.purpose if odcs.description else None
    if not odcs.name or not purpose:
        raise ContractBroken(f"contract of `{source}` says no name, or no purpose under description")
    return Contract(source, odcs.name, purpose, str(controller), str(owner), streams)


def refuse_table_rules(contract: Contract) -> Contract:
    """Refuse table rules for what a partner sends: its messages come one by one, and one message is no table.

    What can be said of a message is said by row rules, and by the partner's own referee (`Receives.rows`).
    """
    for stream in contract.streams.values():
        if stream.table_rules:
            raise ContractBroken(
                f"contract of `{contract.source}`: `{stream.stream}` comes message by message and takes no table rule, but "
                f"has `{stream.table_rules[0].name}`: write a row rule, or leave it out"
            )
    return contract


def _stream(source: str, item: SchemaObject, objects: Sequence[SchemaObject]) -> StreamContract:
    columns: list[str] = []
    classifications: dict[str, Classification] = {}
    rules: list[RowRule] = []
    for column in item.properties or []:
        name = str(column.name)
        if name in columns:
            raise ContractBroken(f"contract of `{source}`: `{item.name}.{name}` stands twice")
        columns.append(name)
        classifications[name] = _classification(f"{source}: `{item.name}.{name}`", column.classification)
        if column.required:
            rules.append(RowRule(f"{name} is there", name, "not_null", {}, Dimension.COMPLETENESS))
        rules.extend(_rules(source, str(item.name), column))
    where = f"contract of `{source}`: `{item.name}`"
    protective = (
        columns
        if _carries(where, item.customProperties)
        else [
            str(column.name)
            for column in item.properties or []
            if _carries(f"{where}.`{column.name}`", column.customProperties)
        ]
    )
    table_rules = compile_table_rules(source, item, objects)
    return StreamContract(
        str(item.name), tuple(columns), classifications, tuple(rules), frozenset(protective), table_rules
    )


def _carries(where: str, stated: Sequence[CustomProperty] | None) -> bool:
    """Say whether a stream, or one of its columns, may carry a protection; unknown words are refused."""
    words = [item.value for item in stated or () if item.property == "carries"]
    if strange := [word for word in words if word not in set(Carried)]:
        raise ContractBroken(f"{where} carries `{strange[0]}`; allowed: {', '.join(Carried)}")
    return bool(words)


def _classification(where: str, word: str | None) -> Classification:
    try:
        return Classification(word or "")
    except ValueError:
        allowed = ", ".join(item.value for item in Classification)
        raise ContractBroken(f"contract of {where} is classified `{word}`; allowed: {allowed}") from None


def _rules(source: str, stream: str, column: SchemaProperty) -> list[RowRule]:
    found: list[RowRule] = []
    for quality in column.quality or []:
        where = f"contract of `{source}`: `{stream}.{column.name}`"
        given: Any = quality.implementation
        if not isinstance(given, dict) or given.get("rule") not in RULES:
            word = given.get("rule") if isinstance(given, dict) else given
            raise ContractBroken(f"{where} asks for rule `{word}`; there are: {', '.join(sorted(RULES))}")
        dimension = ODCS_DIMENSIONS.get(quality.dimension or "")
        if dimension is None:
            raise ContractBroken(
                f"{where} has dimension `{quality.dimension}`; allowed: {', '.join(sorted(ODCS_DIMENSIONS))}"
            )
        arguments = {key: value for key, value in given.items() if key != "rule"}
        _check_rule(where, str(given["rule"]), arguments, str(column.name))
        name = quality.name or f"{column.name} {given['rule']}"
        severity = _severity(where, quality.severity, str(given["rule"]), needed=bool(column.required))
        found.append(RowRule(name, str(column.name), given["rule"], arguments, dimension, severity))
    return found


def _severity(where: str, word: str | None, rule: str, *, needed: bool) -> Severity:
    try:
        severity = Severity(word or Severity.ERROR)
    except ValueError:
        allowed = ", ".join(Severity)
        raise ContractBroken(f"{where} has severity `{word}`; allowed: {allowed}") from None
    if severity is Severity.WARNING and (needed or rule not in LEFT_OUT):
        raise ContractBroken(
            f"{where}: a value that fails rule `{rule}` cannot be left out (severity `warning`): that is for columns that "
            f"are not required and for {', '.join(sorted(LEFT_OUT))}; use `error`, or `info` to count only"
        )
    return severity


def _check_rule(where: str, rule: str, arguments: Mapping[str, object], column: str) -> None:
    """Try a rule on no rows, so that wrong arguments are found when the contract is read, not in a night's batch."""
    other = str(arguments.get("column", column))
    empty = pl.DataFrame({name: pl.Series(name, [], dtype=pl.String) for name in {column, other}})
    try:
        empty.select(RULES[rule](pl.col(column), {**arguments, "today": date(2000, 1, 1)}))
    except (pl.exceptions.PolarsError, KeyError, ValueError) as error:
        raise ContractBroken(f"{where}: rule `{rule}` does not take these arguments: {type(error).__name__}") from error


def _listed(names: list[str]) -> str:
    return "column " + ", ".join(f"`{name}`" for name in names)
