"""The first administrator of an installation is one, whoever else has seen the link."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from agents.models import Role, User
from agents.views.sign_in import first_administrator_link

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_all_who_press_at_once_one_gets_in():
    link = first_administrator_link()

    def press(number: int) -> int:
        try:
            given = {"username": f"chief{number}", "full_name": "C", "password1": "quartz-otter-91"}
            return Client().post(link, given | {"password2": "quartz-otter-91"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(press, range(4)))
    assert answers == [302, 404, 404, 404]
    assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1
