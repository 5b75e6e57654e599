"""Decide: release or withhold, field by field, under exactly one agreement. Pure; I/O only in rows.py."""
