"""Names of MQTT topics and NATS subjects. Source: docs/reference/processes.md."""

UP_STREAM = "UP"
UP_SUBJECTS = "bptm.*.up"
CLOCK_SUBJECT = "twin.clock"
CONTROL_SUBJECT = "twin.control"
OPEN_COMMANDS_SUBJECT = "twin.open_commands"
STEP_SUBJECT = "headend.step"
RESEND_SUBJECT = "headend.resend"
SUMMARY_SUBJECT = "headend.summary"

_PARTS = 3


def up_topic(meter_id: str) -> str:
    """MQTT topic on which a meter sends."""
    return f"bptm/{meter_id}/up"


def up_subject(meter_id: str) -> str:
    """NATS subject of `up_topic`."""
    return f"bptm.{meter_id}.up"


def down_topic(meter_id: str) -> str:
    """MQTT topic on which a meter listens."""
    return f"bptm/{meter_id}/down"


def down_subject(meter_id: str) -> str:
    """NATS subject of `down_topic`."""
    return f"bptm.{meter_id}.down"


def meter_of_up_subject(subject: str) -> str:
    """Meter id in a NATS subject `bptm.<meter>.up`.

    Raises:
        ValueError: Not such a subject.
    """
    parts = subject.split(".")
    if len(parts) != _PARTS or parts[0] != "bptm" or parts[2] != "up":
        msg = f"subject {subject!r} is not of the form bptm.<meter>.up"
        raise ValueError(msg)
    return parts[1]
