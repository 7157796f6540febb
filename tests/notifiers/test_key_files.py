import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from notifiers.key_files import keep


def test_a_secret_is_made_once_and_kept(tmp_path):
    made = count()
    first = keep(tmp_path / "secret", lambda: b"%d" % next(made))
    assert keep(tmp_path / "secret", lambda: b"%d" % next(made)) == first == b"0"


def test_only_the_owner_may_read_a_secret(tmp_path):
    keep(tmp_path / "secret", lambda: b"x")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_threads_that_start_together_agree(tmp_path):
    made = count()
    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda _: keep(tmp_path / "secret", lambda: b"%d" % next(made)), range(8)))
    assert len(kept) == 1
