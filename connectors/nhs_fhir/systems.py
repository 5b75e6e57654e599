"""Name the FHIR and UK Core systems and extensions in use (UK Core STU 3, FHIR R4 4.0.1)."""

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
SUBJECT = "urn:wye:subject"
AGREEMENT = "urn:wye:agreement"
CORE = "https://fhir.hl7.org.uk/StructureDefinition/"
PATIENT = f"{CORE}UKCore-Patient"
ADDRESS_KEY = f"{CORE}Extension-UKCore-AddressKey"
ADDRESS_KEY_TYPE = "https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType"
ETHNIC_CATEGORY = f"{CORE}Extension-UKCore-EthnicCategory"
VERIFICATION = f"{CORE}Extension-UKCore-NHSNumberVerificationStatus"
VERIFICATION_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
VERIFIED = "01"
RETIRED_VERIFICATION_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus"
"""Retired, and still sent by what speaks for the national register: read as well as the current one."""
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
CONTACT_ROLE = "http://terminology.hl7.org/CodeSystem/v2-0131"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

RELATIONSHIPS = {
    "mother": (ROLE_CODE, "MTH"),
    "father": (ROLE_CODE, "FTH"),
    "parent": (ROLE_CODE, "PRN"),
    "child": (ROLE_CODE, "CHILD"),
    "partner": (ROLE_CODE, "DOMPART"),
    "sibling": (ROLE_CODE, "SIB"),
    "household-member": (ROLE_CODE, "ROOM"),
    "carer": ("https://fhir.hl7.org.uk/CodeSystem/UKCore-AdditionalPersonRelationshipRole", "Carer"),
    "other": ("https://fhir.hl7.org.uk/CodeSystem/UKCore-AdditionalPersonRelationshipRole", "NotSpecified"),
}
GENDERS = {"M": "male", "F": "female", "U": "unknown"}
SEXES = {"male": "M", "female": "F", "other": "U", "unknown": "U"}
"""FHIR's administrative gender is not sex; for matching it is read as what systems mean by it, other as not known."""
