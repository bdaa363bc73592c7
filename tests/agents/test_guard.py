"""What an agent, a compliance officer and the outbox rely on from the guard."""

import pytest

from agents.guard import RULES, Draft, GuardPolicy, check
from tests.agents.guard_policy import POLICY, private, public, rules_of


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("Hi Ann, your account is open again.", "names_relationship", "your account"),
        ("Hi Ann, your mother's joint savings are fine.", "names_relationship", "your mother's joint savings"),
        ("That is the card ending in 4821.", "names_relationship", "ending in 4821"),
        ("We see that you paid on Monday.", "speaks_from_records", "We see that you"),
        ("Our records show a late fee.", "speaks_from_records", "Our records show"),
        ("You are not a customer of ours.", "tells_history", "You are not a customer"),
        ("As our customer you skip the line.", "thanks_customer", "As our customer"),
        ("I've refunded the fee.", "reports_action", "I've refunded"),
        ("The transfer has been posted.", "states_status", "transfer has been posted"),
        ("Please mention GH-1234 when you call.", "case_reference", "GH-1234"),
        ("Thanks for your visit to Mission Street.", "branch_tie", "Mission Street"),
    ],
)
def test_a_confirming_reply_is_stopped_in_public_and_the_words_are_named(text: str, rule: str, words: str) -> None:
    verdict = public(text)
    assert verdict.outcome == "block"
    assert words in {finding.words for finding in verdict.findings if finding.rule == rule}
    for finding in verdict.findings:
        assert text[finding.start : finding.end] == finding.words
        assert finding.message
        assert finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        "What a sunny day for a walk along the harbour! You last logged in from a tablet on the 17th.",
        "What a week for the harbour! By the way, you were the nicest visitor Lena helped with paperwork.",
        "What a concert in the park! And yes, the second attempt on the 3rd went through in the end.",
    ],
)
def test_where_no_rule_speaks_the_few_words_are_named_that_give_it_away(text: str) -> None:
    (finding,) = public(text).findings
    assert finding.rule == "reads_personal"
    assert len(finding.words.split()) <= len(text.split()) / 2
    assert public(text[: finding.start] + text[finding.end :]).outcome == "pass"


def test_what_confirms_in_public_may_be_said_in_private() -> None:
    text = "Your account is open again, and we've refunded the fee."
    assert public(text).outcome == "block"
    assert private(text).outcome == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "recd ur appln, chkd n all gd",
        "just tried callin u on the number we've got",
        "na-receive na namin yung dispute form nyo",
        "yr acc mgr is off til mon",
    ],
)
def test_what_is_typed_in_a_hurry_is_read(text: str) -> None:
    assert public(text).outcome in {"approve", "block"}


def test_a_warning_may_quote_what_deceivers_write_and_nobody_else_may() -> None:
    assert public('"Your account has been suspended" is how many fake texts begin.').outcome == "pass"
    assert public('"Your account" has been suspended.').outcome == "block"
    assert public('The fake text says "your card is locked". Your card is fine.').outcome == "block"


def test_a_confirming_finding_suggests_the_private_road() -> None:
    (finding, *_) = public("Your account is open again.").findings
    assert "private" in finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        "If you bank with us, please message us privately.",
        "For help with an account, send us a private message so that we can look into it.",
        "Accounts opened before 2010 keep their terms.",
        "You can check your balance in the app.",
        "Never share your PIN or your card number with anybody.",
        "To lock your card, open the app and tap Cards.",
        "Call the number on the back of your card.",
        "Do you have an account with us? Please tell us in private.",
        "The app is back, and the issue has been fixed. Thanks for your patience!",
        "",
        "   ",
    ],
)
def test_what_would_be_true_of_a_stranger_passes(text: str) -> None:
    assert public(text).outcome == "pass", public(text).findings


@pytest.mark.parametrize(
    ("general", "particular"),
    [
        ("You can check your balance in the app.", "You can check your balance again now."),
        ("If your card was declined, call us.", "Your card was declined, call us."),
        ("If you need help, message us privately.", "If you need anything else, your refund is in."),
        ("Refunds usually take five days.", "The refund took five days."),
        ("Never share your PIN.", "We've changed your PIN."),
        ("Card payments are working again after the outage.", "The card payment went through after all."),
        ("Have a look at our fees on the site.", "Have a look at your balance."),
    ],
)
def test_the_mood_of_the_sentence_decides(general: str, particular: str) -> None:
    assert public(general).outcome == "pass", public(general).findings
    assert public(particular).outcome in {"approve", "block"}


@pytest.mark.parametrize(
    "text",
    [
        "Su cuenta ya está desbloqueada.",
        "Votre virement a été effectué.",
        "Wir haben Ihnen die Gebühr erstattet.",
        "Sua conta foi desbloqueada.",
        "Abbiamo rimborsato la commissione.",
        "Na-unlock na po namin ang account mo.",
        "Hola Ana! Your account is fine.",
        "La tarjeta llegará el jueves a su domicilio.",
        "Ya quedó, lo verá reflejado mañana.",
    ],
)
def test_the_other_languages_of_the_bank_are_read(text: str) -> None:
    assert public(text).outcome == "block"


@pytest.mark.parametrize(
    "text",
    [
        "您的账户已解锁。", "ваш счёт разблокирован", "お客様の口座は解除されました", "حسابك مفتوح الآن",
        "Twoje konto zostało odblokowane.", "Uw rekening is weer open.", "Akaun anda telah dibuka.",
        "Hesabınız açıldı.", "Tài khoản của bạn đã được mở khóa.", "tuoy ruoy naol",
    ],
)  # fmt: skip
def test_what_the_guard_cannot_read_waits_for_somebody_who_can(text: str) -> None:
    verdict = public(text)
    assert verdict.outcome == "approve"
    assert "unread" in rules_of(verdict)


@pytest.mark.parametrize(
    ("text", "rule", "outcome"),
    [
        ("We will refund you, promised.", "promise", "approve"),
        ("We guarantee that it works.", "promise", "approve"),
        ("We'll call you by Friday.", "promise", "approve"),
        ("We'll get back to you by noon.", "reply_time", "warn"),
        ("Loans from 4.9% for new cars.", "rates", "approve"),
        ("Ask about the APR.", "rates", "approve"),
        ("Open a free checking account today.", "deposit_terms", "approve"),
        ("Our crypto fund is FDIC insured.", "insurance", "approve"),
        ("Are you married?", "protected_inquiry", "block"),
        ("What is your nationality?", "protected_inquiry", "block"),
        ("You should sell those shares.", "advice", "approve"),
        ("That was a damn shame.", "profanity", "warn"),
    ],
)
def test_the_rules_beside_confirming_hold_in_public_and_in_private(text: str, rule: str, outcome: str) -> None:
    for verdict in (public(text), private(text)):
        assert rule in rules_of(verdict)
        assert verdict.outcome == outcome


@pytest.mark.parametrize(
    "text",
    [
        "Feel free to message us.",
        "We're with you 100%.",
        "Our toll-free line is open.",
        "We hope to see you soon, no promises needed!",
        "100 % of our branches have step-free access now, and 63% of our staff cycle to work.",
        "Coffee's free at the fair, and no account is needed.",
        "There's free parking, and the helpline is free too.",
        "APR stands for annual percentage rate.",
        "We have no interest in the quiz, says the council.",
        "Referral bonus terms are on our site.",
        "Free credit reports are something everyone in the country can get.",
        "The band will finish by 10 pm.",
        "We hope this won't happen again.",
        "Stocks and crypto are not FDIC insured, at any bank.",
        "Nobody can tell whether prices will rise.",
        "The non-profit fair is on Saturday.",
        "Guaranteed returns are the oldest trick of scammers.",
        "If an ad promises guaranteed approval, it isn't from us.",
    ],
)
def test_harmless_words_that_look_like_offers_pass(text: str) -> None:
    assert public(text).outcome in {"pass", "warn"}, public(text).findings


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("It's no trick: guaranteed returns!", "promise"),
        ("Fraud is rare, and our checking accounts are free.", "deposit_terms"),
        ("We guarantee that no fake is ours.", "promise"),
        ("Our fraud team has guaranteed returns.", "promise"),
        ("Maria will call you by noon.", "promise"),
        ("Savings with no interest in the first 12 months.", "rates"),
        ("Not only our fund is FDIC insured, crypto is too.", "insurance"),
        ("Whatever they say, prices will rise.", "advice"),
        ("Earn a profit on savings.", "deposit_terms"),
    ],
)
def test_what_only_sounds_harmless_waits(text: str, rule: str) -> None:
    assert rule in rules_of(private(text))


def test_the_strongest_action_wins() -> None:
    verdict = private("That was a damn shame, we will refund you. Write to evil.example.com.")
    assert {finding.action for finding in verdict.findings} == {"warn", "approve", "block"}
    assert verdict.outcome == "block"


def test_a_team_chooses_what_a_rule_does() -> None:
    text = "We guarantee that it works."
    for action in ("block", "approve", "warn"):
        assert public(text, GuardPolicy(actions={"promise": action})).outcome == action
    off = public(text, GuardPolicy(actions={"promise": "off"}))
    assert (off.outcome, off.findings) == ("pass", ())


def test_no_policy_lowers_a_floor() -> None:
    lowered = GuardPolicy(actions=dict.fromkeys(RULES, "off"))
    assert public("Your account is open again.", lowered).outcome == "approve"
    assert public("Your card number is 4111 1111 1111 1111.", lowered).outcome == "block"
    assert private("It was 4111 1111 1111 1111.", lowered).outcome == "block"
    assert private("Please send us your PIN.", lowered).outcome == "block"
    assert public("您的账户已解锁。", lowered).outcome == "approve"


def test_a_policy_that_names_no_rule_or_action_is_refused() -> None:
    with pytest.raises(ValueError, match="no rule 'spelling'"):
        GuardPolicy(actions={"spelling": "block"})
    with pytest.raises(ValueError, match="cannot 'shout'"):
        GuardPolicy(actions={"promise": "shout"})  # type: ignore[dict-item]


def test_a_verdict_names_the_version_of_its_policy() -> None:
    assert public("Hello!").version.endswith("/7")


def test_whatever_is_not_private_is_read_as_public() -> None:
    draft = Draft("Your account is open again.", "Private ")  # type: ignore[arg-type]
    assert check(draft, POLICY).outcome == "block"


def test_a_text_that_no_network_takes_is_blocked() -> None:
    assert rules_of(public("hello " * 10_000)) == {"too_long"}


def test_a_check_that_fails_blocks() -> None:
    assert check(Draft("Hello!", links_allowed=None), GuardPolicy(allowed_hosts=None)).outcome == "block"  # type: ignore[arg-type]


def test_every_rule_explains_itself() -> None:
    for key, rule in RULES.items():
        assert rule.key == key
        assert all(map(str, (rule.title, rule.why, rule.message, rule.suggestion)))
