import socket

import pytest


def test_the_network_guard_works():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client,
        pytest.raises(AssertionError, match=r"192\.0\.2\.1"),
    ):
        client.connect(("192.0.2.1", 80))
