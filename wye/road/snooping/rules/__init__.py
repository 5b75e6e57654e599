"""Judge one look by every rule. Pure."""

from wye.road.snooping.look import Common, Look, Reason
from wye.road.snooping.rules import namesake, no_relationship, own_record, relation, same_address

RULES = (own_record.suspect, namesake.suspect, same_address.suspect, relation.suspect, no_relationship.suspect)

GUARDED = Reason(
    "protected",
    "account and person have something in common, and one of them is protected: what it is, is not told here; ask the"
    " head of safeguarding",
)


def judge(look: Look, common: Common) -> tuple[Reason, ...]:
    """Give every reason why a look is suspicious; none if nothing is known of the person, for nothing can be judged then.

    INVARIANT: of a protected person nothing is told that says where or with whom they live.
    """
    if not common.known:
        return ()
    found = tuple(reason for rule in RULES if (reason := rule(look, common)) is not None)
    if common.guarded and any(reason.home for reason in found):
        return (GUARDED, *(reason for reason in found if not reason.home))
    return found
