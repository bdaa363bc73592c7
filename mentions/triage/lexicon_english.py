"""What the English lexicon needs beside VADER's: a bank's trouble and thanks, and how people speak today.

Weights run from -3 to 3. Written for this project; no word was weighted by counting labelled posts.
"""

from typing import Final

from mentions.triage.reading import listed

# Words that the lexicon scores and that say nothing in posts about money, teams and titles.
SILENT: Final = listed(
    "alone award awards battle big block bonus care champion champions championship chance chances charge charges "
    "clear clearly credit cut cuts dark debt defense defensive demand demands ease feeling feelings fight fighting "
    "fights fire fired fires forget forgot fresh gain gains grand grave growth gun guns ha hand hid hit hits intense "
    "interest interested interests kill killing kills leave leaves left low lower matter matters missing natural "
    "number numbers opportunity parties pay pays play played player playing rider save saved saves saving secure "
    "security share shares sharing shoot shooting shot special stop stops strong supporter supporters treat trick "
    "true trust united value values want wanted wants war wars well"
)

WORDS: Final[dict[float, str]] = {
    -3.0: "worst",
    -2.9: "raped",
    -2.8: "atrocious massacre genocide rape",
    -2.7: "abysmal disgraceful",
    -2.6: "scammed appalling disgusted horrible furious livid racist murdered hate",
    -2.5: "nightmare disgrace terrible outraged bigot bigots murder bullshit",
    -2.4: (
        "scammer scammers ripoff rip-off incompetent incompetence awful fuming homophobic terrorist terrorists hated "
        "asshole assholes vile"
    ),
    -2.3: "scam scams unusable useless unacceptable pathetic fml racism sexist dumbass shitty",
    -2.2: (
        "hacked stolen unprofessional shambles shameful sucks outrageous wtf stfu corrupt liar liars terrorism "
        "bombing depressed hates hating idiot idiots idiotic moron morons stupid traitor"
    ),
    -2.1: "disappointed disappointing disappointment corruption depressing bastard bad",
    -2.0: (
        "overcharged fraudulent phishing rude unhelpful runaround fail failure garbage crappy worse frustrating "
        "frustrated ruined ffs gtfo hypocrite hypocrites sad dumb treason loser losers evil"
    ),
    -1.9: (
        "outage outages buggy ridiculous failed suck sucked unhappy ruining ughh gross yuck died dies embarrassment "
        "unfair nasty ugly screwed dreading"
    ),
    -1.8: (
        "glitchy crashed crashing unresponsive unauthorized unauthorised clueless stranded foreclosure broken fails "
        "failing shame crap annoying annoyed upset ruin ruins waste ugh lies lying death deaths hurts pain "
        "depression fucked embarrassing threatening badly"
    ),
    -1.7: "ignored ignoring lame hurt injured threatened dread",
    -1.6: (
        "declined rejected crashes overdrafted sue trash wasted smh boring overrated bomb bombs dead cancer sadly "
        "lonely hater poorly embarrassed threats scared scary hungover headache regret"
    ),
    -1.5: (
        "downtime glitch lawsuit cringe cringy injury injuries crying bs fuck threat fear exhausted hangover "
        "arrested screw"
    ),
    -1.4: (
        "stuck complaint complaints complain wth bored isis cried haters bitch poor wrong problem problems trouble "
        "worried losing unfortunately unfortunate blaming jail victim victims"
    ),
    -1.3: (
        "declines delayed unanswered broke error errors cry shit afraid lose loses tired blame denied refuses "
        "refused refusing accused"
    ),
    -1.2: (
        "crash missing attack attacking decline bug bugs freezes delays delay overdue sick ill illegal illegally "
        "banned lost loss prison slams slammed excuses"
    ),
    -1.0: "blocked overdraft hell ban worry missed",
    -0.9: "cancelled canceled bash",
    -0.8: "locked meh damn issues traffic",
    -0.7: "waited issue",
    -0.6: "waiting switching nope protest protests excuse",
    -0.5: "miss raining sorry",
    -0.4: "fucking",
    -0.3: "joke refund rain",
    -0.2: "closing",
    0.2: "please promised wonder",
    0.3: "help weekend",
    0.4: "king omg ready",
    0.5: "approved yeah holiday promise support",
    0.6: "crush holidays free giveaway chill",
    0.7: "fast queen upgrade worth party supporting",
    0.8: "quickly fixed hopefully hopes wish upgraded yes vacation surprise",
    0.9: "quick lol lmao hope hoping birthday bday magic finally xx vibes",
    1.0: "hype sorted classic xxx sunny",
    1.1: "easier haha",
    1.2: "smooth wishing xo",
    1.3: "ty better easy resolved solved hahaha relax kind bestie sunshine cozy",
    1.4: "cool welcome rocking rockin slay",
    1.5: "recommended legends lit rocks respect refreshing",
    1.6: "thx cheers woo heroes goat funny celebrate celebration relaxing slayed inspired reliable xoxo yess",
    1.7: "thank good recommend winning legend favorites dope nicely sweet celebrating inspiration",
    1.8: "seamless winner victory hero fave badass nice glad tasty success successful",
    1.9: (
        "thanks thankyou hyped helpful friendly wins win won legendary favorite favourite cute hilarious enjoy yum "
        "wow genius talented trustworthy generous"
    ),
    2.0: "tysm excitement pumped psyched epic enjoyed enjoying enjoyable yummy inspiring kindness",
    2.1: "happier proud grateful fun",
    2.2: "excited exciting stoked blessed thankful impressed impressive adorable magical lovin",
    2.3: "yay yayy hooray delicious stunning",
    2.4: "perfectly happy thrilled woohoo congrats incredible flawless",
    2.5: "stellar loves loving lovely adore congratulations",
    2.6: "great best loved beautiful wonderful masterpiece",
    2.7: "brilliant love gorgeous perfect perfection phenomenal",
    2.8: "excellent fantastic outstanding",
    2.9: "amazing superb happiest",
    3.0: "awesome",
}

# Several words; what they say is added to what their words say one by one.
PHRASES: Final[dict[float, tuple[str, ...]]] = {
    -2.6: ("fed up",),
    -2.4: ("what a joke", "is a joke", "ripped off", "get your act together"),
    -2.2: ("joke of a", "rip off", "never again", "breaks my heart", "broke my heart", "last straw"),
    -2.0: (
        "had enough", "not working", "doesn't work", "does not work", "doesnt work", "isn't working", "isnt working",
        "double charged", "charged twice", "how dare", "go to hell", "screw you", "makes me sick", "passed away",
    ),
    -1.8: (
        "still waiting", "no help", "won't work", "wont work", "can't log", "cant log", "can't access", "cant access",
        "locked out", "do better", "not good enough", "pissed off", "not fair",
    ),
    -1.6: ("sick of", "hung up", "no response", "what the hell", "what the fuck", "pissed", "too bad",
        "out of control"),
    -1.5: ("no reply", "won't let", "wont let"),
    -1.4: ("shame on", "no answer", "is down", "r.i.p", "doesn't care"),
    -1.2: ("tired of", "been waiting", "not ok", "not okay", "give up", "gave up", "shut up", "rip", "who cares"),
    -1.0: (
        "waste of", "on hold", "keeps crashing", "how is this", "why can't", "why cant", "yet again", "don't care",
        "dont care", "shouldn't have",
    ),
    -0.8: ("a joke", "no sign of", "are down", "not happy", "feel bad"),
    -0.6: ("as usual", "piece of", "blah", "i can't even", "supposed to"),
    -0.5: ("nobody", "why is it", "why does", "should have", "should've", "too much", "no longer"),
    -0.4: ("no one", "why do", "why did", "why are", "why is", "the hell", "stop it", "so bad", "i hate", "wake up"),
    -0.3: ("customer service", "as if", "have to", "had to"),
    0.2: ("good morning", "of the year"),
    0.3: ("come on", "check out"),
    0.4: ("happy birthday", "love you", "join us"),
    0.5: ("so good", "so proud"),
    0.6: ("good times",),
    0.8: ("best day", "keep up", "feel good", "feeling good"),
    1.0: ("so excited", "good job", "great job", "good luck", "works great"),
    1.1: ("don't miss", "dont miss"),
    1.2: ("must see", "can't stop"),
    1.3: ("let's go", "lets go", "must watch"),
    1.4: ("my fav", "shout out"),
    1.5: ("let's goo", "shoutout to", "worth it", "got this", "no problem"),
    1.6: ("big fan", "on point", "no issues", "no problems", "not bad"),
    1.8: ("thumbs up", "keep it up", "credit where", "no complaints"),
    2.0: ("look forward", "day made", "hats off", "life saver"),
    2.2: ("well done", "five stars", "5 stars"),
    2.3: ("looking forward",),
    2.4: ("can not wait", "had a blast"),
    2.5: ("to die for",),
    2.6: ("can't wait", "cant wait", "cannot wait", "made my week", "made my night"),
    2.8: ("made my day",),
}  # fmt: skip
