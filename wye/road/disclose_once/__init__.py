"""Decide on one disclosure that no agreement speaks of: who asks, under which power, why; reviewed within a day by another.

`wye disclose`. Nothing is handed over but by a named account, and a decision not to share is kept as one to share is.
"""
