"""Turn landed batches into canonical records; rows that fail a rule wait in quarantine, never lost, never shared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import ValidationError

from wye.failpoints import reach
from wye.intake import pending, pending_rows, rows
from wye.intake.land import decode
from wye.intake.stream import Finding, StreamMap
from wye.keys.provider import KeyProvider
from wye.keys.rows import unseal_values
from wye.ports import BadInput, ContractBroken, SourceRow
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import Severity

MAP_RULE = "row can be mapped"
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL in JSON text: PostgreSQL stores none, and would refuse the whole batch for it."""


@dataclass(frozen=True, slots=True)
class MappedBatch:
    """Tell how one batch went."""

    rows: int
    quarantined: int
    held: str | None


def map_batch(conn: Connection, keys: KeyProvider, batch: UUID, how: StreamMap, at: datetime) -> MappedBatch:
    """Check and map one landed batch in one transaction; hold it whole if it left its contract."""
    with conn.transaction():
        landed = rows.take_landed(conn, batch)
        if landed is None:  # another worker has it, or had it
            return MappedBatch(0, 0, None)
        plain = unseal_values(conn, keys, {row.value: row.sealed for row in landed.rows})
        found = [decode(plain[row.value]) for row in landed.rows]
        live = [place for place, row in enumerate(found) if not row.deleted]
        try:
            findings = how.check([found[place].values for place in live]) if live else ()
        except ContractBroken as broken:
            rows.hold(conn, batch, str(broken))
            pending.note_batch(conn, keys, batch, how, "held", at)
            return MappedBatch(len(found), 0, str(broken))
        told = [(landed.rows[live[finding.row]].record, finding) for finding in findings]
        failed, left_out = meaning(findings, live)
        staged: list[rows.Staged] = []
        gone: list[UUID] = []
        for place, row in enumerate(found):
            record = landed.rows[place].record
            if row.deleted:
                gone.append(record)
            elif place not in failed:
                try:
                    staged.extend(stage(record, how, without(row, left_out.get(place)), landed.agreement))
                except (BadInput, ValidationError):
                    failed[place] = [Finding(place, MAP_RULE, "*", "validity")]
                    told.append((record, failed[place][0]))
        rows.clear_quarantine(conn, [row.record for row in landed.rows], at)
        rows.quarantine(
            conn,
            how.source,
            how.stream,
            [
                (
                    uuid7(),
                    landed.rows[place].record,
                    landed.rows[place].value,
                    each.rule,
                    each.column,
                    each.dimension,
                    how.owner,
                )
                for place, each_row in failed.items()
                for each in each_row
            ],
            at,
        )
        # A row that fails keeps its last good version; only a deletion takes it away.
        rows.store(conn, [row.record for place, row in enumerate(landed.rows) if place not in failed], staged, gone, at)
        pending_rows.clear(conn, [row.record for row in landed.rows], at)
        if how.protective:
            waiting = [
                pending.Version(
                    landed.rows[place].value,
                    landed.rows[place].record,
                    pending.read(found[place], how, frozenset(each.column for each in why)),
                )
                for place, why in failed.items()
            ]
            pending.note(conn, how, waiting, "quarantined", at)
        how.note(conn, [row.record for row in landed.rows], told, at)
        rows.finish(conn, batch, len(failed), at)
        reach("map.before_commit")
    return MappedBatch(len(found), len(failed), None)


def meaning(findings: Sequence[Finding], live: Sequence[int]) -> tuple[dict[int, list[Finding]], dict[int, set[str]]]:
    """Say by place which rows wait for their errors, and which columns are left out of the others for warnings."""
    failed: dict[int, list[Finding]] = {}
    left_out: dict[int, set[str]] = {}
    for finding in findings:
        if finding.severity == Severity.ERROR:
            failed.setdefault(live[finding.row], []).append(finding)
        elif finding.severity == Severity.WARNING:
            left_out.setdefault(live[finding.row], set()).add(finding.column)
    return failed, left_out


def without(row: SourceRow, columns: set[str] | None) -> SourceRow:
    """Leave out values that are not good enough to share, so that the row can be."""
    return replace(row, values={**row.values, **dict.fromkeys(columns)}) if columns else row


def stage(record: UUID, how: StreamMap, row: SourceRow, agreement: str | None) -> list[rows.Staged]:
    """Map one row; raises BadInput, or ValidationError when a value is none that the model takes."""
    parts: dict[str, int] = {}
    staged: list[rows.Staged] = []
    for each in how.map(row):
        part = parts.get(each.entity, 0)
        parts[each.entity] = part + 1
        body = orjson.dumps(
            each.model_dump(mode="json", exclude={"subject"}, exclude_none=True), option=orjson.OPT_SORT_KEYS
        ).decode()
        if NUL.search(body):
            raise BadInput("a column holds a NUL, which no text of a person's may")
        staged.append(
            rows.Staged(
                record,
                each.entity,
                part,
                each.subject,
                how.source,
                how.stream,
                how.controller,
                row.observed_at,
                agreement,
                body,
            )
        )
    return staged
