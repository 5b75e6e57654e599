"""Hold the canonical model: one entity to a file, every field described and classified. Imports nothing of ours."""
