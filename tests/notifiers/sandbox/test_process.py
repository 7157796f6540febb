"""The sandbox as a child process, as the demo starts it."""

import json
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from notifiers.sandbox.keys import Keys, load_secret

PIPES = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)


@pytest.fixture
def start(tmp_path):
    children = []

    def run(*arguments):
        command = [sys.executable, "-m", "notifiers.sandbox", "--directory", str(tmp_path), *arguments]
        children.append(subprocess.Popen(command, text=True, **PIPES))
        return children[-1]

    yield run
    for child in children:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            pipe.close()


def test_it_says_where_it_listens_and_stops_cleanly(start):
    child = start("--push-port", "0", "--push-port", "0", "--smtp-port", "0")
    ready = json.loads(child.stdout.readline())
    assert len(ready["push_urls"]) == 2
    assert httpx.get(ready["push_urls"][1] + "/control/counts").status_code == 200
    with socket.create_connection(("127.0.0.1", ready["smtp_port"])) as mail:
        assert mail.recv(3) == b"220"
    child.terminate()
    assert child.wait(5) == 0


def test_it_reads_what_is_written_for_the_secret_in_its_directory(start, tmp_path):
    keys = Keys(load_secret(tmp_path))
    child = start()
    json.loads(child.stdout.readline())
    assert Keys(load_secret(tmp_path)).make_subscription("b", "t") == keys.make_subscription("b", "t")


def test_a_taken_port_is_told_plainly(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        child = start("--push-port", str(taken.getsockname()[1]))
        assert child.wait(10) == 1
    assert "cannot listen" in child.stderr.read()


def test_it_ends_when_the_process_that_started_it_lets_go_of_its_input(start):
    child = start("--with-parent")
    url = json.loads(child.stdout.readline())["push_urls"][0]
    assert httpx.get(url + "/control/counts").status_code == 200
    child.stdin.close()
    assert child.wait(5) == 0


def test_it_can_keep_quiet(start):
    child = start("--with-parent", "--quiet")
    child.stdin.close()
    assert child.wait(10) in {0, -signal.SIGTERM}  # its input ended perhaps before it listened
    assert child.stdout.read() == ""
