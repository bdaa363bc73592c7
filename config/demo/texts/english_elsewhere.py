"""English texts of other places: what is said of rivals, reviews of the app, and the news."""

from config.demo.texts.theme import Theme

RIVALS = (
    Theme(
        "rival-complaint",
        "negative",
        6,
        (
            "{rival} app is down again, third time this month",
            "{rival} put a {days} day hold on my paycheck. Unreal.",
            "Spent {minutes} minutes on hold with {rival} to be told to use the app. The app told me to call.",
            "{rival} charged me {fee} for closing my account. For leaving!",
            "Card declined everywhere today, thanks {rival}",
            "does anyone at {rival} read these messages?",
            "{rival} closed our branch in {city} and sent a flyer about 'being closer to you'",
            "so {rival} lost my mortgage papers. all of them. twice.",
        ),
    ),
    Theme(
        "rival-praise",
        "positive",
        4,
        (
            "{rival} raised its savings rate again, nice",
            "Opened an account at {rival} in ten minutes, didn't even put on shoes",
            "{rival} support answered in two minutes on a Sunday. wow",
            "my loan officer at {rival} is an angel, closing on {day}",
            "the new {rival} card is made of wood?? ok I like it",
        ),
    ),
    Theme(
        "rival-neutral",
        "neutral",
        4,
        (
            "is the {rival} branch in {city} open on Saturday?",
            "{rival} or a credit union for a first account? opinions?",
            "how long do transfers from {rival} take",
            "{rival} is hiring in {city}",
            "does {rival} still do the {amount} sign-up bonus?",
        ),
    ),
)

REVIEWS = (
    Theme(
        "review-bad",
        "negative",
        6,
        (
            "★☆☆☆☆ Crashes on start since the last update. Tablet, newest system.",
            "★☆☆☆☆ Asked me to log in four times to see one balance. Deleted.",
            "★★☆☆☆ Used to be simple. Now it's ads for loans and three taps for everything.",
            "★☆☆☆☆ Mobile deposit never reads my checks. I have tried every lamp in the house.",
            "★★☆☆☆ Fingerprint works one time out of five.",
            "★☆☆☆☆ Locked out while travelling, no way to fix it in the app, support line costs a fortune from {city}.",
            "★★☆☆☆ Notifications arrive hours late. A fraud alert at 3am for lunch is not an alert.",
            "★☆☆☆☆ Screen reader users beware: half of the buttons have no name.",
        ),
    ),
    Theme(
        "review-mixed",
        "neutral",
        3,
        (
            "★★★☆☆ Does the job. Wish I could search by amount and export a year at once.",
            "★★★☆☆ Fast, but where did the spending chart go?",
            "★★★☆☆ Good on the phone, blurry on the tablet.",
            "★★★☆☆ OK for checking. Mortgage pages still open in a browser and ask to log in again.",
        ),
    ),
    Theme(
        "review-good",
        "positive",
        5,
        (
            "★★★★★ Freezing and unfreezing the card saved my trip. Lovely little app.",
            "★★★★★ Clean, quick, no nonsense. My parents use it too.",
            "★★★★☆ Very good, would be perfect with dark mode.",
            "★★★★★ Deposited a check in my pajamas. The future is here.",
            "★★★★☆ Round-ups for the food bank is a wonderful idea.",
        ),
    ),
)

NEWS = (
    Theme(
        "news",
        "neutral",
        4,
        (
            "Larkmere Bank to close six branches by spring, union asks for talks",
            "Larkmere Bank reports quarterly profit of $48 million, deposits up 3 percent",
            "{city} council presses banks on overdraft fees; Larkmere and {rival} invited",
            "Larkmere pledges {big} to community groups as #LarkmereGives enters its third year",
            "Opinion: the last teller in town",
            "Mid-size banks raise savings rates: {rival} leads, Larkmere follows",
            "Text-message scam imitates regional banks, police in {city} warn",
            "Customers report trouble with Larkmere's app on payday",
            "{rival} and Bluefen Savings call off merger talks",
            "Larkmere names new head of consumer lending",
            "How three banks treat veterans: a comparison",
            "Flood relief: banks in {city} offer payment holidays",
        ),
    ),
)
