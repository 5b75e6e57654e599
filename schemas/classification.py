"""Say how sensitive a field is, and where an identifier may be used."""

from enum import StrEnum


class Classification(StrEnum):
    """Class each canonical field; agreements and logs treat them apart (UK GDPR Articles 4(1), 9 and 10)."""

    NONE = "none"
    PERSONAL = "personal"
    IDENTIFIER = "identifier"
    HEALTH = "special:health"
    ETHNICITY = "special:ethnicity"
    BELIEF = "special:belief"
    SEX_LIFE = "special:sex-life"
    CRIMINAL = "criminal"
    SAFE_ADDRESS = "safe-address"
    FREE_TEXT = "free-text"


class Use(StrEnum):
    """Name a field of work in which an identifier may be used."""

    ANY = "any"
    HEALTH = "health"
    ADULT_CARE = "adult-care"
    EDUCATION = "education"
    TAX_AND_BENEFITS = "tax-and-benefits"
    POLICING = "policing"
