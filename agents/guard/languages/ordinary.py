"""Ordinary words that stand one letter away from a word that matters and are not slips of it."""

from typing import Final

WORDS: Final = frozenset(
    """
    about above across act acts add after again against age ages ago aid air aired all alone along also among any app apps
    are area around art ask autopsy away awed axed back backed backing bag baked baking balanced balancer ball ballet balls
    ban band bands bang bans bar bark base bash bask be beer bees bell belt bent best bet bid big bike bile billed biller
    bin bind bird birds bit black blackout blank blocked blocks bloke bold bolt bond bonds bone bones boost born bought bounce bound
    bowl box boys brand brave break breeze brick bring brings broad brown brush buck buckle build built bulk bull bunk burn
    burrow bus bush business busy but buy cab cabs cafe cage cake call called calls calm came camp camped can cane cap cape
    capital captain car care cared careful cares carpet carry cars cart carts carve case cases cast casting cat catch cause
    caused cave cease cedar cell cents chain chair chalk chance chances change changed changes changing chapter charged
    charged charm charmed charming chart charted chased cheap checking cheek cheer cheering cheese chess chest chick chief
    child china chip choice choices choose chop chose chosen chuck city civic claims clam clan clash class classes clean
    cleaned cleaning clear clears clever click climb cling clinic clip cloak clock clocks clone close closely closer closes
    closest closet cloth clothes cloud clouds clown club coach coal coast coat code coin coins cold colder collar collect
    color come comes comment common cone cook cool cope copy cord core corn corner cost costs cough could count counted
    counter counts county couple course court courts cover covers cow crack craft crash crazy cream create credited crew
    crime crisp crop cross crowd crown cube cup curb cure curious current curve cushion custom customs cut cute cycle dad
    dame dare dark dash date day days dead deal dear debate decide declare deep deeper default defer define delay delays
    delight deliver demand dental dentist denied dense deny depart depend depends deposed depot depth desert design desk
    detail details devoid dial did died diner dinner direct dirt disc dish dive dock doctor does dog done door doors down
    drain draw dream dress drew drink drive drop drove dry due dull dumb dump during dust duty each ear earn earns earth
    ease easier east easy eat eaten edge edit edited editor effect effort egg eight either else ember empty end ended enter
    entire equal error errand escape even event events ever every exact exam expand expect expert express extend extends
    extent eye face fact fade fail fair faith fall family fan far farm fast fate favor fear feature fed feed feeds feel
    feels feet fell felt fence few field fight figure file filed files fill filled film final find finder finds fine fined
    finer fire fired firm first fish fit five fix fled flew float flock flood floor flow fly fold folded folder folders
    follow food foot for force forest forget fork form formal format former forms fort forth forty forum forward fought
    found four frame free freedom freezer freezes fresh friend from front frost fruit fuel full fun funder fundraiser funny
    further future gain game gap garden gas gate gave gear gently get gift girl give glad glass go goal goes gold golden
    golf gone good got grand grant graph grass gray great green grew grid grill group grow grown guard guess guest guide
    habit had hair half hall hand handed handle hang happen happy harbor hard harder hare harm has hash hat hate have haven
    having he head heal hear heard heart heat heavy held hello help her here hero herself hi hide high hike hill him hint
    hire hired his hit hits hold holder holders holding hole holiday home honest honey hood hook hope horse host hosted
    hot hotel hour hours house how huge human hundred hunt hurt ice idea ideal if ill image impact in inch incident include
    income index indeed infer inform inn inner input inside insight instead intend interested interests into invent invest
    invested invite iron island issue it item items its itself jam jar jazz job join joint joke joy judge juice jump june
    jury just keen keep kept key kick kid kill kind king kiss kit kitchen knee knew knife knock know known lab label lack
    ladder lady laid lake lamp land lane lap large laser last late later latter laugh launch law laws lawyer lay layer lazy
    lead leaf league lean learn lease least leave left leg legal lemon lend lends lens less lesson let letter level lever
    levels lid lie life lift light like liked likely likes line lined linen liner lines link links lion lip liquid list
    listen lit little live lives load loaded loaf local location locker lodge log logic logical logo logos lone long look
    looked looking looks loop loose lord lose loss lost lot loud love low lower loyal luck lucky lunch lung lunar mad made
    magic mail mailbox main make maker male mall man manage mane many map march mark market marks married mask mass master
    match mate math matter may maybe mayor me meal mean means meant meat media medal medical meet melt member memory men
    mend mental mention menu mercy merge merit mess met metal meter middle might mild mile miles milk mill mind mine minor
    minute mirror miss mix mixed mobile mode model modern moment monkey mood moon more morning most mother motion motor
    mount mouse mouth move moved movie much mud music must mute my nail name narrow nation native nature near nearby
    neat neck need needs neither nerve nest net never new news next nice night nine nobody noise none noon nor normal
    north nose not note noted notes nothing notice notion now number nurse nut object occur ocean odd of off offer office
    often oil okay old older on once one only onto open opener opens or orange orbit order ordered orders other otter ought
    our ours ourselves out outage outer oven over own owner owners owns pace pack pad page paid pail pain paint pair pan
    panel panic pants paper pardon parent park parks part parts party pass past path patient patrol pause paved pay payer
    payday peace peak pen pencil pension people pepper per period person pest phone photo pick picket pickup picnic piece
    pile pillow pilot pin pinch pine pink pint pipe pitch pizza place plain plan plane planet plans plant plate play played
    player please pledge plot plug plus pocket poem poet point pointed points pole police policies polish polite poll pond
    pony pool poor pop popular port pose posed posit position positive post poster posts pot pound pour power powers
    praise pray prefer prepaid press pretty price pride prime print prior prize probe proceed product profile profit
    project promise promote proof proper proud prove provide pub public pull pulled pump punch pure purple purpose purse
    push put quality quarter queen quest quick quiet quit quite quiz quote race radio rage raid rail rain raise raised ran
    rang range rank rate rates rather raw reach react read reader ready real realize rear reason rebate recall receipt
    recent recipe record records recover red reduce refer refers refine reform refresh refuse regard regards region regret
    reject rejoin relate related relation relax relay rely remain remark remind remit remote remove rent repair repeat
    repel reply report repose rescue rest result retail retain retire return reveal reverse review reward rhyme ribbon
    rice rich rid ride right ring rise risk rival river road roast robot rock rode role roll roof room root rope rose
    rotate rough round route row royal rub rude rug ruin rule run rural rush rust sad safe safer said sail sake salad salary
    sale salt same sand sang sank sash sat satin savage save saved saver saves saving savings savor saw say saying sayings
    says scale scan scare scared scene scent scheme school scope score scored scores scout scream screen script sea seal
    search season seat second secret section sector secure see seed seek seem seen self sell send sense sent series serious
    serve server set settle settled settler seven sever several shade shadow shake shall shame shape share sharp she shed
    sheep sheet shelf shell shift shine ship shirt shock shoe shook shoot shop shops shore short shot should shout show
    shown shut shy sick side sight sign signal silent silk silly silver similar simple since sing single sink sir sister
    sit site six size skate skill skin skip sky slam sleep slept slice slide slip slow small smart smell smile smoke smooth
    snack snake snap snow so soap soar social sock soft sold sole solid solve some son song soon sore sort soul sound soup
    sour source south space spare spark speak special speech speed spell spend spent spice spill spin split spoke sport
    spot spread spring square squad stack staff stage stair stake stale stamp stand star stare stars start state stated
    stay steady steal steam steel steep stem step stern stick still stitch stock stole stolen stone stood stop store storm
    story stove straight strain strange strap straw stream street stress stretch strict strike string strip stroke strong
    struck study stuff style subject such sudden suffer sugar suit sum summer sun sung super supply sure surely surf swap
    swear sweat sweep sweet swell swept swift swim swing swipe switch switches sword table tack tackle tag tail take taken
    tale talk tall tank tape target task taste tax taxed taxes taxi tea teach team tear tech teen tell ten tend tennis tense
    tent tents term terms test text than thank that the their theirs them then there these they thick thief thin thing
    things think third this those though thread three threw through throw thumb thus ticker tickets tie tied tight tile till
    time times tin tiny tip tire tired title to toast today toe together told tomorrow tone tongue tonight too took tool
    tooth top topic torn toss total touch tough tour tours toward towel tower town toy track trade trail train trait
    transfers transform transit translate travel tray treat tree trend trial tribe trick tried trip troop trouble truck
    true truly trunk trust truth try tube tune tunnel turn twelve twenty twice twin twist two type ugly uncle under unit
    unlucky until up upper upset urban urge us use used user usual vacation valid valley value van vary vast venue verb
    verse very vest vet via video view views village virus visa visas vision visit visits vista vital voice void volume
    vote wade wage wages wagon wait waited waiter waiting waive waives wake walk wall walls wallet want war ward wards warm
    warn warned warning wash waste watch water wave waved waver waves wax way we weak wealth wear weather web wedding week
    weigh weight weird welcome well went were west wet what wheat wheel when where which while whip white who whole whose
    why wide widely wife wild will win wind window wine wing winner winter wipe wire wired wise wish with within without
    witness woke woman won wonder wood wool word worded words wore work world worm worn worry worse worst worth would
    wound wow wrap wreck wrist write writer wrong wrote yard yards yarn yeah year yell yellow yes yet you young youth zero
    zone policy policies extensions credential credentials subscriptions cancel cancels verifies proceed precinct staples
    disperse dispersed resolve resolves stated station fund-raiser closings openings moneys hi-fi recreate recreated
    """.split()
)
