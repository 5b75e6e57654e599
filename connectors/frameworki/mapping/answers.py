"""Map DM_CACHED_FORM_ANSWERS: what the person agreed or objected to, as a worker recorded it on a form."""

from collections.abc import Iterable

from connectors.frameworki.mapping.held import code, day, needed_text, person, text
from schemas.consent import Consent
from wye.ports import BadInput, Canonical, SourceRow

QUESTIONS = {
    "CONSENT_SHARE_HEALTH": ("confidentiality", "share-with-health"),
    "OBJECT_SHARE_HEALTH": ("objection", "share-with-health"),
    "CONSENT_SHARE_POLICE": ("confidentiality", "share-with-police"),
}
GIVEN = {"YES": "yes", "NO": "no"}


def map_answer(row: SourceRow) -> Iterable[Canonical]:
    """Return the Consent. Anything but Yes or No is refused: silence is neither consent nor its lack."""
    question = needed_text(row, "QUESTION_USER_CODE").upper()
    if question not in QUESTIONS:
        raise BadInput(
            f"column `QUESTION_USER_CODE` holds a question that is not known: known are {', '.join(QUESTIONS)}"
        )
    given = code(row, "TEXT_ANSWER", GIVEN)
    if given is None:
        raise BadInput("column `TEXT_ANSWER` is empty: right is Yes or No")
    kind, scope = QUESTIONS[question]
    step = text(row, "WORKFLOW_STEP_ID")
    yield Consent(
        subject=person(row, "SUBJECT_PERSON_ID"),
        kind=kind,
        scope=scope,
        given=given == "yes",
        recorded_on=day(row, "DATE_ANSWER"),
        evidence=f"form of workflow step {step}" if step else None,
    )
