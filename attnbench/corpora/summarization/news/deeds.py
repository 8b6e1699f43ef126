"""What happens, and how articles and headlines say it: a table of clauses, the more frequent first.

A line is ``who | verb | rest of the clause | headline | another headline``, the first headline being the usual
one. Words in capitals are slots (``phrases.SLOTS``); a digit tells two of a kind apart. ``who`` names what
the subject can be, ``S`` is the subject, ``T`` the place where a time may stand.

The verb is a base form; ``be arrest`` is a passive. A star marks a verb that may be told as a plan: ``will
visit``, in the headline ``to visit``.

In a headline ``word=`` comes from the same word of the clause, ``word=source`` from that word (``V``: the
verb), and a bare ``word`` from none. ``~base=V`` is a verb in the present that agrees with the first slot;
``V`` stands for it with the clause's own verb.
"""

POLITICS = """
LEADER | visit* | COUNTRY T for talks on TOPIC | S V COUNTRY for= TOPIC talks= | S on visit=V to COUNTRY for= TOPIC talks=
STATE LEADER | agree | T to ACT | S to= ACT | S V to= ACT
LEADER | meet* | with LEADER2 T in CITY | S V LEADER2 in= CITY | S in talks=V with= LEADER2 in= CITY
STATE LEADER BODY | urge* | STATE2 T to ACT | S V STATE2 to= ACT
LEADER STATE BODY | reject* | DOC T at a meeting in CITY | S V DOC at= CITY meeting= | S V DOC in= CITY
STATE | sign* | an agreement on TOPIC T with COUNTRY | S V TOPIC accord=agreement with= COUNTRY
STATE LEADER BODY | condemn | the attack by FORCE T on CITY | S V attack= on= CITY | S V FORCE attack= on= CITY
LEADER | arrive* | in CITY T for talks on TOPIC | S in= CITY for= TOPIC talks= | S V in= CITY for= TOPIC talks=
LEADER STATE | accuse | STATE2 T of breaking the agreement on TOPIC | S V STATE2 of= breaking= TOPIC accord=agreement
LEADER | resign* | T in a scandal over FRAUD at COMPANY | S ~quit=V over= COMPANY scandal= | S V over= FRAUD scandal=
STATE BODY | send* | NUMBER troops T to COUNTRY | S V NUMBER troops= to= COUNTRY
LEADER BODY STATE | approve* | DOC T in spite of protests in CITY | S ~back=V DOC despite=spite CITY protests= | S V DOC despite=spite protests=
STATE LEADER | decide | T to ACT | S to= ACT | S V to= ACT
STATE | appoint* | NAME T as ROLE | S ~name=V NAME as= ROLE | S V NAME as= ROLE
LEADER STATE | call | on STATE2 T to ACT | S ~urge=V STATE2 to= ACT
LEADER | cancel* | a visit to COUNTRY T because of the fighting in CITY | S V COUNTRY trip=visit over=because CITY fighting=
STATE | expel* | NUMBER NATIONAL diplomats T for espionage | S V NUMBER NATIONAL diplomats= for= spying=espionage
STATE LEADER | pledge | MONEY T in aid to COUNTRY | S V MONEY aid= to= COUNTRY | S V COUNTRY MONEY aid=
BODY STATE | impose* | sanctions on COUNTRY T over DOC | S ~slap=V sanctions= on= COUNTRY over= DOC
LEADER | denounce | DOC T in a speech in CITY | S ~condemn=V DOC in=in/1 CITY speech=
LEADER | discuss* | TOPIC T with LEADER2 in CITY | S in TOPIC talks=V with= LEADER2 | S V TOPIC with= LEADER2
STATE | close* | the border with COUNTRY T over DOC | S V border= with= COUNTRY over= DOC | S ~shut=V COUNTRY border= over= DOC
LEADER | win | the NATIONAL election T with PERCENT of the votes | S V NATIONAL election= with= PERCENT
BODY STATE | open* | an inquiry T into FRAUD at COMPANY | S V COMPANY FRAUD probe=inquiry | S to probe=inquiry FRAUD at= COMPANY
LEADER STATE | vow | T to ACT | S V to= ACT
LEADER BODY | welcome | the decision of STATE T to ACT | S ~hail=V STATE decision= to= ACT
LEADER | promise | CROWD T to ACT | S ~vow=V to= ACT
STATE | recall | its ambassador T from COUNTRY over DOC | S V envoy=ambassador from= COUNTRY over= DOC
LEADER STATE | refuse | T to ACT | S V to= ACT
STATE BODY | lift* | sanctions T against COUNTRY over DOC | S ~end=V COUNTRY sanctions= over= DOC
LEADER | deny | T any knowledge of FRAUD at COMPANY | S V COMPANY FRAUD claims=knowledge | S V FRAUD at= COMPANY
STATE | threaten | T to ACT | S V to= ACT
LEADER | dismiss* | NAME T as ROLE over CRIME | S ~sack=V ROLE NAME over= CRIME | S ~sack=V NAME over= CRIME
LEADER | warn | STATE T of a crisis over TOPIC | S V STATE of= TOPIC crisis=
STATE BODY | host* | a conference on TOPIC T in CITY | S V TOPIC conference= in= CITY
STATE | donate | MONEY T to CROWD in CITY | S ~give=V MONEY to= CROWD
LEADER | flee | T from CITY to COUNTRY | S V CITY for=to COUNTRY
BODY LEADER | postpone* | a vote on DOC T until MONTH | S ~delay=V vote= on= DOC until= MONTH
"""

SECURITY = """
FORCE | attack | CITY T , killing DEAD | S ~kill=killing DEAD in attack=V on CITY | S V CITY killing= DEAD
POLICE | arrest | CROWD T in CITY on suspicion of CRIME | S V CROWD in= CITY for=on CRIME | CROWD held=V in= CITY for=on CRIME
FORCE | kill | CROWD T in CITY | S V CROWD in= CITY | CROWD killed=V by S in= CITY
FORCE | capture* | CITY T from FORCE2 | S ~take=V CITY from= FORCE2 | S V CITY from= FORCE2
CROWD | be kill | by FORCE T in CITY | S killed=V in= CITY | FORCE ~kill=V S in= CITY
FORCE | raid | CITY T , wounding CROWD | S ~wound=wounding CROWD in raid=V on CITY | S V CITY wounding= CROWD
POLICE | detain | CROWD T in CITY over CRIME | S ~hold=V CROWD over= CRIME in= CITY
FORCE | clash | with FORCE2 T in CITY | S V with= FORCE2 in= CITY | S in CITY clash=V with= FORCE2
FORCE | abduct | CROWD T near CITY | S ~kidnap=V CROWD near= CITY | CROWD kidnapped=V near= CITY
CROWD | be arrest | by POLICE T in CITY for CRIME | S arrested=V in= CITY for= CRIME | POLICE ~arrest=V S for= CRIME
FORCE | shell | CITY T , killing DEAD | DEAD killed=killing as S ~shell=V CITY | S ~kill=killing DEAD in shelling=V of CITY
CROWD | protest | T in CITY against DOC | S V against= DOC in= CITY | S V DOC in= CITY
FORCE | storm | a hotel in CITY T , freeing CROWD | S ~free=freeing CROWD in CITY hotel= raid=V
FORCE | shoot | CROWD T at a checkpoint near CITY | S V CROWD near= CITY | CROWD shot=V at= CITY checkpoint=
CROWD | march | through CITY T over DOC | S V in=through CITY over= DOC
FORCE | withdraw* | T from CITY to COUNTRY | S ~leave=V CITY for=to COUNTRY | S V from= CITY
POLICE | seize | NUMBER kilograms of DRUG T in CITY | S V NUMBER kg=kilograms DRUG in= CITY
FORCE | free* | CROWD T in CITY | S V CROWD in= CITY | CROWD freed=V in= CITY
FORCE | bomb | CITY T , injuring DEAD | S ~hurt=injuring DEAD in bombing=V of CITY
CROWD | be abduct | T by FORCE near CITY | S kidnapped=V near= CITY | FORCE ~kidnap=V S near= CITY
POLICE | disperse | CROWD with tear gas T in CITY | S ~gas=gas CROWD in= CITY
CROWD | strike* | T in CITY over DOC | S V over= DOC in= CITY | CITY S V over= DOC
FORCE | surrender* | T to FORCE2 near CITY | S V to= FORCE2 near= CITY
FORCE | fire | rockets at CITY T , killing DEAD | S rocket=rockets attack=V kills=killing DEAD in=at CITY
CROWD | flee | CITY T for COUNTRY | S V CITY for= COUNTRY | S V to COUNTRY
FORCE | ambush | CROWD T on a road near CITY | S V CROWD near= CITY | CROWD killed in ambush=V near= CITY
FORCE | encircle | CITY T with NUMBER tanks | S ~surround=V CITY with= NUMBER tanks=
CROWD | be rescue | T from a burning hotel in CITY | S saved=V from= CITY hotel= fire=burning
POLICE | smash | a DRUG ring T in CITY | S ~bust=V DRUG ring= in= CITY
FORCE | mass | T on the border with COUNTRY | S V on= COUNTRY border=
"""

COURTS = """
COURT | sentence | PERSON T to YEARS in prison for CRIME | S ~jail=V PERSON for=to YEARS for= CRIME | PERSON jailed=V for=to YEARS for= CRIME
PERSON | be sentence | T by COURT to YEARS in prison for CRIME | S jailed=V for=to YEARS for= CRIME | S gets=V YEARS for= CRIME
COURT | acquit | PERSON of CRIME T in CITY | S ~clear=V PERSON of= CRIME | PERSON cleared=V of= CRIME in= CITY
COURT | convict* | PERSON of CRIME T in CITY | S V PERSON of= CRIME | PERSON found guilty=V of= CRIME in= CITY
PERSON | be charge | T with FRAUD at COMPANY | S charged=V with= FRAUD at= COMPANY
COURT | fine | COMPANY MONEY T for FRAUD | S V COMPANY MONEY for= FRAUD | COMPANY fined=V MONEY for= FRAUD
PERSON | plead | guilty T to CRIME in CITY | S ~admit=guilty CRIME in= CITY | S V guilty= to= CRIME
COURT | order* | STATE T to ACT | S ~tell=V STATE to= ACT | S V STATE to= ACT
PERSON | be extradite | T from COUNTRY on charges of CRIME | S extradited=V from= COUNTRY for=charges CRIME
COURT | overturn* | the conviction of PERSON T for CRIME | S ~quash=V PERSON conviction= for= CRIME
PERSON | be acquit | T by COURT of CRIME in CITY | S cleared=V of= CRIME in= CITY
COURT | suspend* | DOC T until MONTH | S ~block=V DOC until= MONTH | S V DOC
PERSON | appeal* | T in CITY against a sentence of YEARS for CRIME | S V against= YEARS for= CRIME
PERSON | be indict | T in CITY for CRIME | S indicted=V for= CRIME in= CITY | S charged=V with CRIME in= CITY
"""

BUSINESS = """
COMPANY | buy* | COMPANY2 T for MONEY | S V COMPANY2 for= MONEY | S in MONEY takeover=V of COMPANY2
COMPANY | cut* | NUMBER jobs T at a plant in CITY | S V NUMBER jobs= at= CITY plant=
SHARES | rise | PERCENT T in CITY | S up=V PERCENT in= CITY | S V PERCENT in= CITY
COMPANY | post | a profit of MONEY T | S V MONEY profit= | S profit= at MONEY
COMPANY | acquire* | a stake in COMPANY2 T for MONEY | S ~buy=V COMPANY2 stake= for= MONEY
SHARES | fall | PERCENT T in CITY | S down=V PERCENT in= CITY | S V PERCENT in= CITY
COMPANY | recall* | NUMBER GOODS T because of faulty PARTS | S V NUMBER GOODS over=because PARTS
COMPANY | launch* | a new range of GOODS T in CITY | S V new= GOODS in= CITY
BANK | raise* | interest rates T by PERCENT | S V rates= by= PERCENT
COMPANY | report | a loss of MONEY T | S ~post=V MONEY loss= | S loss= at MONEY
COMPANY | sell* | a factory in CITY T to COMPANY2 | S V CITY plant=factory to= COMPANY2
COMPANY | open* | a factory in CITY T , creating NUMBER jobs | S V CITY plant=factory with NUMBER jobs=
COMPANY | win | a contract worth MONEY T from STATE | S V MONEY contract= from= STATE | S V STATE contract= for=worth MONEY
COMPANY | eliminate* | NUMBER jobs in COUNTRY T | S ~axe=V NUMBER jobs= in= COUNTRY
SHARES | jump | PERCENT T on hopes of DOC | S up=V PERCENT on= DOC hopes= | S V PERCENT on= DOC
BANK | lower* | interest rates T by PERCENT | S ~cut=V rates= by= PERCENT
COMPANY | sue* | COMPANY2 T over FRAUD in COUNTRY | S V COMPANY2 over= FRAUD in= COUNTRY
COMPANY | shut* | a factory in CITY T with the loss of NUMBER jobs | S V CITY plant=factory cutting=loss NUMBER jobs=
COMPANY | merge* | with COMPANY2 T in a deal worth MONEY | S V with= COMPANY2 in= MONEY deal= | S in MONEY merger=V with= COMPANY2
SHARES | drop | PERCENT T on fears of DOC | S down=V PERCENT on= DOC fears= | S V PERCENT on= DOC
COMPANY | invest* | MONEY T in a plant in CITY | S V MONEY in=in/2 CITY plant= | S in MONEY CITY investment=V
COMPANY | purchase* | NUMBER GOODS T from COMPANY2 | S ~buy=V NUMBER GOODS from= COMPANY2
COMPANY | supply* | NUMBER GOODS T to STATE | S ~sell=V NUMBER GOODS to= STATE
COMPANY | appoint* | NAME T as CHIEF | S ~name=V NAME as= CHIEF | S V NAME as= CHIEF
COMPANY | unveil* | plans T to build a plant in CITY | S to= build= plant= in= CITY | S V CITY plant= plans=
SHARES | slump | PERCENT T in CITY over DOC | S down=V PERCENT over= DOC
COMPANY | delay* | the delivery of NUMBER GOODS T to STATE | S V GOODS delivery= to= STATE | S V delivery= of= NUMBER GOODS
COMPANY | borrow | MONEY T from BODY for a plant in CITY | S in MONEY loan=V for= CITY plant=
"""

SPORT = """
TEAM | beat | TEAM2 SCORE T in CUP | S V TEAM2 SCORE in= CUP
TEAM | lose | SCORE T to TEAM2 in CUP | S V SCORE to= TEAM2 in= CUP | TEAM2 ~beat=V S SCORE in= CUP
TEAM | sign* | PLAYER T from TEAM2 for FEE | S V PLAYER for= FEE | S V PLAYER from= TEAM2
PLAYER | score | NUMBER goals for TEAM T in CUP | S V NUMBER for= TEAM in= CUP | S V NUMBER goals= in= CUP
TEAM | defeat | TEAM2 SCORE T in CUP | S ~beat=V TEAM2 SCORE in= CUP
TEAM | draw | DRAW with TEAM2 T in CUP | S held=V DRAW by=with TEAM2 in= CUP | S V DRAW with= TEAM2 in= CUP
PLAYER | beat | PLAYER2 T in CUP | S V PLAYER2 in= CUP | S ~down=V PLAYER2 in= CUP
PLAYER | join* | TEAM T from TEAM2 for FEE | S V TEAM for= FEE | S in FEE move=V to TEAM
TEAM | thrash | TEAM2 SCORE T in CUP | S ~rout=V TEAM2 SCORE in= CUP
PLAYER | withdraw | from CUP T with a INJURY injury | S out=V of=from CUP with= INJURY injury=
PLAYER | miss* | CUP T with a INJURY injury | S to miss=V CUP with= INJURY injury=
PLAYER | be suspend | T for NUMBER matches for using DRUG | S banned=V for=for/1 NUMBER games=matches over=for/2 DRUG
TEAM | dismiss* | coach NAME T after NUMBER defeats | S ~sack=V coach= NAME after= NUMBER defeats=
PLAYER | overcome | PLAYER2 T in CUP | S ~beat=V PLAYER2 in= CUP
TEAM | edge | TEAM2 SCORE T in CUP | S V TEAM2 SCORE in= CUP | S V past TEAM2 in= CUP
PLAYER | leave* | TEAM T for TEAM2 in a deal worth FEE | S V TEAM for= TEAM2 | S in FEE move=V to TEAM2
"""

DISASTERS = """
BOMB | explode | in CITY T , killing DEAD | S ~kill=killing DEAD in= CITY | DEAD killed=killing in= CITY blast=V
DISASTER | hit | CITY T , killing DEAD | S ~kill=killing DEAD in CITY | DEAD killed=killing as S ~hit=V CITY
VEHICLE | crash | near CITY T , killing DEAD | DEAD killed=killing in S crash=V near= CITY | S crash=V kills=killing DEAD near= CITY
DISASTER | destroy | NUMBER houses T in CITY | S V NUMBER homes=houses in= CITY
BOMB | detonate | near a market in CITY T , wounding DEAD | S ~wound=wounding DEAD near= CITY market= | DEAD hurt=wounding in= CITY blast=V
DISASTER | strike | CITY T , injuring DEAD | S ~hurt=injuring DEAD in CITY | S ~hit=V CITY injuring= DEAD
VEHICLE | overturn | on a road near CITY T , injuring DEAD | DEAD hurt=injuring in S accident=V near= CITY
DISASTER | trap | CROWD T in CITY | S V CROWD in= CITY | CROWD trapped=V by S in= CITY
DISASTER | devastate | CITY T , leaving NUMBER people homeless | S ~leave=leaving NUMBER homeless= in CITY
VEHICLE | collide | with VEHICLE2 near CITY T , killing DEAD | DEAD killed=killing as S hits=V VEHICLE2 near= CITY
DISASTER | force | CROWD T to leave CITY | CROWD ~leave=leave CITY as S ~hit=V | S ~drive=V CROWD from=leave CITY
VEHICLE | vanish | T on its way to CITY with CROWD | S with= CROWD missing=V near=way CITY | S vanishes=V with= CROWD
"""

ACTS = """
ratify the agreement on TOPIC | ratify= TOPIC accord=agreement
withdraw NUMBER troops from COUNTRY | withdraw= NUMBER troops= from= COUNTRY
resume talks with COUNTRY | resume= talks= with= COUNTRY
lower taxes on GOODS | cut=lower taxes= on= GOODS
release NUMBER prisoners | free=release NUMBER prisoners=
accept DOC | accept= DOC
hold elections in MONTH | hold= elections= in= MONTH
halt the violence in CITY | halt= CITY violence=
send aid to COUNTRY | send= aid= to= COUNTRY
reopen the border with COUNTRY | reopen= COUNTRY border=
reduce spending on TOPIC | cut=reduce TOPIC spending=
deploy NUMBER soldiers in CITY | deploy= NUMBER troops=soldiers in= CITY
investigate FRAUD at COMPANY | probe=investigate FRAUD at= COMPANY
raise the price of COMMODITY | raise= COMMODITY price=
abandon DOC | drop=abandon DOC
sell its stake in COMPANY | sell= COMPANY stake=
negotiate with FORCE | hold talks=negotiate with= FORCE
build NUMBER houses in CITY | build= NUMBER homes=houses in= CITY
boycott CUP | boycott= CUP
buy NUMBER GOODS from COMPANY | buy= NUMBER GOODS from= COMPANY
ban imports of GOODS | ban= imports= of= GOODS
"""
"""What somebody agrees, vows or is urged to do."""

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
