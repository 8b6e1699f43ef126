"""Names. Surnames and companies are invented, and so is all that is said of anybody."""

from __future__ import annotations

from typing import NamedTuple

from attnbench.corpora.summarization.news.lexicon.entries import pair, pairs, words


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


def _country(line: str) -> Country:
    name, adjective, cities = line.split(" | ")
    return Country(*pair(name), *pair(adjective), tuple(cities.split()))


COUNTRIES = tuple(map(_country, _COUNTRIES.strip().splitlines()))
FIRST_NAMES = words("""
john david maria james ahmed li anna michael peter ivan paul elena robert kim carlos sarah omar thomas yuki
joseph laura martin nadia daniel victor rosa george ali helen simon tariq julia pedro karim alice samuel
igor diana felix hassan clara oscar mei leon vera hugo amina boris irene marco zara edwin lucia ravi nina
""")
SURNAMES = words("""
morgan petrov tanaka haddad silva weber okafor larsson novak rossi mendez kowalski dubois yilmaz fraser
nakamura ortega ivanov banerjee mbeki castro lindholm ferrari shapiro quiroga mazur lefevre demir sinclair
watanabe herrera volkov sharma dlamini moreno halvorsen conti levin rojas wojcik moreau aydin drummond
kobayashi vargas sokolov mehta nkosi delgado nystrom greco kaplan paredes zielinski girard kaya buchanan
yamada salazar orlov iyer mensah aguilar bergman marino friedman cardenas pawlak fournier arslan mcleod
suzuki guerrero popov nair kamau cabrera ekstrom ricci goldman escobar dudek lambert ozturk cameron fujita
navarro lebedev reddy otieno medina sandberg galli epstein villegas sikora mercier polat douglas matsuda
pacheco morozov kapoor achebe soto wallin ferraro abrams duarte krol chevalier sahin munro ishikawa miranda
kuznetsov bhatt wanjiru fuentes hedlund lombardi feldman pinto bielski renard celik nasser khalil mansour
aziz farouk darwish hamdan saleh najjar qasim bakri sabbagh jaber rahman siddiqui chaudhry malik qureshi
wijaya santoso hartono nguyen pham tran zhao huang zhou sun guo xu fernando perera horvath szabo nemeth toth
ionescu popescu dimitrov georgiev markovic petrovic nikolic babic kovac hansen olsen berg dahl strand
papadakis stavros laskaris vlahos osman bekele tesfaye abebe mutua kiprop
""")
COMPANIES = words("""
altona bexley corvex dynacor eltron farrow gentex halden inkwell jorvik kestrel lumina merton norvik optima
pellham quantis redmoor solaris tarmont unitec verdia westbrook xenon yarrow zephyr ardent bramley cobalt
delphi evergreen fairmont granite horizon ironbridge juniper keystone landmark monarch northgate
""")
COMPANY_ENDINGS = ("corp.", "inc.", "group", "ltd.", "holdings")
BODIES = pairs("""
united nations > un, european union > eu, nato, world bank, international monetary fund > imf, red cross,
world trade organization > wto, african union > au, arab league, opec, asian development bank > adb,
international olympic committee > ioc
""")
"""International bodies, said with the; but see ``BARE``."""
BARE = ("nato", "opec")
"""Those without an article."""
CLUBS = ("united", "rovers", "dynamo", "athletic", "wanderers", "rangers")
CUPS = (
    "world cup", "european cup", "asian cup", "champions league", "davis cup", "african cup", "grand prix",
    "golden league", "federation cup", "pacific cup",
)  # fmt: skip
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january", "march", "april", "june", "july", "september", "october", "december")
