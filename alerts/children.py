"""The processes beside a server: its workers and, in a sandbox, the receivers. What they run is imported in the nursery."""

from __future__ import annotations

from alerts.processes import Child, Supervisor, open_nursery
from alerts.settings import Settings


def expect_children() -> None:
    """Called early: their imports take as long as the server's own, and go on beside them."""
    open_nursery(("alerts.worker_process", "notifiers.sandbox.process"))


def start_children(settings: Settings) -> Supervisor:
    """Running and watched."""
    supervisor = Supervisor()
    supervisor.start(children(settings))
    return supervisor


def children(settings: Settings) -> list[Child]:
    found = [Child(f"worker-{number}", work, (settings,)) for number in range(settings.workers)]
    return [Child("sandbox", receive, (settings,), outlives=True), *found] if settings.sandbox else found


def work(settings: Settings) -> None:
    """What a worker does, until SIGTERM."""
    from alerts import logs, worker_process

    logs.configure(settings.log_format, settings.log_level)
    worker_process.run(settings)


def receive(settings: Settings) -> None:
    """What the sandbox's receivers do, on the ports that the settings name, until SIGTERM."""
    from notifiers.sandbox import process

    process.run(settings.data, (settings.sandbox_push_port,), settings.sandbox_smtp_port, quiet=True)
