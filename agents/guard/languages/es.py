"""Spanish: the words by what they do in a sentence about a person and a bank (without accents)."""

from typing import Final

LEXICON: Final[dict[str, str]] = {
    "YOUR": "su sus tu tus vuestra vuestro vuestras vuestros suya suyo tuya tuyo",
    "YOU": "usted ustedes tu vos te le les ti vosotros ud uds os",
    "ACCOUNT": "cuenta cuentas tarjeta tarjetas prestamo prestamos hipoteca hipotecas saldo saldos credito creditos ahorro "
               "ahorros deposito depositos perfil poliza seguro linea inversion inversiones nomina cheque cheques "
               "membresia limite limites extracto extractos estado estados chequera pension plan cupo",
    "EVENT": "reembolso reembolsos devolucion devoluciones transferencia transferencias pago pagos cargo cargos "
             "transaccion transacciones compra compras retiro retiros comision comisiones reclamo reclamos reclamacion "
             "disputa disputas solicitud solicitudes bloqueo retencion sobregiro interes intereses cuota cuotas "
             "acreditacion abono abonos movimiento movimientos giro cobro cobros reposicion caso bonificacion nota "
             "aclaracion aumento desembolso aprobacion expediente",
    "MONEY": "dinero fondos plata efectivo monto importe",
    "STRONG": "reembolso devolucion solicitud reclamo reclamacion disputa caso aclaracion reposicion retencion bloqueo "
              "aprobacion desembolso abono expediente",
    "SECRET": "pin clave claves contrasena contrasenas cvv usuario token",
    "STAFF": "ejecutivo ejecutiva asesor asesora gestor gestora sucursal oficina",
    "CUSTOMER": "cliente clientes clienta clientas socio socia socios titular tarjetahabiente cuentahabiente usuario",
    "ONE_CUSTOMER": "cliente clienta socio socia titular tarjetahabiente cuentahabiente",
    "PLURALS": "cuentas tarjetas pagos transferencias depositos cargos transacciones compras cheques creditos prestamos "
               "comisiones retiros movimientos intereses cuotas nominas fondos",
    "WE": "nosotros yo",
    "OUR": "nuestro nuestra nuestros nuestras",
    "US": "nosotros nos conmigo",
    "ORG": "equipo departamento area banco sistema especialista asesor ejecutivo gestor colega companero gerente",
    "RECORDS": "registros registro archivos sistema sistemas base expediente lado",
    "SEE": "vemos veo vimos observamos notamos noto confirmamos confirmo verificamos verifique encontramos encontre "
           "detectamos consta figura aparece aparecen muestra muestran indican indica comprobamos constatamos hallamos",
    "WEDID": "quitamos rechazamos reembolsamos devolvimos devolvi reembolse acreditamos acredite abonamos desbloqueamos desbloquee liberamos libere "
             "enviamos envie aprobamos cancelamos cancele cerramos reactivamos reactive reversamos reverse revertimos "
             "corregimos corregi ajustamos solucionamos solucione resolvimos resolvi procesamos activamos active anulamos anule "
             "levantamos aumentamos depositamos eliminamos elimine retiramos rechazamos bloqueamos bloquee condonamos "
             "bonificamos reemplazamos emitimos transferimos repusimos pagamos quitamos quite",
    "WEHAVE": "hemos he habiamos habia ha",
    "DONE": "reembolsado reembolsada reembolsados devuelto devuelta acreditado acreditada abonado abonada desbloqueado "
            "desbloqueada liberado liberada enviado enviada aprobado aprobada cancelado cancelada cerrado cerrada "
            "reactivado reactivada reversado revertido revertida corregido corregida ajustado solucionado resuelto "
            "procesado procesada activado activada anulado anulada levantado levantada aumentado depositado depositada "
            "eliminado eliminada retirado retenido retenida rechazado rechazada bloqueado bloqueada condonado condonada "
            "cobrado cobrada cargado cargada pagado pagada transferido transferida recibido recibida emitido emitida "
            "registrado registrada restablecido restablecida suspendido suspendida reemplazado escalado abierto abierta "
            "congelado congelada realizado realizada efectuado efectuada completado verificado verificada arreglado duplicado",
    "STATE": "lista listo activa activo inactiva vencida vencido pendiente camino disponible vuelta bien segura seguro "
             "orden proceso revision dia atrasado atrasada vigente entregada entregado sobregirada resuelta",
    "PASTDID": "reboto rechazaron quitaron llego entro acredito libero aplico proceso paso cayo reflejo salio desbloqueo aprobo rechazo cobro "
               "devolvio reembolso abono deposito cerro activo vencio reboto",
    "AUX": "es esta estan fue fueron ha han sido estaba estaban sera seran queda quedo quedaron sigue ya quedara estara "
           "estaran aparece sale hay",
    "YOUARE": "es eres era fue sea",
    "YOUHAVE": "tiene tienes tenia tuvo mantiene posee",
    "YOUDID": "abrio abriste pago pagaste transfirio transferiste deposito depositaste solicito solicitaste retiro retiraste "
              "contrato contrataste cerro cerraste debe debes adeuda compraste domicilio banquea",
    "YOUWILL": "vera veras recibira recibiras tendra tendras llegara reflejara obtendra encontrara podra",
    "COMO": "como siendo",
    "THANK": "gracias agradecemos agradezco agradecidos valoramos bienvenido bienvenida bienvenidos felicidades",
    "LOYAL": "fidelidad lealtad preferencia confianza preferirnos elegirnos antiguedad",
    "STAYING": "bancar elegirnos confiar",
    "WITH": "con desde",
    "COND": "si cuando siempre aunque quien quienes cualquier",
    "HOWTO": "revise revisa revisar consulte consulta consultar llame llama llamar comparta compartas compartir comparte "
             "publique publiques publicar proteja protege proteger mantenga manten mantener bloquee bloquear active activar "
             "ingrese ingresa ingresar verifique verificar use usa usar utilice utilizar cambie cambia cambiar actualice "
             "actualizar descargue descarga reporte reporta reportar administre administrar vea ver abra abre abrir "
             "solicite solicitar entregue dar proporcione proporciones proporcionar incluya incluyas incluir envie "
             "envies enviar escriba tenga guarde cuide cuida congelar congele pague pagar visite acceda acceder recupere "
             "recuperar restablecer restablezca gestionar encontrar encuentra encuentre monitoree mencione menciones pedir "
             "pedira pediremos pediran solicitara solicitaremos diga revele reveles",
    "CANYOU": "puede puedes pueden podria podrias podes debe debes recomendamos sugerimos aconsejamos",
    "WECAN": "podemos queremos necesitamos vamos podremos quisieramos gustaria estamos estoy puedo revisaremos",
    "NEVER": "nunca jamas nadie ningun no ni evite sin",
    "NOT": "no nunca tampoco ya",
    "AGAIN": "nuevamente ahora hoy manana ayer nuevo otra",
    "DEF": "el la los las este esta ese esa estos esos dicho",
    "CROWD": "clientes todos todas usuarios algunos cualquier afectados quienes alguien nadie",
    "TECH": "app aplicacion web pagina sitio cajero cajeros sistema sistemas plataforma servicio servicios portal linea lineas red",
    "FEELING": "frustrado frustrada molesto molesta preocupado preocupada problemas dificultades inconvenientes pregunta "
               "comentario mensaje experiencia como por situacion molestia nos",
    "MESSAGED": "dm mensaje privado directo md inbox respuesta",
    "PREP": "de del a al en con por para sobre desde",
    "ADV": "ya muy bien tambien hoy recien finalmente exitosamente correctamente nuevamente todavia aun actualmente pronto",
    "TAIL": "cada dentro entre al por si cuando",
    "NAME": "nombre correo telefono numero",
    "LITTLE_QUE": "que",
}

LITTLE: Final = (
    "el la los las un una de del y que en a al por para con su sus tu es no se lo nos le si gracias hola como mas ya este "
    "esta o pero muy puede puedes te hay ha por favor mensaje nuestro nuestra usted sin cuando sobre estamos tiene tienes hemos"
)
