"""Be Dataverse: serve an example county's contacts and cases by OData v4, in Dataverse's dialect."""

from connectors.crm.counterpart.server import Limits, serve

__all__ = ["Limits", "serve"]
