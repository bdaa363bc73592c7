"""Tagalog, as it is written with English mixed in: the words by what they do in a sentence."""

from typing import Final

from agents.guard.languages import en

_THINGS: Final = ("ACCOUNT", "EVENT", "MONEY", "SECRET", "CUSTOMER", "ONE_CUSTOMER", "STRONG", "PLURALS", "TECH", "DONE", "MESSAGED")

LEXICON: Final[dict[str, str]] = {tag: en.LEXICON[tag] for tag in _THINGS} | {
    "YOUR": "iyong inyong iyo inyo",
    "YOURS_AFTER": "mo ninyo niyo nyo",
    "YOU": "ka kayo ikaw mo ninyo niyo nyo sayo iyo inyo sa'yo",
    "MONEY": en.LEXICON["MONEY"] + " pera sahod sweldo bayad halaga",
    "EVENT": en.LEXICON["EVENT"] + " utang bayad hulog padala",
    "WE": "kami namin ako ko tayo natin",
    "OUR": "aming naming namin amin",
    "US": "amin namin",
    "ORG": "team bangko department system",
    "RECORDS": "records record system database files",
    "SEE": "nakita nakikita nakikitang napansin natuklasan nakumpirma kinumpirma lumalabas",
    "WEDID": "naibalik ibinalik binalik inayos naayos binuksan inalis tinanggal naipadala ipinadala pinadala nailipat inaprubahan naaprubahan na-refund nirefund na-unlock inunlock na-credit naicredit na-reverse na-waive pinalitan napalitan kinansela nakansela na-block na-approve naproseso na-process na-release natanggap nabayaran na-post nawala na-lift isinara nasara nabuksan",
    "WEHAVE": "",
    "STATE": "okay ok ayos active na pending ready approved unlocked bumalik",
    "PASTDID": "pumasok dumating bumalik nakapasok",
    "AUX": "ay na",
    "YOUARE": "ka kayo",
    "YOUHAVE": "mayroon meron may",
    "YOUDID": "nagbukas binayaran nagbayad nagpadala nagdeposito naghulog nag-apply nag-withdraw",
    "YOUWILL": "matatanggap makukuha makikita",
    "COMO": "bilang pagiging",
    "THANK": "salamat nagpapasalamat pinahahalagahan",
    "LOYAL": "tiwala pagtitiwala katapatan suporta loyalty",
    "COND": "kung kapag pag tuwing sakaling sinumang sinuman",
    "HOWTO": "tingnan i-check icheck suriin tumawag tawagan ibahagi i-share ishare ipost i-post ibigay protektahan ingatan i-lock ilock "
             "i-freeze palitan i-update buksan gamitin i-report mag-report magreport ilagay sabihin i-reset ireset pumunta "
             "bisitahin makita hihingin hinihingi humihingi hingin isama baguhin i-activate mag-log maglog i-type itago",
    "CANYOU": "maaari pwede puwede maaaring pwedeng puwedeng dapat",
    "WECAN": "gusto nais kailangan",
    "NEVER": "huwag wag hindi never walang wala",
    "NOT": "hindi wala walang",
    "AGAIN": "ulit muli ngayon bukas kahapon kanina",
    "DEF": "ang yung iyong itong ito iyan",
    "CROWD": "customers lahat sinuman mga sino clients",
    "FEELING": "nahihirapan nagagalit problema tanong komento message karanasan naging",
    "PREP": "sa ng para tungkol mula kay",
    "ADV": "na po nga rin din lang pa naman agad ngayon",
    "TAIL": "bawat loob kung",
    "ENGVERB": "refund unlock credit reverse waive approve block process release post lift reset send mail replace activate deposit "
               "transfer cancel debit charge close open fix unblock reimburse escalate receive verify decline resolve update",
    "NAME": "pangalan email numero number",
    "LITTLE_QUE": "na",
}

LITTLE: Final = (
    "ang ng sa na po ay mga kung at para hindi mo ninyo niyo ka kayo namin kami natin ito yung nang may lang din rin pa ko ako "
    "huwag salamat ba naman kapag pag si ni kay inyong iyong aming amin mag wag pwede maaari"
)
