"""What the listener does every moment: one list, read top to bottom."""

from dataclasses import dataclass

from django.conf import settings

from mentions import events, live


@dataclass(frozen=True)
class Loop:
    """One small loop of the listener.

    `run` is the dotted name of a function without arguments, or of a class with a method `tick`, of which a new
    instance is made whenever this process takes the lead. Either returns something true if more is waiting, and is
    then called again at once; otherwise after `every` seconds. A tick that lasts longer than `hung_after` seconds
    counts as hung, and the listener is started again.
    """

    name: str
    run: str
    every: float = 0.25
    hung_after: float = 120.0


class Sealing:
    """Seals what was recorded and announces it, in one step: nobody hears of an event that is not in the chain."""

    def __init__(self) -> None:
        self.sealer = events.Sealer()

    def tick(self) -> bool:
        sealed = self.sealer.tick()
        if sealed is None:
            return False
        live.announce(sealed)
        return sealed.count >= self.sealer.batch


LOOPS = [
    Loop("sealing", "config.loops.Sealing", every=0.15),
    Loop("sends", "agents.outbox.send_due"),
    Loop("lost sends", "agents.outbox.settle", every=1.0),
    Loop("changes of what was sent", "agents.amendment_outbox.send_due"),
    Loop("leases", "agents.clocks.end_leases", every=1.0),
    Loop("stranded", "agents.clocks.end_stranded", every=2.0),
    Loop("wake-ups", "agents.clocks.wake_pending"),
    Loop("due lines", "agents.clocks.note_overdue"),
    Loop("strays", "agents.queueing.move_on", every=2.0),
    Loop("continuations", "agents.clocks.follow_links"),
    Loop("rollups", "commandcenter.rollups.Roller"),
    Loop("facts", "commandcenter.facts.Keeper", every=1.0),
    Loop("stocks", "commandcenter.stocks.tick", every=10.0),
    Loop("reports by mail", "commandcenter.saved.tick", every=5.0),
    Loop("search", "mentions.search.index_new"),
    Loop("early operations", "mentions.intake.settle", every=1.0),
    Loop("sources", "mentions.sources.poll_due", every=1.0),
    Loop("streams", "mentions.streaming.keeping.Streams", every=2.0),
    Loop("searches", "mentions.listening.polling.poll_due", every=1.0),
    Loop("looking back", "mentions.listening.lookback.look_back", every=2.0),
    Loop("why heard", "mentions.listening.noting.note_new", every=0.5),
    Loop("own accounts", "agents.foreign.compare_new", every=1.0),
    Loop("source watch", "mentions.sources.watch.Watch", every=5.0),
    Loop("gaps", "mentions.sources.watch.make_good", every=2.0),
    Loop("keys", "mentions.sources.credentials.tick", every=5.0),
    Loop("subscriptions", "mentions.sources.subscriptions.tick", every=5.0),
    Loop("webhooks", "mentions.sources.webhooks.tick", every=5.0),
    Loop("posts beside", "mentions.sources.beside.tick", every=2.0),
    Loop("names", "mentions.sources.naming.tick", every=2.0),
    Loop("pictures", "mentions.pictures.fetching.ask_worker", every=2.0),
    Loop("re-checks", "mentions.sources.sweep.sweep_due", every=30.0),
    Loop("canary", "commandcenter.canary.Canary"),
    Loop("rising words", "commandcenter.terms.count", every=60.0),
    Loop("suggestions", "commandcenter.incidents.suggest.look", every=20.0),
    Loop("exercise", "commandcenter.drills.advance", every=0.5),
    Loop("alert watch", "agents.alerts.watch.Watch", every=1.0),
    Loop("alert messages", "agents.alerts.sending.send_due", every=1.0),
]
if settings.DEMO:
    LOOPS += [
        Loop("town square", "mentions.sandbox.delivery.deliver_due"),
        Loop("gazette's hub", "mentions.sandbox.hub.tick", every=1.0),
        Loop("customers", "config.demo.stream.Stream", every=1.0),
        Loop("colleagues", "config.demo.colleagues.Colleagues", every=1.0),
    ]
