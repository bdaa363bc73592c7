"""The rules of the guard as one table: what each looks for, where it comes from, and what it does by default."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.guard import phrases
from agents.guard.verdict import Visibility

Action: TypeAlias = Literal["off", "warn", "approve", "block"]

PUBLIC: Final[frozenset[Visibility]] = frozenset({"public"})
ANYWHERE: Final[frozenset[Visibility]] = frozenset({"public", "private"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `why` says where it comes from; no policy can set its action below `floor`."""

    key: str
    title: str | Promise
    why: str | Promise
    message: str | Promise
    suggestion: str | Promise
    default: Action
    floor: Action = "off"
    applies: frozenset[Visibility] = ANYWHERE


_CONFIRMS: Final = _(
    "That somebody is, was or is not a customer is confidential: Tournier (1924) in the United Kingdom, nonpublic "
    "personal information under GLBA, 12 CFR 1016.3, in the United States."
)
_GO_PRIVATE: Final = _(
    "Say it in a private message after asking the person to write to you there, or word it so that it would be "
    "equally true of a stranger: “If you bank with us, ...”."
)


def _confirming(key: str, title: str | Promise, message: str | Promise, default: Action = "block") -> Rule:
    return Rule(key, title, _CONFIRMS, message, _GO_PRIVATE, default, floor="approve", applies=PUBLIC)


_TABLE: Final = (
    Rule(
        "guard_failed",
        _("The guard could not finish"),
        _("What could not be checked must not leave."),
        _("The check of this reply did not finish, so it cannot leave."),
        _("Shorten or reword the reply and try again. Tell an administrator if it keeps happening."),
        "block",
        floor="block",
    ),
    Rule(
        "too_long",
        _("Too long to check"),
        _("What could not be checked must not leave."),
        _("This text is longer than any network takes, so it is not checked."),
        _("Shorten the reply."),
        "block",
        floor="block",
    ),
    Rule(
        "private_data",
        _("Private numbers and addresses"),
        _(
            "PCI DSS 4.0.1, GLBA 12 CFR 1016: card, account and identity numbers, telephone numbers and e-mail "
            "addresses of people never travel over a network, not even quoted back."
        ),
        _("This is, or looks like, a private number or address."),
        _("Take it out. In a secure chat the person can be helped without it."),
        "block",
        floor="block",
    ),
    Rule(
        "code_given",
        _("A code or password in the text"),
        _("One-time codes, PINs and passwords are never sent over a network: whoever reads the thread can use them."),
        _("This gives away a code or a password."),
        _("Take it out, and let the person get a new one in the app."),
        "block",
        floor="block",
    ),
    Rule(
        "asks_secret",
        _("Asks the customer for a secret"),
        _("A bank that asks for PINs, codes or full numbers over a network teaches its customers to answer impostors."),
        _("This asks for something that a customer should never send over a network."),
        _("Ask for a name and a way to be reached, or offer the secure chat, where the person signs in."),
        "block",
        floor="block",
    ),
    _confirming(
        phrases.RELATIONSHIP,
        _("“Your account”: ties a product to the person"),
        _("This speaks of something that the person has with the bank, and so confirms a customer in public."),
    ),
    _confirming(
        phrases.RECORDS,
        _("Speaks from the bank's records"),
        _("This tells what the bank sees in its records about the person."),
    ),
    _confirming(
        phrases.HISTORY,
        _("Says that somebody is or is not a customer"),
        _("This tells something about the person's history with the bank, or that there is none."),
    ),
    _confirming(
        phrases.THANKS,
        _("Thanks or welcomes a customer"),
        _("This thanks or greets the person as a customer."),
    ),
    _confirming(
        phrases.ACTION,
        _("Reports what was done for the person"),
        _("This tells what the bank did on the person's account."),
    ),
    _confirming(
        phrases.STATUS,
        _("Reports how a payment, card or request stands"),
        _("This tells how something of the person's stands at the bank."),
    ),
    _confirming(
        phrases.CASE,
        _("Names a case"),
        _("A case number in public shows that the bank holds a file on the person."),
    ),
    _confirming(
        phrases.BRANCH,
        _("Ties the person to a branch"),
        _("This ties the person to one branch of the bank."),
    ),
    _confirming(
        phrases.PERSONAL,
        _("Reads like a statement about a person"),
        _("No single phrase does it, but this reads like something that only concerns one customer."),
        default="approve",
    ),
    Rule(
        "unread",
        _("Not in a language the guard reads"),
        _("A reply that cannot be checked is shown to a second person who can read it."),
        _("The guard reads English, Spanish, French, German, Portuguese, Italian and Tagalog; it could not read this."),
        _("Ask a colleague who reads the language to approve it."),
        "approve",
        floor="approve",
        applies=PUBLIC,
    ),
    Rule(
        "picture",
        _("Shows a picture"),
        _("The guard reads words. A name, a number or a customer in a picture is seen by people alone."),
        _("The guard cannot see what a picture shows."),
        _("A second person looks at it before it leaves."),
        "approve",
        applies=PUBLIC,
    ),
    Rule(
        "disguised",
        _("Letters that are not what they seem"),
        _("Look-alike and invisible characters hide words from checks and from screen readers."),
        _("This word mixes alphabets or hides characters."),
        _("Type the word again with ordinary letters."),
        "block",
        floor="approve",
    ),
    Rule(
        "foreign_link",
        _("Links to a host that the bank has not listed"),
        _(
            "Copycats live from customers who are used to being sent elsewhere: only listed hosts, no shorteners, no "
            "look-alikes."
        ),
        _("This leads to a host that is not on the bank's list."),
        _("Link to one of the bank's own pages, or ask an administrator to list the host."),
        "block",
    ),
    Rule(
        "qr_code",
        _("Sends the reader to a QR code"),
        _("A QR code hides where it leads."),
        _("A QR code hides where it leads, so replies do without."),
        _("Write the address out."),
        "block",
    ),
    Rule(
        "promise",
        _("Makes a promise"),
        _(
            "UDAAP, Dodd-Frank 1031 and 1036: what is promised must be kept, so that a second person agrees and the "
            "date is tracked."
        ),
        _("This promises an outcome or a date."),
        _("Say what happens next without promising the result, or have it approved."),
        "approve",
    ),
    Rule(
        "reply_time",
        _("Names a time for the next answer"),
        _("A time that was named is kept or it becomes a complaint."),
        _("This names a time by which the bank will be heard of again."),
        _("Make sure that somebody will keep it."),
        "warn",
    ),
    Rule(
        "rates",
        _("Rates and credit terms"),
        _(
            "Regulation Z, 12 CFR 1026.16 and 1026.24: a rate, a down payment, a term or “no interest” triggers "
            "disclosures."
        ),
        _("This states a rate or a term of credit."),
        _("Point to the page with the full terms, or have it approved by marketing compliance."),
        "approve",
    ),
    Rule(
        "deposit_terms",
        _("“Free”, “no cost”, bonuses"),
        _("Regulation DD, 12 CFR 1030.8: “free”, “no cost”, “profit” and bonuses are barred or tied to disclosures."),
        _("This describes an account in words that the deposit rules bar or tie to conditions."),
        _("Point to the page with the full terms, or have it approved by marketing compliance."),
        "approve",
    ),
    Rule(
        "insurance",
        _("Deposit insurance beside what is no deposit"),
        _("12 CFR 328 subpart B: insurance must not be suggested for investments."),
        _("This names deposit insurance beside something that is not insured."),
        _("Speak of one of the two only."),
        "approve",
    ),
    Rule(
        "protected_inquiry",
        _("Asks what a lender may not ask"),
        _(
            "ECOA, Regulation B, 12 CFR 1002.5: no questions on race, religion, origin, sex, marital status or "
            "children."
        ),
        _("A bank may not ask this."),
        _("Take the question out."),
        "block",
    ),
    Rule(
        "advice",
        _("Investment, tax or legal advice"),
        _("Advice needs a licensed person who knows the customer, and a record."),
        _("This reads as investment, tax or legal advice."),
        _("Offer a conversation with a specialist instead."),
        "approve",
    ),
    Rule(
        "profanity",
        _("Rude words"),
        _("A bank's reply is quoted."),
        _("This word will be quoted with the bank's name beside it."),
        _("Say it politely."),
        "warn",
    ),
)

RULES: Final[dict[str, Rule]] = {rule.key: rule for rule in _TABLE}
# The rules that hold up what tells, or may tell, that somebody is a customer.
CONFIRMS: Final = frozenset(key for key, rule in RULES.items() if rule.floor == "approve" and rule.applies == PUBLIC)
