"""The ground that the other tests stand on."""

import http.client
import socket

import httpx
import pytest
from django.db import DatabaseError, connection

from tests.conftest import NetworkBlocked


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "example.com"])
def test_no_test_leaves_this_machine(address):
    with pytest.raises(NetworkBlocked):
        socket.create_connection((address, 80), timeout=1)
    with pytest.raises(NetworkBlocked):
        http.client.HTTPConnection(address, 80, timeout=1).request("GET", "/")
    with pytest.raises(NetworkBlocked):
        httpx.get(f"http://{'[' + address + ']' if ':' in address else address}/", timeout=1)


async def test_no_asynchronous_test_leaves_this_machine():
    async with httpx.AsyncClient() as client:
        with pytest.raises(NetworkBlocked):
            await client.get("http://example.com/", timeout=1)


@pytest.mark.django_db
def test_tests_use_the_restricted_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("glasshouse_app", False, False)
        with pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute("CREATE TABLE mine (id int)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_committed_is_gone_afterwards(turn):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mentions_event")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "INSERT INTO mentions_event (kind, at, origin, actor) VALUES ('test.kept', now(), 'live', 'system')"
        )
