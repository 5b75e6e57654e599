"""Describe a person as one system holds them."""

from typing import ClassVar

from schemas.base import Canonical, Day, described
from schemas.classification import Classification as C
from schemas.classification import Use


class Person(Canonical):
    """Be a person in one system (UK Core Patient; SSD `ssd_person`; POLE P_00x; PRSB person demographics)."""

    entity: ClassVar[str] = "person"

    family_name: str | None = described("Family name, also called surname.", C.PERSONAL)
    given_name: str | None = described("First given name.", C.PERSONAL)
    middle_names: str | None = described("Other given names, in order, with spaces between.", C.PERSONAL)
    title: str | None = described("Title, such as Mrs or Dr.", C.PERSONAL)
    birth_date: Day | None = described("Day of birth.", C.PERSONAL)
    death_date: Day | None = described("Day of death, if the person has died.", C.PERSONAL)
    sex: str | None = described("Sex as registered: M, F or U (not known).", C.PERSONAL)
    gender_identity: str | None = described("Gender as the person states it.", C.PERSONAL)
    ethnicity: str | None = described("Ethnic group: main code of the Common Basic Data Set.", C.ETHNICITY)
    first_language: str | None = described("Language the person speaks best.", C.PERSONAL)
    interpreter_needed: bool | None = described("Whether the person needs an interpreter.", C.PERSONAL)
    nhs_number: str | None = described("NHS number: ten digits, no spaces.", C.IDENTIFIER, Use.HEALTH, Use.ADULT_CARE)
    nhs_number_status: str | None = described(
        "How its source checked the NHS number: code of UK Core NHSNumberVerificationStatusEngland, 01 for verified.",
        C.PERSONAL,
    )
    upn: str | None = described("Unique Pupil Number.", C.IDENTIFIER, Use.EDUCATION)
    nino: str | None = described("National Insurance number.", C.IDENTIFIER, Use.TAX_AND_BENEFITS)
    case_number: str | None = described(
        "The number under which the system itself knows the person.", C.IDENTIFIER, Use.ANY
    )
