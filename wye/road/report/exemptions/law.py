"""Hold the law of each exemption from Article 15: law is data. A row not confirmed is switched off: nobody may stand on it.

Not legal advice. Read in November 2026 from a stored, older consolidation of the Data Protection Act 2018.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wye.errors import UsageError
from wye.vocabulary import Exemption, LawStatus


@dataclass(frozen=True, slots=True)
class ExemptionLaw:
    """Be one row: where the exemption stands, what it asks, and whether the words were seen."""

    law: str
    asks: str
    status: LawStatus


LAW: Mapping[Exemption, ExemptionLaw] = {
    Exemption.SERIOUS_HARM: ExemptionLaw(
        "Data Protection Act 2018 Schedule 3 Parts 2 to 4",
        "telling would be likely to do serious harm to the physical or mental health of anybody; of health data a health"
        " professional must say so, of social-work data it must also prejudice social work",
        LawStatus.READ,
    ),
    Exemption.THIRD_PARTIES: ExemptionLaw(
        "Data Protection Act 2018 Schedule 2 paragraphs 16 and 17",
        "it would tell of another person who has not consented, and without whose consent it is not reasonable to tell;"
        " for health, social and education workers it is presumed reasonable",
        LawStatus.READ,
    ),
    Exemption.CRIME_AND_TAX: ExemptionLaw(
        "Data Protection Act 2018 Schedule 2 paragraph 2",
        "telling would be likely to prejudice preventing or detecting crime, catching offenders, or tax",
        LawStatus.READ,
    ),
    Exemption.HEALTH: ExemptionLaw(
        "Data Protection Act 2018 Schedule 3 Part 2 (paragraphs 2 to 6)",
        "health data may neither be told nor withheld for serious harm without the opinion of the appropriate health"
        " professional, at most six months old; what the person knows already needs none",
        LawStatus.READ,
    ),
    Exemption.SOCIAL_WORK: ExemptionLaw(
        "Data Protection Act 2018 Schedule 3 Part 3 (paragraphs 7 to 12)",
        "telling would be likely to prejudice social work by serious harm to anybody; in England nobody need be asked",
        LawStatus.READ,
    ),
    Exemption.EDUCATION: ExemptionLaw(
        "Data Protection Act 2018 Schedule 3 Part 4",
        "telling education data would be likely to do serious harm to anybody",
        LawStatus.READ,
    ),
    Exemption.CHILD_ABUSE: ExemptionLaw(
        "Data Protection Act 2018 Schedule 3 Part 5",
        "a parent or deputy asks for child abuse data, and telling is not in the person's best interests",
        LawStatus.READ,
    ),
    Exemption.EXPECTED_SECRECY: ExemptionLaw(
        "Data Protection Act 2018 Schedule 3 paragraphs 4 and 10",
        "a parent or deputy asks for what the person gave expecting secrecy, or said was not to be told",
        LawStatus.READ,
    ),
    Exemption.PRIVILEGE: ExemptionLaw(
        "Data Protection Act 2018 Schedule 2 paragraph 19",
        "it is under legal professional privilege",
        LawStatus.READ,
    ),
    Exemption.STATUTORY_BAR: ExemptionLaw(
        "Data Protection Act 2018 Schedule 4",
        "another Act bars telling: human fertilisation, adoption, special educational needs, parental orders",
        LawStatus.READ,
    ),
    Exemption.LAW_ENFORCEMENT: ExemptionLaw(
        "Data Protection Act 2018 section 45(4)",
        "a competent authority restricts access to what it holds under Part 3; its words were not seen",
        LawStatus.UNCONFIRMED,
    ),
}


def law_of(exemption: Exemption) -> ExemptionLaw:
    """Give the row that one may stand on; raises UsageError if it is not confirmed."""
    row = LAW[exemption]
    if row.status is LawStatus.UNCONFIRMED:
        raise UsageError(f"`{exemption}` ({row.law}) is unconfirmed and switched off until a named person confirms it")
    return row


def known(text: str) -> Exemption:
    """Read the name of an exemption that one may stand on; raises UsageError naming those there are."""
    try:
        exemption = Exemption(text)
    except ValueError:
        usable = ", ".join(each.value for each, row in LAW.items() if row.status is not LawStatus.UNCONFIRMED)
        raise UsageError(f"no exemption `{text}`; there are: {usable}") from None
    law_of(exemption)
    return exemption
