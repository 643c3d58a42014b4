"""Host for simulation: many meters in virtual time, each with the real controller and its own connection."""
