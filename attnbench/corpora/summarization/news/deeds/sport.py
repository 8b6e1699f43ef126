"""Matches and players."""

DEEDS = """
TEAM | beat | TEAM2 SCORE T in CUP
    S V TEAM2 SCORE in= CUP
TEAM | lose | SCORE T to TEAM2 in CUP
    S V SCORE to= TEAM2 in= CUP
    TEAM2 ~beat=V S SCORE in= CUP
TEAM | sign* | PLAYER T from TEAM2 for FEE
    S V PLAYER for= FEE
    S V PLAYER from= TEAM2
PLAYER | score | NUMBER goals for TEAM T in CUP
    S V NUMBER for= TEAM in= CUP
    S V NUMBER goals= in= CUP
TEAM | defeat | TEAM2 SCORE T in CUP
    S ~beat=V TEAM2 SCORE in= CUP
TEAM | draw | DRAW with TEAM2 T in CUP
    S held=V DRAW by=with TEAM2 in= CUP
    S V DRAW with= TEAM2 in= CUP
PLAYER | beat | PLAYER2 T in CUP
    S V PLAYER2 in= CUP
    S ~down=V PLAYER2 in= CUP
PLAYER | join* | TEAM T from TEAM2 for FEE
    S V TEAM for= FEE
    S in FEE move=V to TEAM
TEAM | thrash | TEAM2 SCORE T in CUP
    S ~rout=V TEAM2 SCORE in= CUP
PLAYER | withdraw | from CUP T with a INJURY injury
    S out=V of=from CUP with= INJURY injury=
PLAYER | miss* | CUP T with a INJURY injury
    S to miss=V CUP with= INJURY injury=
PLAYER | be suspend | T for NUMBER matches for using DRUG
    S banned=V for=for/1 NUMBER games=matches over=for/2 DRUG
TEAM | dismiss* | coach NAME T following NUMBER defeats
    S ~sack=V coach= NAME after=following NUMBER defeats=
PLAYER | overcome | PLAYER2 T in CUP
    S ~beat=V PLAYER2 in= CUP
TEAM | edge | TEAM2 SCORE T in CUP
    S V TEAM2 SCORE in= CUP
    S V past TEAM2 in= CUP
PLAYER | leave* | TEAM T for TEAM2 in a deal worth FEE
    S V TEAM for= TEAM2
    S in FEE move=V to TEAM2
"""
