"""Read Frameworki (today Mosaic), the council's social care system, and write referrals into its import folder."""

from connectors.frameworki.connector import Frameworki

__all__ = ["Frameworki"]
