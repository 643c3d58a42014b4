"""What is wrong with bytes that came over a wire.

    WireError                 the bytes cannot be used; the text says what, where, the value seen
    ├── SignatureError        well formed, but not signed by the expected key
    └── MqttError             the peer broke MQTT 3.1.1: close the connection and open it anew

The receiver drops (and counts, or quarantines) what raised one; nothing of the bytes has been used by then.
"""


class WireError(Exception):
    """Bytes that cannot be used. The text is one sentence for a log or a quarantine record."""


class SignatureError(WireError):
    """Well formed, but the signature is not that of the expected key over these bytes."""


class MqttError(WireError):
    """The peer broke MQTT 3.1.1. The connection cannot go on."""
