"""Say why a notice to somebody who was looked at in an emergency is held until a named reviewer lets it go: pure.

Telling somebody that safeguarding or the police know of them may warn whoever the risk is with, who may read their post. So a
notice is held wherever such data are known of the person, and wherever it is not known whether they are.
"""

from collections.abc import Iterable, Iterator

from wye.agreements.model import Agreement
from wye.sharing.facts import Facts
from wye.vocabulary import PartyKind, PurposeCode

PURPOSES = frozenset({PurposeCode.SAFEGUARDING, PurposeCode.CRIME_PREVENTION})
KINDS = frozenset({PartyKind.POLICE, PartyKind.PROBATION, PartyKind.PRISON, PartyKind.SAFEGUARDING_BOARD})


def held_because(facts: Facts, flows: Iterable[Agreement | None]) -> tuple[str, ...]:
    """Give each reason in words, none if the notice may go; `flows` are the agreements under which something of the person
    came in and is held or went out, None for one whose text nobody can read.
    """
    return tuple(dict.fromkeys((*_known(facts), *_flowed(flows))))


def _known(facts: Facts) -> Iterator[str]:
    rows = facts.known.rows
    if any(str(row.values.get("kind", "")).startswith("safeguarding") for row in rows.get("referral", ())):
        yield "a safeguarding referral is known"
    if rows.get("incident"):
        yield "police data are known"
    if facts.restricted is not False or facts.restricted_against != frozenset():
        yield "the record is restricted, or it is not known whether it is"
    if facts.safe_address is not False:
        yield "a safe-address flag is held, or it is not known"
    if facts.unread is None or facts.unread:
        yield "a newer version of a protection waits, and nobody has read it"


def _flowed(flows: Iterable[Agreement | None]) -> Iterator[str]:
    for agreement in flows:
        if agreement is None:
            yield "something went under an agreement whose text is not held any more"
        elif agreement.purpose.code in PURPOSES or any(party.kind in KINDS for party in agreement.parties):
            yield f"something flows under `{agreement.id}`"
