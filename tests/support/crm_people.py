"""Three invented contacts of the customer system: one good, one that cannot be reached, one with no name."""

from county_source_rows import AT
from crm_rows import contact

from wye.ports import SourceRow

EMPTY = (
    "middlename", "salutation", "emailaddress1", "mobilephone", "telephone1", "address1_line1", "address1_line2",
    "address1_line3", "address1_city", "address1_postalcode",
)  # fmt: skip


def three_contacts() -> list[SourceRow]:
    changes = ({}, {"mobilephone": "123", "emailaddress1": "nobody"}, {"lastname": "UNKNOWN"})
    made = [dict.fromkeys(EMPTY) | contact(number) | change for number, change in enumerate(changes, 1)]
    return [SourceRow(str(row["contactid"]), row, AT) for row in made]
