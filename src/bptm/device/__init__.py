"""Host for one real or emulated meter: paces the controller, keeps its journal, drives its hardware.

It holds nothing yet. Until then the controller lives in the twin only, which runs it at the same half-cycle tick
and through the same records that this host will use.
"""
