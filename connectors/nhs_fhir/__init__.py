"""Exchange FHIR R4 Bundles with health providers, after UK Core."""

from connectors.nhs_fhir.connector import NhsFhir

__all__ = ["NhsFhir"]
