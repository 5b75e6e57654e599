"""Read Dataverse by the ports of the engine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.crm.entities import ENTITIES, Entity
from wye.ports import Canonical, ContractBroken, EnvironmentFault, SourceBatch, SourceRow, Use, WrittenBatch

if TYPE_CHECKING:
    from connectors.crm.webapi import Patience, WebApi

LARGEST_PAGE_ROWS = 5000
"""Dataverse gives no page of more rows."""
LONGEST_SECONDS = 3600
PROPOSALS = "proposals"


class Crm:
    """Read contacts and their cases; put proposed corrections before staff as tasks.

    Configuration: `url` of the environment, `token` (bearer), `page_size` (rows, 5000 at most),
    `patience_seconds` (for one request with all its attempts; 300).
    Most sensitive class: personal, with what people typed into free text.
    """

    name = "crm"
    contract = Path(__file__).parent / "contract.odcs.yaml"
    works_in: frozenset[Use] = frozenset()
    """Customer services work in no field that an NHS number, a UPN or a National Insurance number is for."""

    def __init__(self, config: Mapping[str, str], patience: "Patience | None" = None) -> None:
        self._config = config
        self._patience = patience

    def streams(self) -> tuple[str, ...]:
        """List the streams, people first."""
        return tuple(ENTITIES)

    def check(self) -> None:
        """Sign in, and find every column that is read; raises with what to do."""
        with self._api() as api:
            api.get("WhoAmI")
        for stream in ENTITIES:
            self.discover(stream)

    def discover(self, stream: str) -> Mapping[str, str]:
        """Tell each column of the table with Dataverse's type, read or not."""
        from connectors.crm.pages import read_columns

        with self._api() as api:
            return read_columns(api, _entity(stream))

    def read(self, stream: str, cursor: str | None, batch_rows: int) -> Iterator[SourceBatch]:
        """Read everything, or what changed since the delta link in `cursor`; one page is one batch."""
        from connectors.crm.pages import read_pages

        with self._api() as api:
            yield from read_pages(api, stream, _entity(stream), cursor, min(batch_rows, self._page_rows))

    def keys(self, stream: str) -> Iterator[str]:
        """Stream every key. Delta links announce deletions, but not those missed while a link had expired."""
        from connectors.crm.pages import read_keys

        with self._api() as api:
            yield from read_keys(api, stream, _entity(stream), self._page_rows)

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        """Map one row to canonical records: pure. Raises BadInput naming the column, never its value."""
        from connectors.crm.mapping import MAPPINGS

        _entity(stream)
        return MAPPINGS[stream](row)

    def write(self, stream: str, items: Sequence[Mapping[str, object]], batch: str) -> WrittenBatch:
        """Write proposals as tasks, each once; see tasks.py."""
        from connectors.crm.tasks import write_tasks

        if stream != PROPOSALS:
            raise ContractBroken(f"`crm` takes no `{stream}`: only `{PROPOSALS}` can be written")
        with self._api() as api:
            return write_tasks(api, items, batch)

    def answers(self, stream: str, items: Sequence[str]) -> Mapping[str, str]:
        """Tell which tasks staff completed or cancelled."""
        from connectors.crm.tasks import read_answers

        if stream != PROPOSALS:
            raise ContractBroken(f"`crm` answers no `{stream}`: only `{PROPOSALS}` are answered")
        with self._api() as api:
            return read_answers(api, items)

    def _api(self) -> "WebApi":
        from connectors.crm.webapi import Patience, WebApi

        return WebApi(
            self._setting("url"), self._setting("token"), self._patience or Patience(request_seconds=self._seconds)
        )

    @property
    def _page_rows(self) -> int:
        held = self._config.get("page_size", str(LARGEST_PAGE_ROWS))
        if not held.isdecimal() or not 1 <= int(held) <= LARGEST_PAGE_ROWS:
            raise EnvironmentFault(
                f"setting `WYE_SOURCES__CRM__PAGE_SIZE` is `{held}`: right is 1 to {LARGEST_PAGE_ROWS}"
            )
        return int(held)

    @property
    def _seconds(self) -> float:
        held = self._config.get("patience_seconds", "300")
        if not held.isdecimal() or not 1 <= int(held) <= LONGEST_SECONDS:
            raise EnvironmentFault(
                f"setting `WYE_SOURCES__CRM__PATIENCE_SECONDS` is `{held}`: right is 1 to {LONGEST_SECONDS}"
            )
        return int(held)

    def _setting(self, name: str) -> str:
        if not self._config.get(name):
            raise EnvironmentFault(f"setting `WYE_SOURCES__CRM__{name.upper()}` is missing: see the README")
        return self._config[name]


def _entity(stream: str) -> Entity:
    if stream not in ENTITIES:
        raise ContractBroken(f"`crm` has no stream `{stream}`; there are: {', '.join(ENTITIES)}")
    return ENTITIES[stream]
