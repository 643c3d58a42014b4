"""Host for the planner's desk: public hazard, outage and equity data in; maps, tables and reports out.

It holds nothing yet. The outage record that the twin replays (docs/explanation/event.md) is the first data set of
this kind in the project, and lives with the twin because the twin is all that reads it.
"""
