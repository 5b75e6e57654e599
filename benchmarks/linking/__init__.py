"""Measure how well linking finds people whose records are known, beside plain Splink on the same records."""
