"""Figures for Prometheus. Few and of the whole fleet: never one label set a meter."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bptm.headend.service import Service


class _Figures(Collector):
    """Reads the service when asked."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """All figures as they are now."""
        service = self._service
        keeper, ingest, callout = service.keeper, service.ingest, service.callout
        meters = GaugeMetricFamily("bptm_meters", "Meters by what the desk says of them.", labels=["status"])
        for status, count in service.counts().items():
            meters.add_metric([status.name.lower()], count)
        yield meters
        commands = GaugeMetricFamily("bptm_commands", "Commands by how far they have come.", labels=["state"])
        states: dict[str, int] = {}
        for entry in keeper.memory.commands.values():
            states[entry.life.state.value] = states.get(entry.life.state.value, 0) + 1
        for state, count in sorted(states.items()):
            commands.add_metric([state], count)
        yield commands
        for name, text, value in (
            ("bptm_messages_read", "Messages read from the stream.", ingest.message_count),
            ("bptm_messages_unreadable", "Messages that nobody could read.", ingest.unreadable_count),
            ("bptm_messages_repeated", "Messages that were stored before.", keeper.duplicate_count),
            ("bptm_messages_after_gap", "Messages that came before the one they follow.", keeper.gap_count),
            ("bptm_connections_admitted", "Connections of meters let in.", callout.admitted_count),
            ("bptm_connections_denied", "Connections turned away.", callout.denied_count),
        ):
            yield CounterMetricFamily(name, text, value=value)
        for name, text, value in (
            ("bptm_alarms_standing", "Alarms that stand.", keeper.memory.board.standing_count()),
            ("bptm_event_time_seconds", "The event clock, as Unix time.", service.clock().at_s),
            ("bptm_waiting_for_store", "1 while PostgreSQL is gone or full.", int(ingest.waiting_for_store)),
        ):
            yield GaugeMetricFamily(name, text, value=value)


def metrics_text(service: Service) -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Figures(service))
    return generate_latest(registry)
