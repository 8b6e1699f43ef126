"""War and police."""

DEEDS = """
FORCE | attack | CITY T , killing DEAD
    S ~kill=killing DEAD in attack=V on CITY
    S V CITY killing= DEAD
POLICE | arrest | CROWD T in CITY on suspicion of CRIME
    S V CROWD in= CITY for=on CRIME
    CROWD held=V in= CITY for=on CRIME
FORCE | kill | CROWD T in CITY
    S V CROWD in= CITY
    CROWD killed=V by S in= CITY
FORCE | capture* | CITY T from FORCE2
    S ~take=V CITY from= FORCE2
    S V CITY from= FORCE2
CROWD | be kill | by FORCE T in CITY
    S killed=V in= CITY
    FORCE ~kill=V S in= CITY
FORCE | raid | CITY T , wounding CROWD
    S ~wound=wounding CROWD in raid=V on CITY
    S V CITY wounding= CROWD
POLICE | detain | CROWD T in CITY over CRIME
    S ~hold=V CROWD over= CRIME in= CITY
FORCE | clash | with FORCE2 T in CITY
    S V with= FORCE2 in= CITY
    S in CITY clash=V with= FORCE2
FORCE | abduct | CROWD T near CITY
    S ~kidnap=V CROWD near= CITY
    CROWD kidnapped=V near= CITY
CROWD | be arrest | by POLICE T in CITY for CRIME
    S arrested=V in= CITY for= CRIME
    POLICE ~arrest=V S for= CRIME
FORCE | shell | CITY T , killing DEAD
    DEAD killed=killing as S ~shell=V CITY
    S ~kill=killing DEAD in shelling=V of CITY
CROWD | protest | T in CITY against DOC
    S V against= DOC in= CITY
    S V DOC in= CITY
FORCE | storm | a hotel in CITY T , freeing CROWD
    S ~free=freeing CROWD in CITY hotel= raid=V
FORCE | shoot | CROWD T at a checkpoint near CITY
    S V CROWD near= CITY
    CROWD shot=V at= CITY checkpoint=
CROWD | march | through CITY T over DOC
    S V in=through CITY over= DOC
FORCE | withdraw* | T from CITY to COUNTRY
    S ~leave=V CITY for=to COUNTRY
    S V from= CITY
POLICE | seize | NUMBER kilograms of DRUG T in CITY
    S V NUMBER kg=kilograms DRUG in= CITY
FORCE | free* | CROWD T in CITY
    S V CROWD in= CITY
    CROWD freed=V in= CITY
FORCE | bomb | CITY T , injuring DEAD
    S ~hurt=injuring DEAD in bombing=V of CITY
CROWD | be abduct | T by FORCE near CITY
    S kidnapped=V near= CITY
    FORCE ~kidnap=V S near= CITY
POLICE | disperse | CROWD with tear gas T in CITY
    S ~gas=gas CROWD in= CITY
CROWD | strike* | T in CITY over DOC
    S V over= DOC in= CITY
    CITY S V over= DOC
FORCE | surrender* | T to FORCE2 near CITY
    S V to= FORCE2 near= CITY
FORCE | fire | rockets at CITY T , killing DEAD
    S rocket=rockets attack=V kills=killing DEAD in=at CITY
CROWD | flee | CITY T for COUNTRY
    S V CITY for= COUNTRY
    S V to COUNTRY
FORCE | ambush | CROWD T on a road near CITY
    S V CROWD near= CITY
    CROWD killed in ambush=V near= CITY
FORCE | encircle | CITY T with NUMBER tanks
    S ~surround=V CITY with= NUMBER tanks=
CROWD | be rescue | T from a burning hotel in CITY
    S saved=V from= CITY hotel= fire=burning
POLICE | smash | a DRUG ring T in CITY
    S ~bust=V DRUG ring= in= CITY
FORCE | mass | T on the border with COUNTRY
    S V on= COUNTRY border=
"""
