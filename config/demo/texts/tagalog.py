"""What customers write in Tagalog, mixed with English as it is spoken."""

from config.demo.texts.theme import Theme

THEMES = (
    Theme(
        "card-declined",
        "negative",
        8,
        (
            "{at} bakit declined ang card ko sa {store}? May laman naman",
            "nakakahiya, declined sa pila. ano ba {at} may pera naman ako",
            "{at} declined nang tatlong beses {when}, pero sa app okay daw. Alin ang totoo?",
            "May iba pa bang declined ang {bank} card ngayon?",
            "{at} na-charge ako ng {amount} dalawang beses tapos declined pa. Paki-check po",
        ),
        ("Okay na po, salamat.", "Declined pa rin po.", "Nag-message na po ako."),
        private=0.1,
    ),
    Theme(
        "card-lost",
        "negative",
        4,
        (
            "{at} nawala ang wallet ko {when}, paano po i-block ang card?",
            "Nanakaw ang bag ko sa {city}. Nasa loob ang card. Tulong po {at}",
            "{at} ilang araw po ang kapalit na card?",
        ),
        ("Na-block ko na po, salamat!", "Kailan po darating yung bago?"),
        private=0.2,
    ),
    Theme(
        "app-down",
        "negative",
        8,
        (
            "{at} down po ba ang app? {minutes} minutes na umiikot lang",
            "sweldo ngayon tapos down ang app ng {bank}. Galing.",
            "Hindi mabuksan ang app {when}, kailangan ko pong magbayad ng renta {at}",
            "{at} laging nagla-log out ang app pag pinindot ko ang accounts",
            "grabe naman {bank}, down na naman 😤",
        ),
        ("Okay na po ulit.", "Wala pa rin po.", "salamat sa update"),
    ),
    Theme(
        "login",
        "negative",
        6,
        (
            "{at} hindi dumarating ang code. Paano po ako makaka-login?",
            "Nagpalit ako ng number at naka-lock na ang account ko {at}",
            "{at} isang maling password lang, lock agad? Paki-unlock po",
            "Nasa barko po ako, walang signal para sa code. May ibang paraan po ba? {at}",
        ),
        ("Nakapasok na po, salamat!", "Wala pa rin pong code."),
        private=0.15,
    ),
    Theme(
        "transfer",
        "negative",
        9,
        (
            "{at} nagpadala ako ng {amount} sa nanay ko sa Iloilo {when}, wala pa rin po",
            "Ilang araw ba talaga ang padala mula {bank} papuntang Pilipinas? {days} days na",
            "{at} na-send ko sa maling account ang {amount}. Pwede pa bang i-cancel?",
            "Pang-tuition yun ng kapatid ko. 'Under review' pa rin hanggang {day} {at}",
            "{at} mas mataas ang fee ng padala ngayon, bakit po?",
        ),
        ("Natanggap na po ni nanay, salamat!", "Wala pa rin po.", "Nasa message ko po ang reference."),
        private=0.15,
    ),
    Theme(
        "fees",
        "negative",
        6,
        (
            "{fee} overdraft dahil kulang ng {small}? {at} naman",
            "{at} para saan po itong {fee} na maintenance fee?",
            "sawa na ko sa fees ng {bank}, lilipat na ko sa {rival}",
        ),
        ("Salamat sa pag-refund ng fee.", "So hindi po ibabalik?"),
    ),
    Theme(
        "fraud",
        "negative",
        6,
        (
            "{at} may {amount} na charge sa {store} na hindi akin. Hindi pa ako nakakapunta ng {city}",
            "May tumawag, taga-{bank} daw, hinihingi ang OTP. Scam po ba ito {at}?",
            "{at} nauto po ang lola ko, nakapagpadala ng {amount}. Mababawi pa po ba?",
        ),
        ("Naibalik na po, maraming salamat.", "May bago na namang charge po."),
        private=0.3,
    ),
    Theme(
        "branch",
        "neutral",
        4,
        (
            "{at} bukas po ba ang {branch} sa Sabado?",
            "{at} pwede po bang mag-open ng account ang kapatid ko na kararating lang?",
            "Ang haba ng pila sa {branch}, isa lang ang teller {at}",
        ),
        ("Salamat po!", "Sige po, punta ako bukas."),
    ),
    Theme(
        "praise",
        "positive",
        8,
        (
            "Salamat {rep} ng {branch}, ang bait mo sa nanay ko ❤️ {at}",
            "{at} ang bilis ng sagot, hatinggabi pa dito. Salamat po!",
            "ganda ng bagong app {at} 👏",
            "Naibalik agad ang fee ko. Salamat {at}",
            "{at} salamat at pinigilan niyo ang scam sa tatay ko",
        ),
        ("💚 salamat ulit",),
    ),
    Theme(
        "campaign",
        "positive",
        3,
        (
            "Bumoto na ako para sa feeding program ng {city} #LarkmereGives 🙏",
            "Paano po sumali sa #LarkmereGives? {at}",
        ),
    ),
    Theme(
        "loan",
        "neutral",
        3,
        (
            "{at} pwede po bang mag-loan ng bahay kahit isang taon pa lang sa trabaho?",
            "{days} days na ang car loan ko, 'in review' pa rin {at}",
        ),
        ("Approved na po!", "Wala pa rin pong tawag."),
    ),
    Theme(
        "spam",
        "neutral",
        2,
        (
            "Kumita ng {big} sa bahay lang! Message me 💸💸",
            "Legit na pautang, walang requirements, {fee} processing fee lang po",
        ),
    ),
)
