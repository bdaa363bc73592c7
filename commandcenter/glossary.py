"""What each figure means, in words: one entry a figure, read by pages, exports and walls.

Where `commandcenter.metrics` has a function of a key's name, it counts that figure. What only walls show comes last,
and each scene names its own (`scenes.Scene.figures`).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from commandcenter import asof, earlier


@dataclass(frozen=True, slots=True)
class Definition:
    """`sentence` is enough for most readers; the rest answers whoever has to defend the figure."""

    key: str
    title: StrPromise
    sentence: StrPromise
    clock: StrPromise
    population: StrPromise
    exclusions: StrPromise
    statistic: StrPromise


_NETWORK_CLOCK = _("Calendar time by the network's own clock; days are the bank's, in its time zone.")
_NEVER_COUNTED = _("Canaries, drills, rivals' posts and our own posts are never counted.")

_ENTRIES = (
    Definition(
        "volume",
        _("Mentions"),
        _("Every post about the bank by somebody else, public or private, by the time its network gives it."),
        _NETWORK_CLOCK,
        _("All mentions stored for the period. Spam is included and shown apart; deleted posts stay counted."),
        _NEVER_COUNTED,
        _("A count. Today counts up to the running minute."),
    ),
    Definition(
        "volume_by_topic",
        _("Mentions by topic"),
        _("Mentions that are about a topic. One with two topics is in both, so topics do not add up to all mentions."),
        _NETWORK_CLOCK,
        _("Mentions as above; a person's correction of a topic replaces the machine's."),
        _NEVER_COUNTED,
        _("A count for each topic."),
    ),
    Definition(
        "authors",
        _("People"),
        _("How many different people wrote, each counted once however often they wrote."),
        _NETWORK_CLOCK,
        _("Authors of mentions by the account that their network names; somebody with two accounts is two."),
        _("Spam, since machines write it. Canaries, drills, rivals' posts and our own posts."),
        _("A count, exact. Who writes on two days is in both, so days do not add up to the period."),
    ),
    Definition(
        "reach",
        _("Reach"),
        _("How many may have seen what was said in public, as far as networks tell."),
        _NETWORK_CLOCK,
        _("Public mentions: the followers of their authors when they wrote, and a hundred for each repost."),
        _("Spam and private messages; networks that tell no followers. Who saw two posts is counted twice."),
        _("A sum over the mentions: an upper bound, good for comparing periods."),
    ),
    Definition(
        "actionable_share",
        _("Needed an answer"),
        _("Of all conversations that began, those that needed an answer from us."),
        _("They belong to the day of their first mention by the network's clock."),
        _("All conversations, also of spam, praise and news. Undecided ones are in the whole and shown apart."),
        _NEVER_COUNTED,
        _("Actionable / all conversations."),
    ),
    Definition(
        "net_sentiment",
        _("Net sentiment"),
        _("Positive less negative mentions, as a share of all that could be scored: from -100 to +100."),
        _NETWORK_CLOCK,
        _("Mentions with a tone; neutral ones stay in. A person's correction replaces the machine's."),
        _("Spam, since machines write it and it has no feelings; mentions too unclear to score are counted apart."),
        _("(positive - negative) / (positive + neutral + negative) x 100."),
    ),
    Definition(
        "response_rate",
        _("Response rate"),
        _("Conversations that needed an answer and got one from a person, of all that needed an answer."),
        _("They belong to the day of their first mention by the network's clock, however late the answer came."),
        _("Conversations marked actionable, by rule or by a person. Undecided ones are shown apart."),
        _("Spam, praise, news and whatever a person marked as needing no reply. Canaries and drills."),
        _("Answered / actionable. An answer is a reply by a person that the network confirmed, public or private."),
    ),
    Definition(
        "first_response",
        _("First response time"),
        _("How long a customer waited from the first mention to the first reply by a person."),
        _("Calendar time, day and night, from the network's time of the mention to its confirmation of the reply."),
        _("Conversations whose first wait began in the period and was answered; a reopening begins a new one."),
        _("Waits that still run or ended without an answer are counted beside it. Automatic replies never count."),
        _("Median and 90th percentile of whole seconds, exact, with the number of answers n."),
    ),
    Definition(
        "next_response",
        _("Next response time"),
        _("How long a customer who wrote again waited for the next reply by a person."),
        _("Calendar time from the first unanswered mention after a reply, by the network's clock."),
        _("Waits after a reply that began in the period and were answered."),
        _("Waits that still run or ended without an answer are counted beside it. Automatic replies never count."),
        _("Median and 90th percentile, exact, with the number of answers n."),
    ),
    Definition(
        "first_response_hours",
        _("First response in business hours"),
        _("How much of a customer's wait for the first reply lay in hours in which the promise runs."),
        _(
            "Business hours of the promise's calendar, as it was when the wait began, without the time in which it was "
            "pending."
        ),
        _("Conversations whose first wait began in the period and was answered; a reopening begins a new one."),
        _("Waits that still run or ended without an answer are left out. Automatic replies never count."),
        _("Median and 90th percentile of whole seconds, exact, with the number of answers n."),
    ),
    Definition(
        "next_response_hours",
        _("Next response in business hours"),
        _("How much of the wait of a customer who wrote again lay in hours in which the promise runs."),
        _(
            "Business hours of the promise's calendar, as it was when the wait began, without the time in which it was "
            "pending."
        ),
        _("Waits after a reply that began in the period and were answered."),
        _("Waits that still run or ended without an answer are left out. Automatic replies never count."),
        _("Median and 90th percentile of whole seconds, exact, with the number of answers n."),
    ),
    Definition(
        "time_to_claim",
        _("Time to claim"),
        _("How long a conversation stood in a queue before somebody took it or was given it."),
        _("Calendar time by our clock, from entering the queue to the claim."),
        _(
            "Every spell in a queue that began in the period: the first, and those after a transfer or a release; one "
            "that a dismissal ended as well."
        ),
        _("Spells that still run are counted beside it. Canaries and drills."),
        _("Median and 90th percentile, exact, with the number of claims n."),
    ),
    Definition(
        "attainment",
        _("Answers in time"),
        _("First answers within the promised time, of all first answers that came due."),
        _("The clock of the queue's promise: its working hours, paused where the promise says so."),
        _("Promises whose wait began in the period. One that is overdue and still open is missed already."),
        _("Promises not due yet, and conversations closed before they were due or marked as needing no reply."),
        _("Met / (met + missed)."),
    ),
    Definition(
        "resolution",
        _("Resolution time"),
        _("How long it took from a customer's first mention to the last time their conversation was closed."),
        _("Calendar time, day and night. Conversations belong to the day of their last close."),
        _("Conversations closed in the period that needed us or were undecided; one opened again is not in it."),
        _("What a person or a rule found to need no reply. Canaries and drills."),
        _("Median and 90th percentile, exact. With one reply: solved at the first contact."),
    ),
    Definition(
        "active_time",
        _("Active time"),
        _("How long a conversation was open from its first mention to its last close."),
        _("Calendar time, day and night. Conversations belong to the day of their last close."),
        _("Conversations as in resolution time, whose length it is without what they lay closed in between."),
        _("Time between a close and the next opening. What was closed or opened by mistake and undone counts as open."),
        _("Median and 90th percentile, exact, with n."),
    ),
    Definition(
        "handle_time",
        _("Handle time"),
        _("How long people had a conversation before their eyes, of all spells of work on it together."),
        _("Time in which a claimed conversation was open in front of its owner, by our clock."),
        _("Conversations closed in the period, by their last close."),
        _("Conversations that nobody had in focus. Time away from the page, and spells of people who looked on."),
        _("Median and 90th percentile of the sums, exact, with the number of conversations n."),
    ),
    Definition(
        "transfers",
        _("Transfers"),
        _("How often a conversation was handed to another queue or person before it was solved."),
        _("Conversations belong to the day of their last close, however long ago they were handed on."),
        _("Conversations closed in the period, as in resolution time."),
        _(
            "Claims, also of what a colleague had; what nobody had is given to somebody; releases and leases that ran "
            "out: nobody handed anything on. Canaries and drills."
        ),
        _("Hand-overs / closed conversations, and how many of these were handed on at least once."),
    ),
    Definition(
        "reopen_rate",
        _("Reopened within seven days"),
        _("Of all closings, those after which the customer or a person opened the conversation again within a week."),
        _("A closing belongs to its own day; the seven days run by the calendar, and those of last week still run."),
        _(
            "Each closing of the period of what needed us or was undecided, also of what is open now: what was closed "
            "twice is counted twice."
        ),
        _(
            "Closings and reopenings that were undone. What came back by itself since a reply could not leave. What "
            "was found to need no reply. Canaries and drills."
        ),
        _("Reopened / closings."),
    ),
    Definition(
        "backlog",
        _("Backlog"),
        _("Open conversations that need an answer or a decision, at this moment: a stock, not a flow."),
        _("Age runs by the calendar since the customer's first unanswered mention, else since it came to its queue."),
        _("Every conversation that is not closed, whenever it began: waiting for somebody, claimed, or pending."),
        _("Conversations that need no reply, canaries and drills."),
        _("Counts, the oldest, median and 90th percentile of age. What came in and was closed is counted by day."),
    ),
    Definition(
        "share_of_voice",
        _("Share of voice"),
        _("What is said about us, of all that is said about us and the rivals we listen to."),
        _NETWORK_CLOCK,
        _(
            "Public mentions of us on the networks on which a rival is listened to, and those that the searches for "
            "each rival brought in. Topics of the industry are told apart: they are nobody's voice."
        ),
        _(
            "Spam; private messages, and networks on which no rival is heard, since nobody else can be heard there. It "
            "compares searches: a rival that is searched for less widely seems quieter than it is."
        ),
        _("Ours / (ours + all named rivals) x 100."),
    ),
    Definition(
        "busy_hours",
        _("Busy hours"),
        _("At which hour of the week people write to us, and at which their first answer comes too late."),
        _("The bank's clock; where it is set back, the hour that is there twice counts as one."),
        _("Mentions without spam, and first answers that came too late or are overdue, by the hour of the mention."),
        _("Spam, since a storm of it asks for nobody at a desk. Canaries, drills, rivals' posts and our own posts."),
        _("A count for each hour of each weekday, over all weeks of the period."),
    ),
    Definition(
        "persons_work",
        _("Work by person"),
        _("What each person did, credited by the deed and never by who owned it last."),
        _("Calendar time by our clock; a claim belongs to its own moment, a reply to the network's confirmation."),
        _(
            "Every claim, also that of a moment with which what nobody had is dismissed, and every confirmed reply. "
            "Given back: released or run out without a reply from that spell. A "
            "team, a queue or a site narrows it by the queue that the work was done in, whoever did it."
        ),
        _(
            "Replies that never left. Canaries and drills. Spells without any time in focus are not in the time in "
            "focus for each claim, which is no handle time: that adds up all spells of a conversation."
        ),
        _("Counts; median and 90th percentile from claim to first reply, and of time in focus."),
    ),
    Definition(
        "occupancy",
        _("Occupancy"),
        _("Of the time that somebody was at the desk, how much they had a conversation in focus."),
        _("Calendar time by our clock. Focus belongs to the day of its claim; the last two minutes are not told yet."),
        _(
            "Available: a console was open and its owner had not said to be away. Focus: time in which a claimed "
            "conversation was before its owner's eyes, one at a time, of spells of work that ended."
        ),
        _("Time away with a reason, told beside it, up to twelve hours each. Who looks on and works no cases."),
        _("Focus / available time. More than 85 % for long is more than people can bear."),
    ),
    Definition(
        "csat",
        _("Customer satisfaction"),
        _("Positive answers of all answers to a survey after a conversation."),
        _("Answers belong to the day they were given."),
        _("Surveys that customers answered."),
        _("Surveys without an answer, which are told beside it."),
        _("Positive / answers x 100, with n and the share of surveys answered."),
    ),
    Definition(
        "queue_board",
        _("Queues now"),
        _("Open conversations that need an answer or a decision, as they stand at this moment."),
        _("Waiting times run by the calendar; due times by the working hours of the queue's promise."),
        _(
            "Waiting: nobody has claimed it and it needs an answer or a decision, on walls, in reports and in the "
            "console alike. Overdue: past its due time. Due soon: due within fifteen minutes."
        ),
        _(
            "Closed conversations, canaries and drills, and what a rule or a person found to need no answer: the "
            "console lists that apart."
        ),
        _("Counts of a stock, and the oldest wait."),
    ),
    Definition(
        "rising_topics",
        _("What rises"),
        _("Topics of the running hour and the one before it, beside what is usual at this time of this weekday."),
        _NETWORK_CLOCK,
        _(
            "Mentions by topic as in reports. Usual is the mean of the same stretch of the last four weeks; a week in "
            "which nothing at all was heard says nothing and is left out."
        ),
        _NEVER_COUNTED,
        _(
            "Above usual: five or more, and more than usual. Far above: ten or more, and twice as many. Ordered by "
            "how far they are from usual for a count of that size."
        ),
    ),
    Definition(
        "drivers",
        _("What drives today"),
        _("The topics since midnight that are above usual; where none is, those that most is written about."),
        _("From the bank's midnight to the running minute; usual is the same stretch of the last four weeks."),
        _("Mentions by topic as in reports."),
        _NEVER_COUNTED,
        _("A count for each topic, beside the mean of those weeks in which anything was heard."),
    ),
    Definition(
        "rising_terms",
        _("Rising words"),
        _("Words that far more people use than usual in the running hour and the one before it."),
        _NETWORK_CLOCK,
        _("Public posts, the newest 2,000 of each hour; a word counts once for each of its authors."),
        _("Words of fewer than three people, small words, handles, addresses, numbers, the bank's own name; spam."),
        _("Five people or more, and twice as many as usual for as many posts."),
    ),
    Definition(
        "places",
        _("Where posts come from"),
        _("Posts by state of the USA and by country, as far as their networks say, beside what is usual there."),
        _("The running hour of the bank's clock and the one before it; usual is the mean of the last four weeks."),
        _(
            "Mentions that carry a country, a place in words or a point. What share of all that is, stands on the "
            "map; a state or country of fewer than five posts is not told of."
        ),
        _("Spam. Posts without a place: nobody knows where these come from. Where people are, not where they bank."),
        _("A count for each place, as times of what is usual."),
    ),
    Definition(
        "tone_by_minute",
        _("Net sentiment by the minute"),
        _("Net sentiment of the half hour up to each minute of the last three hours, of the bank and of its rivals."),
        _NETWORK_CLOCK,
        _("Scored mentions of the bank, and of each rival that a search listens to."),
        _("Spam; mentions too unclear to score; a half hour with fewer than five scored has no point on the line."),
        _("(positive - negative) / (positive + neutral + negative) x 100, with n."),
    ),
    Definition(
        "campaign",
        _("Campaign"),
        _("Posts that hold a campaign's hashtag, by day, against the number that was hoped for."),
        _("The bank's days from the first to the last of the campaign."),
        _("Mentions whose words hold the hashtag. Strangers are told of public ones, and of ten or more."),
        _("Spam, and posts deleted since: their words are gone."),
        _("A count; net sentiment of these posts, and of the bank before, during and after, as long before as since."),
    ),
    Definition(
        "on_shift",
        _("Who is on"),
        _("People at work for each site: whom the rota names now, and who worked on a case within half an hour."),
        _("The site's own clock and opening hours."),
        _("Everybody with a site. A claim counts for twelve hours while the case is open."),
        _("People without a site, and who is away: until they are back, claim or answer, twelve hours at most."),
        _("A count of people, each once."),
    ),
    Definition(
        "incident_curve",
        _("Mentions of an incident"),
        _(
            "Mentions hour by hour from six hours before it began, of its topic where it has one, beside the usual. "
            "While it runs, of the last three days, and the newest point is the last sixty minutes."
        ),
        _NETWORK_CLOCK,
        _("Mentions as in reports. Usual is the mean of the same hours in the last four weeks that were before it."),
        _NEVER_COUNTED,
        _("A count for each hour; the figure is the sum since it began."),
    ),
    Definition(
        "ingest_lag",
        _("On the way here"),
        _("How long a post takes from its network's time to our store: never hidden in response times."),
        _("The network's time of the post, and our clock when it was stored."),
        _("The newest 500 mentions, of which those that came within a quarter of an hour."),
        _("Canaries and exercises."),
        _("Median and 90th percentile, with n."),
    ),
    Definition(
        "canary",
        _("Canary"),
        _("A post of our own making that goes the whole way every minute, from the network's call to a drawn scene."),
        _("Our clock: how long the last one took, and how long ago it was sent."),
        _("One a minute. After two and a half minutes without one it counts as not arrived."),
        _("It is marked from its source on, and is never counted, shown or answered."),
        _("Seconds of the newest that arrived."),
    ),
    Definition(
        "sources",
        _("Sources and screens"),
        _("Connected accounts and searches by whether posts still come, and screens that were heard lately."),
        _("Each source's own rhythm; a screen is here if it spoke within the last twenty seconds."),
        _("Live: answers and delivers. Late: behind its rhythm. Blind: nothing has come for too long, or was refused."),
        _("Sources that were disconnected. Screens never switched on, revoked, or waiting for a second person."),
        _("Counts; of quotas the smallest share that is left."),
    ),
    Definition(
        "exercise",
        _("Exercise"),
        _("What a drill has brought in, and what was done about it."),
        _("The exercise's own pace."),
        _("Posts, conversations, claims and replies of the exercise that runs."),
        _("Everything real. An exercise is counted nowhere else, and leaves no trace when it ends."),
        _("Counts."),
    ),
)
GLOSSARY = {entry.key: entry for entry in _ENTRIES}


def define(key: str) -> Definition:
    """The definition of a figure, as of a past day that of the day. Raises KeyError for a figure without one."""
    return next((one.definition for one in earlier.at(asof.at()) if one.definition.key == key), GLOSSARY[key])
