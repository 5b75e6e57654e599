"""Rows of Mosaic's people, groups and answers, checked by its contract and mapped by its connector, without Mosaic."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from connectors.frameworki import Frameworki
from wye.intake.stream import Finding, StreamMap
from wye.ports import SourceRow
from wye.quality.check import check_rows
from wye.quality.contract import load_contract

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOURCE = "frameworki"
CONNECTOR = Frameworki({})
CONTRACT = load_contract(Frameworki.contract, SOURCE)


def row(stream: str, key: str, **values: object) -> SourceRow:
    """Build one row: every column that the contract names, empty unless given."""
    return SourceRow(key, dict.fromkeys(CONTRACT.streams[stream].columns) | values, AT)


def person(key: str, **values: object) -> SourceRow:
    """Build a person's row."""
    good = {
        "PERSON_ID": key,
        "LAST_NAME": "Ashdown",
        "FIRST_NAME": "Mary",
        "FULL_NAME": "Mary Ashdown",
        "GENDER": "F",
        "PERSON_ID_LEGACY": key,
        "DATE_OF_BIRTH": "1950-03-07 00:00:00",
    }
    return row("persons", key, **{**good, "RESTRICTED": "N", "LAST_UPDATED": "2026-10-01 08:00:00", **values})


def group(key: str, of: str, kind: str = "SAFE_ADDRESS", **values: object) -> SourceRow:
    """Build a group's row."""
    good = {"SERVICE_USER_GROUP_ID": key, "PERSON_ID": of, "FULL_GROUP_TYPE": kind, "START_DATE": "2026-01-01 00:00:00"}
    return row("groups", key, **{**good, "LAST_UPDATED": "2026-10-01 08:00:00", **values})


def answer(key: str, of: str, question: str, said: str, **values: object) -> SourceRow:
    """Build a form answer's row."""
    good = {"ANSWER_ID": key, "SUBJECT_PERSON_ID": of, "QUESTION_USER_CODE": question, "TEXT_ANSWER": said}
    return row("answers", key, **{**good, "DATE_ANSWER": "2026-01-01", "LAST_UPDATED": "2026-10-01 08:00:00", **values})


def how(stream: str) -> StreamMap:
    """Say how a stream is checked and mapped."""
    contract = CONTRACT.streams[stream]

    def check(values: Sequence[Mapping[str, object]]) -> list[Finding]:
        contract.check_columns(frozenset().union(*(each.keys() for each in values)))
        return [
            Finding(f.row, f.rule, f.column, f.dimension, f.severity)
            for f in check_rows(contract, values, date(2026, 11, 1))
        ]

    return StreamMap(
        SOURCE,
        stream,
        CONTRACT.controller,
        CONTRACT.owner,
        check,
        lambda each: CONNECTOR.map(stream, each),
        protective=contract.protective,
    )
