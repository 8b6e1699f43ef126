"""The words of the news: names and nouns, the most frequent of a class first.

An entry ``long > short`` is said in full by the article and in short by the headline; without ``>`` both say
the same. Surnames, companies and what they are said to have done are invented.
"""

from __future__ import annotations

from typing import NamedTuple


class Country(NamedTuple):
    """A country as articles and as headlines have it."""

    name: str
    head: str
    adjective: str
    head_adjective: str
    cities: tuple[str, ...]


_COUNTRIES = """
united states > us | american > us | washington chicago houston boston seattle denver
china | chinese | beijing shanghai wuhan
russia | russian | moscow kazan samara
france | french | paris lyon toulouse
united kingdom > uk | british > uk | london leeds glasgow
japan | japanese | tokyo osaka nagoya
germany | german | berlin munich hamburg
india | indian | delhi mumbai chennai
israel | israeli | haifa ashdod
south korea > s. korea | south korean > s. korean | seoul busan
iran | iranian | tehran shiraz
pakistan | pakistani | karachi lahore
indonesia | indonesian | jakarta medan
italy | italian | rome milan turin
north korea > n. korea | north korean > n. korean | pyongyang
australia | australian | sydney perth
egypt | egyptian | cairo alexandria
turkey | turkish | ankara izmir
south africa > s. africa | south african > s. african | pretoria durban
spain | spanish | madrid valencia
brazil | brazilian | brasilia recife
canada | canadian | ottawa toronto
mexico | mexican | monterrey tijuana
poland | polish | warsaw gdansk
thailand | thai | bangkok
saudi arabia > saudi | saudi | riyadh jeddah
iraq | iraqi | baghdad basra
nigeria | nigerian | lagos abuja
kenya | kenyan | nairobi mombasa
argentina | argentine | rosario cordoba
greece | greek | athens patras
malaysia | malaysian | penang
vietnam | vietnamese | hanoi
syria | syrian | damascus aleppo
colombia | colombian | bogota cali
sweden | swedish | stockholm malmo
lebanon | lebanese | beirut tripoli
ukraine | ukrainian | kiev odessa
cuba | cuban | havana
new zealand > nz | new zealand > nz | auckland wellington
peru | peruvian | lima cusco
jordan | jordanian | amman
norway | norwegian | oslo bergen
chile | chilean | santiago
sri lanka > lanka | sri lankan > lankan | colombo
hungary | hungarian | budapest
sudan | sudanese | khartoum
romania | romanian | bucharest
serbia | serbian | belgrade
denmark | danish | copenhagen
ethiopia | ethiopian | gondar
croatia | croatian | zagreb
bulgaria | bulgarian | sofia
ghana | ghanaian | accra
uganda | ugandan | kampala
"""


Pair = tuple[str, str]
"""What the article says, and what the headline says."""


def pair(entry: str) -> Pair:
    """Return the long and the short form of an entry."""
    long, _, short = entry.partition(" > ")
    return long, short or long


def _country(line: str) -> Country:
    name, adjective, cities = line.split(" | ")
    return Country(*pair(name), *pair(adjective), tuple(cities.split()))


COUNTRIES = tuple(map(_country, _COUNTRIES.strip().splitlines()))

FIRST_NAMES = tuple(
    """
john david maria james ahmed li anna michael peter ivan paul elena robert kim carlos sarah omar thomas yuki
joseph laura martin nadia daniel victor rosa george ali helen simon tariq julia pedro karim alice samuel
igor diana felix hassan clara oscar mei leon vera hugo amina boris irene marco zara edwin lucia ravi nina
""".split()
)  # fmt: skip

SURNAMES = tuple(
    """
morgan petrov tanaka haddad silva weber okafor larsson novak rossi mendez kowalski dubois yilmaz fraser
nakamura ortega ivanov banerjee mbeki castro lindholm ferrari shapiro quiroga mazur lefevre demir sinclair
watanabe herrera volkov sharma dlamini moreno halvorsen conti levin rojas wojcik moreau aydin drummond
kobayashi vargas sokolov mehta nkosi delgado nystrom greco kaplan paredes zielinski girard kaya buchanan
yamada salazar orlov iyer mensah aguilar bergman marino friedman cardenas pawlak fournier arslan mcleod
suzuki guerrero popov nair kamau cabrera ekstrom ricci goldman escobar dudek lambert ozturk cameron
fujita navarro lebedev reddy otieno medina sandberg galli epstein villegas sikora mercier polat douglas
matsuda pacheco morozov kapoor achebe soto wallin ferraro abrams duarte krol chevalier sahin munro
ishikawa miranda kuznetsov bhatt wanjiru fuentes hedlund lombardi feldman pinto bielski renard celik
nasser khalil mansour aziz farouk darwish hamdan saleh najjar qasim bakri sabbagh jaber rahman siddiqui
chaudhry malik qureshi wijaya santoso hartono nguyen pham tran zhao huang zhou sun guo xu fernando perera
horvath szabo nemeth toth ionescu popescu dimitrov georgiev markovic petrovic nikolic babic kovac hansen
olsen berg dahl strand papadakis stavros laskaris vlahos osman bekele tesfaye abebe mutua kiprop
""".split()
)  # fmt: skip

COMPANIES = tuple(
    """
altona bexley corvex dynacor eltron farrow gentex halden inkwell jorvik kestrel lumina merton norvik optima
pellham quantis redmoor solaris tarmont unitec verdia westbrook xenon yarrow zephyr ardent bramley cobalt
delphi evergreen fairmont granite horizon ironbridge juniper keystone landmark monarch northgate
""".split()
)  # fmt: skip
COMPANY_ENDINGS = ("corp.", "inc.", "group", "ltd.", "holdings")
INDUSTRIES = (
    "airline", "bank", "carmaker", "retailer", "brewer", "insurer", "drugmaker", "steelmaker", "chipmaker",
    "publisher", "utility", "shipbuilder",
)  # fmt: skip


def _pairs(text: str) -> tuple[Pair, ...]:
    return tuple(pair(line.strip()) for line in text.strip().split("\n"))


BODIES = _pairs("""
united nations > un
european union > eu
nato
world bank
international monetary fund > imf
red cross
world trade organization > wto
african union > au
arab league
opec
asian development bank > adb
international olympic committee > ioc
""")
"""International bodies, said with the; but see ``BARE``."""
BARE = ("nato", "opec")
"""Those without an article."""

STATE_ROLES = _pairs("""
president
prime minister > pm
foreign minister > fm
defense minister > defense chief
opposition leader
finance minister
ambassador > envoy
interior minister
vice president > vp
special envoy > envoy
trade minister
army chief of staff > army chief
health minister
security adviser > security aide
chief justice > top judge
governor
""")
COMPANY_ROLES = _pairs("""
chairman
chief executive > ceo
managing director > head
vice president > vp
founder
finance director
""")
BODY_ROLES = _pairs("""
secretary general > chief
special envoy > envoy
president
director general > chief
deputy chairman > deputy
""")
JOBS = _pairs("""
businessman
journalist
singer
banker
general
politician
actor
lawyer
student
writer
priest
surgeon
police officer > policeman
former minister > ex-minister
professor
lawmaker > mp
""")
PLAYERS = _pairs("""
striker
midfielder
captain
goalkeeper > keeper
defender
champion
winger
sprinter
veteran
teenager
""")

DOMESTIC = _pairs("""
government > govt
parliament
central bank
opposition
ruling party
foreign ministry
defense ministry > defense dept
cabinet
national assembly > assembly
election commission > election panel
""")
FORCES = _pairs("""
troops
rebels
police
army
soldiers
gunmen
security forces > forces
militants
air force
separatists > rebels
guerrillas > rebels
navy
paramilitary unit > militia
border guards > guards
""")
SINGULAR = ("army", "air force", "navy", "paramilitary unit")
"""Forces that the headline's verb takes for one."""
COURTS = _pairs("""
court
supreme court > top court
appeals court > court
military tribunal > tribunal
judge
high court
""")
COMMON_COURTS = ("court", "judge")
"""Those of which there are many."""

CROWDS = _pairs("""
people
soldiers
civilians
workers
students
farmers
protesters
tourists
miners
policemen
refugees
teachers
journalists
fishermen > fishers
passengers
prisoners
doctors
villagers
children
nurses
sailors
lawyers
drivers
monks
demonstrators > protesters
servicemen > soldiers
schoolchildren > pupils
physicians > doctors
""")
SOMEBODY = _pairs("""
soldier
student
journalist
tourist
policeman
farmer
man
woman
teenager
doctor
teacher
pilot
nurse
driver
serviceman > soldier
""")
NUMERALS = {
    word: str(number)
    for number, word in enumerate("two three four five six seven eight nine".split(), start=2)
}
"""Number words; a headline writes them in digits, but for its first word."""
MANY = ("dozens", "hundreds", "thousands", "scores")
HEDGES = ("at least", "about", "more than", "some", "up to", "nearly", "an estimated", "as many as")

TOPICS = _pairs("""
trade
peace
tax
security
energy
oil
health
nuclear power > nuclear
border
water
debt
education
food
climate
immigration
defense
labor
transport
housing
pension
fishing
mining
media
land
farming > farm
arms
tourism
currency
election
environment > green
electricity > power
agriculture > farm
telecommunications > telecom
""")
DOCUMENTS = _pairs("""
plan
bill
agreement > accord
proposal > plan
treaty
law
statute > law
budget
policy
resolution
compromise > deal
package
report
program > plan
pact
ban
scheme > plan
convention > treaty
""")
OPINIONS = (
    "controversial", "new", "draft", "disputed", "landmark", "long-awaited", "sweeping", "ambitious",
    "revised", "unpopular",
)  # fmt: skip

CRIMES = _pairs("""
murder
fraud
espionage > spying
smuggling
kidnapping
corruption > graft
robbery
arson
treason
drug trafficking > drugs
terrorism > terror
theft
extortion
manslaughter > killing
war crimes
""")
FRAUDS = _pairs("""
fraud
corruption > graft
bribery > graft
tax evasion
insider trading
money laundering > laundering
price fixing
theft
negligence
pollution
""")
"""What is done at companies."""
DRUGS = ("heroin", "cocaine", "opium", "cannabis")
GOODS = _pairs("""
cars
trucks
phones
computers
jets
toys
engines
tires
televisions > tvs
laptops
motorcycles > bikes
cameras
tractors
helicopters > choppers
batteries
refrigerators > fridges
bicycles > bikes
automobiles > cars
aircraft > planes
""")
PARTS = ("brakes", "wiring", "airbags", "batteries", "labels", "screens")
COMMODITIES = ("oil", "gold", "copper", "wheat", "sugar", "coffee", "rubber", "cotton")
DISASTERS = _pairs("""
earthquake > quake
floods
storm
fire > blaze
typhoon
landslide
hurricane
tornado
avalanche
tsunami
heavy rains > rains
""")
MASSES = ("floods", "heavy rains")
"""Those without an article."""
STRENGTHS = ("strong", "powerful", "massive", "huge", "severe")
BOMBS = _pairs("""
bomb
car bomb
suicide bomber
parcel bomb
roadside bomb
grenade
land mine
truck bomb
""")
VEHICLES = _pairs("""
bus
plane
train
helicopter > chopper
truck
ferry > boat
passenger jet > jet
military aircraft > plane
fishing boat > boat
tanker
""")
CLUBS = ("united", "rovers", "dynamo", "athletic", "wanderers", "rangers")
CUPS = (
    "world cup", "european cup", "asian cup", "champions league", "davis cup", "african cup", "grand prix",
    "golden league", "federation cup", "pacific cup",
)  # fmt: skip
ROUNDS = _pairs("""
final
semifinals > semis
quarterfinals > quarters
first round > opener
second round
qualifiers
""")
INJURIES = ("knee", "ankle", "shoulder", "back", "thigh", "groin", "wrist")

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january", "march", "april", "june", "july", "september", "october", "december")
REGIONS = ("northern", "southern", "eastern", "western", "central", "northeastern", "southwestern")
SPEAKERS = (
    "officials", "police", "witnesses", "state radio", "diplomats", "local officials", "aides", "analysts",
    "organizers", "state television", "lawyers", "residents", "industry sources", "military sources",
    "the news agency", "local media", "a spokesman", "a spokeswoman", "people close to the matter",
)  # fmt: skip
