"""Know the outside systems, one package each; only here lives a vendor's quirk."""
