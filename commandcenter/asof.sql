-- What the events tell of how rows were at a moment: views that `commandcenter.asof` makes beside those of the tables.
-- Parameters: `at`, the moment, and `from`, before which no event of later knowledge was recorded.

-- Every event, and whether we knew of it: a post carries its network's time, known it is since it came, and one that a
-- search had heard before is ours since it was addressed to us, when its wait or its conversation began. A reply is sent
-- when its network says so, and known to be when that was heard.
CREATE TEMP VIEW asof_event AS
SELECT e.*, e.kind IN ('mention.received', 'mention.adopted') AS came, h.heard, h.heard <= %(at)s AS known
FROM public.mentions_event e CROSS JOIN LATERAL (
    SELECT CASE e.kind WHEN 'mention.received' THEN
        (SELECT m.received_at FROM public.mentions_mention m WHERE m.id = e.mention_id)
    WHEN 'mention.adopted' THEN coalesce(
        (SELECT c.received_at FROM public.mentions_conversation c
            WHERE c.id = e.conversation_id AND e.data ->> 'did' = 'opened'),
        (SELECT min(w.received_at) FROM public.mentions_stretch w
            WHERE w.conversation_id = e.conversation_id AND w.mention_id = e.mention_id),
        e.at)
    WHEN 'reply.sent' THEN coalesce((e.data ->> 'heard_at')::timestamptz, e.at)
    ELSE e.at END AS heard
) h;

-- What came later. No event is recorded long before its own time.
CREATE TEMP VIEW asof_later AS
SELECT * FROM asof_event e WHERE e.recorded_at > %(from)s AND NOT e.known;

-- Replies that had left, of which nobody knew yet that they had.
CREATE TEMP VIEW asof_unheard AS
SELECT e.reply_id, e.conversation_id, e.at FROM asof_later e WHERE e.kind = 'reply.sent' AND e.at <= %(at)s;

-- The events themselves, as far as they were known.
CREATE TEMP VIEW mentions_event AS
SELECT e.id, e.recorded_at, e.txid, e.kind, e.at, e.origin, e.actor, e.actor_id, e.conversation_id, e.mention_id,
    e.queue_id, e.case_id, e.reply_id, e.source_id, e.data
FROM asof_event e
WHERE e.known;

-- Of mentions whose labels were corrected or read anew since: what the first of these changes found, by label.
CREATE TEMP VIEW asof_labels AS
SELECT mention_id, jsonb_object_agg(field, before) AS was
FROM (
    SELECT DISTINCT ON (mention_id, field) mention_id, field, before
    FROM (
        SELECT mention_id, field, before, at FROM public.mentions_correction WHERE at > %(at)s
        UNION ALL
        SELECT e.mention_id, b.key, b.value, e.at
        FROM asof_later e CROSS JOIN LATERAL jsonb_each(e.data -> 'before') b
        WHERE e.kind = 'mention.edited'
    ) changes
    ORDER BY mention_id, field, at
) firsts
GROUP BY 1;

-- Of conversations that anything happened to since: their place and state by the last event known, and what a later mark
-- found. A closing that only takes a reopening back is of the day of the closing before it. A post that opened nothing
-- changes no state, and one that opened a conversation which waited for nobody came into one that was closed; a wait may
-- since have been put back to an older post. What is handed back tells since when it stands there and how, where that is
-- not since then and waiting.
CREATE TEMP VIEW asof_talks AS
SELECT e.conversation_id,
    (array_agg(e.queue_id ORDER BY e.id DESC) FILTER (WHERE e.known AND e.queue_id IS NOT NULL))[1] AS queue_id,
    (array_agg(
        CASE
        WHEN e.kind IN ('case.claimed', 'case.assigned') THEN 'claimed'
        WHEN e.kind = 'conversation.pending' THEN coalesce(e.data ->> 'on', 'pending_customer')
        WHEN e.kind = 'conversation.woken' AND e.case_id IS NOT NULL THEN 'claimed'
        WHEN e.kind = 'conversation.closed' THEN 'closed'
        WHEN e.came AND e.data ->> 'did' = 'opened' AND NOT EXISTS (
            SELECT FROM public.mentions_stretch w
            WHERE w.conversation_id = e.conversation_id AND w.received_at <= %(at)s
        ) THEN 'closed'
        ELSE coalesce(e.data ->> 'state', 'waiting') END ORDER BY e.id DESC
    ) FILTER (WHERE e.known AND (
        e.kind IN ('case.claimed', 'case.assigned', 'case.released', 'case.expired', 'case.transferred',
            'conversation.pending', 'conversation.woken', 'conversation.closed', 'conversation.reopened')
        OR e.came AND e.data ->> 'did' IN ('opened', 'reopened')
    )))[1] AS state,
    -- What stops a clock and what lets it run on.
    (array_agg(CASE WHEN e.data -> 'paused' = 'true' THEN e.at END ORDER BY e.id DESC) FILTER (WHERE e.known AND e.kind IN
        ('conversation.pending', 'conversation.woken', 'conversation.closed', 'case.transferred', 'case.released',
            'case.expired', 'case.assigned') AND NOT coalesce(e.data ->> 'state', '') LIKE 'pending%%'
    ))[1] AS paused_at,
    (array_agg(coalesce((e.data ->> 'queued_at')::timestamptz, e.heard) ORDER BY e.id DESC) FILTER (WHERE e.known AND (
        e.kind IN ('case.released', 'case.expired', 'case.transferred', 'conversation.reopened')
        OR e.kind = 'conversation.woken' AND e.case_id IS NULL
        OR e.came AND e.data ->> 'did' = 'reopened'
        OR e.kind IN ('mention.received', 'mention.adopted', 'mention.edited') AND e.data ? 'from_queue'
    )))[1] AS queued_at,
    (array_agg(coalesce((e.data ->> 'closed_at')::timestamptz, e.at) ORDER BY e.id DESC)
        FILTER (WHERE e.known AND e.kind = 'conversation.closed'))[1] AS closed_at,
    count(*) FILTER (WHERE e.known AND (
        e.kind = 'case.transferred' OR e.kind = 'case.assigned' AND e.data ? 'from_owner'
    ) AND NOT e.data ? 'undone') - count(*) FILTER (WHERE e.known AND (
        e.kind = 'case.transferred' OR e.kind = 'case.assigned' AND e.data ? 'from_owner'
    ) AND e.data ? 'undone') AS transfers,
    count(*) FILTER (WHERE e.known AND (
        e.kind = 'conversation.reopened' AND NOT e.data ? 'undone'
        OR e.came AND e.data ->> 'did' = 'reopened'
    )) - count(*) FILTER (WHERE e.known AND e.kind = 'conversation.closed' AND e.data ? 'undone') AS reopened,
    count(*) FILTER (WHERE e.known AND e.kind = 'reply.sent') AS replies,
    (array_agg(e.data -> 'was_actionable' ORDER BY e.id)
        FILTER (WHERE NOT e.known AND e.data ? 'was_actionable'))[1] AS actionable
FROM asof_event e
WHERE e.conversation_id IN (SELECT l.conversation_id FROM asof_later l)
GROUP BY 1;

-- What was due before somebody changed a promise and had it hold for what already waited, or stopped a clock, or its
-- customer wrote something more urgent or took it back, whichever came first.
CREATE TEMP VIEW asof_promises AS
SELECT DISTINCT ON (e.conversation_id) e.conversation_id, e.at, (e.data ->> 'due_before')::timestamptz AS due_before
FROM asof_later e
WHERE e.data ? 'due_before'
ORDER BY e.conversation_id, e.id;

-- By when a solution was promised before that was changed; null where the first change was of something else.
CREATE TEMP VIEW asof_solutions AS
SELECT DISTINCT ON (e.conversation_id) e.conversation_id, e.data ? 'resolution_before' AS changed,
    (e.data ->> 'resolution_before')::timestamptz AS due_before
FROM asof_later e
WHERE e.kind = 'conversation.promised_anew' OR e.data ? 'resolution_before'
ORDER BY e.conversation_id, e.id;

-- Since when customers had waited before an older post of theirs turned up.
CREATE TEMP VIEW asof_beginnings AS
SELECT DISTINCT ON (e.conversation_id) e.conversation_id, e.at,
    (e.data ->> 'opened_before')::timestamptz AS opened_before, (e.data ->> 'began_before')::timestamptz AS began_before
FROM asof_later e
WHERE e.data ? 'began_before'
ORDER BY e.conversation_id, e.id;
