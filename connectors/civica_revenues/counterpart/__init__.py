"""Be the revenues system's end: nightly exports in a folder behind a real OpenSSH server.

Shares no code with the connector.
"""
