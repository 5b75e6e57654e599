"""Find which records are one person, keep links and merges, and weigh what each source says.

The way in for use-cases: `identify.identify`, `known.candidates`, `merge.merge` and `merge.unmerge`.
"""
