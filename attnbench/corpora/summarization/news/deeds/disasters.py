"""Bombs, storms and crashes."""

DEEDS = """
BOMB | explode | in CITY T , killing DEAD
    S ~kill=killing DEAD in= CITY
    DEAD killed=killing in= CITY blast=V
DISASTER | hit | CITY T , killing DEAD
    S ~kill=killing DEAD in CITY
    DEAD killed=killing as S ~hit=V CITY
VEHICLE | crash | near CITY T , killing DEAD
    DEAD killed=killing in S crash=V near= CITY
    S crash=V kills=killing DEAD near= CITY
DISASTER | destroy | NUMBER houses T in CITY
    S V NUMBER homes=houses in= CITY
BOMB | detonate | near a market in CITY T , wounding DEAD
    S ~wound=wounding DEAD near= CITY market=
    DEAD hurt=wounding in= CITY blast=V
DISASTER | strike | CITY T , injuring DEAD
    S ~hurt=injuring DEAD in CITY
    S ~hit=V CITY injuring= DEAD
VEHICLE | overturn | on a road near CITY T , injuring DEAD
    DEAD hurt=injuring in S accident=V near= CITY
DISASTER | trap | CROWD T in CITY
    S V CROWD in= CITY
    CROWD trapped=V by S in= CITY
DISASTER | devastate | CITY T , leaving NUMBER people homeless
    S ~leave=leaving NUMBER homeless= in CITY
VEHICLE | collide | with VEHICLE2 near CITY T , killing DEAD
    DEAD killed=killing as S hits=V VEHICLE2 near= CITY
DISASTER | force | CROWD T to leave CITY
    CROWD ~leave=leave CITY as S ~hit=V
    S ~drive=V CROWD from=leave CITY
VEHICLE | vanish | T on its way to CITY with CROWD
    S with= CROWD missing=V near=way CITY
    S vanishes=V with= CROWD
"""
