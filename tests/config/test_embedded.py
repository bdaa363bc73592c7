import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_application_is_not_the_owner_of_the_schema():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, version()")
        user, version = cursor.fetchone()
    assert user == "glasshouse_app"
    assert version.startswith("PostgreSQL 18")
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("CREATE TABLE mine (id int)")
