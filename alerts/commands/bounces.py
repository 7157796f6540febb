"""`lookout bounces`: e-mail that came back, as a mail server's pipe or Maildir delivers it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click

from alerts.commands.data import data_option, engine_of, mode_option, settings_for
from alerts.services import utc_now

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the mail and calls again


@click.command(
    help="Read e-mail that came back: one message from standard input, or all that is new in a Maildir. Bounces are put "
    "down in the ledger, who complains leaves. Exits 75 when the database cannot be written, so that a pipe comes again."
)
@click.option(
    "--maildir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read what is new here; what was understood is removed, the rest is kept as seen.",
)
@data_option
@mode_option
def command(maildir: Path | None, data: Path, mode: str | None) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from alerts import receipts
    from notifiers.bounces import MAX_BYTES
    from notifiers.vault import Vault

    settings = settings_for(data, mode)
    counts: Counter[receipts.Taken] = Counter()
    try:
        with engine_of(settings) as engine:
            vault = Vault(settings.keys_directory)
            for mail, keep in _mails(maildir, MAX_BYTES):
                taken = receipts.take_mail(engine, vault, mail, utc_now())
                counts[taken] += 1
                keep(taken is receipts.Taken.UNREADABLE)
    except SQLAlchemyError as error:
        click.echo(f"the database cannot be written: {type(error).__name__}", err=True)
        raise SystemExit(TRY_AGAIN) from None
    click.echo(", ".join(f"{count} {taken.value}" for taken, count in counts.items()) or "nothing new")


def _mails(maildir: Path | None, most: int) -> Iterator[tuple[bytes, Callable[[bool], None]]]:
    """The mails, at most `most` bytes of each, and what to do with each: keep it, or not (it holds an address)."""
    if maildir is None:
        yield sys.stdin.buffer.read(most), lambda _keep: None
        return
    for path in sorted((maildir / "new").iterdir()):
        with path.open("rb") as file:
            mail = file.read(most)
        yield mail, partial(_put_away, path)


def _put_away(path: Path, keep: bool) -> None:
    if keep:
        seen = path.parent.parent / "cur"
        seen.mkdir(exist_ok=True)
        path.rename(seen / f"{path.name.partition(':')[0]}:2,S")
    else:
        path.unlink()
