"""Decisions for many homes at once: cold-load pickup, restoration plans, siting, benefit, equity.

A pure room: values in, values out. It holds nothing yet. The staged return of a dark feeder comes first, since the
replayed event already shows the problem it solves: every home that returns in the same minute.
"""
