"""The three sentences that say what is being replayed. First page and terminal show them as they are."""

import time


def sentences(source: str, meters: int, span_s: tuple[int, int]) -> tuple[str, str, str]:
    """What is replayed, what is simulated, and what the clock is. They stand below the event's title.

    Args:
        source: Of its facts.
        meters: How many stand for the customers.
        span_s: Start and end, Unix time.
    """
    start, end = (time.strftime("%d %B %Y %H:%M UTC", time.gmtime(at_s)) for at_s in span_s)
    count = "One simulated meter, at a place" if meters == 1 else f"{meters:,} simulated meters, at places"
    return (
        f"You see the outage of that name, from {start} to {end}: where, when and how many were dark is from {source}.",
        f"{count} that lost power, run the real controller over real encrypted connections in homes drawn by chance.",
        "Every time shown is the event's own; the speed is yours to choose.",
    )
