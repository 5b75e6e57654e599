"""Let somebody look at a person in an emergency without a relationship that any system tells of: for a short window, on the
record, reviewed by another. It lifts that one rule and no other (docs/break-glass.md).
"""
