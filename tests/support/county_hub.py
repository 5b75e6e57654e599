"""Open a hub on a test's database, and bring a county's rows in by the road's own steps, without the systems' peers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from county_source_rows import AT, county_rows

from wye import bootstrap
from wye.intake import rows as intake_rows
from wye.intake.map import map_batch
from wye.ports import SourceRow, record_id
from wye.road.hub import Hub
from wye.road.ingest import stream_map
from wye.road.land import land_batch
from wye.settings import Settings

ROOT = Path(__file__).parents[2]


@contextmanager
def hub_on_database(
    url: str, home: Path, at: datetime = AT, agreements: Path = ROOT / "sharing_agreements"
) -> Iterator[Hub]:
    """A hub with its own keys and clock; nothing listens at its broker's address."""
    settings = Settings(
        home=home, database_url=url, amqp_url="amqp://nobody@127.0.0.1:1/none", agreements=agreements,
        allow_example_signers=True,
    )  # fmt: skip
    with bootstrap.open_hub(settings) as hub:
        hub.at = lambda: at
        yield hub


def bring_in(hub: Hub, rows: Mapping[tuple[str, str], Sequence[SourceRow]]) -> None:
    """Land and map rows by stream."""
    for (source, stream), found in rows.items():
        land_batch(hub, source, stream, {record_id(source, stream, row.key): row for row in found}, cursor=None)
        at = hub.at()
        how = stream_map(hub, source, hub.contract(source).streams[stream], at)
        for batch, _, _ in intake_rows.unmapped(hub.conn, source):
            mapped = map_batch(hub.conn, hub.keys, batch, how, at)
            assert mapped.held is None, mapped.held


def bring_in_county(hub: Hub, folder: Path) -> None:
    """Land and map a made county."""
    bring_in(hub, county_rows(folder))
