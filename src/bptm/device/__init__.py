"""Host for one real or emulated meter: paces the controller, keeps its journal, drives its hardware.

It holds the journal (`journal`, `journal_copy`). Pacing and hardware are not here yet: until then the controller lives
in the twin, which runs it at the same half-cycle tick and through the same records that this host will use.
"""
