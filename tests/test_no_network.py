"""The guard of all tests against reaching other machines works."""

import socket

import pytest


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_another_machine_is_out_of_reach(method):
    with (
        socket.socket() as connection,
        pytest.raises(AssertionError, match=r"tried to reach 192\.0\.2\.1"),
    ):
        getattr(connection, method)(("192.0.2.1", 80))


def test_names_of_other_machines_are_not_looked_up():
    with pytest.raises(AssertionError, match=r"tried to reach example\.org"):
        socket.create_connection(("example.org", 80), timeout=1)


def test_this_machine_is_not_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
