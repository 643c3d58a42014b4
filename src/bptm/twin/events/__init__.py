"""Condensed tables of real outage events: facts only, each naming its source (docs/explanation/event.md)."""
