"""Read the council's customer system: Microsoft Dataverse (Dynamics 365) by its Web API."""

from connectors.crm.connector import Crm

__all__ = ["Crm"]
