"""Be the finance system's end of the drop: collect batches, check every position, pay or reject, report.

Shares no code with the connector: it reads positions from its own table, `positions.json`.
"""
