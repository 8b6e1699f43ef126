"""What courts decide."""

DEEDS = """
COURT | sentence | PERSON T to YEARS in prison for CRIME
    S ~jail=V PERSON for=to YEARS for= CRIME
    PERSON jailed=V for=to YEARS for= CRIME
PERSON | be sentence | T by COURT to YEARS in prison for CRIME
    S jailed=V for=to YEARS for= CRIME
    S gets=V YEARS for= CRIME
COURT | acquit | PERSON of CRIME T in CITY
    S ~clear=V PERSON of= CRIME
    PERSON cleared=V of= CRIME in= CITY
COURT | convict* | PERSON of CRIME T in CITY
    S V PERSON of= CRIME
    PERSON found guilty=V of= CRIME in= CITY
PERSON | be charge | T with FRAUD at COMPANY
    S charged=V with= FRAUD at= COMPANY
COURT | fine | COMPANY MONEY T for FRAUD
    S V COMPANY MONEY for= FRAUD
    COMPANY fined=V MONEY for= FRAUD
PERSON | plead | guilty T to CRIME in CITY
    S ~admit=guilty CRIME in= CITY
    S V guilty= to= CRIME
COURT | order* | STATE T to ACT
    S ~tell=V STATE to= ACT
    S V STATE to= ACT
PERSON | be extradite | T from COUNTRY on charges of CRIME
    S extradited=V from= COUNTRY for=charges CRIME
COURT | overturn* | the conviction of PERSON T for CRIME
    S ~quash=V PERSON conviction= for= CRIME
PERSON | be acquit | T by COURT of CRIME in CITY
    S cleared=V of= CRIME in= CITY
COURT | suspend* | DOC T until MONTH
    S ~block=V DOC until= MONTH
    S V DOC
PERSON | appeal* | T in CITY against a sentence of YEARS for CRIME
    S V against= YEARS for= CRIME
PERSON | be indict | T in CITY for CRIME
    S indicted=V for= CRIME in= CITY
    S charged=V with CRIME in= CITY
"""
