"""Companies and prices."""

DEEDS = """
COMPANY | buy* | COMPANY2 T for MONEY
    S V COMPANY2 for= MONEY
    S in MONEY takeover=V of COMPANY2
COMPANY | cut* | NUMBER jobs T at a plant in CITY
    S V NUMBER jobs= at= CITY plant=
SHARES | rise | PERCENT T in CITY
    S up=V PERCENT in= CITY
    S V PERCENT in= CITY
COMPANY | post | a profit of MONEY T
    S V MONEY profit=
    S profit= at MONEY
COMPANY | acquire* | a stake in COMPANY2 T for MONEY
    S ~buy=V COMPANY2 stake= for= MONEY
SHARES | fall | PERCENT T in CITY
    S down=V PERCENT in= CITY
    S V PERCENT in= CITY
COMPANY | recall* | NUMBER GOODS T because of faulty PARTS
    S V NUMBER GOODS over=because PARTS
COMPANY | launch* | a new range of GOODS T in CITY
    S V new= GOODS in= CITY
BANK | raise* | interest rates T by PERCENT
    S V rates= by= PERCENT
COMPANY | report | a loss of MONEY T
    S ~post=V MONEY loss=
    S loss= at MONEY
COMPANY | sell* | a factory in CITY T to COMPANY2
    S V CITY plant=factory to= COMPANY2
COMPANY | open* | a factory in CITY T , creating NUMBER jobs
    S V CITY plant=factory with NUMBER jobs=
COMPANY | win | a contract worth MONEY T from STATE
    S V MONEY contract= from= STATE
    S V STATE contract= for=worth MONEY
COMPANY | eliminate* | NUMBER jobs in COUNTRY T
    S ~axe=V NUMBER jobs= in= COUNTRY
SHARES | jump | PERCENT T on hopes of DOC
    S up=V PERCENT on= DOC hopes=
    S V PERCENT on= DOC
BANK | lower* | interest rates T by PERCENT
    S ~cut=V rates= by= PERCENT
COMPANY | sue* | COMPANY2 T over FRAUD in COUNTRY
    S V COMPANY2 over= FRAUD in= COUNTRY
COMPANY | shut* | a factory in CITY T with the loss of NUMBER jobs
    S V CITY plant=factory cutting=loss NUMBER jobs=
COMPANY | merge* | with COMPANY2 T in a deal worth MONEY
    S V with= COMPANY2 in= MONEY deal=
    S in MONEY merger=V with= COMPANY2
SHARES | drop | PERCENT T on fears of DOC
    S down=V PERCENT on= DOC fears=
    S V PERCENT on= DOC
COMPANY | invest* | MONEY T in a plant in CITY
    S V MONEY in=in/2 CITY plant=
    S in MONEY CITY investment=V
COMPANY | purchase* | NUMBER GOODS T from COMPANY2
    S ~buy=V NUMBER GOODS from= COMPANY2
COMPANY | supply* | NUMBER GOODS T to STATE
    S ~sell=V NUMBER GOODS to= STATE
COMPANY | appoint* | NAME T as CHIEF
    S ~name=V NAME as= CHIEF
    S V NAME as= CHIEF
COMPANY | unveil* | plans T to build a plant in CITY
    S to= build= plant= in= CITY
    S V CITY plant= plans=
SHARES | slump | PERCENT T in CITY over DOC
    S down=V PERCENT over= DOC
COMPANY | delay* | the delivery of NUMBER GOODS T to STATE
    S V GOODS delivery= to= STATE
    S V delivery= of= NUMBER GOODS
COMPANY | borrow | MONEY T from BODY for a plant in CITY
    S in MONEY loan=V for= CITY plant=
"""
