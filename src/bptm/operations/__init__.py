"""The head-end's mind: pure reducers for fleet, commands and alarms: state + message -> state + effects."""
