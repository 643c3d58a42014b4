"""One file per protocol: messages to bytes and back. No sockets, no clocks, no files."""
