"""Answer a query as Dataverse would: pages, skip and delta tokens, annotations, errors."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from connectors.crm.counterpart.tables import Description, Row, Table

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP = "Microsoft.Dynamics.CRM.lookuplogicalname"
LARGEST_PAGE = 5000
LABELS: Mapping[str, Mapping[object, str]] = {
    "statecode": {0: "Active", 1: "Inactive"},
    "gendercode": {1: "Male", 2: "Female"},
    "caseorigincode": {1: "Phone", 2: "Email", 3: "Web"},
    "merged": {True: "Yes", False: "No"},
}


class Refused(Exception):
    """Carry an answer other than 200: its status, Dataverse's code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Preferences:
    """Hold what the request's Prefer header asks for."""

    size: int
    track: bool
    annotations: str

    def wants(self, annotation: str) -> bool:
        """Tell whether rows are to carry this annotation."""
        return not {"*", annotation}.isdisjoint(self.annotations.split(","))


def preferences(header: str) -> Preferences:
    """Read a Prefer header (RFC 7240), as far as Dataverse does."""
    size = re.search(r"odata\.maxpagesize=(\d+)", header)
    annotations = re.search(r'odata\.include-annotations="([^"]*)"', header)
    return Preferences(
        max(1, min(int(size[1]), LARGEST_PAGE)) if size else LARGEST_PAGE,
        "odata.track-changes" in header,
        annotations[1] if annotations else "",
    )


@dataclass(frozen=True, slots=True)
class Dialect:
    """Answer for one environment: `base` is its URL, `epoch` names this life of the server in its tokens."""

    base: str
    epoch: str
    token_seconds: float

    def page(self, table: Table, query: Mapping[str, str], prefer: Preferences, now: float) -> dict[str, object]:
        """Answer one request for a table's rows."""
        select = _select(table.description, query.get("$select"))
        if "$skiptoken" in query:
            token = self._opened(query["$skiptoken"], now)
        elif "$deltatoken" in query:
            token = {"since": self._opened(query["$deltatoken"], now)["since"], "until": table.latest}
        else:
            token = {"after": "", "until": table.latest, "track": prefer.track}
        if "after" in token:
            return self._all(table, select, token, prefer, now)
        return self._changes(table, select, token, prefer, now)

    def _all(
        self, table: Table, select: list[str], token: Mapping[str, object], prefer: Preferences, now: float
    ) -> dict[str, object]:
        rows, more = table.all_after(str(token["after"]), prefer.size)
        answer = self._answer(table, select, rows, prefer)
        if more is not None:
            answer["@odata.nextLink"] = self._link(table, select, "$skiptoken", {**token, "after": more}, now)
        elif token["track"]:
            answer["@odata.deltaLink"] = self._link(table, select, "$deltatoken", {"since": token["until"]}, now)
        return answer

    def _changes(
        self, table: Table, select: list[str], token: Mapping[str, object], prefer: Preferences, now: float
    ) -> dict[str, object]:
        until = int(str(token["until"]))
        rows, more = table.changes_after(int(str(token["since"])), until, prefer.size)
        answer = self._answer(table, select, rows, prefer, suffix="/$delta")
        if more is not None:
            answer["@odata.nextLink"] = self._link(table, select, "$skiptoken", {"since": more, "until": until}, now)
        else:
            answer["@odata.deltaLink"] = self._link(table, select, "$deltatoken", {"since": until}, now)
        return answer

    def _answer(
        self, table: Table, select: list[str], rows: Iterable[Row | str], prefer: Preferences, suffix: str = ""
    ) -> dict[str, object]:
        name = _set_name(table)
        value = [
            {"@odata.context": f"{self.base}$metadata#{name}/$deletedEntity", "id": row, "reason": "deleted"}
            if isinstance(row, str)
            else annotated(table.description, row, select, prefer)
            for row in rows
        ]
        return {"@odata.context": f"{self.base}$metadata#{name}({','.join(select)}){suffix}", "value": value}

    def _link(self, table: Table, select: list[str], kind: str, token: Mapping[str, object], now: float) -> str:
        sealed = base64.urlsafe_b64encode(json.dumps({**token, "epoch": self.epoch, "at": now}).encode()).decode()
        return f"{self.base}{_set_name(table)}?$select={quote(','.join(select))}&{kind}={quote(sealed)}"

    def _opened(self, sealed: str, now: float) -> dict[str, object]:
        try:
            token = dict(json.loads(base64.urlsafe_b64decode(sealed)))
            epoch, at = token["epoch"], float(token["at"])
        except (ValueError, KeyError, TypeError):
            raise Refused(400, "0x80060888", "The token is malformed.") from None
        if epoch != self.epoch:
            raise Refused(410, "0x80044352", "The token belongs to a state that is gone. Please perform a full sync.")
        if now - at > self.token_seconds:
            raise Refused(
                400, "0x80044352", "Version stamp associated with the client has expired. Please perform a full sync."
            )
        return token


def annotated(description: Description, row: Row, select: list[str], prefer: Preferences) -> Row:
    """Return the selected columns of a row with its etag and the annotations asked for."""
    found: Row = {"@odata.etag": f'W/"{row["versionnumber"]}"'}
    lookups = {f"_{name}_value": target for name, target in description.lookups.items()}
    for column in select:
        value = row.get(column)
        if value is not None and prefer.wants(FORMATTED) and (label := _label(column, value)):
            found[f"{column}@{FORMATTED}"] = label
        if value is not None and column in lookups and prefer.wants(LOOKUP):
            found[f"{column}@{LOOKUP}"] = row.get(f"{column}@{LOOKUP}", lookups[column])
        found[column] = value
    return found


def attributes(base: str, description: Description) -> dict[str, object]:
    """Answer EntityDefinitions(...)/Attributes."""
    return {
        "@odata.context": f"{base}$metadata#EntityDefinitions('{description.logical_name}')/Attributes",
        "value": [{"LogicalName": name, "AttributeType": kind} for name, kind in description.attributes.items()],
    }


def _label(column: str, value: object) -> str | None:
    if column in {"createdon", "modifiedon"}:
        return datetime.fromisoformat(str(value)).strftime("%d-%m-%Y %H:%M")
    if column == "birthdate":
        return "-".join(reversed(str(value).split("-")))
    return LABELS.get(column, {}).get(value)


def _select(description: Description, asked: str | None) -> list[str]:
    columns = description.columns()
    select = asked.split(",") if asked else sorted(columns)
    for column in select:
        if column not in columns:
            raise Refused(
                400,
                "0x80060888",
                f"Could not find a property named '{column}' on type 'Microsoft.Dynamics.CRM.{description.logical_name}'.",
            )
    return select if description.key in select else [description.key, *select]


def _set_name(table: Table) -> str:
    return f"{table.description.logical_name}s"
