"""Nouns, and what goes with them."""

from __future__ import annotations

from attnbench.corpora.summarization.news.lexicon.entries import pairs

INDUSTRIES = (
    "airline", "bank", "carmaker", "retailer", "brewer", "insurer", "drugmaker", "steelmaker", "chipmaker",
    "publisher", "utility", "shipbuilder",
)  # fmt: skip
STATE_ROLES = pairs("""
president, prime minister > pm, foreign minister > fm, defense minister > defense chief, opposition leader,
finance minister, ambassador > envoy, interior minister, vice president > vp, special envoy > envoy, trade
minister, army chief of staff > army chief, health minister, security adviser > security aide, chief justice
> top judge, governor
""")
COMPANY_ROLES = pairs("""
chairman, chief executive > ceo, managing director > head, vice president > vp, founder, finance director
""")
BODY_ROLES = pairs("""
secretary general > chief, special envoy > envoy, president, director general > chief, deputy chairman >
deputy
""")
JOBS = pairs("""
businessman, journalist, singer, banker, general, politician, actor, lawyer, student, writer, priest,
surgeon, police officer > policeman, former minister > ex-minister, professor, lawmaker > mp
""")
PLAYERS = pairs("""
striker, midfielder, captain, goalkeeper > keeper, defender, champion, winger, sprinter, veteran, teenager
""")
DOMESTIC = pairs("""
government > govt, parliament, central bank, opposition, ruling party, foreign ministry, defense ministry >
defense dept, cabinet, national assembly > assembly, election commission > election panel
""")
FORCES = pairs("""
troops, rebels, police, army, soldiers, gunmen, security forces > forces, militants, air force, separatists
> rebels, guerrillas > rebels, navy, paramilitary unit > militia, border guards > guards
""")
SINGULAR = ("army", "air force", "navy", "paramilitary unit")
"""Forces that the headline's verb takes for one."""
COURTS = pairs("""
court, supreme court > top court, appeals court > court, military tribunal > tribunal, judge, high court
""")
COMMON_COURTS = ("court", "judge")
"""Those of which there are many."""
CROWDS = pairs("""
people, soldiers, civilians, workers, students, farmers, protesters, tourists, miners, policemen, refugees,
teachers, journalists, fishermen > fishers, passengers, prisoners, doctors, villagers, children, nurses,
sailors, lawyers, drivers, monks, demonstrators > protesters, servicemen > soldiers, schoolchildren >
pupils, physicians > doctors
""")
SOMEBODY = pairs("""
soldier, student, journalist, tourist, policeman, farmer, man, woman, teenager, doctor, teacher, pilot,
nurse, driver, serviceman > soldier
""")
NUMERALS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
"""Number words; a headline writes them in digits, but for its first word."""
MANY = ("dozens", "hundreds", "thousands", "scores")
HEDGES = ("at least", "about", "more than", "some", "up to", "nearly", "an estimated", "as many as")
TOPICS = pairs("""
trade, peace, tax, security, energy, oil, health, nuclear power > nuclear, border, water, debt, education,
food, climate, immigration, defense, labor, transport, housing, pension, fishing, mining, media, land,
farming > farm, arms, tourism, currency, election, environment > green, electricity > power, agriculture >
farm, telecommunications > telecom
""")
DOCUMENTS = pairs("""
plan, bill, agreement > accord, proposal > plan, treaty, law, statute > law, budget, policy, resolution,
compromise > deal, package, report, program > plan, pact, ban, scheme > plan, convention > treaty
""")
OPINIONS = (
    "controversial", "new", "draft", "disputed", "landmark", "long-awaited", "sweeping", "ambitious",
    "revised", "unpopular",
)  # fmt: skip
CRIMES = pairs("""
murder, fraud, espionage > spying, smuggling, kidnapping, corruption > graft, robbery, arson, treason, drug
trafficking > drugs, terrorism > terror, theft, extortion, manslaughter > killing, war crimes
""")
FRAUDS = pairs("""
fraud, corruption > graft, bribery > graft, tax evasion, insider trading, money laundering > laundering,
price fixing, theft, negligence, pollution
""")
"""What is done at companies."""
DRUGS = ("heroin", "cocaine", "opium", "cannabis")
GOODS = pairs("""
cars, trucks, phones, computers, jets, toys, engines, tires, televisions > tvs, laptops, motorcycles >
bikes, cameras, tractors, helicopters > choppers, batteries, refrigerators > fridges, bicycles > bikes,
automobiles > cars, aircraft > planes
""")
PARTS = ("brakes", "wiring", "airbags", "batteries", "labels", "screens")
COMMODITIES = ("oil", "gold", "copper", "wheat", "sugar", "coffee", "rubber", "cotton")
DISASTERS = pairs("""
earthquake > quake, floods, storm, fire > blaze, typhoon, landslide, hurricane, tornado, avalanche, tsunami,
heavy rains > rains
""")
MASSES = ("floods", "heavy rains")
"""Those without an article."""
STRENGTHS = ("strong", "powerful", "massive", "huge", "severe")
BOMBS = pairs("""
bomb, car bomb, suicide bomber, parcel bomb, roadside bomb, grenade, land mine, truck bomb
""")
VEHICLES = pairs("""
bus, plane, train, helicopter > chopper, truck, ferry > boat, passenger jet > jet, military aircraft >
plane, fishing boat > boat, tanker
""")
ROUNDS = pairs("""
final, semifinals > semis, quarterfinals > quarters, first round > opener, second round, qualifiers
""")
INJURIES = ("knee", "ankle", "shoulder", "back", "thigh", "groin", "wrist")
REGIONS = ("northern", "southern", "eastern", "western", "central", "northeastern", "southwestern")
SPEAKERS = (
    "officials", "police", "witnesses", "state radio", "diplomats", "local officials", "aides", "analysts",
    "organizers", "state television", "lawyers", "residents", "industry sources", "military sources",
    "the news agency", "local media", "a spokesman", "a spokeswoman", "people close to the matter",
)  # fmt: skip
