INSERT INTO mentions_author (id, network, external_id, handle, name, followers, verified, avatar_url, first_seen_at)
SELECT n, 'townsquare', 'a' || n, 'writer' || n, 'Writer ' || n, n %% 5000, false, '', now()
FROM generate_series(%(start)s, %(stop)s) n;
INSERT INTO mentions_conversation (
    id, source_id, author_id, visibility, origin, state, actionable, actionable_reason, actionable_by, queue_id,
    priority, tags, returned, version, routed_why, due_at, due_target, due_why, resolution_why, pending_note,
    opened_at, received_at, queued_at, waiting_since, last_inbound_at, closed_at, disposition, inbound_count,
    reply_count, transfer_count, reopened_count, first_mention_id, last_mention_id, language, topics)
SELECT n, %(source)s, n, 'public', 'live', CASE WHEN n %% %(open)s = 0 THEN 'waiting' ELSE 'closed' END, true,
    'needs an answer', 'rule', %(queue)s, 1 + n %% 4, '{}', false, 1, 'bench',
    CASE WHEN n %% %(open)s = 0 THEN now() + n %% 9000 * interval '1 second' END, 'first_response', '', '', '',
    now() - n %% 8640000 * interval '1 second', now(), now(), now(), now(),
    CASE WHEN n %% %(open)s <> 0 THEN now() END, '', 1, 0, 0, 0, n, n, 'en', '{}'
FROM generate_series(%(start)s, %(stop)s) n;
INSERT INTO mentions_mention (
    id, network, external_id, origin, source_id, author_id, conversation_id, kind, visibility, url, network_at,
    occurred_at, received_at, edit_hash, language, sentiment, topics, urgency, spam, phishing, labels, label_version,
    reach, likes, reposts, replies, country, place)
SELECT n, 'townsquare', 'ts:' || n, 'live', %(source)s, n, n, 'post', 'public', '', now() - interval '1 day',
    now() - interval '1 day', now(), '', 'en', n %% 3 - 1, '{}', 0, false, false, '{}', 'bench', 0, 0, 0, 0, '', ''
FROM generate_series(%(start)s, %(stop)s) n;
INSERT INTO mentions_mentioncontent (mention_id, text, author_handle, author_name, quoted, redacted)
SELECT n, '@bank my card was declined again at the store, please help me with this today ' || n, 'writer' || n,
    'Writer ' || n, '', '{}'
FROM generate_series(%(start)s, %(stop)s) n;
ANALYZE mentions_author, mentions_conversation, mentions_mention, mentions_mentioncontent
