"""Nouns of the field: records and codes of the core, the message schema, events, refusals, units.

Everything may import this room; it imports nothing of ours. `core_*.py` are Core Python (decision 0002).
"""
