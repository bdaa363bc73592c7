"""English: the words by what they do in a sentence about a person and a bank."""

from typing import Final

LEXICON: Final[dict[str, str]] = {
    # Who is spoken to, and who speaks.
    "YOU": "you u ya thou",
    "YOUR": "your ur yr thy",
    "YOURS": "yours yourself yourselves",
    "WE": "we i",
    "US": "us me",
    "OUR": "our my",
    "HIS": "his her",
    "THEIR": "their",
    "IT": "it they this that these those everything all both them one",
    "ORG": "lot folks people guys lads ladies girls boys chaps crew team teams specialist specialists agent agents colleague colleagues rep reps representative representatives "
           "department departments dept office staff manager managers banker bankers advisor advisors adviser officer "
           "officers analyst analysts underwriter underwriters underwriting investigator investigators processor "
           "supervisor bank crew associate associates group operations compliance servicing fraud disputes lending "
           "unit desk somebody someone support care system systems",
    "RECORDS": "records record files file database notes books ledger logs history log",
    "SCREEN": "system systems screen side end",
    # What a bank keeps for somebody.
    "ACCOUNT": "account accounts card cards checking savings chequing mortgage mortgages loan loans "
               "heloc ira 401k cd cds balance balances statement statements profile profiles membership "
               "wallet portfolio passbook checkbook chequebook brokerage annuity overdraft autopay "
               "billpay login logon logins username sign-in signin limit limits cardholder enrollment "
               "credit debit mastercard amex checks cheques cheque deposit deposits transaction "
               "transactions payment payments transfer transfers withdrawals policy subscription "
               "insurance plan investments investment pension",
    "EVENT": "refund refunds reimbursement reimbursements credit credits wire wires transaction transactions txn txns "
             "purchase purchases charge charges chargeback chargebacks withdrawal withdrawals claim claims dispute "
             "disputes application applications approval preapproval hold holds freeze block lock lockout restriction "
             "restrictions overdraft overdrafts fee fees penalty interest replacement replacements reissue installment "
             "installments bill bills cashback reward rewards points bonus reversal reversals adjustment extension "
             "escrow payoff refinance refi heloc paycheck paychecks payroll salary wages increase waiver disbursement "
             "payment payments transfer transfers deposit deposits debit debits authorization authorisation garnishment "
             "levy lien deduction remittance payout payback settlement arrears repayment repayments installment "
             "balance card cards account accounts loan mortgage statement check checks cheque limit login profile "
             "autopay direct-deposit order appraisal closing verification activation preauthorization pre-approval",
    "STRONG": "refund refunds reimbursement reversal chargeback chargebacks replacement reissue credit "
              "payout disbursement waiver dispute disputes claim claims approval preapproval hold holds "
              "lockout paycheck application applications case ticket file relationship increase payoff "
              "closing underwriting",
    "MONEY": "money funds cash dough sum amount amounts dollars bucks cents proceeds refund earnings",
    "SECRET": "pin pins password passwords passcode passcodes otp otps cvv cvc cvv2 ssn itin credentials pw passphrase "
              "login logins username usernames",
    "PAPERS": "documents document docs paperwork form forms signature id letter letters packet package envelope email "
              "text texts notice checkbook statement card appointment contract agreement title deed keys quote",
    "STAFF": "banker advisor adviser branch teller underwriter rm",
    "CUSTOMER": "customer customers client clients member members cardholder cardholders accountholder borrower "
                "borrowers depositor patron cardmember cardmembers shareholder applicant applicants holder homeowner "
                "saver savers",
    "ONE_CUSTOMER": "customer client member cardholder accountholder borrower depositor patron cardmember applicant",
    "PLURALS": "accounts cards payments transfers deposits transactions charges fees purchases refunds checks loans "
               "mortgages claims disputes applications statements balances holds limits rewards points credits wires "
               "withdrawals bills cheques debits paychecks savings",
    "DETAILS": "number numbers details detail information info",
    "HEADS": "design designs agreement agreements contract contracts terms pages methods method types type options option controls control goals goal journey dreams question questions inquiry enquiry needs app apps experience message messages post posts tweet comment feedback issue issues problem problems service services outage page site website machine machines network networks reader readers terminal terminals rates rate offers schedule program programs process policy policies free trouble backlog delays systems industry team specialist specialists education calculator tips advice fraud scams scam skimmers skimming features feature products product literacy workshop webinar basics habits opening security bureau bureaus union unions report reports score scores markets market research crunch party music parties",
    "TECH": "app apps site website webpage portal page sign post ad map link outage atm atms kiosk survey article "
            "poster video systems servers server typo phones hours map listing lobby elevator ramp door lights lot "
            "article blog graphic photo caption spelling calendar signage machine website platform glitch bug",
    "CROWD": "customers clients everyone everybody anyone anybody people members users many some cardholders others folks all affected impacted individuals those families businesses households students merchants owners parents applicants landlords tenants couples seniors veterans minors residents visitors travelers employers savers borrowers buyers homeowners nobody",
    # Verbs.
    "HAVE": "have has had having",
    "BE": "is are am was were be been being",
    "BEPAST": "was were been being got get gets getting",
    "BENOW": "is are am",
    "S": "'s",
    "NOT": "not never no neither nor without",
    "NEVER": "not never nobody none no without avoid",
    "CAN": "can could may might",
    "WILL": "will shall would should",
    "MODAL": "can could may might will would should must shall",
    "DO": "do does did",
    "TO": "to",
    "SAID": "says said show shows shown showing indicate indicates reflect reflects list lists tell tells confirm confirms",
    "SEE": "see sees saw seen seeing notice noticed noticing find found finding spot spotted locate located show showing "
           "shows shown view viewing identify identified detect detected",
    "LOOKED": "checked reviewed looked verified confirmed pulled located investigated researched traced examined audited "
              "found reviewing checking verifying investigating confirming",
    "DONE": "refunded reimbursed credited reversed waived unlocked unblocked unfrozen unfroze "
            "reissued debited repaid disbursed overdrawn withdrawn wired deposited charged billed "
            "approved declined preapproved reinstated cashed settled funded refinanced frozen froze "
            "garnished deducted enrolled overcharged recredited reactivated unsuspended unenrolled "
            "undercharged rebated compensated comped mailed couriered fedexed overnighted "
            "disputed underwritten denied escrowed bounced recouped remitted onboarded dinged "
            "backdated",
    "DID": "removed lifted closed processed released stopped replaced verified suspended restricted "
           "raised increased lowered reduced adjusted corrected linked unlinked extended cancelled "
           "canceled completed finalised finalized issued reset restored activated deactivated "
           "blocked locked paid dropped initiated submitted applied granted authorised authorized "
           "transferred pulled undone undid rescinded redone voided upgraded downgraded merged "
           "reprocessed resubmitted recalled transfered forgiven honored honoured untangled squared "
           "renewed dispatched delivered shipped returned posted cleared recovered zeroed unwound "
           "reopened straightened rectified erased eliminated topped",
    "DOING": "refunding reimbursing crediting reversing waiving unlocking unblocking reissuing "
             "processing releasing mailing shipping sending closing reviewing investigating replacing "
             "returning posting clearing removing lifting depositing transferring underwriting "
             "approving finalizing finalising issuing overnighting expediting disputing reinstating "
             "adjusting correcting cancelling canceling declining freezing blocking locking charging "
             "billing overcharging debiting restricting holding suspending restoring updating "
             "verifying",
    "ARRIVED": "arrived landed posted cleared bounced hit dropped failed settled came went returned reflected appeared "
               "disappeared vanished showed fell got reached made worked expired matured closed funded processed",
    "ARRIVE": "arrive arrives land lands hit hits clear clears post posts show shows showing appear appears drop drops "
              "reflect reflects disappear disappears vanish reach reaches come comes go goes settle settles fall falls "
              "reappear arriving landing clearing coming going dropping returning return",
    "STATE": "back unlocked unblocked active inactive open closed ready pending live settled overdue due frozen blocked "
             "locked restricted gone safe sorted complete completed done final scheduled good fine secure working "
             "ok okay there here waiting outstanding current paid verified past approved suspended lost stolen "
             "compromised set intact reactivated resolved fixed visible delayed stuck missing under near nearly almost "
             "with en inbound underway",
    "FINACT": "paid transferred deposited withdrew withdrawn owe owes owed borrowed applied opened closed switched enrolled charged billed refunded credited approved declined denied verified overdrawn overdrafted bounced disputed redeemed qualify qualified preapproved invested refinanced cosigned banked banking overpaid transacted swiped activated reimbursed prequalified unlocked locked blocked reinstated financed mortgaged cashed maxed authorised authorized",
    "KNOWN": "showing appearing listed registered enrolled on-file verified",
    "CALLED": "called phoned emailed mailed texted rang e-mailed telephoned contacted dialed dialled reached",
    "SPOKE": "spoke spoken talked discussed agreed speaking chatted talking",
    "MESSAGED": "dm dms message messages messaged dmed note reply replied private direct pm link inbox",
    "FEELING": "frustrated frustrating upset disappointed disappointing annoyed angry unhappy worried concerned having been "
               "waiting confused stressed how why what tagged tweeted messaged dmed reached reach sent asking asked "
               "posted commented replied mentioned shared saying looking interested following enjoyed enjoying love "
               "loved feel felt liked like want wanted wrote written noticed around there soon online on at in tomorrow "
               "through for getting need deserve deserved trying mean care feeling as all in",
    "THANK": "thank thanks thx appreciate appreciated appreciates grateful gratitude value valued values cheers thankful",
    "JOY": "love loved glad happy honored honoured proud privilege pleasure lucky thrilled delighted excited great "
           "pleased congrats congratulations enjoy enjoying cheers celebrate celebrating hope hooray yay wonderful awesome good",
    "SORRY": "sorry apologies apologize apologise regret apologizing apologising apology",
    "LOYAL": "loyalty business patronage relationship custom trust membership continued support",
    "STAYING": "banking choosing staying sticking joining switching opening continuing investing borrowing financing "
               "trusting saving refinancing keeping depositing transferring renewing enrolling applying paying",
    # Little words.
    "ADV": "just already now also recently still successfully fully actually simply always currently really finally then "
           "today gladly happily only even ever once quickly immediately promptly personally manually proactively since "
           "again yesterday earlier absolutely definitely certainly indeed both well all officially completely "
           "temporarily permanently safely probably likely maybe perhaps usually typically normally generally often "
           "initially recently correctly incorrectly mistakenly accidentally gone ahead and so too",
    "LINK": "of for from on in at to with about by into via through under against per than regarding re",
    "PREP": "of for from on in at with about by into via through under against per over between regarding after before",
    "DEF": "the this that these those",
    "DEFINITE": "the this that these those both each said his her your two three double duplicate second first other "
                "extra original latest last recent most",
    "INDEF": "a an any some",
    "AND": "and or &",
    "COND": "if whenever unless whether suppose supposing provided providing assuming where wherever",
    "WHEN": "when once while until till after before",
    "QUALIFIED": "who that",
    "LABEL": "name email e-mail phone handle address username information info details number id ssn",
    "SPECIFIC": "missing replacement second duplicate disputed declined double extra closed stuck",
    "BYTHEN": "today tomorrow tonight yesterday monday tuesday wednesday thursday friday saturday "
              "sunday morning afternoon evening overnight shortly soon momentarily midnight noon "
              "weekend sundown eod cob",
    "PLACE": "app online website site web atm atms branch branches mobile phone desktop settings menu tab dashboard "
             "browser inbox computer kiosk keypad counter lobby phone hotline device browser",
    "ROUTINE": "regularly often anytime daily weekly monthly every always whenever unusual unfamiliar suspicious "
               "unauthorized unauthorised unrecognized frequently periodically closely carefully never any time "
               "unexpected each fraud",
    "TAIL": "if when whenever unless once each every per within monthly annually automatically typically usually normally "
            "generally by daily until for after at",
    # How-to verbs: what a stranger could be told as well.
    "HOWTO": "check view see find review look use call visit contact report freeze unfreeze lock "
             "unlock reset change update set manage order request activate replace cancel dispute "
             "track monitor protect keep secure share post give send enter provide log sign open tap "
             "select choose go click pay transfer deposit add link connect download turn enable "
             "disable adjust verify apply schedule bring have talk reach dial ask speak learn read "
             "compare move make store write cover insert remove switch consider think treat guard "
             "recover register enroll start stop increase raise lower block watch access withdraw "
             "spend shop swipe include type disclose reveal hand tell put upload print copy save grow "
             "build stretch plan budget organize customize personalize touch hold scan mention message "
             "confirm match shred destroy rotate customise guess lend email text dm leave get fund "
             "finance avoid close pause notify create edit name safeguard pull",
    "PEEK": "check see look view review watch notice access use log sign withdraw spend shop swipe enjoy confirm open",
    "TELLING": "share sharing post posting send sending give giving provide providing include including tell telling type "
               "typing enter entering disclose disclosing reveal revealing confirm confirming dm message put submit reply "
               "email text read verify hand supply",
    "GERUND": "checking viewing reviewing using calling visiting contacting reporting freezing locking unlocking resetting "
              "changing updating setting managing ordering activating replacing tracking monitoring protecting keeping "
              "securing sharing posting giving sending entering providing logging signing opening linking connecting "
              "turning adding scheduling accessing watching",
    "GUARDS": "keep keeps protect protects help helps secure secures safeguard safeguards lets allow "
              "allows enable enables make makes give gives add adds show shows stop stops",
    "VILLAIN": "scammers scammer fraudsters fraudster criminals criminal thieves thief crooks hackers hacker imposters "
               "impostor impostors anyone nobody somebody someone stranger strangers caller callers banks "
               "merchants stores retailers they people anybody bank employee employees staff",
    "WANT": "want need like love happy glad able going ready trying hope willing pleased",
    "PLEASE": "please kindly pls plz just simply always also then first instead next so and or but never not do",
    "START": "please kindly hi hello hey thanks great sure yes no ok okay well also then and so but or instead next first "
             "tip note remember reminder always never simply just",
    "NUMBER": "one two three four five six seven eight nine ten eleven twelve twenty both couple several few",
    "YEARS": "years year decade decades months anniversary 1980s 90s",
    "HIRED": "family team",
    "WAY": "way mail post",
    "CASE": "case ticket claim reference ref complaint dispute file incident inquiry request confirmation",
    "ACTED": "sent missed filed earned purchased saved wrote held own owned cancelled canceled "
             "subscribed signed moved ordered requested linked submitted provided completed uploaded "
             "received receive added changed updated left reported made make spent bought joined "
             "started set got took built put registered built wired have used",
    "KEPT": "access file case ticket relationship records enrolment subscription policy account "
            "banking credentials finances tab pin fico score identity coverage safe-deposit box "
            "escrow line lines limit limits preferences appointment company firm shop favor favour "
            "title eligibility beneficiary trust estate prequalification renewal apr apy interest "
            "paperwork",
    "LIGHT": "expedited sent opened moved took taken put placed made given gave run ran found located logged "
             "created filed started escalated added set received booked switched turned changed fixed "
             "resolved handled sorted flagged updated boosted cut matched ordered requested arranged "
             "scheduled rescheduled registered patched secured pushed bumped deleted cleaned traced "
             "reviewed noted marked migrated got wiped wrapped figured tracked",
    "HOLD": "hold holds lock block freeze flag restriction dispute claim case lien levy garnishment "
            "overdraft chargeback withdrawal withdrawals transaction transactions payment payments "
            "transfer transfers deposit deposits charge charges balance application note alert stop "
            "refund credit debit",
    "FINBASE": "refund reimburse credit reverse waive unlock unblock charge bill debit approve decline "
               "release reissue freeze block close send mail post return process overcharge deposit deny",
    "OTHERS": "employer landlord merchant browser phone device carrier retailer nearest local closest "
              "provider",
    "ITEM": "account card loan mortgage statement balance deposit transfer payment charge refund fee "
            "hold dispute claim application wire money funds cash credit debit overdraft refi "
            "refinance checking savings paycheck reimbursement reversal withdrawal purchase "
            "transaction replacement chargeback heloc dough payout direct-deposit check cheque stop "
            "block freeze mortgages loans payoff escrow pin penalty interest",
    "PASTV": "spoke took made had got went saw found told sent left gave heard wrote brought stopped "
             "kept held felt met paid bought thought knew came became began chose drew drove ate fell "
             "flew forgot forgave grew hid laid led lent lost meant ran rode rose said sat sold shook "
             "showed slept stood stole stuck swore taught threw understood woke won wore built caught "
             "did gone given taken seen written spoken known grown eaten fallen chosen begun shown "
             "hung rang sang drank bit dug fed fought lay lit sank shot slid spun split swept swam "
             "tore wept wound withdrew overdrew repaid undid redid forwent oversaw",
    "SAFEPAST": "shared passed heard read noted apologized apologised replied responded posted launched "
                "announced asked seen loved enjoyed met missed raised donated planted won partnered "
                "forwarded flagged reported brought hoped wanted tried meant wondered felt thought said "
                "mentioned listened noticed learned learnt saw been hosted sponsored celebrated joined "
                "visited talked laughed smiled understood known published hired welcomed built added "
                "extended started grown grew painted collected written wrote invited teamed used improved "
                "redesigned renamed expanded worked committed supported served highlighted featured "
                "alerted informed let",
    "YOUSAFE": "mentioned posted said shared described experienced felt had waited asked wrote written "
               "reached contacted messaged dmed tweeted tagged commented replied responded noticed saw "
               "seen heard read liked loved enjoyed hated wanted needed expected hoped thought meant "
               "tried got gotten came come stopped took taken treated told spent found met attended "
               "joined watched missed went gone faced encountered wished explained pointed brought "
               "raised flagged let put made gave reported looking based located affected interested "
               "concerned supposed included pictured invited welcomed feeling left caught considered "
               "decided wondered chose chosen picked suggested learned understood cared stood lost "
               "handed traveled travelled worried frustrated upset annoyed disappointed confused stuck "
               "stranded excited listed quoted linked helped served ignored rushed disrespected "
               "inconvenienced delayed sent tired did done",
    "FIXEDV": "fixed resolved solved corrected repaired replaced restored updated sorted addressed "
              "patched removed identified found published posted translated moved changed cleared "
              "reopened opened closed extended cancelled canceled rescheduled postponed cleaned handled "
              "improved planned scheduled redesigned printed painted installed",
    "MATTER": "issue issues problem problems error errors bug bugs glitch outage incident cause fix "
              "update typo disruption",
    "NEUTRAL": "goals goal journey dreams question questions inquiry enquiry needs options app apps message messages post posts "
               "tweet comment feedback tips education habits",
    "SAFEOWN": "message messages post posts tweet tweets feedback comment comments question questions patience experience privacy safety "
               "security opinion opinions voice idea ideas suggestion suggestions word words kindness trust time concern concerns "
               "satisfaction comfort community help report photo photos picture story review reviews team dog cat pet phone device "
               "browser app computer understanding interest view views point thoughts thought input dm dms note reply handle profile-picture "
               "city town neighborhood school event podcast song dream dreams goals goal frustration disappointment anger side end day night "
               "week weekend morning evening birthday smile energy art mural work effort efforts call calls visit wait first family kids kid child children",
    "COLLOQUIAL": "nixed squashed axed scrapped popped knocked ironed whacked zapped binned wangled swung nudged chucked bunged stuck",
    "KIND": "patient honest open frank kind sharing share chatting chat talking talk working work "
            "speak speaking touch upset angry happy unhappy connect welcome frustrated disappointed "
            "here bear bearing stick sticking left",
}

# Every listed past form, whatever else it is.
LEXICON["PAST"] = " ".join(
    sorted(
        {word for words in LEXICON.values() for word in words.split() if word.endswith("ed") and len(word) > 4}
        | set(f"{LEXICON['PASTV']} {LEXICON['DONE']}".split())
    )
)

LITTLE: Final = (
    "the a an and or but if of to in on for with at by from is are was be been it this that we you our your us not do can "
    "will have has as so please thank thanks here there when what how more all any out up about who them they he she i my "
    "no yes just than then their were would could should very too also into over only its which these those hello hi hey"
)
