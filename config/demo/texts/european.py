"""What customers write in French, German, Portuguese, Italian and Russian."""

from config.demo.texts.theme import Theme

FRENCH = (
    Theme(
        "card-declined",
        "negative",
        7,
        (
            "{at} carte refusée chez {store} {when}. Il y a de l'argent dessus, que se passe-t-il ?",
            "Encore une fois ma carte {bank} refusée devant tout le monde. Merci bien.",
            "{at} carte bloquée en voyage à {city}, votre ligne sonne dans le vide",
            "on m'a débité {amount} deux fois et ensuite refusé le paiement {at}",
        ),
        ("Ça marche de nouveau, merci.", "Toujours refusée.", "Je vous ai écrit en privé."),
        private=0.1,
    ),
    Theme(
        "app-down",
        "negative",
        6,
        (
            "{at} l'appli est en panne ? Ça tourne depuis {minutes} minutes",
            "Impossible de me connecter {when}, le code n'arrive jamais {at}",
            "Votre page dit que tout va bien, votre appli dit le contraire {at}",
        ),
        ("C'est revenu.", "Toujours rien."),
    ),
    Theme(
        "transfer",
        "negative",
        6,
        (
            "{at} virement de {amount} parti {day}, jamais arrivé. Où est-il ?",
            "Un virement vers la France, combien de jours en vrai ? Ça fait {days} jours {at}",
            "{at} virement 'en cours de vérification' et personne ne sait pourquoi",
        ),
        ("Arrivé ce matin, merci.", "La référence est dans mon message."),
        private=0.15,
    ),
    Theme(
        "fees",
        "negative",
        5,
        (
            "{fee} de frais pour un découvert de {small}, vous êtes sérieux {at} ?",
            "{at} pouvez-vous m'expliquer ces {fee} de frais de tenue de compte ?",
            "je passe chez {rival}, j'en ai assez des frais",
        ),
        ("Merci pour le remboursement.", "Donc c'est non ?"),
    ),
    Theme(
        "fraud",
        "negative",
        4,
        (
            "{at} un débit de {amount} chez {store} qui n'est pas de moi",
            "On m'appelle de la part de {bank} pour demander le code reçu. C'est une arnaque, non ?",
        ),
        ("C'est remboursé, merci.",),
        private=0.3,
    ),
    Theme(
        "praise",
        "positive",
        6,
        (
            "Merci à {rep} de l'agence {branch}, patiente et souriante {at}",
            "{at} réponse en cinq minutes un dimanche soir, chapeau",
            "La nouvelle appli est vraiment réussie, bravo {at}",
        ),
    ),
    Theme(
        "branch",
        "neutral",
        4,
        (
            "{at} l'agence de {branch} est-elle ouverte samedi ?",
            "Quels papiers pour ouvrir un compte quand on vient d'arriver à {city} ? {at}",
        ),
        ("Merci, j'irai demain.",),
    ),
)

GERMAN = (
    Theme(
        "card-declined",
        "negative",
        7,
        (
            "{at} Karte bei {store} abgelehnt, obwohl genug Geld drauf ist. Was ist los?",
            "Zum dritten Mal diese Woche Karte abgelehnt. Langsam reicht es, {bank}",
            "{at} Karte im Urlaub in {city} gesperrt, Hotline {minutes} Minuten Warteschleife",
        ),
        ("Geht wieder, danke.", "Immer noch abgelehnt.", "Habe Ihnen privat geschrieben."),
        private=0.1,
    ),
    Theme(
        "app-down",
        "negative",
        6,
        (
            "{at} ist die App down? Lädt seit {minutes} Minuten",
            "{bank}-App stürzt beim Öffnen ab, {when} schon fünfmal",
            "Der Code kommt nie an. Wie soll ich mich anmelden? {at}",
        ),
        ("Läuft wieder.", "Noch immer nichts."),
    ),
    Theme(
        "transfer",
        "negative",
        5,
        (
            "{at} Überweisung von {amount} seit {day} verschwunden. Wo ist mein Geld?",
            "Wie lange dauert eine Überweisung von {bank} nach Deutschland? Schon {days} Tage {at}",
        ),
        ("Ist heute angekommen, danke.",),
        private=0.15,
    ),
    Theme(
        "fees",
        "negative",
        5,
        (
            "{fee} Gebühr wegen {small} im Minus. Ernsthaft, {at}?",
            "{at} Wofür genau sind die {fee} Kontoführung?",
            "Ich wechsle zu {rival}. Die Gebühren sind ein Witz.",
        ),
        ("Danke für die Erstattung.", "Also nein?"),
    ),
    Theme(
        "praise",
        "positive",
        5,
        (
            "Danke an {rep} in der Filiale {branch}, so freundlich wird man selten bedient {at}",
            "{at} Kartensperre in der App: zwei Sekunden, fertig. Sehr gut gelöst.",
            "Schnelle Antwort sogar nachts, danke {at}",
        ),
    ),
    Theme(
        "branch",
        "neutral",
        3,
        (
            "{at} hat die Filiale {branch} samstags auf?",
            "Brauche ich einen Termin für eine Kontoeröffnung in {city}? {at}",
        ),
        ("Danke!",),
    ),
)

PORTUGUESE = (
    Theme(
        "card-declined",
        "negative",
        7,
        (
            "{at} cartão recusado na {store} com a fila inteira olhando. Tem saldo, e aí?",
            "meu cartão {bank} recusado de novo, que vergonha",
            "{at} cartão bloqueado em {city}, ninguém atende o telefone",
        ),
        ("Voltou a funcionar, obrigada.", "Continua recusado.", "Mandei mensagem privada."),
        private=0.1,
    ),
    Theme(
        "app-down",
        "negative",
        7,
        (
            "{at} o app caiu? faz {minutes} minutos que só roda",
            "app do {bank} fora do ar no dia do pagamento, parabéns",
            "Não chega o código, como é que eu entro na conta? {at}",
        ),
        ("Voltou aqui.", "Nada ainda."),
    ),
    Theme(
        "transfer",
        "negative",
        6,
        (
            "{at} mandei {amount} para o Brasil {when} e nada de chegar",
            "transferência 'em análise' há {days} dias, ninguém explica {at}",
        ),
        ("Chegou, obrigado.", "A referência está na mensagem."),
        private=0.15,
    ),
    Theme(
        "fees",
        "negative",
        5,
        (
            "{fee} de tarifa por causa de {small}? absurdo, {at}",
            "{at} cobraram tarifa duas vezes no mesmo dia, quero o estorno",
        ),
        ("Obrigado pelo estorno.",),
    ),
    Theme(
        "fraud",
        "negative",
        4,
        (
            "{at} compra de {amount} na {store} que eu não fiz",
            "ligaram dizendo que são do {bank} e pediram o código. golpe né?",
        ),
        ("Resolvido, valeu.",),
        private=0.3,
    ),
    Theme(
        "praise",
        "positive",
        6,
        (
            "Obrigado {rep} da agência {branch}, atendimento nota dez {at} 👏",
            "{at} responderam de madrugada e resolveram, adorei",
            "app novo ficou ótimo {at}",
        ),
    ),
)

ITALIAN = (
    Theme(
        "card-declined",
        "negative",
        6,
        (
            "{at} carta rifiutata da {store}, ma i soldi ci sono. Che succede?",
            "carta {bank} bloccata in viaggio a {city}, nessuno risponde",
        ),
        ("Ora funziona, grazie.", "Ancora rifiutata."),
    ),
    Theme(
        "app-down",
        "negative",
        5,
        (
            "{at} l'app non si apre da {minutes} minuti, è un guasto?",
            "Il codice non arriva mai, come faccio ad entrare? {at}",
        ),
        ("Tornata.",),
    ),
    Theme(
        "fees",
        "negative",
        4,
        ("{fee} di commissione per uno scoperto di {small}, complimenti {at}",),
        ("Grazie per il rimborso.",),
    ),
    Theme(
        "praise",
        "positive",
        4,
        (
            "Grazie a {rep} della filiale {branch}, gentilissima {at}",
            "{at} risposta in pochi minuti anche di notte, bravi",
        ),
    ),
)

RUSSIAN = (
    Theme(
        "card-declined",
        "negative",
        6,
        (
            "{at} карту отклонили в {store}, деньги на счёте есть. Что происходит?",
            "Опять не проходит карта {bank}, уже третий раз",
        ),
        ("Заработало, спасибо.", "Всё ещё отклоняет."),
    ),
    Theme(
        "app-down",
        "negative",
        5,
        (
            "{at} приложение не открывается уже {minutes} минут, сбой?",
            "Код по смс не приходит, как войти? {at}",
        ),
        ("Работает.",),
    ),
    Theme(
        "transfer",
        "negative",
        4,
        ("{at} перевод на {amount} завис {days} дней назад, где деньги?",),
        ("Дошёл, спасибо.",),
        private=0.15,
    ),
    Theme(
        "praise",
        "positive",
        4,
        ("Спасибо {rep} из отделения {branch}, всё объяснили спокойно и понятно {at}",),
    ),
)
