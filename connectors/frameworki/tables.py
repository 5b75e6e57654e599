"""Say which table each stream reads, and by which column it is keyed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

STAMP = "last_updated"
"""The column that the council's reporting view adds to every table: when the row last changed, UTC, never null."""


@dataclass(frozen=True, slots=True)
class Table:
    """Hold one stream's table. PostgreSQL folds Mosaic's upper-case names to lower case; rows give them back upper."""

    name: str
    key: str
    needed: tuple[str, ...]
    """Columns that the mapping reads. If one goes, reading stops: a lost RESTRICTED would look like no restriction."""
    only: tuple[str, tuple[str, ...]] | None = None
    """A column and the values that are read; other rows are none of ours, and stay where they are."""


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "persons": Table(
            "dm_persons",
            "person_id",
            (
                "LAST_NAME",
                "FIRST_NAME",
                "TITLE",
                "DATE_OF_BIRTH",
                "DATE_OF_DEATH",
                "GENDER",
                "FULL_ETHNICITY_CODE",
                "FIRST_LANGUAGE",
                "INTERPRETER_REQUIRED",
                "NHS_ID",
                "UPN_ID",
                "RESTRICTED",
                "EMAIL_ADDRESS",
            ),
        ),
        "addresses": Table(
            "dm_addresses",
            "ref_addresses_people_id",
            (
                "PERSON_ID",
                "ADDRESS_TYPE",
                "ADDRESS",
                "DISTRICT",
                "POST_CODE",
                "UNIQUE_ID",
                "START_DATE",
                "END_DATE",
            ),
        ),
        "telephones": Table(
            "dm_telephone_numbers",
            "telephone_number_id",
            (
                "PERSON_ID",
                "TELEPHONE_NUMBER",
            ),
        ),
        "relationships": Table(
            "dm_personal_relationships",
            "personal_relationship_id",
            (
                "PERSON_ID",
                "OTHER_PERSON_ID",
                "FAMILY_CATEGORY",
                "START_DATE",
                "END_DATE",
            ),
        ),
        "involvements": Table(
            "dm_prof_relationships",
            "prof_relationship_id",
            (
                "PERSON_ID",
                "PROF_REL_TYPE_CODE",
                "WORKER_ID",
                "WORKER_FULL_NAME",
                "PERSON_CONTEXT_FLAG",
                "START_DATE",
                "END_DATE",
            ),
        ),
        "groups": Table(
            "dm_service_user_groups",
            "service_user_group_id",
            (
                "PERSON_ID",
                "FULL_GROUP_TYPE",
                "START_DATE",
                "END_DATE",
            ),
        ),
        "referrals": Table(
            "dm_cin_referrals",
            "referral_id",
            (
                "PERSON_ID",
                "REFERRAL_TYPE",
                "REFERRAL_DATE",
                "SOURCE_OF_REFERRAL",
                "REASON",
                "NFA_DATE",
                "CLOSURE_DATE",
            ),
        ),
        "answers": Table(
            "dm_cached_form_answers",
            "answer_id",
            (
                "SUBJECT_PERSON_ID",
                "QUESTION_USER_CODE",
                "TEXT_ANSWER",
                "WORKFLOW_STEP_ID",
                "DATE_ANSWER",
            ),
            only=("question_user_code", ("CONSENT_SHARE_HEALTH", "OBJECT_SHARE_HEALTH", "CONSENT_SHARE_POLICE")),
        ),
        "packages": Table(
            "dm_care_packages",
            "package_id",
            (
                "PERSON_ID",
                "SERVICE_TYPE",
                "PROVIDER_NAME",
                "PROVIDER_REF",
                "WEEKLY_COST",
                "START_DATE",
                "END_DATE",
            ),
        ),
    }
)
"""INVARIANT: in the order in which they are read: people before what is about them."""

BORROWED = {"WORKER_FULL_NAME": ("dm_workers", "full_name"), "PERSON_CONTEXT_FLAG": ("dm_persons", "context_flag")}
"""The columns that an involvement borrows from the worker and the person that it names, and where they stand."""
