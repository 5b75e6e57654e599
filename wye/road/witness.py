"""Show the log to its witnesses: submit the newest checkpoint, keep the cosignatures, notice what only they can."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import httpx2

from wye.audit import proofs, rows
from wye.audit.checkpoint import origin_of, sign
from wye.audit.growth import edge_root
from wye.audit.witness_rows import insert_cosignature, last_cosigned
from wye.audit.witnessing import Post, WitnessAt, submit
from wye.errors import EnvironmentFault, EvidenceBroken
from wye.keys.provider import KeyProvider
from wye.road.hub import Hub
from wye.settings import Settings
from wye.store.database import Connection, connect

MOST_CHARACTERS = 100_000
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Tell what each witness said: `agreed` by name with the size, `silent` with the reason."""

    agreed: Mapping[str, int] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)


def witness(hub: Hub) -> dict[str, int]:
    """Do the nightly round; gives counts. Raises EnvironmentFault naming witnesses that did not answer, at the end."""
    with connect(hub.sequencer_url) as conn:
        found = show_to_witnesses(conn, hub.keys, hub.settings, hub.at())
    if found.silent:
        raise EnvironmentFault("; ".join(found.silent.values()))
    return {"cosigned": len(found.agreed)}


def show_to_witnesses(
    conn: Connection, keys: KeyProvider, settings: Settings, at: datetime, post: Post | None = None
) -> Witnessed:
    """Submit the newest checkpoint to every witness of the settings and store what they cosign.

    Raises EvidenceBroken, after all were asked, if one has seen a longer log or another history.
    """
    newest = rows.newest_checkpoint(conn)
    if newest is None:
        newest = sign(origin_of(settings.council), 0, edge_root([]), at, keys.signing_key())
    agreed: dict[str, int] = {}
    silent: dict[str, str] = {}
    broken: list[str] = []
    for name, known in sorted(settings.witnesses.items()):
        there = WitnessAt(name, known.url, known.key)
        try:
            cosigned = submit(
                post or _post,
                there,
                newest,
                partial(proofs.consistency, conn, size=newest.size),
                last_cosigned(conn, name),
            )
        except EvidenceBroken as error:
            broken.append(str(error))
        except EnvironmentFault as error:
            silent[name] = str(error)
        else:
            insert_cosignature(conn, cosigned)
            agreed[name] = cosigned.size
    if broken:
        raise EvidenceBroken("; ".join(broken))
    return Witnessed(agreed, silent)


def ask_witnesses(conn: Connection, hub: Hub) -> None:
    """Compare the log with what its witnesses have seen, before anything is sequenced.

    Raises EvidenceBroken if the log is an older or another one, EnvironmentFault if it has witnesses and none answers:
    without an answer a restored log could not be told, and its indices would be given twice.
    """
    if hub.settings.witnesses:
        found = show_to_witnesses(conn, hub.keys, hub.settings, hub.at())
        if not found.agreed:
            raise EnvironmentFault(f"no witness answers, so nothing is sequenced: {'; '.join(found.silent.values())}")


def _post(url: str, body: bytes) -> tuple[int, str]:
    host = httpx2.URL(url).host
    try:
        with httpx2.Client(timeout=SECONDS, follow_redirects=False) as client:
            answer = client.post(url, content=body, headers={"Content-Type": "text/plain; charset=utf-8"})
            return answer.status_code, answer.text[:MOST_CHARACTERS]
    except httpx2.HTTPError as error:
        raise EnvironmentFault(f"the witness at `{host}` does not answer: {type(error).__name__}") from None
