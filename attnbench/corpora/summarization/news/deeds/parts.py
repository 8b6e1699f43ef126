"""Clauses within others."""

ACTS = """
ratify the agreement on TOPIC
    ratify= TOPIC accord=agreement
withdraw NUMBER troops from COUNTRY
    withdraw= NUMBER troops= from= COUNTRY
resume talks with COUNTRY
    resume= talks= with= COUNTRY
lower taxes on GOODS
    cut=lower taxes= on= GOODS
release NUMBER prisoners
    free=release NUMBER prisoners=
accept DOC
    accept= DOC
hold elections in MONTH
    hold= elections= in= MONTH
halt the violence in CITY
    halt= CITY violence=
send aid to COUNTRY
    send= aid= to= COUNTRY
reopen the border with COUNTRY
    reopen= COUNTRY border=
reduce spending on TOPIC
    cut=reduce TOPIC spending=
deploy NUMBER soldiers in CITY
    deploy= NUMBER troops=soldiers in= CITY
investigate FRAUD at COMPANY
    probe=investigate FRAUD at= COMPANY
raise the price of COMMODITY
    raise= COMMODITY price=
abandon DOC
    drop=abandon DOC
sell its stake in COMPANY
    sell= COMPANY stake=
negotiate with FORCE
    hold talks=negotiate with= FORCE
build NUMBER houses in CITY
    build= NUMBER homes=houses in= CITY
boycott CUP
    boycott= CUP
buy NUMBER GOODS from COMPANY
    buy= NUMBER GOODS from= COMPANY
ban imports of GOODS
    ban= imports= of= GOODS
"""
"""What somebody agrees, vows or is urged to do, with its headline."""

SCENES = """
amid talks on TOPIC between COUNTRY and COUNTRY2
following the attack on CITY by FORCE
in spite of the arrest of NAME in CITY
ahead of the visit of LEADER to COUNTRY
amid protests in CITY against DOC
following the sale of COMPANY to COMPANY2 for MONEY
because of the war between COUNTRY and COUNTRY2
during a visit to CITY by LEADER
amid reports of FRAUD at COMPANY
following the crash of VEHICLE near CITY
in spite of sanctions against COUNTRY over DOC
"""
"""Background without a verb."""
