"""Keep the rules of a decision, one clause to a file; their order here is the order in which they speak."""

from wye.sharing.clauses.clause import ItemClause, PersonClause, ValueClause
from wye.sharing.clauses.consent import CONSENT
from wye.sharing.clauses.doubted import DOUBTED
from wye.sharing.clauses.drop import DROP
from wye.sharing.clauses.free_text import FREE_TEXT
from wye.sharing.clauses.in_force import IN_FORCE
from wye.sharing.clauses.objection import OBJECTION
from wye.sharing.clauses.onward import ONWARD
from wye.sharing.clauses.opt_out import OPT_OUT
from wye.sharing.clauses.prohibited import PROHIBITED
from wye.sharing.clauses.prohibited_source import PROHIBITED_SOURCE
from wye.sharing.clauses.relationship import RELATIONSHIP
from wye.sharing.clauses.request import REQUEST
from wye.sharing.clauses.restricted_record import RESTRICTED_RECORD
from wye.sharing.clauses.roles import ROLES
from wye.sharing.clauses.rows import ROWS
from wye.sharing.clauses.safe_address import SAFE_ADDRESS
from wye.sharing.clauses.sources import SOURCES
from wye.sharing.clauses.subjects import SUBJECTS
from wye.sharing.clauses.training import TRAINING
from wye.sharing.clauses.transform_fits import TRANSFORM_FITS
from wye.sharing.clauses.unread_protection import UNREAD_PROTECTION

PERSON_CLAUSES: tuple[PersonClause, ...] = (
    REQUEST, SUBJECTS, PROHIBITED, IN_FORCE, RESTRICTED_RECORD, OBJECTION, CONSENT, RELATIONSHIP,
    TRAINING, OPT_OUT, UNREAD_PROTECTION,
)  # fmt: skip
"""Whether somebody is a subject comes first, so that whoever is none is never counted as withheld; then
statutory prohibition, not in force, restricted record, the gateway's own exceptions and objections, consent.
Last what only waits: whatever is known already decides before it."""

ITEM_CLAUSES: tuple[ItemClause, ...] = (ROLES, SAFE_ADDRESS, FREE_TEXT, TRANSFORM_FITS, DROP)

VALUE_CLAUSES: tuple[ValueClause, ...] = (PROHIBITED_SOURCE, SOURCES, ROWS, ONWARD, DOUBTED)

SILENT = frozenset(clause.name for clause in VALUE_CLAUSES if clause.silent)
