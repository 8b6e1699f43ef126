"""The verbs, by frame, most frequent first.

An entry is ``english[/past][_particle] french``. The French side is an infinitive, where it is regular,
with ``-stem`` for the stem before silent endings; else the present for je, il, nous and ils and the
participle (``/feminine`` where it has one of its own). ``*``: the perfect takes être. ``+``: the verb picks
the second sense of its object.
"""

from __future__ import annotations

INTRANSITIVE = """
sleep/slept dors dort dormons dorment dormi, come/came viens vient venons viennent venu*, work travailler,
arrive arriver*, sing/sang chanter, leave/left pars part partons partent parti*,
laugh ris rit rions rient ri, run/ran cours court courons courent couru, fall/fell tomber*,
cry pleurer, walk marcher, stay rester*, dance danser, swim/swam nager,
return reviens revient revenons reviennent revenu*, speak/spoke parler, shout crier,
smile souris sourit sourions sourient souri, travel/travelled voyager, die meurs meurt mourons meurent mort*
"""

TRANSITIVE = """
see/saw vois voit voyons voient vu, find/found trouver+,
take/took prends prend prenons prennent pris/prise, love aimer+,
eat/ate manger, read/read lis lit lisons lisent lu+, buy/bought acheter-achèt, look_at regarder+,
hold/held tiens tient tenons tiennent tenu, lose/lost perdre+, carry porter, look_for chercher+,
open ouvre ouvre ouvrons ouvrent ouvert, close fermer+, hear/heard entendre,
write/wrote écris écrit écrivons écrivent écrit+,
choose/chose choisir, follow suis suit suivons suivent suivi+, listen_to écouter, help aider+,
sell/sold vendre,
build/built construis construit construisons construisent construit+,
push pousser, show montrer+, break/broke casser, keep/kept garder+, cut/cut couper,
meet/met rencontrer+, wait_for attendre, call appeler-appell+, hide/hid cacher,
paint peins peint peignons peignent peint+, throw/threw lancer, pay/paid_for payer-pai+
"""

CLAUSAL = """
say/said dis dit disons disent dit, know/knew sais sait savons savent su,
think/thought penser, believe crois croit croyons croient cru, hope espérer-espèr,
forget/forgot oublier, explain expliquer, notice remarquer,
learn apprends apprend apprenons apprennent appris/apprise
"""
