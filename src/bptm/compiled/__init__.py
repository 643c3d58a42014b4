"""Builds structured arrays and compiled forms of Core Python. The only room that knows numba."""
