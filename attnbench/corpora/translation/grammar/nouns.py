"""The nouns, by kind, most frequent first.

An entry is ``english[/plural] french:gender``. ``~other:gender`` is a free synonym, ``+other:gender``
a second sense. Plurals that the rules of ``morphology`` miss are written out.
"""

from __future__ import annotations

PEOPLE = """
man/men homme:m, woman/women femme:f, child/children enfant:m~gamin:m, friend ami:m~copain:m,
girl fille:f~fillette:f, boy garçon:m, king roi:m, mother mère:f, doctor médecin:m~docteur:m,
teacher professeur:m~enseignant:m, father père:m, queen reine:f, sister sœur:f, brother frère:m,
student étudiant:m~élève:m, nurse infirmière:f, farmer fermier:m~paysan:m, soldier soldat:m,
neighbour voisin:m, writer écrivain:m~auteur:m, actress actrice:f, judge juge:m, baker boulanger:m,
singer chanteuse:f, lawyer avocat:m, sailor marin:m~matelot:m, hero/heroes héros:m, aunt tante:f,
hunter chasseur:m, thief/thieves voleur:m, uncle oncle:m, guest invité:m, princess princesse:f,
worker ouvrier:m~travailleur:m, merchant marchand:m~commerçant:m, witch sorcière:f, painter peintre:m,
driver chauffeur:m~conducteur:m, pilot aviateur:m, prisoner prisonnier:m~détenu:m
"""

ANIMALS = """
dog chien:m, cat chat:m, horse cheval:m, bird oiseau:m, cow vache:f, wolf/wolves loup:m, bear ours:m,
mouse/mice souris:f, bee abeille:f, fox renard:m, owl hibou:m, goat chèvre:f, rabbit lapin:m,
donkey âne:m, snake serpent:m, frog grenouille:f, spider araignée:f, elephant éléphant:m,
goose/geese oie:f, duck canard:m
"""

THINGS = """
house maison:f~demeure:f, book livre:m, car voiture:f~auto:f, letter lettre:f, bank banque:f+rive:f,
tree arbre:m, street rue:f, door porte:f, city ville:f, key clé:f+touche:f, garden jardin:m,
window fenêtre:f, road route:f~chemin:m, school école:f, glass verre:m+vitre:f, flower fleur:f,
boat bateau:m~navire:m, box boîte:f, chair chaise:f, story histoire:f+étage:m, church église:f,
river rivière:f~fleuve:m, plant plante:f+usine:f, hat chapeau:m, bed lit:m, paper papier:m+journal:m,
picture image:f~photo:f, bridge pont:m, hotel hôtel:m, star étoile:f+vedette:f, kitchen cuisine:f,
apple pomme:f, shop magasin:m~boutique:f, knife/knives couteau:m, spring printemps:m+ressort:m,
eye œil:m, field champ:m~pré:m, coat manteau:m, bicycle vélo:m~bicyclette:f, ball balle:f+bal:m,
wall mur:m, island île:f, forest forêt:f, figure chiffre:m+silhouette:f, shirt chemise:f, game jeu:m,
plate assiette:f, bottle bouteille:f, castle château:m~palais:m, match allumette:f+rencontre:f,
roof toit:m, tower tour:f, song chanson:f~chant:m, job travail:m~emploi:m, farm ferme:f,
nail clou:m+ongle:m, sword épée:f, moon lune:f, clock horloge:f~pendule:f, lamp lampe:f, axe hache:f,
ring bague:f~anneau:m, hospital hôpital:m, chest coffre:m+poitrine:f, newspaper journal:m, hand main:f,
screen écran:m, stone pierre:f~caillou:m, office bureau:m, room pièce:f~salle:f, egg œuf:m, day jour:m,
palm palmier:m+paume:f, suitcase valise:f, cloud nuage:m, coin pièce:f, engine moteur:m, night nuit:f,
seal sceau:m+phoque:m, bell cloche:f, candle bougie:f~chandelle:f, arm bras:m, head tête:f, voice voix:f,
board planche:f+conseil:m, basket panier:m~corbeille:f, mirror miroir:m~glace:f, week semaine:f,
bill facture:f+bec:m, leaf/leaves feuille:f, umbrella parapluie:m, tool outil:m, hedge haie:f,
pen stylo:m+enclos:m, jewel bijou:m~joyau:m, ladder échelle:f, bean haricot:m, month mois:m,
trunk malle:f+tronc:m, harbour port:m, hour heure:f, cup tasse:f~coupe:f, gift cadeau:m, dress robe:f,
file dossier:m+lime:f, wheel roue:f, cake gâteau:m, spoon cuillère:f, fork fourchette:f, word mot:m,
answer réponse:f, dream rêve:m~songe:m, idea idée:f, war guerre:f, law loi:f, country pays:m, face visage:m,
foot/feet pied:m, heart cœur:m, tooth/teeth dent:f, mouth bouche:f, nose nez:m, back dos:m, meal repas:m,
map carte:f~plan:m, fire feu:m~incendie:m, beach plage:f, path sentier:m, sea mer:f, museum musée:m,
library bibliothèque:f, desk pupitre:m, towel serviette:f, shoe soulier:m, finger doigt:m, shadow ombre:f,
pillow oreiller:m, rope corde:f, belt ceinture:f, pear poire:f
"""
