"""The event table, its seals and the raw records: made by hand, since Django knows no partitions.

Events refuse change three times over: the application's role has no such privilege (`mentions.grants`),
a trigger raises for every role on its ordinary road, and the seals tell what happened otherwise.
"""

from django.db import migrations

TABLES = """
CREATE SEQUENCE mentions_event_id_seq;
CREATE TABLE mentions_event (
    id bigint NOT NULL DEFAULT nextval('mentions_event_id_seq'),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    txid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    kind varchar(40) NOT NULL,
    at timestamptz NOT NULL,
    origin varchar(8) NOT NULL,
    actor varchar(8) NOT NULL,
    actor_id bigint,
    conversation_id bigint,
    mention_id bigint,
    queue_id bigint,
    case_id bigint,
    reply_id bigint,
    source_id bigint,
    data jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, recorded_at),
    CONSTRAINT an_event_has_a_known_actor CHECK (actor IN ('person', 'program', 'network', 'system')),
    CONSTRAINT an_event_has_a_known_origin CHECK (origin IN ('live', 'canary', 'drill'))
) PARTITION BY RANGE (recorded_at);
ALTER SEQUENCE mentions_event_id_seq OWNED BY mentions_event.id;
CREATE INDEX event_by_transaction ON mentions_event (txid, id);
CREATE INDEX event_of_conversation ON mentions_event (conversation_id, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX exports_of_person ON mentions_event (actor_id, recorded_at) WHERE kind = 'report.exported';
CREATE INDEX closings_by_time ON mentions_event (at) WHERE kind = 'conversation.closed';

CREATE TABLE mentions_seal (
    position bigint PRIMARY KEY CHECK (position > 0),
    event_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    CONSTRAINT an_event_is_sealed_once UNIQUE (event_id, recorded_at)
);

CREATE TABLE mentions_rawrecord (
    mention_id bigint NOT NULL,
    source_id bigint NOT NULL,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (mention_id, recorded_at)
) PARTITION BY RANGE (recorded_at);

-- An author is written anew with every post: room in the page keeps the five indexes out of it.
ALTER TABLE mentions_author SET (fillfactor = 80);
"""

REFUSAL = """
CREATE FUNCTION mentions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event table is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE ON mentions_event
    FOR EACH ROW EXECUTE FUNCTION mentions_refuse_change();
CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON mentions_event
    FOR EACH STATEMENT EXECUTE FUNCTION mentions_refuse_change();
CREATE TRIGGER seals_never_change BEFORE UPDATE OR DELETE ON mentions_seal
    FOR EACH ROW EXECUTE FUNCTION mentions_refuse_change();
CREATE TRIGGER seals_are_never_emptied BEFORE TRUNCATE ON mentions_seal
    FOR EACH STATEMENT EXECUTE FUNCTION mentions_refuse_change();
"""

PARTITIONS = """
CREATE FUNCTION mentions_make_partitions(months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
    first date;
    name text;
    grantee text;
    made integer := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['mentions_event', 'mentions_rawrecord'] LOOP
        FOR step IN 0..least(months, 24) LOOP
            first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step))::date;
            name := parent || to_char(first, '_YYYY_MM');
            CONTINUE WHEN to_regclass(name) IS NOT NULL;
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name, parent,
                first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
            IF parent = 'mentions_event' THEN
                EXECUTE format('CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON %I '
                    'FOR EACH STATEMENT EXECUTE FUNCTION mentions_refuse_change()', name);
                FOR grantee IN
                    SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
                    WHERE c.oid = name::regclass AND a.grantee <> 0 AND a.grantee <> c.relowner
                LOOP
                    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %I FROM %s', name, grantee);
                END LOOP;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION mentions_make_partitions(integer) FROM PUBLIC;
SELECT mentions_make_partitions(3);
"""


class Migration(migrations.Migration):
    dependencies = [("mentions", "0001_initial")]

    operations = [
        migrations.RunSQL(
            TABLES,
            "DROP TABLE mentions_rawrecord; DROP TABLE mentions_seal; DROP TABLE mentions_event;",
        ),
        migrations.RunSQL(REFUSAL, "DROP FUNCTION mentions_refuse_change();"),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION mentions_make_partitions(integer);"),
    ]
