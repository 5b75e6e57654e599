"""Wait while no answer of the national check, in date, says that the person has no national data opt-out.

Bound where an agreement says that the opt-out applies. Nobody leaves under it whom an answer does not name: nothing new is
sent, whether they opted out, were not asked about, or nobody asked. Nothing is withdrawn either: the opt-out is about uses to
come, and to withdraw somebody would tell a recipient, and the record for ever, who opted out. So no entry names this clause.
Whatever else withholds the whole release decides before it, and withdraws; but for an unread protection, which waits too. What comes
after it, item by item (a safe address, a correction, the default), is not decided while it waits: what the recipient has stays as
it was, also where a value of it was corrected or would now be masked, until an answer comes or, say, an objection withdraws it
(NHS England, operational policy guidance, chapter 8; DCB3058).
"""

from wye.sharing.clauses.clause import PersonClause, PersonRule, Terms
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts

NAME = "opt-out"
BASIS = "national data opt-out; nothing new without an answer that is in date, and nothing withdrawn"


def bind(terms: Terms) -> PersonRule | None:
    """Look for the person in the newest answer."""
    if not terms.agreement.national_data_opt_out.applies:
        return None
    unknown = _reason("what the national check of opt-outs answered is not known")
    unanswered = _reason("no answer of the national check of opt-outs stands: `wye consent opt-out ask`")
    too_old = _reason("the answer of the national check of opt-outs is too old: `wye consent opt-out ask`")
    not_named = _reason(
        "the answer of the national check of opt-outs does not name every NHS number known of this person"
    )

    def rule(request: Request, facts: Facts, moment: Moment) -> Reason | None:  # noqa: ARG001  one shape for all
        answer = facts.opt_out
        if answer is None:
            return unknown
        if answer.until is None:
            return unanswered
        if answer.until <= moment.at:
            return too_old
        return None if answer.named else not_named

    return rule


def _reason(text: str) -> Reason:
    return Reason(NAME, text, BASIS, waits=True, unrecorded=True)


OPT_OUT = PersonClause(
    NAME, "the national check, asked lately, names the person as without an opt-out, where it applies", bind
)
