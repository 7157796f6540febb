"""The processes beside a server: its workers and, in a sandbox, the receivers. What they run is imported in the nursery."""

from __future__ import annotations

from alerts.processes import Child, Supervisor, heeding_signals, open_nursery
from alerts.settings import Settings

WORKER_DRAIN_S = 25.0  # a worker cuts off by itself what does not end (`notifiers.params`), and tells the ledger


def expect_children() -> None:
    """Called early: their imports take as long as the server's own, and go on beside them."""
    open_nursery(("alerts.worker_process", "notifiers.sandbox.process"))


def start_children(settings: Settings) -> Supervisor:
    """Running and watched."""
    supervisor = Supervisor()
    supervisor.start(children(settings))
    return supervisor


def children(settings: Settings) -> list[Child]:
    found = workers(settings, settings.workers)
    return [Child("sandbox", receive, (settings,), outlives=True), *found] if settings.sandbox else found


def workers(settings: Settings, count: int) -> list[Child]:
    return [Child(f"worker-{number}", work, (settings,)) for number in range(count)]


def keep_workers(settings: Settings, count: int) -> None:
    """So many workers and nothing else, each started again when it dies, until SIGTERM or SIGINT; then they drain."""
    with heeding_signals() as told:
        open_nursery(("alerts.worker_process",))
        supervisor = Supervisor()
        supervisor.start(workers(settings, count))
        told()
        supervisor.stop(WORKER_DRAIN_S)


def work(settings: Settings) -> None:
    """What a worker does, until SIGTERM."""
    from alerts import logs, worker_process

    logs.configure(settings.log_format, settings.log_level)
    worker_process.run(settings)


def receive(settings: Settings) -> None:
    """What the sandbox's receivers do, on the ports that the settings name, until SIGTERM."""
    from notifiers.sandbox import process

    process.run(settings.data, (settings.sandbox_push_port,), settings.sandbox_smtp_port, quiet=True)
