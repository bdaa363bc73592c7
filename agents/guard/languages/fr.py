"""French: the words by what they do in a sentence about a person and a bank (without accents)."""

from typing import Final

LEXICON: Final[dict[str, str]] = {
    "YOUR": "votre vos ton ta tes",
    "YOU": "vous tu toi te",
    "ACCOUNT": "compte comptes carte cartes pret prets hypotheque credit credits solde soldes epargne livret depot depots profil "
               "assurance plafond releve releves cheque cheques chequier placement placements decouvert salaire iban",
    "EVENT": "remboursement remboursements virement virements paiement paiements prelevement prelevements transaction "
             "transactions achat achats retrait retraits frais commission commissions reclamation contestation litige demande "
             "blocage opposition agios interets echeance echeances operation operations dossier annulation debit debits "
             "versement versements remplacement accord mensualite cotisation",
    "MONEY": "argent fonds somme montant sous",
    "STRONG": "remboursement contestation litige dossier remplacement accord reclamation blocage opposition demande",
    "SECRET": "pin code codes identifiant identifiants cvv mdp passe",
    "STAFF": "conseiller conseillere agence banquier gestionnaire",
    "CUSTOMER": "client cliente clients clientes titulaire societaire",
    "ONE_CUSTOMER": "client cliente titulaire societaire",
    "PLURALS": "comptes cartes paiements virements depots prelevements transactions achats cheques credits prets frais "
               "retraits remboursements interets operations",
    "WE": "nous je j on",
    "OUR": "notre nos",
    "US": "nous",
    "ORG": "equipe service banque systeme specialiste collegue conseiller directeur",
    "RECORDS": "dossiers registres systeme systemes fichiers donnees base",
    "SEE": "voyons vois constatons constate confirmons confirme notons remarquons trouvons trouve indiquent indique montrent "
           "montre retrouvons observons figure",
    "WEDID": "remboursons debloquons",
    "WEHAVE": "avons ai avions a ont",
    "DONE": "rembourse remboursee rembourses remboursees credite creditee credites debloque debloquee debloques leve levee "
            "envoye envoyee expedie expediee approuve approuvee annule annulee ferme fermee cloture cloturee reactive reactivee "
            "corrige corrigee regularise regularisee resolu resolue traite traitee active activee retire retiree augmente "
            "depose bloque bloquee refuse refusee debite debitee preleve prelevee paye payee transfere transferee recu recue "
            "emis emise enregistre retabli retablie suspendu suspendue effectue effectuee valide validee regle reglee verse "
            "versee encaisse ouvert ouverte accepte acceptee restitue arrive arrivee remplace supprime supprimee constate "
            "remarque retrouve verifie passe vu",
    "STATE": "pret prete actif active inactif echu attente route disponible disponibles retour securite cours examen retard "
             "ordre jour debiteur crediteur",
    "PASTDID": "arrive",
    "AUX": "est sont a ete ont deja etait etaient sera seront reste soit",
    "YOUARE": "etes es etiez est sois",
    "YOUHAVE": "avez as aviez possedez detenez disposez",
    "YOUDID": "ouvert souscrit paye vire depose demande",
    "YOUWILL": "verrez recevrez aurez trouverez pourrez verras recevras auras trouveras",
    "COMO": "que",
    "THANK": "merci remercions remercie apprecions bienvenue felicitations",
    "LOYAL": "fidelite confiance choisis",
    "COND": "si lorsque quand quiconque",
    "HOWTO": "verifiez verifier consultez consulter appelez appeler partagez partager publiez publier communiquez communiquer "
             "protegez proteger gardez garder bloquez bloquer activez activer connectez utilisez utiliser changez changer "
             "modifiez modifier telechargez signalez signaler gerez gerer voir ouvrez ouvrir demandez demanderons demandera demande "
             "demander donnez donner fournissez fournir indiquez indiquer incluez inclure envoyez envoyer payez payer "
             "rendez contactez contacter recuperer reinitialisez reinitialiser trouver surveillez surveiller mettez mettre "
             "divulguez transmettez ecrivez",
    "CANYOU": "pouvez peux peut pourriez pouvaient devez recommandons conseillons",
    "WECAN": "pouvons voulons souhaitons allons aimerions peux dois devons verifions examinons",
    "NEVER": "jamais ne personne aucun aucune evitez sans n pas",
    "NOT": "ne pas plus jamais n",
    "AGAIN": "nouveau maintenant aujourd demain hier desormais",
    "DEF": "le la les l ce cette ces cet",
    "CROWD": "clients tous toutes utilisateurs certains quiconque concernes ceux personnes",
    "TECH": "app appli application site page distributeur distributeurs systeme systemes plateforme services portail ligne reseau service",
    "FEELING": "frustre frustree decu decue inquiet inquiete problemes difficultes question commentaire message experience "
               "combien pourquoi situation mecontentement rencontrez",
    "MESSAGED": "mp dm message prive inbox reponse",
    "PREP": "de du des d a au aux en dans avec par pour sur chez",
    "ADV": "deja bien aussi aujourd finalement enfin correctement encore actuellement tres",
    "TAIL": "chaque sous par si lorsque quand",
    "NAME": "nom mail email telephone numero",
    "LITTLE_QUE": "que",
}

LITTLE: Final = (
    "le la les un une de du des et que en a au par pour avec votre vos vous nous ne pas se si merci bonjour comme plus deja "
    "ce cette ou mais tres est sont message notre nos sans quand sur dans je on il elle d l"
)
