"""What processes of one run say to each other by their exit status."""

REPLAY_STATUS = 75
"""The twin leaves with this when a person asked to replay a finished event: the supervisor starts over."""
