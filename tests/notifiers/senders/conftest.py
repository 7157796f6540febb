import pytest

from notifiers.sender import HttpClient
from senders import receivers


@pytest.fixture(params=list(HttpClient))
def client(request):
    """Each client in turn: what holds of one holds of the other."""
    return request.param


@pytest.fixture(scope="session")
def authority():
    return receivers.authority()


@pytest.fixture
def vouched(tmp_path, authority):
    """A server context for 127.0.0.1 and push.example.com."""
    return receivers.vouched(tmp_path, authority, "127.0.0.1", "push.example.com")
