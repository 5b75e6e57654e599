"""Read a table page by page: all of it, or what changed since a delta link.

A cursor is the server's own next or delta link without its host, so that the environment may move.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from connectors.crm.entities import LOOKUP, Entity
from connectors.crm.webapi import TokenExpired, WebApi
from wye.ports import ContractBroken, SourceBatch, SourceRow, SourceUnavailable

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Hold where to go on: `next` within a pass, `delta` after one."""

    kind: str
    target: str

    def text(self) -> str:
        """Write the cursor."""
        return json.dumps({self.kind: self.target})


def cursor_from(stream: str, text: str) -> Cursor:
    """Read a cursor of this stream that `text` wrote; raises ContractBroken for any other."""
    try:
        ((kind, target),) = json.loads(text).items()
    except (ValueError, AttributeError):
        kind, target = "", ""
    if kind not in {"next", "delta"} or not isinstance(target, str) or not target.startswith(f"{stream}?"):
        raise ContractBroken("cursor of `crm` is not one that this connector wrote: read from the start")
    return Cursor(kind, target)


def still_fits(cursor: Cursor, entity: Entity) -> bool:
    """Tell whether the cursor's link asks for the columns of today: a link gives those of the day it was made."""
    return f"$select={','.join(entity.select)}&" in unquote(f"{cursor.target}&")


def first_page(stream: str, entity: Entity) -> str:
    """Return the request that begins a pass over the whole table."""
    return f"{stream}?$select={','.join(entity.select)}"


def read_pages(api: WebApi, stream: str, entity: Entity, cursor: str | None, rows: int) -> Iterator[SourceBatch]:
    """Read from the cursor; if the server has forgotten it, everything again, which loses nothing but time."""
    if cursor is not None:
        held = cursor_from(stream, cursor)
        with suppress(TokenExpired):
            if still_fits(held, entity):
                yield from _pages(api, entity, held, rows)
                return
    try:
        yield from _pages(api, entity, Cursor("next", first_page(stream, entity)), rows)
    except TokenExpired:
        raise SourceUnavailable(f"the CRM forgets the pages of `{stream}` while they are read: try later") from None


def _pages(api: WebApi, entity: Entity, cursor: Cursor, rows: int) -> Iterator[SourceBatch]:
    prefer = f'odata.maxpagesize={rows},odata.track-changes,odata.include-annotations="{LOOKUP[1:]}"'
    while True:
        page = api.get(cursor.target, prefer)
        found = [source_row(entity, item) for item in _items(page)]
        following = _following(api, page)
        if found or (following.kind == "delta" and cursor.kind == "next"):
            yield SourceBatch(found, following.text())
        if following.kind == "delta":
            return
        cursor = following


def _following(api: WebApi, page: Mapping[str, object]) -> Cursor:
    if "@odata.nextLink" in page:
        return Cursor("next", api.relative(page["@odata.nextLink"]))
    if "@odata.deltaLink" in page:
        return Cursor("delta", api.relative(page["@odata.deltaLink"]))
    raise SourceUnavailable("the CRM gives no delta link: turn on change tracking for the table (see the README)")


def _items(page: Mapping[str, object]) -> list[Mapping[str, object]]:
    items = page.get("value")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise SourceUnavailable("the CRM's answer is not OData: it holds no list of rows")
    return items


def source_row(entity: Entity, item: Mapping[str, object]) -> SourceRow:
    """Take one item of a page: a row with the columns asked for, or the news that one is gone."""
    if "$deletedEntity" in str(item.get("@odata.context", "")) or (entity.key not in item and "reason" in item):
        found = GUID.search(str(item.get("id", "")))
        if found is None:
            raise SourceUnavailable("the CRM announces a deletion without saying of what")
        return SourceRow(found[0].lower(), {}, datetime.now(UTC), deleted=True)
    key = item.get(entity.key)
    if not key:
        raise ContractBroken(f"the CRM gave a row without `{entity.key}`")
    kept = {f"{lookup}{LOOKUP}" for lookup in entity.annotated}
    # Other annotations are for people's eyes: a FormattedValue is in somebody's locale, and never a value.
    values = {name: value for name, value in item.items() if "@" not in name or name in kept}
    return SourceRow(str(key).lower(), values, _instant(values.get("modifiedon")))


def _instant(held: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(held))
    except ValueError:
        return datetime.now(UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def read_keys(api: WebApi, stream: str, entity: Entity, rows: int) -> Iterator[str]:
    """Stream every key that the table holds now."""
    target: str | None = f"{stream}?$select={entity.key}"
    while target is not None:
        try:
            page = api.get(target, f"odata.maxpagesize={rows}")
        except TokenExpired:
            raise SourceUnavailable(f"the CRM forgets the pages of `{stream}` while they are read: try later") from None
        for item in _items(page):
            yield source_row(entity, item).key
        link = page.get("@odata.nextLink")
        target = None if link is None else api.relative(link)


def read_columns(api: WebApi, entity: Entity) -> Mapping[str, str]:
    """Tell the table's columns as rows name them, with Dataverse's types; a lookup's column is `_<name>_value`."""
    page = api.get(
        f"EntityDefinitions(LogicalName='{entity.logical_name}')/Attributes?$select=LogicalName,AttributeType"
    )
    found: dict[str, str] = {}
    for item in _items(page):
        name, kind = str(item.get("LogicalName")), str(item.get("AttributeType"))
        found[f"_{name}_value" if kind in {"Lookup", "Customer", "Owner"} else name] = kind
    found |= {f"{lookup}{LOOKUP}": "String" for lookup in entity.annotated if lookup in found}
    if lacking := sorted(set(entity.select) - found.keys()):
        raise ContractBroken(f"table `{entity.logical_name}` of the CRM lacks `{'`, `'.join(lacking)}`")
    return found
