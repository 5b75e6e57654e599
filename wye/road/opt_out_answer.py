"""Read the newest answer of the national check of opt-outs for an agreement: once for a batch, opened in memory only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from wye.agreements.model import Agreement
from wye.consent import opt_out_rows as rows
from wye.keys.rows import unseal_values
from wye.road.hub import Hub


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer. Most sensitive class: identifier."""

    until: datetime | None
    """The instant from which it is too old; none: nothing was answered."""
    cleared: frozenset[str] | None
    """The NHS numbers without an opt-out; none once nobody can open them."""


def window(hub: Hub) -> timedelta:
    """Give the time for which an answer may be used, from when it was asked: the choice was the person's until then."""
    return timedelta(days=hub.settings.opt_out_days)


def answer_to(hub: Hub, agreement: Agreement) -> Answer | None:
    """Give what was answered to this very version; nothing where the opt-out does not apply."""
    if not agreement.national_data_opt_out.applies:
        return None
    check = rows.newest(hub.conn, agreement.id, agreement.version)
    if check is None:
        return Answer(None, None)
    held = {}
    if check.answer is not None and check.answer_id is not None:
        held = unseal_values(hub.conn, hub.keys, {check.answer_id: check.answer})
    numbers = frozenset(orjson.loads(held[check.answer_id])) if check.answer_id in held else None
    return Answer(check.asked_at + window(hub), numbers)
