"""Words that say nothing of who somebody is, and words that are somebody's name.

A word with a capital letter stays in a text only when it is known to be harmless. One at the beginning of a sentence
has its capital letter from there, so everyday words are listed with which sentences begin.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HARMLESS = _words(
    """af fk cv it sfi sva kbt adhd add vab usk sms pdf ce be ok eu tv pc cnc mig tig vd hr kpi iva bup
    arbetsformedlingen forsakringskassan skatteverket pensionsmyndigheten kundcenter sverige norden europa komvux csn
    excel word office powerpoint windows linux mac autocad photoshop java python sap visma
    swedish english sweden monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
    svenska engelska b-korkort c-korkort ce-korkort"""
)
"""May have capital letters anywhere: authorities, programs, degrees of driving licences. Without marks on their letters."""

EVERYDAY = _words(
    """jag du han hon hen vi ni de den det dem man mig mitt min mina sin sitt sina var vara vart vara nagon nagot nagra
    ingen inget inga alla allt annan annat andra en ett tva tre fyra fem sex sju atta nio tio elva tolv forsta sista
    ar har hade har dar da nar nu sen sedan redan idag igar imorgon ibland ofta alltid aldrig kanske dock aven ocksa
    och eller men for att som om pa i av med utan till fran hos vid under over efter innan fore mellan genom mot bland
    inom utom utanfor kring omkring trots enligt pga dvs osv mfl ja nej inte ej bara mest minst mer mindre mycket lite
    kan kunde ska skulle vill ville maste bor borde far fick ger gav gar gick gor gjorde blir blev behover behovde tror
    trodde tycker tyckte tanker tankte kanner kande mar madde ser sag vet visste heter hette bodde trivs trivdes
    borjade borjar slutade slutar arbetar arbetade jobbar jobbade studerar studerade laser laste larde utbildade
    provade provar sokte soker hoppas onskar onskade saknar saknade orkar orkade klarar klarade sover sov vaknar
    pratar pratade talar talade skriver skrev tar tog kommer kom star stod sitter satt ligger lag haller holl
    bakgrund utbildning utbildningar arbete arbetet jobb jobbet yrke erfarenhet erfarenheter framtid framtiden tankar
    mal malet plan planer stod hjalp behov fragor svar grundskola grundskolan gymnasium gymnasiet hogskola hogskolan
    universitet folkhogskola examen kurs kurser praktik praktikplats provanstallning heltid deltid halvtid timmar
    timme dagar dag vecka veckor manad manader ar aren procent truckkort korkort intyg betyg data dator datorer sprak
    svenska engelska hemma ute inne ensam tillsammans ganska valdigt helst garna framat framover tidigare senare
    senast nyligen just precis dessutom daremot eftersom darfor nagonstans varje hela halva manga fa flera fler
    vad vem vilka vilken vilket hur varfor vart varifran bada samma sadan sadant sjalv hellre battre bast samre samst
    lager vard omsorg skola forskola butik kok restaurang kontor fabrik industri bygg transport stad verkstad skog
    barn familj rygg ryggen nacke axel axlar knan huvudvark smarta stress somn vila promenader traning rehabilitering
    inget ingenting allting lattare svarare lagom stort stor storsta liten nytt nya ny gammal gamla bra daligt
    kursen kurserna provet skolan yrket lonen chefen kollegor kollegorna doktorn lakaren handen handerna foten benen
    armen armarna ogonen horseln synen kroppen huvudet kansla kanslan planen planerna tanken uppgifter uppgifterna
    dagarna veckorna aret tiden ring bil bilen buss bussen tag taget cykel kollektivtrafik dricka ata maten mat
    ensamstaende gift skild sambo foraldrar syskon arbetslos arbetslosheten sjukskriven sjukpenning sjukersattning
    lakemedel medicin operation kirurgi cancer depression angest utmattning utmattad artros reumatism diabetes migran
    snickare elektriker malare murare svetsare kock servitor larare underskoterska sjukskoterska chauffor lokalvardare
    saljare ekonom jurist ingenjor tekniker montor mekaniker personlig assistent frisor bagare lantbruk skogsbruk
    socialt psykiskt fysiskt kroppsligt konkret ekonomi livet frisk sjuk stark svag trott pigg glad radd ledsen
    i've i'm i'd i'll my me we you he she it they this that these those there here the a an and or but if when while
    since before after during until with without for from to in on at by of about as is am are was were be been have
    has had do does did can could will would shall should may might must want wants need needs like likes hope think
    work worked working works study studied studying school degree years year months full part time now then later
    today also not no yes none some any all most more less very only just what how why where which who school
    education background experience thoughts ahead plans future job jobs used maybe because however both
    """
)
"""May begin a sentence. Without marks on their letters."""

HARMLESS_ENDINGS = (
    "ning", "ningen", "ningar", "are", "aren", "arna", "tion", "tionen", "het", "heten", "heter", "skap", "else",
    "elsen", "ande", "ende", "ade", "ades", "isk", "iska", "iskt", "ligt", "liga", "lig", "bar", "bart", "ment",
    "ering", "eringen", "ologi", "ist", "terska", "terskan", "arbete", "arbetet", "vard", "varden", "jobb", "tid",
)  # fmt: skip
"""How everyday words end, which may begin a sentence."""

NAMES = _words(
    """anna eva maria karin sara lena kerstin kristina emma malin jenny marie ingrid linda elin birgitta annika inger
    ulla susanne monica johanna hanna carina elisabeth sofia julia ann anneli christina margareta helena katarina
    gunilla barbro siv yvonne agneta camilla ida amanda josefin ellen frida sandra asa cecilia emilia linnea alice
    maja olivia astrid alva wilma klara vera stina berit gun gunnel lisa petra therese nina rut marianne pia lovisa
    lars mikael anders johan erik per peter karl jan thomas daniel fredrik hans bengt andreas stefan mats marcus bo
    mattias magnus jonas niklas martin sven bjorn alexander leif ulf patrik roger christer kjell goran david simon
    henrik joakim emil christoffer robert tommy rolf viktor oskar gustav nils tobias rickard hakan lennart stig olof
    olle kent gunnar ola kurt ake roland elias filip oliver hugo axel lukas adam arne jorgen robin bertil tord henning
    mohammed mohamed muhammed ahmed ali hassan hussein omar ibrahim yusuf abdi fatima aisha amina zahra layla leila
    maryam mariam samira nadia amal yasmin khadija zainab mehmet mustafa igor ivan vladimir natalia olga svetlana
    andersson johansson karlsson nilsson eriksson larsson olsson persson svensson gustafsson pettersson jonsson
    jansson hansson bengtsson jonsson lindberg jakobsson magnusson lindstrom olofsson lindqvist lindgren berg axelsson
    bergstrom lundberg lind lundgren lundqvist mattsson berglund fredriksson sandberg henriksson forsberg sjoberg
    wallin engstrom eklund danielsson lundin hakansson bjork bergman gunnarsson holm wikstrom samuelsson isaksson
    fransson bergqvist nystrom holmberg arvidsson lofgren soderberg nyberg blomqvist claesson nordstrom martensson
    lundstrom viklund bjorklund eliasson berggren sandstrom lund nordin strom aberg hermansson ekstrom falk holmgren
    hellstrom dahlberg hedlund sundberg sjogren ek blom abrahamsson martinsson oberg andreasson strand mansson ake
    akesson dahl lindholm norberg holmqvist jonasson hassan nguyen ibrahimovic kowalski novak"""
)
"""Names that many have; they go out in small letters, too. Without marks on their letters."""

TOWNS = _words(
    """alingsas almhult alvdalen alvesta alvkarleby alvsbyn aneby angelholm arboga arjang arjeplog arvidsjaur arvika
    asele askersund astorp atvidaberg avesta bastad bengtsfors bjurholm boden bollebygd bollnas boras borgholm
    borlange botkyrka boxholm bracke bromolla burlov danderyd degerfors dorotea eksjo emmaboda enkoping eskilstuna
    eslov essunga fagersta falkenberg falkoping falun fargelanda filipstad finspang forshaga gagnef gallivare gavle
    gislaved gnesta gnosjo gotland grastorp gullspang hagfors hallsberg hallstahammar halmstad hammaro haninge
    haparanda harjedalen harnosand harryda hassleholm hedemora helsingborg herrljunga hofors hoganas hogsby horby
    huddinge hudiksvall hultsfred hylte jarfalla jokkmokk jonkoping kalix kalmar karlsborg karlshamn karlskoga
    karlskrona karlstad katrineholm kavlinge kiruna knivsta koping kramfors kristianstad kristinehamn krokom kumla
    kungalv kungsbacka kungsor laholm landskrona lekeberg leksand lerum lessebo lidingo lidkoping linkoping ljungby
    ljusdal ljusnarsberg lomma ludvika lulea lycksele lysekil malung malungsalen mariestad markaryd mellerud mjolby
    molndal monsteras morbylanga motala mullsjo munkedal munkfors nacka nassjo norberg nordanstig nordmaling
    norrkoping norrtalje norsjo nybro nykoping nykvarn nynashamn ockelbo ockero odeshog olofstrom orebro orkelljunga
    ornskoldsvik orust oskarshamn osteraker ostersund osthammar ovanaker overkalix overtornea oxelosund pajala
    partille perstorp pitea ragunda rattvik robertsfors ronneby saffle salem sandviken sater savsjo sigtuna
    simrishamn sjobo skara skelleftea skinnskatteberg skovde skurup soderhamn soderkoping sodertalje solleftea
    sollentuna solna solvesborg sorsele sotenas staffanstorp stenungsund storfors storuman strangnas stromstad
    stromsund sundbyberg sundsvall sunne surahammar svalov svedala svenljunga tanum tibro tidaholm tierp timra
    tingsryd tjorn tomelilla toreboda torsas torsby tranas tranemo trelleborg trollhattan trosa tyreso uddevalla
    ulricehamn upplandsbro uppsala uppvidinge vadstena vaggeryd valdemarsvik vallentuna vanersborg vannas vansbro
    varberg vargarda varmdo varnamo vasteras vastervik vaxholm vaxjo vetlanda vimmerby vindeln vingaker ystad"""
)
"""Municipalities of five letters or more; they go out in small letters, too, unless so many live there that they may stay."""

EVERYDAY_AS_WELL = _words(
    """per bo bror jan ann lind berg holm ek strand strom falk lund dahl axel pia gun siv robin ida ingen ola simon rolf
    rut stig blom bjork kent may"""
)
"""Names that are everyday words, too, or parts of some: they need a capital letter, or a name beside them."""

PRESENTED = _words(
    """heter hette kallas kallades kallad namn namnet doktor doktorn dr fru herr name named called mr mrs ms dr."""
)
"""After these comes a name, also in small letters."""

STREETS = (
    "gatan", "gata", "vagen", "grand", "granden", "stigen", "allen", "esplanaden", "torget", "torg", "backen", "platsen",
    "grind", "street", "avenue",
)  # fmt: skip
"""How streets end."""

NO_STREETS = _words(
    """jarnvagen motorvagen landsvagen utvagen omvagen genvagen studievagen utbildningsvagen luftvagen huvudvagen vagen
    arbetsplatsen praktikplatsen platsen gatan uppforsbacken skidbacken backen stigen torget yrkesvagen
    mellanvagen livsvagen tagvagen bilvagen cykelvagen gangvagen parkeringsplatsen byggarbetsplatsen
    byggplatsen anlaggningsplatsen karriarvagen forsorjningsvagen aterkomstvagen transportvagen gata stigen"""
)
"""Words that end so and are no streets."""

MONTHS = _words(
    """januari februari mars april maj juni juli augusti september oktober november december january february march may
    june july august october"""
)
ENDINGS_OF_NUMBERS = _words(
    """a e an ar arig ariga aring aringen tal talet tiden h tim timmar kg km m cm st d v min ggr th st nd rd kr
    procent pct dagar veckor manader"""
)
"""May stand at a number: ``3:e``, ``90-talet``, ``40h``."""

NUMBER_WORDS = {
    **dict.fromkeys(
        _words(
            """noll nolla nollan ett etta ettan tva tvaa tre trea fyra fem femma sex sexa sju sjua atta attan nio nia zero
        one two three four five six seven eight nine oh"""
        ),
        1,
    ),
    **dict.fromkeys(
        _words(
            """tio elva tolv tretton fjorton femton sexton sjutton arton nitton tjugo trettio fyrtio femtio sextio sjuttio
        attio nittio tjugonde trettionde ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
        twenty thirty forty fifty sixty seventy eighty ninety forsta andra tredje fjarde femte sjatte sjunde attonde
        nionde tionde elfte tolfte trettonde fjortonde femtonde sextonde sjuttonde artonde nittonde dubbelnolla"""
        ),
        2,
    ),
    **dict.fromkeys(("hundra", "hundred"), 2),
    **dict.fromkeys(("tusen", "thousand"), 3),
}
"""How many digits a word stands for."""
