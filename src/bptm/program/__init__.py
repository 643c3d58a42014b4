"""Host for the planner's desk: public hazard, outage and equity data in; maps, tables and reports out.

Tables are read by DuckDB (`duck`, `layout`, `rows`), decisions are asked of `planning`, results leave as JSON and as
stand-alone pages (`page`, `figure`). What differs between utilities is in a profile (`profile`); the code knows none.
The record that the twin replays (docs/explanation/event.md) lives with the twin.
"""
