"""Portuguese: the words by what they do in a sentence about a person and a bank (without accents)."""

from typing import Final

LEXICON: Final[dict[str, str]] = {
    "YOUR": "sua seu suas seus tua teu tuas teus vossa vosso",
    "YOU": "voce voces lhe te ti tu senhor senhora",
    "ACCOUNT": "conta contas cartao cartoes emprestimo emprestimos hipoteca saldo saldos credito creditos poupanca deposito "
               "depositos perfil seguro limite limites extrato extratos fatura faturas financiamento cheque cheques cadastro "
               "investimento investimentos chave pix consorcio",
    "EVENT": "reembolso reembolsos estorno estornos devolucao transferencia transferencias pagamento pagamentos cobranca "
             "cobrancas transacao transacoes compra compras saque saques tarifa tarifas contestacao disputa solicitacao "
             "pedido pedidos bloqueio retencao juros parcela parcelas boleto debito debitos ted segunda-via protocolo caso "
             "reclamacao aprovacao lancamento lancamentos anuidade proposta",
    "MONEY": "dinheiro valor fundos grana quantia",
    "STRONG": "reembolso estorno devolucao solicitacao pedido contestacao disputa caso protocolo bloqueio aprovacao proposta "
              "reclamacao",
    "SECRET": "senha senhas pin cvv token login",
    "STAFF": "gerente agencia consultor consultora assessor",
    "CUSTOMER": "cliente clientes correntista correntistas titular associado",
    "ONE_CUSTOMER": "cliente correntista titular associado",
    "PLURALS": "contas cartoes pagamentos transferencias depositos cobrancas transacoes compras cheques creditos emprestimos "
               "tarifas saques faturas boletos juros parcelas",
    "WE": "nos eu a-gente",
    "OUR": "nosso nossa nossos nossas",
    "US": "conosco connosco nos gente",
    "ORG": "equipe equipa time setor banco sistema especialista gerente colega departamento area",
    "RECORDS": "registros registos sistema sistemas arquivos cadastro base",
    "SEE": "vemos vejo vimos vi notamos notei confirmamos confirmo verificamos verifiquei encontramos encontrei identificamos "
           "identifiquei consta constam mostram mostra indicam indica localizamos localizei percebemos observamos",
    "WEDID": "cancelou devolveu estornou liberou desbloqueou enviou mandou resolveu ajustou creditou aprovou reembolsamos estornamos estornei devolvemos devolvi creditamos creditei desbloqueamos desbloqueei liberamos "
             "liberei enviamos enviei aprovamos cancelamos cancelei encerramos reativamos reativei corrigimos corrigi "
             "ajustamos resolvemos resolvi processamos ativamos ativei removemos removi aumentamos depositamos bloqueamos "
             "bloqueei isentamos isentei emitimos transferimos retiramos recebemos",
    "WEHAVE": "temos tenho tinhamos haviamos",
    "DONE": "reembolsado reembolsada estornado estornada devolvido devolvida creditado creditada desbloqueado desbloqueada "
            "liberado liberada enviado enviada aprovado aprovada cancelado cancelada encerrado encerrada reativado "
            "reativada corrigido corrigida ajustado resolvido resolvida processado processada ativado ativada removido "
            "removida aumentado depositado depositada retido retida recusado recusada bloqueado bloqueada isento isenta "
            "cobrado cobrada debitado debitada pago paga transferido transferida recebido recebida emitido emitida "
            "registrado registrada restabelecido suspenso suspensa concluido concluida efetuado efetuada compensado "
            "compensada postado congelado duplicada",
    "STATE": "pronto pronta ativo ativa inativa vencida vencido pendente caminho disponivel volta certo segura seguro dia "
             "processamento analise atraso andamento regularizado negativada entregue",
    "PASTDID": "chegou entrou caiu compensou liberou voltou saiu passou creditou venceu",
    "AUX": "e esta estao foi foram ja sido sera serao estava ficou ficara continua segue estara consta",
    "YOUARE": "e es era foi seja",
    "YOUHAVE": "tem tens tinha teve possui mantem",
    "YOUDID": "abriu pagou transferiu depositou solicitou sacou contratou encerrou deve contestou",
    "YOUWILL": "vera recebera tera obtera encontrara podera",
    "COMO": "como sendo",
    "THANK": "obrigado obrigada agradecemos agradeco gratos valorizamos parabens bem-vindo bem-vinda",
    "LOYAL": "fidelidade lealdade preferencia confianca escolher",
    "COND": "se caso quando sempre quem qualquer",
    "HOWTO": "verifique verificar confira conferir consulte consultar ligue ligar compartilhe compartilhar partilhe partilhar "
             "publique publicar proteja proteger mantenha manter bloqueie bloquear ative ativar acesse aceder acessar use "
             "usar utilize utilizar altere alterar atualize atualizar baixe reporte informe informar informa administre ver "
             "veja abra abrir solicite solicitar forneca fornecer inclua incluir envie enviar tenha guarde cuide congelar "
             "pague pagar visite recupere recuperar redefinir redefina gerenciar gerir encontrar encontre pedimos pede pedir "
             "pedira solicita mencione troque trocar divulgue revele digite passe",
    "CANYOU": "pode podes podem poderia deve deves recomendamos sugerimos aconselhamos",
    "WECAN": "podemos queremos precisamos vamos gostariamos estamos estou posso verificaremos",
    "NEVER": "nunca jamais ninguem nenhum nao evite sem nem",
    "NOT": "nao nunca",
    "AGAIN": "novamente agora hoje amanha ontem novo",
    "DEF": "o a os as este esta esse essa aquele",
    "CROWD": "clientes todos todas usuarios utilizadores alguns qualquer afetados quem alguem",
    "TECH": "app aplicativo aplicacao site pagina caixa sistema sistemas plataforma servico servicos portal linha rede",
    "FEELING": "frustrado frustrada chateado chateada preocupado preocupada problemas dificuldades pergunta comentario "
               "mensagem experiencia como por situacao frustracao nos",
    "MESSAGED": "dm mensagem privada direta inbox resposta inbox",
    "PREP": "de do da em no na com por para sobre desde ao",
    "ADV": "ja muito bem tambem hoje finalmente novamente ainda atualmente logo agora",
    "TAIL": "cada dentro entre por se quando",
    "NAME": "nome email telefone numero cpf",
    "LITTLE_QUE": "que",
}

LITTLE: Final = (
    "o a os as um uma de do da dos das e que em no na por para com sua seu voce nao se nos lhe ola obrigado obrigada como "
    "mais ja este esta ou mas muito pode esta mensagem nosso nossa sem quando sobre estamos ao favor tem foi sao gente"
)
