"""Host of the fleet service: certificates and auth callout, ingest, store, commands, API and console."""
