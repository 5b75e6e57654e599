"""Keep sharing agreements: what one says, whether it is lawful and whole, who signed it, and whether it is in force."""
