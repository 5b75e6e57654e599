"""Map incident (a case): one time that a person and the council were in touch."""

from collections.abc import Iterable

from connectors.crm.entities import LOOKUP
from connectors.crm.mapping.columns import choice, contact, instant, text
from schemas.contact_event import ContactEvent
from wye.ports import BadInput, Canonical, SourceRow

CHANNELS = {"1": "phone", "2": "email", "3": "web"}
STATES = {"0": "open", "1": "closed", "2": "closed"}
"""statecode: active, resolved, cancelled."""


def map_incident(row: SourceRow) -> Iterable[Canonical]:
    """Return the ContactEvent of a person's case; nothing for a company's, which is about nobody.

    The customer is a lookup to either table: its lookuplogicalname says which, and nothing else does.
    """
    table = text(row, f"_customerid_value{LOOKUP}")
    if table == "account":
        return
    if table != "contact":
        raise BadInput("column `_customerid_value` does not say whether it names a contact or an account")
    yield ContactEvent(
        subject=contact(row, "_customerid_value"),
        occurred_at=instant(row, "createdon"),
        channel=choice(row, "caseorigincode", CHANNELS),
        topic=text(row, "title"),
        reference=text(row, "ticketnumber"),
        status=choice(row, "statecode", STATES),
    )
