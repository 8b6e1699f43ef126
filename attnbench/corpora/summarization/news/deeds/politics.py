"""States, their leaders, and what they agree on."""

DEEDS = """
LEADER | visit* | COUNTRY T for talks on TOPIC
    S V COUNTRY for= TOPIC talks=
    S on visit=V to COUNTRY for= TOPIC talks=
STATE LEADER | agree | T to ACT
    S to= ACT
    S V to= ACT
LEADER | meet* | with LEADER2 T in CITY
    S V LEADER2 in= CITY
    S in talks=V with= LEADER2 in= CITY
STATE LEADER BODY | urge* | STATE2 T to ACT
    S V STATE2 to= ACT
LEADER STATE BODY | reject* | DOC T at a meeting in CITY
    S V DOC at= CITY meeting=
    S V DOC in= CITY
STATE | sign* | an agreement on TOPIC T with COUNTRY
    S V TOPIC accord=agreement with= COUNTRY
STATE LEADER BODY | condemn | the attack by FORCE T on CITY
    S V attack= on= CITY
    S V FORCE attack= on= CITY
LEADER | arrive* | in CITY T for talks on TOPIC
    S in= CITY for= TOPIC talks=
    S V in= CITY for= TOPIC talks=
LEADER STATE | accuse | STATE2 T of breaking the agreement on TOPIC
    S V STATE2 of= breaking= TOPIC accord=agreement
LEADER | resign* | T in a scandal over FRAUD at COMPANY
    S ~quit=V over= COMPANY scandal=
    S V over= FRAUD scandal=
STATE BODY | send* | NUMBER troops T to COUNTRY
    S V NUMBER troops= to= COUNTRY
LEADER BODY STATE | approve* | DOC T in spite of protests in CITY
    S ~back=V DOC despite=spite CITY protests=
    S ~back=V DOC despite=spite protests=
STATE LEADER | decide | T to ACT
    S to= ACT
STATE | appoint* | NAME T as ROLE
    S ~name=V NAME as= ROLE
LEADER STATE | call | on STATE2 T to ACT
    S ~urge=V STATE2 to= ACT
LEADER | cancel* | a visit to COUNTRY T because of the fighting in CITY
    S V COUNTRY trip=visit over=because CITY fighting=
STATE | expel* | NUMBER NATIONAL diplomats T for espionage
    S V NUMBER NATIONAL diplomats= for= spying=espionage
STATE LEADER | pledge | MONEY T in aid to COUNTRY
    S V MONEY aid= to= COUNTRY
    S V COUNTRY MONEY aid=
BODY STATE | impose* | sanctions on COUNTRY T over DOC
    S ~slap=V sanctions= on= COUNTRY over= DOC
LEADER | denounce | DOC T in a speech in CITY
    S ~condemn=V DOC in=in/1 CITY speech=
LEADER | discuss* | TOPIC T with LEADER2 in CITY
    S in TOPIC talks=V with= LEADER2
    S V TOPIC with= LEADER2
STATE | close* | the border with COUNTRY T over DOC
    S V border= with= COUNTRY over= DOC
    S ~shut=V COUNTRY border= over= DOC
LEADER | win | the NATIONAL election T with PERCENT of the votes
    S V NATIONAL election= with= PERCENT
BODY STATE | open* | an inquiry T into FRAUD at COMPANY
    S V COMPANY FRAUD probe=inquiry
    S to probe=inquiry FRAUD at= COMPANY
LEADER STATE | vow | T to ACT
    S V to= ACT
LEADER BODY | welcome | the decision of STATE T to ACT
    S ~hail=V STATE decision= to= ACT
LEADER | promise | CROWD T to ACT
    S ~vow=V to= ACT
STATE | recall | its ambassador T from COUNTRY over DOC
    S V envoy=ambassador from= COUNTRY over= DOC
LEADER STATE | refuse | T to ACT
    S V to= ACT
STATE BODY | lift* | sanctions T against COUNTRY over DOC
    S ~end=V COUNTRY sanctions= over= DOC
LEADER | deny | T any knowledge of FRAUD at COMPANY
    S V COMPANY FRAUD claims=knowledge
    S V FRAUD at= COMPANY
STATE | threaten | T to ACT
    S V to= ACT
LEADER | dismiss* | NAME T as ROLE over CRIME
    S ~sack=V ROLE NAME over= CRIME
    S ~sack=V NAME over= CRIME
LEADER | warn | STATE T of a crisis over TOPIC
    S V STATE of= TOPIC crisis=
STATE BODY | host* | a conference on TOPIC T in CITY
    S V TOPIC conference= in= CITY
STATE | donate | MONEY T to CROWD in CITY
    S ~give=V MONEY to= CROWD
LEADER | flee | T from CITY to COUNTRY
    S V CITY for=to COUNTRY
BODY LEADER | postpone* | a vote on DOC T until MONTH
    S ~delay=V vote= on= DOC until= MONTH
"""
