INSERT INTO mentions_author (id, network, external_id, handle, name, followers, verified, avatar_url, first_seen_at)
SELECT n, (ARRAY['townsquare', 'x', 'reddit'])[1 + n %% 3], 'r' || n, 'writer' || n, 'Writer ' || n, n %% 5000, false,
    '', now() FROM generate_series(%(start)s, %(stop)s) n;
INSERT INTO mentions_conversation (
    id, source_id, author_id, visibility, origin, state, actionable, actionable_reason, actionable_by, queue_id,
    priority, tags, returned, version, routed_why, due_target, due_why, resolution_why, resolution_due_at, pending_note,
    opened_at, received_at, queued_at, waiting_since, last_inbound_at, first_replied_at, closed_at, disposition,
    inbound_count, reply_count, transfer_count, reopened_count, first_mention_id, last_mention_id, language, topics)
SELECT n, %(source)s, n, 'public', 'live', CASE WHEN n %% 1000 = 0 THEN 'waiting' ELSE 'closed' END, n %% 7 < 4,
    'needs an answer', 'rule', (%(queues)s::bigint[])[1 + n %% 4], 1 + n %% 4, '{}', false, 1, 'bench', '', '', '',
    at + interval '1 day', '', at, at, at, at, at, CASE WHEN n %% 7 < 3 THEN at + n %% 7200 * interval '1 second' END,
    CASE WHEN n %% 1000 <> 0 THEN
        at + least(n %% 172800, extract(epoch FROM now() - at) * (n %% 89) / 89) * interval '1 second' END, '', 1, n %% 3, 0,
    (n %% 50 = 0)::int, n, n, (ARRAY['en', 'es'])[1 + (n %% 9 = 0)::int],
    CASE n %% 5 WHEN 0 THEN '{}' WHEN 1 THEN '{fees}' WHEN 2 THEN '{card-declined}' WHEN 3 THEN '{app,login}'
    ELSE '{outage}' END::varchar[]
FROM (SELECT n, now() - (n::bigint * 7 %% 7776000) * interval '1 second' AS at FROM generate_series(%(start)s, %(stop)s) n) w;
INSERT INTO mentions_mention (
    id, network, external_id, origin, source_id, author_id, conversation_id, kind, visibility, url, network_at,
    occurred_at, received_at, edit_hash, language, sentiment, topics, urgency, spam, phishing, labels, label_version,
    reach, likes, reposts, replies, country, place)
SELECT c.id, (ARRAY['townsquare', 'x', 'reddit'])[1 + c.id %% 3], 'r' || c.id, 'live', %(source)s, c.id, c.id, 'post',
    CASE WHEN c.id %% 20 = 0 THEN 'private' ELSE 'public' END, '', c.opened_at, c.opened_at, c.opened_at, '',
    c.language, CASE WHEN c.id %% 11 < 9 THEN c.id %% 3 - 1 END, c.topics, 0, c.id %% 31 = 0, false, '{}', 'bench',
    0, 0, 0, 0, '', ''
FROM mentions_conversation c WHERE c.id BETWEEN %(start)s AND %(stop)s;
INSERT INTO mentions_stretch (
    conversation_id, mention_id, target, network, source_id, queue_id, team_id, policy_id, priority, language, origin,
    started_at, received_at, due_at, stopped_at, reply_id, paused_s, seconds, business_seconds, met)
SELECT c.id, c.id, 'first_response', (ARRAY['townsquare', 'x', 'reddit'])[1 + c.id %% 3], c.source_id, c.queue_id, NULL,
    (SELECT policy_id FROM mentions_queue q WHERE q.id = c.queue_id), 3, c.language, 'live', c.opened_at, c.opened_at,
    c.opened_at + interval '15 minutes', coalesce(c.first_replied_at, c.closed_at),
    CASE WHEN c.first_replied_at IS NOT NULL THEN c.id END, 0,
    extract(epoch FROM coalesce(c.first_replied_at, c.closed_at) - c.opened_at), 0,
    CASE WHEN c.first_replied_at IS NOT NULL THEN c.first_replied_at <= c.opened_at + interval '15 minutes' END
FROM mentions_conversation c WHERE c.id BETWEEN %(start)s AND %(stop)s;
INSERT INTO agents_case (
    conversation_id, owner_id, team_id, queue_id, queued_at, claimed_at, ended_at, outcome, lease_until, focus_s)
SELECT c.id, (%(people)s::bigint[])[1 + c.id %% 20], NULL, c.queue_id, c.opened_at,
    c.opened_at + c.id %% 600 * interval '1 second', c.closed_at, 'closed', c.closed_at, c.id %% 300
FROM mentions_conversation c WHERE c.id BETWEEN %(start)s AND %(stop)s AND c.id %% 7 < 3 AND c.closed_at IS NOT NULL;
ANALYZE mentions_author, mentions_conversation, mentions_mention, mentions_stretch, agents_case
