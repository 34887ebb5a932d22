/* SPDX-License-Identifier: ISC */
/* The words of many languages for the ideas of classify_ideas.h: a row an idea and a language. */
#include "probes/classify_words.h"

#include "common/util.h"
#include "probes/classify_ideas.h"

/* A word may stand in more than one row. The longest that fits holds, in all its rows. */
/* clang-format off */
const struct word_list classify_word_lists[] = {
	/* No ideas, though they look like some. */
	{ 0, "error details,win32 error,internet*,international*,fully,please note,please contact*,contact the*,service pack,home ftp server*,home edition,home page,homepage,home network,home server,home office,maintenance fee*,requested action aborted*,requested action not taken,tcp ip,unauthorized access,unauthorised access,unauthorized use,unauthorised use,unauthorized person*,unauthorised person*,unauthorized attempt*,unauthorised attempt*,unauthorized access attempt*,unauthorised access attempt*,unbefugt*,acces non autorise*,acceso no autorizado*,accesso non autorizzato*,acesso nao autorizado*" },

	/* Latin stems serve many languages at once. */
	{ IDEA(ANON), "anonym*,anonim*,anoniem*,anon,guest*,gastzugang*,gastkonto*,gastbenutzer*,gast,gaste*,"
		"gasten,invite,invites,invitado*,ospit*,convidado*,gosc,gosci*,gast*login*,misafir*,vendeg*,gjest*,"
		"аноним*,анонім*,гость*,гостев*,гостя*,гостей*,ανωνυμ*,匿名,来宾,來賓,訪客,访客,ゲスト,익명,손님" },
	{ IDEA(ANON_ONLY), "anonym* only,anonym* user* only,anonym* login* only,anonym* access only,anonym* session* only,anonym* connection* only,use anonymous,user anonymous instead,only guest* anonym*,only anonymous,anonymous ftp only,anonymous logins only,"
		"anonymous login only,only accepts anonymous,only allows anonymous,only supports anonymous,"
		"nur anonym*,nur fur anonym*,nur gast*,ausschliesslich anonym*,"
		"seulement anonym*,uniquement anonym*,seul* le* connexion* anonym*,anonym* seulement,"
		"anonym* uniquement,solo anonim*,solo accesso anonim*,solo acceso anonim*,solo ftp anonim*,solo l accesso anonim*,"
		"solo se permite* anonim*,apenas anonim*,somente anonim*,apenas acesso anonim*,somente acesso anonim*,"
		"alleen anonie*,enkel anonie*,tylko anonim*,wylacznie anonim*,pouze anonym*,jen anonym*,iba anonym*,"
		"только аноним*,лише анонім*,endast anonym*,bara anonym*,kun anonym*,csak anonim*,csak nevtelen*,"
		"doar anonim*,numai anonim*,sadece anonim*,yalnizca anonim*,vain anonyym*,"
		"仅允许匿名,只允许匿名,仅限匿名,僅允許匿名,只允許匿名,只接受匿名,匿名のみ,匿名ftpのみ,匿名 ftp のみ,익명만" },
	{ IDEA(NAMED), "private,privates,privat,privates system,prive,privee,privado,privada,privato,privata,prywatn*,soukrom*,sukromn*,частн*,приватн*,ozel,私人,私用,私有,プライベート,개인,non anonymous*,nonanonymous*,named,registered,members,member,customers,subscribers,subscribed,"
		"invited,registriert*,angemeldete benutzer,mitglieder*,kunden,enregistre*,inscrit*,membres,"
		"registrad*,miembros,registrat*,iscritt*,soci,geregistreerde*,leden,cadastrad*,membros,"
		"zarejestrowan*,registrovan*,зарегистриров*,зареєстр*,kayitli*,注册,註冊,会员,登録,등록" },
	{ IDEA(NOT), "lacks,lack of,fehlende*,falta de,manca di,nuk,nuk ka,olamaz,olamiyor,nuk jane,bez opravneni,not,no,none,nobody,never,nor,nope,isnt,arent,dont,doesnt,didnt,wasnt,wont,havent,hasnt,without any,"
		"nicht,kein*,nie,niemand,ne,pas,non,aucun*,sin,ningun*,nao,nenhum*,nessun*,niet,geen,"
		"nie sa,nejsou,neni,nelze,nesm*,nemaj*,nema,nepovol*,не,нет,нельзя,ни,немає,inte,ej,ingen,inget,inga,ikke,"
		"ei,eivat,ole,nem,nincs,nincsen*,tilos,nu,niciun*,degil*,yok*,verilmi*,edilmi*,δεν,μη,"
		"不,未,没有,沒有,无法,無法,无权,無權,ません,ない,できません,않,없,불가,안됨" },
	{ IDEA(NOT) | IDEA(CARRIER), "degil,degildir,ていません,ではありません,지 않습니다,지 않았습니다,있지 않,아닙니다" },
	{ IDEA(NOT), "any more,anymore,no longer,nicht mehr,ya no,niet meer,niet langer,больше не,uz ne,juz nie,not because of,not because,not due to,not currently,not yet,not yet been" },
	{ IDEA(CARRIER), "be,been,being,is,are,was,were,has,have,had,the,in,ist,sind,wurde,war,worden,noch,gerade,est,sont,ete,encore,en,esta,estan,ha,han,sido,ser,todavia,stato,"
		"stata,ancora,foi,esta,ainda,wordt,werd,zijn,jest,sa,zostalo,zostal,je,jsou,byl,byla,bylo,ar,har,blivit,er,blitt,blevet,este,fost,被,处于" },
	{ IDEA(SUPPOSED), "get locked,gets locked,become locked,becomes locked,get blocked,gets blocked,get banned,gets banned,are locked after,are blocked after,are banned after,are disabled after,are not used,should your,should you,should the,in the event of,werden nach,wird nach,sollte ihr,sollten sie,sont bloques apres,se bloquean,vengono bloccat*,sao bloquead*,worden na,sa blokowane po,jsou po,if,in case,may be,may have been,might be,might have been,could be,could have been,perhaps,maybe,possibly,possible reasons,possible causes,for example,will be lock*,will be bann*,will be block*,will be disab*,"
		"will be suspend*,will expire,will be required,will be needed,may ban,may block,may lock,may close,may disable,before lockout,before lock out,before being lock*,before your account,until lockout,or be locked,will lock,would be,would have,falls,wenn,eventuell,moglicherweise,vielleicht,si vous,peut etre,sera bloqu*,sera verrouill*,si su,si usted,si tiene,quizas,puede que,sera bloquead*,se hai,forse,"
		"potrebbe*,sara bloccat*,se voce,talvez,indien,misschien,jesli,jezeli,byc moze,moze byc,pokud,jestlize,ak ste,если,возможно,может быть,якщо,можливо,om du,kanske,hvis,kanskje,maske,jos,ehka,daca,eger,belki,"
		"如果,若,可能,もし,場合,かもしれ,만약,경우" },
	{ IDEA(REQUIRED) | IDEA(ONLY), "only if,only when,nur wenn,seulement si,solo si,alleen als,tylko jesli,pouze pokud,только если" },
	{ IDEA(NOT) | IDEA(UNABLE), "nemuzu,nemuzete,nemozem*,nemozete,nemozes,kan ej,oformogen,edemiyoruz,edemiyor*,e pamundur,nu se pot,cannot,cant,can not,could not,couldnt,unable,not able,wouldnt,"
		"kann nicht,konnte nicht,nicht moglich,nicht moeglich,konnen nicht,konnen sich nicht,"
		"impossible,ne peut,ne peuvent,ne pouvez,n a pas pu,no se puede*,no se pudo,no puede*,no fue posible,no es posible,imposible,"
		"impossibile,non e possibile,non puo,non posso,nao e possivel,nao foi possivel,nao pode,impossivel,kan niet,kon niet,kunnen niet,"
		"onmogelijk,nie mozna,nie moze*,nie mozesz,niemozliw*,nelze,nemohu,nemuze*,nepodari*,nie je mozne,nemozno,не удается,"
		"не удалось,невозможно,не може*,не могу,не можете,неможливо,kan inte,kunde inte,kan ikke,kunne ikke,nem lehet*,nem tud*,nem siker*,"
		"nu se poate,nu pot*,nu poate,imposibil*,yapilamadi,yapilam*,edilemedi,edilem*,bulunamadi,acilamadi,degistirilemedi,nuk mund*,s mund*,"
		"无法,無法,不能,不可,できません,できませんでした,할 수 없" },
	{ IDEA(ALLOWED) | IDEA(NOT), "not added,not listed,not on the list" },
	{ IDEA(ALLOWED), "allow*,permit*,permiss*,accept*,welcome,authori*,granted,admitted,enabled,entitled,"
		"erlaub*,zugelassen*,zulass*,zulaessig*,gestatt*,berechtig*,akzeptier*,zugang,willkommen,freigeschaltet,freigegeben,"
		"autoris*,permis,permise*,admis*,accepte*,autorizad*,permite*,permitid*,admite*,admitid*,acepta*,habilitad*,"
		"consentit*,consent*,ammess*,autorizzat*,permess*,accettat*,abilitat*,toegestaan*,toegelaten,geaccepteerd*,welkom,"
		"autorizad*,permitem*,aceit*,dozwol*,zezwol*,akceptow*,uprawnion*,povol*,dovol*,akceptov*,prijim*,opravnen*,"
		"разреш*,допуск*,допущ*,принима*,дозвол*,приймаю*,tillat*,tillet*,tilladt*,tillatt*,accepter*,godkan*,"
		"sallit*,sallita*,hyvaksy*,engedely*,megenged*,fogad*,permis*,acceptat*,accepta*,izin,izni*,kabul,lejoh*,lejuar*,pranu*,επιτρεπ*,"
		"允许,允許,许可,許可,开放,開放,接受,受け付け,허용,허가" },
	{ IDEA(DENIED), "no business,not wanted,turned away,turn away,turned down,kicked,no entry,off limits,excluded,bounced,vetoed,not served,abgewehrt,ausgeschlossen,unterbunden,repousse*,exclu,exclue,excluid*,escluso,uitgesloten,wykluczon*,vyloucen*,исключен*,utesluten*,udelukket,推拒,お断り,denied,deny,denies,denying,refus*,reject*,forbid*,prohibit*,disallow*,declin*,not served,"
		"unauthori*,unwelcome,nicht bedient,verweiger*,verbot*,untersagt,abgelehnt,abgewiesen,zuruckgewiesen,unzulassig*,unerlaubt*,unberechtigt*,"
		"interdit*,refuse*,rejet*,deneg*,prohib*,rechaz*,vietat*,negat*,rifiutat*,respint*,proibit*,geweigerd*,verboden,"
		"afgewezen,negad*,recusad*,proibid*,rejeitad*,odmow*,zabron*,odrzuc*,wzbron*,odmitnut*,zakazan*,odepren*,odmietnut*,nepovol*,nedovol*,"
		"отказ*,запрещ*,запрет*,отклон*,отверг*,заборон*,відмов*,відхил*,nekad*,nekas,forbjud*,avvisad*,forbudt,afvist,nektet,avvist,"
		"nektes,naegtet,naegtes,kielletty,evatty,estetty,megtagad*,elutasit*,tiltott*,tilos,interzis*,refuzat*,respins*,reddedil*,yasak*,engellen*,ndalu*,refuzu*,απαγορευ*,αρνη*,απορρ*,"
		"禁止,拒绝,拒絕,拒否,거부,금지" },
	{ IDEA(USER), "user*,client*,people,logins,benutz*,anwender*,nutzer*,teilnehmer*,klient*,utilisateur*,usager*,personne*,"
		"usuari*,utent*,utilizador*,gebruik*,uzytkow*,uzivat*,pouzivat*,пользовател*,юзер*,клиент*,користувач*,клієнт*,anvandar*,bruger*,brukar*,"
		"bruker*,kayttaj*,felhasznal*,ugyfel*,utilizator*,kullanic*,perdorues*,χρηστ*,用户,用戶,使用者,客户端,客戶端,ユーザ,利用者,クライアント,사용자" },
	{ IDEA(CONNECTION), "connection*,connect,connects,connected,connecting,reconnect*,session*,slot*,verbindung*,verbunden*,verbinden,sitzung*,connexion*,connecte*,conexion*,"
		"conectad*,sesion*,conness*,collegament*,sessio*,verbinding*,verbonden,sessie*,conex*,conect*,ligac*,sess*es,polaczen*,"
		"polaczyc*,sesj*,spojen*,pripojen*,relac*,соединен*,подключен*,сесси*,сеанс*,з еднан*,зєднан*,підключен*,сеанс*,anslut*,forbind*,tilkobl*,"
		"tilslut*,oppkobl*,yhtey*,istunto*,kapcsolat*,conexiun*,conectat*,baglant*,bagli,oturum*,lidhj*,συνδεσ*,连接,連接,连线,連線,会话,會話,接続,セッション,연결,접속,세션" },
	{ IDEA(TOO_MANY), "too many*,too much*,excess*,zu viel*,zuviel*,trop de,trop d,trop,demasiad*,tropp*,te veel,teveel,muito* usuario*,"
		"muitos,muitas,demais,excesso*,zbyt wiel*,zbyt duzo,za duzo,prilis mnoho,prilis vela,prilis vel*,mnoho,слишком много,слишком больш*,"
		"превыш*,чересчур,занадто багато,забагато,перевищ*,for manga,for mycket,for mange,for mye,alt for mange,liian mon*,"
		"liian paljon,tul sok*,prea mul*,cok fazla,fazla sayida,shume perdorues,shume lidhje,teper shume,παρα πολλ*,过多,過多,太多,過剰,多すぎ,너무 많" },
	{ IDEA(LIMIT), "ceiling*,maximaler*,limit*,*limit,maximum*,maxim*,max,maximal*,quota,hochst*,hoechst*,grenze,obergrenze*,*grenze,grossten,"
		"plafond,cupo,tope,massim*,maximaal,maximale,limiet*,maks*,szczyt*,maxima*,максим*,лимит*,предел*,ограничен*,"
		"ліміт*,обмежен*,maximalt,gransen*,maksim*,graense*,grense*,enimmais*,raja,korlat*,maxima*,azami*,sinir*,limiti*,kufi*,μεγιστ*,οριο*,"
		"上限,最大,限制,限额,限額,制限,최대,제한" },
	{ IDEA(FULL), "zit vol,crammed,saturated,swamped,taken up,occupied,no seats,no places,no place left,exhausted,uberfullt,ausgebucht,kein platz,keine platze,restlos,complet,bonde,plus de place,plus de places,no hay sitio,no hay lugar,sin plazas,esaurit*,al completo,sem vagas,lotado,geen plaats,brak miejsc,brak wolnych,zadna volna mista,neni misto,мест нет,нет мест,нет свободн*,свободн* мест нет,немає місц*,вільних місць немає,fullsatt,overfylt,overfyldt,opptatt,tupaten taynna,betelt,nincs hely,nu mai sunt locuri,yer yok,kontenjan dolu,拥挤,擁擠,爆满,爆滿,混み合って,混雑して,혼잡,꽉,no capacity,no free capacity,resources in use,resources are in use,resources are busy,full,busy,crowded,overload*,overcrowded,capacity,taken,in use,occupied,exhausted,used up,out of connections,out of slots,"
		"out of sessions,load is too high,load too high,load average,high load,heavy load,no free slot*,no slots,no room,no vacan*,"
		"voll,besetzt,belegt,uberlast*,ueberlast*,ausgelastet,uberfullt,ausgeschopft,complet,complete,satur*,surcharg*,occup*,plein,"
		"lleno*,completo*,ocupad*,sobrecarg*,pien*,occupat*,sovraccaric*,vol,bezet,overbelast*,cheio*,lotad*,peln*,zajet*,"
		"przeciaz*,obsazen*,pretizen*,plny,plne,obsaden*,перегруж*,переполн*,занят*,полон,перевантаж*,зайнят*,overbelast*,"
		"fullt,upptagen*,optaget,fuld,opptatt,taynna,varattu,tele,foglalt*,tulterhel*,ocupat*,supraincarcat*,plin,dolu,mesgul,plot,πληρ*,"
		"已满,已滿,繁忙,忙碌,满员,客满,額滿,过载,過載,满了,混雑,混み合,満員,満杯,가득,초과,만원" },
	{ IDEA(MORE), "mere end,mere en,mer enn,mer an,mai mult de,mais do que,vic nez,vice nez,tobb,me shume se,stejneho uzivat*,samme bruger,samma anvandar*,samme bruker,mesmo usuario,meme utilisateur,mismo usuario,stesso utente,gleichen benutzer,zelfde gebruiker,acelasi utilizator,njejti perdorues,ayni kullanici*,同一,超过,超過,이상,같은,any more user*,any more client*,any more connection*,any more session*,any more login*,any more visitor*,more than,already,simultaneous*,concurrent*,at a time,at once,at the same time,same ip,same address,same user,"
		"per ip,per host,per user,weitere*,bereits,gleichzeitig*,mehr als,pro ip,plus de,simultan*,deja,en meme temps,mas de,"
		"ya hay,simultane*,mas conexiones,mas usuarios,piu di,gia connessi,contemporane*,meer dan,gelijktijdig*,al verbonden,mais de,ja conectad*,"
		"wiecej niz,jednoczes*,juz polaczon*,juz zalogowan*,vice nez,soucasn*,jiz pripojen*,jiz prihlasen*,viac ako,одновремен*,больше чем,уже подключен*,"
		"одночас*,samtidig*,fler an,flere end,flere enn,samanaikais*,egyideju*,tobb mint,simultan*,ayni anda,birden fazla,daha fazla,再多,已经登录,"
		"同時,同时,これ以上,동시" },
	{ IDEA(MORE) | IDEA(NOT), "no more,no more than,not more than,no further,nicht mehr als,keine weiteren,pas plus de,plus aucune,no mas de,non piu di,niet meer dan,nao mais,nie wiecej niz,ne vice nez,не более,не больше,не більше,inte fler an,ikke flere end,en fazla" },
	{ IDEA(REACHED), "reached,exceed*,hit,attained,passed,over the limit,over limit,over quota,over capacity,erreicht,uberschritten,ueberschritten,uberstiegen,atteint*,depass*,alcanzad*,superad*,"
		"excedid*,raggiunt*,superat*,bereikt,overschreden,overschred*,atingid*,excedid*,ultrapassad*,osiagn*,przekrocz*,wyczerp*,dosazen*,"
		"prekroc*,vycerp*,dosiahn*,достигнут*,исчерпан*,превыш*,досягнут*,вичерпан*,natt,nadd,overskred*,naet,overskrid*,nadd,saavutet*,ylitet*,elert*,tullep*,atins*,"
		"depasit*,asildi,ulasildi,arritur,达到,達到,超过,超過,超出,達し,초과,도달" },
	{ IDEA(LOGIN), "login*,log in,log on,log into,logon*,logged in,logging in,logged on,sign in,signing in,signon,sign on,anmeld*,einlog*,einwahl*,eingeloggt,angemeldet,"
		"connexion,identification,ouverture de session,ouvrir de session,se connecter,inicio de sesion,iniciar sesion,ingreso,ingresar,entrada,acceder,accedere,accesso,"
		"login,aanmeld*,inlog*,ingelogd,aangemeld,entrar,logow*,logon*,zalogow*,prihlas*,вход*,войти,логин*,авторизац*,авториз*,"
		"увійти,вхід*,inlogg*,logga*,logge*,innlogg*,kirjaut*,sisaankirj*,bejelentkez*,belep*,autentificat,logare*,autentificare,giris*,oturum ac*,hyr*,hyrj*,εισοδ*,"
		"登录,登錄,登入,登陆,ログイン,ログオン,サインイン,로그인" },
	{ IDEA(AUTHENTICATION), "autentifik*,autorisat*,autorisier*,godkjenn*,behorighet*,vertrauen,te creo,confianza,fidarmi,fidarci,confiar,vertrouwen,stoler,lita pa,megbiz*,ufac,doverovat,duverovat,доверять,доверя*,incredere,besoj,信任,信頼,믿,authenticat*,authentif*,authentis*,authentiz*,authentiek*,identity,identi*t,credential*,credenz*,credencial*,creds,trust,authentifizier*,identitat,zugangsdaten,"
		"anmeldedaten,identifiant*,authentification,autentic*,autentificac*,verificatie,authenticatie*,aanmeldgegevens,inloggegevens,uwierzyteln*,"
		"autoryzac*,autentiz*,overeni,prihlasovaci udaje,overenie,аутентиф*,автентиф*,удостовер*,учетные данные,облікові дані,autentis*,autentiser*,godkendelse,todenn*,tunnistau*,"
		"hitelesit*,azonosit*,autentificar*,kimlik dogrula*,kimlik bilgi*,kimlik*,vertetim*,autentik*,identifik*,ταυτοποι*,πιστοποι*,"
		"认证,認證,验证,驗證,身份,鉴权,認証,資格情報,인증" },
	{ IDEA(PASSWORD), "парола*,password*,passwd*,passwort*,pass phrase,passphrase,kennwort*,mot de passe,mots de passe,contrasen*,clave*,parol*,wachtwoord*,senha*,palavra passe,"
		"hasl*,hesl*,пароль*,парол*,losenord*,adgangskode*,kodeord*,passord*,salasana*,jelsz*,sifre,sifresi*,sifreniz*,fjalekalim*,κωδικ*,"
		"密码,密碼,口令,パスワード,암호,비밀번호" },
	{ IDEA(WRONG), "dont match,no match,doesnt match,do not fit,does not fit,dont go together,do not go together,mismatched,not what we have,another password,try another,stimmt nicht,stimmen nicht,passt nicht,passen nicht,ne correspond*,ne concord*,no coincid*,non corrispond*,non coincid*,nao confere*,nao coincid*,nao correspond*,klopt niet,kloppen niet,komt niet overeen,nie zgadza*,niezgodn*,nesouhlas*,nesedi,не подход*,не совпад*,не подходить,не збіга*,stammer inte,stemmer ikke,passer ikke,ikke rigtig,ei tasmaa,nem egyezik,nem megfelelo,nu corespunde,nu se potrives*,eslesm*,uyusmuyor,不符,不匹配,不一致,一致しません,맞지 않,일치하지,погреш*,wrong*,incorrect*,invalid*,bad,mismatch*,illegal,false,unrecogni*,not match*,does not match,do not match,didnt match,improper*,falsch*,ungultig*,ungueltig*,inkorrekt*,unrichtig*,fehlerhaft*,"
		"incorrec*,faux,fausse*,errone*,erronne*,mauvais*,non valide*,invalide*,inconnu,incorrect*,equivocad*,no valid*,errat*,sbagliat*,non valid*,non corrett*,scorrett*,"
		"onjuist*,verkeerd*,ongeldig*,fout,foute,incorret*,errad*,invalid*,nieprawidlow*,niepopraw*,bledn*,zle,zla,zly,chybn*,nespravn*,"
		"neplatn*,spatn*,неверн*,неправильн*,некоррект*,ошибочн*,невірн*,хибн*,неправильн*,fel,felaktig*,ogiltig*,forkert*,ugyldig*,feil,galt,vaar*,virheel*,"
		"hibas*,ervenytel*,rossz,helytelen*,gresit*,invalid*,incorect*,hatali*,yanlis*,gecersiz*,gabim*,gabuar*,pavlef*,λαθος,λανθασμεν*,ακυρ*,"
		"错误,錯誤,不正确,不正確,无效,無效,有误,有誤,不匹配,不符,正しくありません,正しくない,間違,無効,誤り,不正,잘못,올바르지,틀렸,틀립" },
	{ IDEA(RIGHT), "nothing is wrong,nothing wrong,nothing the matter,is ok,is okay,is fine,correct*,valid,right,match,matches,verified,verify,korrekt*,richtig*,gultig*,exact*,correct*,valide*,valid*,juist*,geldig*,corret*,"
		"poprawn*,prawidlow*,spravn*,platn*,верн*,правильн*,действител*,вірн*,ratt,korrekt*,gyldig*,oikea*,helyes*,ervenyes*,corect*,dogru*,gecerli*,正确,正確" },
	{ IDEA(FAILED), "zlyhan*,mislyktes,mislyk*,mislukken,fail*,unsuccess*,not succe*,error*,fehlgeschlagen,fehlschl*,gescheitert,nicht erfolgreich,fehler*,*fehler,misslung*,"
		"echec*,echou*,erreur*,rate,fallid*,fallo,fall*,error*,fracas*,no exitos*,fallit*,errore,errori,non riuscit*,mislukt*,fout,fouten,gefaald,niet gelukt,falha*,falhou,"
		"erro,erros,mal sucedid*,niepowodz*,nieudan*,nie powiod*,blad*,bled*,selha*,nezdar*,neuspe*,nepodari*,chyba*,chyby*,chybe*,zlyha*,не удал*,неудач*,ошибк*,сбой*,"
		"провал*,помилк*,невдал*,збій,misslyck*,mislykk*,fejl*,feil*,fel,fejlede,epaonnist*,virhe*,sikertelen*,hiba*,nem siker*,esua*,esec,eroare*,erori,basarisiz*,"
		"hata*,gagal,deshto*,gabim*,αποτυχ*,απετυχ*,σφαλμα*,失败,失敗,错误,錯誤,エラー,실패,오류" },
	{ IDEA(UNKNOWN), "unregistered*,not registered,nicht registriert*,non enregistre*,no registrad*,non registrat*,unknown,no such,does not exist,doesnt exist,not exist,nonexist*,inexist*,not recogni*,unbekannt*,existiert nicht,inconnu*,n existe pas,"
		"desconocid*,no existe*,sconosciut*,inesistent*,non esiste,non esistono,onbekend*,bestaat niet,desconhecid*,nao existe*,nieznan*,nie istnieje,neznam*,"
		"neexist*,неизвестн*,не существ*,не найден*,невідом*,не існує,okand*,finns inte,finns ej,ukendt*,ukjent*,findes ikke,finnes ikke,eksisterer ikke,tuntematon,ei ole olemassa,ismeretlen*,"
		"nem letez*,necunoscut*,nu exista,bilinmeyen*,mevcut degil,panjohur*,nuk ekziston,αγνωστ*,未知,不存在,存在しません,存在しない,不明,알 수 없,존재하지" },
	{ IDEA(AUTHENTICATION) | IDEA(WRONG), "yetkiniz hatali" },
	{ IDEA(ACCOUNT) | IDEA(LOCKED), "사용불가" },
	{ IDEA(ACCOUNT) | IDEA(HOURS) | IDEA(PRIVILEGE), "valid shell,login shell,shell,shells" },
	{ IDEA(ACCOUNT), "abonnement*,abonament*,abbonamento*,suscripcion*,assinatura*,подписк*,プラン契約,dieser zugang,ihr zugang,dein zugang,account*,subscription*,membership*,utenza,utenze,konto*,*konto,konten,compte*,cuenta*,conta,contas,rekening,kont*,ucet,uctu,ucty,счет*,учетн*,аккаунт*,запись,обліков*,акаунт*,kontot,tili,tilisi,fiok*,cont,contul*,"
		"hesap,hesab*,llogari*,λογαριασμ*,帐户,账户,帳戶,帐号,账号,帳號,アカウント,계정" },
	{ IDEA(LOCKED) | IDEA(DENIED), "barred" },
	{ IDEA(ACCOUNT) | IDEA(DISABLED), "アカウントが無効,アカウントは無効" },
	{ IDEA(LOCKED), "blocking,停止,停权状态,*إيقاف,*ايقاف,*الموقوف,on hold,quarantined,halted,gesperrt,zuruckgestellt,en suspens,gesuspendeerd,wstrzyman*,pozastaven*,заморожен*,отстранен*,frys*,frosset,fryst,jaadytetty,felfuggesztve,suspendat*,dondurul*,冻结,凍結,停权,停權,잠겼,잠긴,locked*,lock out,lockout*,blocked*,block,suspended*,suspension,inactive*,frozen,not active,not activated,not enabled,inactivated,revoked,withdrawn,restricted,gesperrt*,*sperre,sperr*,blockier*,stillgelegt,ausgesetzt,"
		"verrouill*,bloqu*,suspend*,gele,inactif*,inactiv*,blocat*,bloccat*,sospes*,inattiv*,geblokkeer*,vergrendeld*,opgeschort,inactief,"
		"suspens*,congelad*,inativ*,zablok*,zawiesz*,nieaktywn*,uzamc*,uzamk*,blokov*,zablok*,pozastav*,neaktivn*,заблок*,блокиров*,приостанов*,неактив*,"
		"блокован*,призупин*,sparrad*,sparrat*,last,blockera*,inaktiv*,sperret,spaerret,blokeret,laast,suspendert,utestengt,lukittu,lukittiin,estetty,"
		"zarolt*,zarolva,letilt*,felfuggeszt*,kilitl*,bloke*,askiya*,engellen*,dondurul*,bllok*,pezull*,κλειδωμ*,αποκλεισ*,锁定,鎖定,封锁,封鎖,冻结,凍結,暂停,停权,停權,"
		"ロック,凍結,停止中,잠겨,잠김,잠금,차단,정지" },
	{ IDEA(EXPIRED), "aged out,ended,期限が切れ,erloschen,nicht mehr gultig,nicht mehr gueltig,plus valable,non piu valido,too old,outdated,out of date,no longer valid,has ended,is over,period over,past its end,gatt ut,gick ut,udlobet,utlopt,utlop,gaet ud,verstrichen,ausgelaufen,ungultig geworden,zu alt,veraltet,echu,arrive* a echeance,n est plus valide,ha vencido,ya no es valid*,non e piu valid*,nao e mais valid*,niet meer geldig,utracil* waznosc,stracil* waznosc,jiz neplati,neplatne heslo,больше не действу*,более не действ*,lejart,a expirat,expiro,must be changed,must change*,needs to be changed,need to change*,change your password,password change*,has to be changed,unpaid,not paid,non payment,muss geandert werden,musst geandert,doit etre change,debe cambiar*,deve essere cambiat*,moet worden gewijzigd,expire*,expiration,expiry,lapsed,ran out,run out,overdue,perime*,abgelaufen*,verfallen*,expir*,caducad*,caduc*,vencid*,scadut*,verlopen*,expirad*,wygas*,przeterm*,"
		"vyprs*,prosl*,expirov*,истек*,просроч*,закінчи*,прострочен*,utgatt*,utgangen*,lopt ut,loebet ud,udloeb*,udlob*,utlopt*,vanhentunut,lejart*,expirat*,"
		"sure*i doldu,suresi dol*,skadu*,εληξε,ληξ*,过期,過期,到期,期限切れ,失効,만료" },
	{ IDEA(DISABLED), "cancel*,deleted,purged,erased,withdrawn,aufgehoben,geloscht,entfernt,stillgelegt,supprime*,annule*,cancelad*,eliminad*,borrad*,dado de baja,cancellat*,eliminat*,rimoss*,verwijderd*,opgeheven,ingetrokken,usuniet*,anulowan*,smazan*,zrusen*,удален*,аннулирован*,видален*,borttagen,borttaget,slettet,nedlagt,poistettu,torolt*,torolve,sters,silindi,silinmis*,注销,註銷,删除,刪除,削除,廃止,삭제,avstangt,avstangd,c aktivizuar,deaktivovan*,inutilisable,unbrauchbar,disabl*,deactiv*,inactivated,turned off,switched off,off,removed,discontinued,deaktiv*,abgeschaltet*,ausgeschaltet*,desactiv*,deshabil*,"
		"inhabilit*,disabilit*,disattiv*,uitgeschakeld*,gedeactiveerd*,desativ*,desabilit*,wylacz*,zdezaktyw*,vypnut*,zakazan*,deaktivov*,отключ*,"
		"выключ*,деактив*,вимкн*,відключ*,avstangd*,inaktiverad*,avaktiver*,deaktiver*,slaet fra,slatt av,poistettu kaytosta,letilt*,"
		"kikapcs*,dezactiv*,devre disi*,kapali,kapatil*,caktiviz*,απενεργοποι*,停用,禁用,已关闭,已關閉,关闭,無効になって,비활성" },
	{ IDEA(HOURS), "login window,logon window,time window,weekdays,weekdays,weekends,office hours,business hours,opening hours,working hours,monday,sunday,werktag*,wochentag*,geschaftszeit*,burozeit*,offnungszeit*,jours ouvr*,heures d ouverture,dias habiles,horas de oficina,giorni feriali,dias uteis,werkdagen,kantooruren,dni robocz*,godzinach,pracovn* dn*,рабоч* дн*,рабоч* час*,рабоч* врем*,arbetstid,工作时间,營業時間,営業時間,근무 시간,hours,time of day,day of week,at this time,during this time,time restrict*,logon hours,uhrzeit,tageszeit,anmeldezeit*,heures,horaire*,"
		"horario*,orario*,orari,tijdstip,godzin*,часы,времени суток,в это время,时间段,時間帯" },
	{ IDEA(HOME), "personal folder*,personal director*,your directory,your folder,user folder*,users folder*,user storage,user s storage,storage area,home area,home path,login directory,working directory,initial directory,user home*,ftp root,ftproot,document root,virtual root,mount point,personlich* ordner,personlich* verzeichnis*,ihr verzeichnis,dein verzeichnis,arbeitsverz*,ftp verzeichnis,votre repertoire,votre dossier,su directorio,su carpeta,tu directorio,la tua cartella,sua cartella,a sua pasta,uw map,uw directory,twoj katalog,vas adresar,ваш каталог,ваша папка,din katalog,din mapp,din mappe,个人文件夹,使用者目錄,用户目录,用戶目錄,个人空间,hembibliotek*,hjemmebibl*,direktoria baze,没有家,home,homedir*,*homeverzeichnis*,heimatverz*,*heimverz*,stammverz*,basisverz*,benutzerverz*,hauptverz*,startverz*,personlichen ordner,"
		"repertoire personnel,repertoire d accueil,repertoire de l utilisateur,repertoire utilisateur,repertoire racine,repertoire de base,dossier personnel,repertoire principal,"
		"directorio de inicio,directorio personal,directorio raiz,directorio inicial,directorio principal,directorio del usuario,directorio home,carpeta de inicio,carpeta personal,"
		"thuismap,thuisdirect*,hoofdmap,basismap,startmap,home direct*,diretorio inicial,diretorio pessoal,diretorio raiz,pasta pessoal,pasta inicial,directoria pessoal,katalog* domow*,"
		"domow*,domovsk*,domac*,домашн*,домашнь*,hemkatalog*,hemmapp*,hjemmekatalog*,hjemmebibliotek*,hjemmemapp*,hjemmeomrad*,kotihakemist*,"
		"home konyvtar*,sajat konyvtar*,alapkonyvtar*,directorul personal,directorul home,ev dizin*,ana dizin*,kok dizin*,root direct*,root folder,user directory,root is,start directory,"
		"主目录,主目錄,家目录,家目錄,根目录,根目錄,宿主目录,个人目录,ホーム,홈" },
	{ IDEA(DIRECTORY) | IDEA(CHANGE), "chdir*,cd to pathname,cd pathname,chdir to pathname,chdir pathname,change to pathname" },
	{ IDEA(DIRECTORY), "share for,no share,network share,netzfreigabe,freigabe,file system,filesystem,direktori*,bibliotek*,direct*,director*,folder*,path,cwd,verzeichnis*,*verzeichnis*,ordner*,pfad*,repertoire*,dossier*,director*,carpeta*,ruta,cartell*,percorso,map,mappen,diretor*,pasta,katalog*,folder*,"
		"sciezk*,adresar*,slozk*,cest*,priecinok,priecink*,каталог*,папк*,директор*,теки,тека,mapp*,hakemist*,kansio*,konyvtar*,mappa*,directorul*,dosarul*,dizin*,klasor*,drejtori*,dosje*,καταλογ*,φακελ*,"
		"目录,目錄,文件夹,資料夾,ディレクトリ,フォルダ,디렉터리,디렉토리,폴더" },
	{ IDEA(CHANGE), "prejit,prejst,nderrohet,nderroj*,ga over,gaa,переход,перехо*,变更,變更,change,changing,chdir*,cd,switch to,enter,open,read,readable,reach*,mount*,set up,wechseln*,wechsle*,offnen,betreten,lesen,lesbar,changer,acceder,ouvrir,cambiar,abrir,leer,cambiare,aprire,wisselen,veranderen,openen,"
		"mudar,abrir,alterar,zmien*,otworz*,przejsc,zmenit*,otevrit,vstoupit,zmena,перейти,сменить,открыть,изменить,змінити,перейти,andra,byta,oppna,skifte,endre,bytte,aendre,aabne,vaihtaa,valtani,valtoztat*,"
		"megnyit*,schimb*,degistir*,acilamadi,acilam*,gecilem*,ndrysh*,αλλαγη*,切换,切換,更改,改变,改變,打开,進入,进入,変更,開けません,変える,변경,이동" },
	{ IDEA(CHROOT), "chroot*,jail,change root,anonymous privileges,guest privileges,privileges for anonymous" },
	{ IDEA(ACCESS), "достъп*,access*,acess*,entry,zugriff*,zutritt*,zugang*,acces,acceso*,access*,toegang*,acesso*,dostep*,pristup*,доступ*,atkomst*,tillgang,tilgang*,adgang*,paasy*,"
		"hozzaferes*,acces*,erisim*,qasje*,hyrje*,προσβαση*,访问,存取,訪問,アクセス,접근,액세스" },
	{ IDEA(MISSING), "injoignable*,vanished,gone,not mounted,not there,was lost,lost,nowhere to be found,verschwunden,nicht da,nicht eingehangt,nicht eingebunden,verloren,disparu,introuvabl*,desaparecid*,no esta montad*,scompars*,perdu*,verdwenen,zaginal*,zniknal*,zmizel*,пропал*,исчез*,потерян*,зник,зникл*,forsvunn*,forsvundet,borta,kadonnut,eltunt,disparut,kayip,丢失,遺失,stale,missing,not found,inaccess*,unreachable,unreadable,not reachable,not readable,not accessible,not under,nowhere,nicht gefunden,nicht erreichbar,unerreichbar*,nicht vorhanden,nicht lesbar,fehlt,nicht zuganglich,"
		"introuvable*,inaccessible*,manquant*,no encontrad*,no se encuentra,no se encontro,inaccesible*,inalcanz*,non trovat*,inaccess*,irraggiung*,mancante,"
		"niet gevonden,ontbreekt,ontoegank*,onbereikbaar,nao encontrad*,inacess*,ausente,nie znalez*,niedostep*,brak,nieosiag*,nenalez*,"
		"nedostup*,chybi,nenajden*,не найден*,недоступ*,отсутств*,не знайден*,недосяжн*,відсутн*,hittades inte,saknas,oatkomlig*,inte tillganglig*,mangler,ikke fundet,ikke funnet,utilgjengelig*,utilgaengelig*,ei loydy*,puuttuu,nem talalhato*,"
		"nem erheto*,elerhetetlen*,hianyz*,negasit*,inaccesibil*,lipseste,bulunamad*,bulunamiyor,erisilem*,ulasilam*,nuk gjendet,nuk u gjet,mungon,找不到,未找到,不可访问,不可訪問,不可用,不可存取,見つかりません,"
		"アクセスできません,찾을 수 없" },
	{ IDEA(ADDRESS) | IDEA(UNKNOWN), "no ptr*,no reverse*,without reverse*,missing reverse*,reverse lookup failed" },
	{ IDEA(ADDRESS), "proxy,proxies,vpn,host name lookup,hostname lookup,ip,ips,address*,host,hosts,hostname not allowed,ip adress*,adress*,ip addres*,*adresse,*adressen,rechner*,adresse*,machine,direccion*,indirizz*,adres,adresse*,enderec*,endereco*,"
		"adresu*,adresy*,adresa*,адрес*,хост*,адреса*,адреси,osoite*,cim,cimrol,cime,cimed,adresa,ip adresi*,adresin*,adresa*,peer,client machine,地址,位址,主机,主機,アドレス,ホスト,주소,호스트" },
	{ IDEA(PLACE), "this source,source address,source network,campus,intranet,lan,outside,local network,from ipaddr,from ip ipaddr,von ipaddr,von ip ipaddr,depuis ipaddr,desde ipaddr,dal ipaddr,da ipaddr,de ipaddr,van ipaddr,vanaf ipaddr,od ipaddr,s ipaddr,с ipaddr,из ipaddr,fran ipaddr,fra ipaddr,network*,netw*,country,region,location*,from here,from your,your isp,your provider,domain,subnet,netz*,land,standort,pays,reseau,depuis,votre domaine,pais,red,"
		"ubicacion,desde su,rete,paese,land,netwerk*,rede,sieci*,kraj*,zeme,сети,сеть,страны,мереж*,natverk*,land,netvaerk*,nettverk*,halozat*,orszag*,retea*,tara,ulke*,ag,agdan,"
		"vendi*,rrjet*,网络,網路,国家,地区,地區,ネットワーク,국가" },
	{ IDEA(BANNED), "geo filter*,geo block*,geoblock*,geoip*,geo ip*,geo restrict*,schwarze* liste,auf der sperrliste,*حظر,ban,banned,bans,black list*,blacklist*,blocklist*,block list*,denylist*,deny list,not in allow*,not on allow*,allow list*,whitelist*,white list*,ip filter*,ip restrict*,firewall*,access list*,acl,acls,hosts deny,hosts allow,tcp wrapper*,gebannt,verbannt,"
		"schwarze liste,sperrliste*,banni*,liste noire,lista negra,banead*,vetad*,bannat*,lista nera,bandit*,verbannen,banid*,czarn* list*,"
		"zbanow*,cerne listine,cernej listine,забанен*,бан,черн* списк*,черном списке,чорн* списк*,чорному списку,svartlist*,bannad*,bannlyst*,sortlist*,bannet,utestengt,mustalla listalla,feketelist*,kitilt*,tiltva,tiltott ip*,tiltolist*,"
		"lista neagra,yasakland*,yasakli,kara liste*,黑名单,黑名單,白名单,封禁,ブラックリスト,차단된,블랙리스트" },
	{ IDEA(TLS) | IDEA(REQUIRED), "channel must be protected,connection must be protected,session must be protected" },
	{ IDEA(TLS), "shifrim*,cifrovan*,tls*,ssl*,ftps,ftpes,encrypt*,secure connection*,secure channel*,secure login*,secure session*,secured connection*,secure ftp,secure auth*,secure control*,secured control*,secured channel*,secured login*,secured session*,secured ftp,protected channel*,ssl tls,cipher*,verschlussel*,verschluessel*,chiffr*,crypt*,"
		"conexion* segura*,cifrad*,encriptad*,connession* sicur*,crittograf*,criptat*,cifrat*,versleutel*,beveiligde verbinding*,"
		"criptograf*,conex* segura*,ligac* segura*,szyfrow*,bezpieczne polacz*,sifrov*,zabezpecen*,защищен*,шифр*,безопасн* соединен*,захищен*,krypter*,"
		"saker anslut*,sikker forbind*,salat*,suojat*,titkosit*,biztonsagos kapcsolat*,criptat*,conexiun* securizat*,sifrel*,guvenli bagl*,enkript*,kriptu*,κρυπτογραφ*,加密,安全连接,安全連線,暗号,セキュア,암호화" },
	{ IDEA(PLAIN), "not ftp,not plain ftp,instead of ftp,klartekst*,text clar*,text in clar,sesion* te hapur*,te pakriptuar*,otevren* text*,cisty text,jawny tekst,tekst jawny,texto sin*,plain,plaintext,cleartext,clear text,in the clear,unencrypt*,non encrypt*,not encrypt*,insecure*,unsecure*,non secure*,nonsecure*,non tls,non ssl,unprotected,klartext*,unverschlussel*,"
		"unverschluessel*,nicht verschlussel*,ungesichert*,en clair,non chiffr*,non crypt*,non securise*,non securisees,sin cifrar,no cifrad*,no segur*,sin encript*,texto plano,texto claro,"
		"in chiaro,non cifrat*,non critt*,non criptat*,non sicur*,onversleutel*,niet versleutel*,onbeveiligd*,platte tekst,texto simples,nao criptograf*,nao cifrad*,"
		"nao segur*,nieszyfrow*,jawnym tekst*,niezabezp*,nezabezpec*,nesifrov*,незащищен*,нешифр*,незашифр*,открытым текст*,незахищен*,незашифр*,okrypter*,ukrypter*,osaker*,usikker*,"
		"salaamat*,titkositatlan*,necriptat*,nesecuriz*,sifrelenmemis,sifresiz,guvenli olmayan,明文,未加密,平文,暗号化されていない,평문,암호화되지" },
	{ IDEA(REQUIRED), "require*,must,need*,mandatory,obligat*,necessar*,insist*,enforce*,compulsory,expects,please use,erforder*,benotig*,notwendig*,muss,mussen,vorgeschrieben,zwingend,verlangt,notig,requis*,exig*,oblig*,"
		"necess*,doit,devez,doivent,faut,requier*,requer*,necesari*,necesit*,debe,deben,obligator*,richied*,richiest*,dev*,deve,devi,devono,necessari*,bisogna,"
		"vereist*,verplicht*,nodig,moet*,obrigat*,exigid*,precisa*,wymag*,nalezy,musisz,konieczn*,potrzebn*,vyzad*,nutn*,musi*,potreb*,pozadov*,povinn*,требу*,необходим*,нужн*,"
		"обязател*,должн*,вимага*,потрібн*,необхідн*,kravs,kraver,krava*,maste,behov*,nodvandig*,kraeve*,kreve*,skal,ma bruke,paakrevd,pakrevd,vaadi*,taytyy,vaaditaan,szukseg*,kotelez*,kell,necesar*,trebuie,obligatoriu,gerek*,zorunlu*,lazim,"
		"duhet,nevojshm*,detyruesh*,απαιτειται,απαιτουνται,πρεπει,必须,必須,需要,要求,必要,請使用,请使用,필요,필수" },
	{ IDEA(ONLY), "only,solely,exclusively,nur,ausschliess*,seulement,seul*,uniquement,exclusiv*,solo,solamente,unicamente,soltanto,alleen,enkel,uitsluitend,apenas,somente,tylko,wylacznie,pouze,jen,iba,len,только,лише,тільки,"
		"endast,bara,kun,kuns,vain,csak,doar,numai,sadece,yalniz*,vetem,μονο,仅,僅,只,のみ,だけ,만" },
	{ IDEA(USE), "use,used,using,enable,switch,reconnect using,upgrade,verwenden,verwende*,benutzen sie,nutzen,nutze*,aktivieren,utilis*,employ*,usar,use,utilic*,utilizz*,usare,usa,gebruik,uzyj,skorzystaj,pouzijte,pouzi*,используй*,використов*,anvand,"
		"brug,bruk,kayta,hasznalj*,folosi*,kullan*,perdorni,使用,ご利用,사용" },
	{ IDEA(AVAILABLE), "available,support*,offer*,configur*,install*,implement*,provided,provide,understood,active,present,verfugbar,verfuegbar,unterstutz*,angeboten*,eingerichtet,konfiguriert,vorhanden,bereit,disponib*,"
		"support*,prise en charge,pris en charge,offert,configure,soport*,ofrec*,compatible,disponib*,offert*,beschikbaar,ondersteun*,aangeboden,disponiv*,suportad*,oferecid*,"
		"dostepn*,obsluguje,obslugiw*,dostupn*,podporov*,доступен,доступн*,поддержива*,предоставл*,доступний,підтриму*,tillganglig*,stod,stods,stoder,erbjuds,tilgaengelig*,tilgjengelig*,understot*,stottes,saatavilla,"
		"tuettu,tueta,elerhet*,tamogat*,suporta*,disponibil*,mevcut,desteklen*,kullanilab*,disponue*,mbeshtet*,διαθεσιμ*,可用,支持,支援,提供,利用でき,サポート,対応,利用可能,지원,사용할 수" },
	{ IDEA(UNAVAILABLE), "unavailable,did not respond,does not respond,not responding,no response,no answer,did not answer,not available,unsupported,indisponible*,no disponible*,non disponibil*,nicht verfugbar,nicht verfuegbar,niet beschikbaar,indisponiv*,nao disponiv*,niedostepn*,"
		"nedostupn*,nie je dostupn*,neni k dispozici,недоступ*,не доступ*,inte tillganglig*,otillganglig*,utilgaeng*,utilgjeng*,ikke tilgaeng*,ikke tilgjen*,ei saatavilla,ei ole saatavilla,ei kaytettav*,nem elerhet*,nem allnak,indisponibil*,nu este disponibil*,kullanilamiyor,hizmet disi,nuk eshte disponue*,不可用,利用できません,"
		"사용할 수 없" },
	{ IDEA(WITHOUT), "without,ohne,sans,sin,senza,zonder,sem,bez,без,utan,uden,uten,ilman,nelkul,fara,olmadan,pa,没有,沒有,なし" },
	{ IDEA(AUTH_COMMAND), "auth,auth tls,auth ssl,auth command,auth first" },
	{ IDEA(SHUTDOWN), "draining,drained,quiescing,quiesced,is stopping,has been stopped,was stopped,powered down,powering off,halting,gestoppt,angehalten,wurde beendet,est arrete*,ete arrete*,esta detenido,e fermo,e stato arrestato,fermato,parado,foi parado,gestopt,zatrzyman*,zastaven*,остановлен*,stoppad,stoppet,pysaytetty,leallitva,leallt,este oprit,durduruldu,已停止,停止しました,중지,parado,parada,изключва,изключен,셧다운,shutdown*,shut down*,shutting down,shuts down,going down,is down,goes down,being stopped,stopping,stopped,restart*,reboot*,rebooting,logins disabled,down for,taken down,heruntergefahren,herunterfahr*,abgeschaltet,neustart*,neu gestartet,wird beendet,"
		"arret*,redemarr*,en cours d arret,apag*,reinici*,deten*,apagando,se esta cerrando,spegn*,spento,riavvi*,in arresto,arresto,afgesloten,wordt gestopt,herstart*,opnieuw gestart,encerrad*,desligad*,desligando,"
		"reiniciad*,reiniciando,zamykan*,wylaczan*,restartow*,zatrzym*,vypina*,restartuj*,zastav*,ukonc*,vypnut*,останов*,выключа*,перезагруз*,перезапуск*,завершает*,зупинен*,перезавант*,вимика*,stangs*,stangas,startas om,stoppas,lukkes ned,"
		"genstart*,slas av,starter pa nytt,stenges,sammutetaan,suljetaan,kaynnistet*,leall*,ujraind*,oprit*,oprire*,reporn*,kapatiliyor,kapaniyor,yeniden baslat*,mbyllet,fiket,关机,關機,重启,重啟,重新启动,停止服务,停止服務,停机,停機,"
		"シャットダウン,再起動,停止し,종료,재시작,재부팅" },
	{ IDEA(MAINTENANCE), "systempflege,huol*,outage,backup runs,backup is running,nightly backup,during backup,wartezeit wegen wartung,sicherung lauft,datensicherung,respaldo en curso,copia de seguridad,sauvegarde en cours,backup in corso,prace serwisow*,serwis techn*,резервн* копирован*,バックアップ中,备份中,single user mode,maintenance,maintain*,upgrad* in progress,backup in progress,being upgraded,wartung*,*wartung,instandhaltung,maintenance,entretien,mantenimiento,manutenz*,onderhoud*,manuten*,konserwac*,przerw* techn*,udrzb*,"
		"odstav*,обслуживан*,профилактик*,техническ* работ*,обслуговуван*,технічн* робот*,underhall*,vedligehold*,vedlikehold*,huolto*,yllapito*,karbantart*,mentenan*,intretinere,bakim*,mirembajtj*,συντηρηση*,维护,維護,维修,維修,メンテナンス,保守,점검,유지 보수,유지보수" },
	{ IDEA(CLOSED), "outage,is down,currently down,nicht in betrieb,bis auf weiteres,nede,nere,alas,not in operation,eingestellt,stillgelegt,n est plus en service,mis hors service,fuera de linea,dado de baja,non in linea,offline,buiten bedrijf,wylaczony z uzytku,mimo provoz,выведен* из эксплуатации,ur drift,ude af drift,ute av drift,poissa kaytosta,uzemen kivul,scos din functiune,devre disi,下线,下線,taken offline,till further notice,until further notice,closed,close,closing,offline,out of service,out of order,terminating,terminated,decommission*,retired,moved,geschlossen,ausser betrieb,eingestellt,ferme,fermee,hors service,hors ligne,cerrad*,fuera de servicio,chius*,"
		"fuori servizio,gesloten,buiten dienst,buiten gebruik,fechad*,fora de servico,fora do ar,zamkniet*,nieczynn*,zavren*,uzavren*,mimo provoz,закрыт*,не работает,закрит*,не працює,stangd,stangt,lukket,stengt,suljettu,zarva,inchis*,kapali,kapand*,kapatil*,"
		"关闭,關閉,停用中,離線,离线,閉鎖,サービス終了,닫혔,중단" },
	{ IDEA(SERVER), "server*,service*,system*,ftpd,site,machine,host,dienst*,serveur*,service*,systeme*,servidor*,servicio*,sistema*,serviz*,servi*o,serwer*,uslug*,sluzb*,сервер*,служб*,систем*,послуг*,сервіс*,сервис*,tjanst*,"
		"tjeneste*,palvelin*,palvelu*,kiszolgalo*,szerver*,szolgaltat*,serverul*,serviciul*,sunucu*,hizmet*,sherbim*,διακομιστ*,服务器,伺服器,服务,服務,系统,系統,サーバ,サービス,システム,서버,서비스" },
	{ IDEA(LATER), "yrita myohemmin,yrita uudelleen,по късно,опитайте,versuchen sie*,versuche es,bitte versuch*,versuchen,try again,please try,forsok igen,forsok senare,prova igen,prova senare,prov igen,forsog igen,probeer*,intentelo,tente,tentez,reprov*,zkus*,skus*,попробуй*,спробуй*,later,again,retry,temporar*,moment*,minutes,right now,shortly,soon,currently,spater,spaeter,erneut,voruberg*,nochmal*,noch einmal,derzeit,momentan,plus tard,ulterieur*,reessay*,temporair*,actuellement,mas tarde,intente*,temporal*,piu tardi,"
		"riprov*,temporan*,later,opnieuw,tijdelijk*,mais tarde,novamente,temporari*,pozniej,ponown*,tymczas*,chwilow*,sprobuj,pozdeji,znovu,docasn*,neskor,"
		"позже,позднее,временно,повторите,снова,пізніше,тимчасово,senare,igen,tillfallig*,senere,midlertid*,myohemmin,uudelleen,kesobb*,ujra,ideiglenes*,mai tarziu,din nou,temporar,sonra,tekrar,gecici*,me vone,perseri,"
		"αργοτερα,稍后,稍後,暂时,暫時,再试,再試,後で,しばらく,一時,現在,나중에,다시,일시적" },
	{ IDEA(INTERNAL), "internal*,fatal*,oops,exception,crash*,panic,abort*,assert*,segfault,core dumped,child died,interner,interne*,interno,interna,interieur,wewnetrzn*,vnitrni,interni,внутренн*,"
		"внутрішн*,internt,intern,sisainen,belso,dahili,ic hata,sunucu hatasi,brendsh*,εσωτερικ*,内部,內部,내부" },
	{ IDEA(CONFIGURATION) | IDEA(FAILED), "falsch konfiguriert,fehlkonfigur*,mal configure*,mal configurad*,configurato male,verkeerd geconfigureerd,zle skonfigurowan*,spatne nakonfigurovan*,неправильно настро*,felkonfigurer*,feilkonfigurer*,badly configured,wrongly configured" },
	{ IDEA(CONFIGURATION), "configuration*,misconfig*,config,configured incorrectly,settings,setup,option,directive,konfigurations*,konfigurier*,konfiguracj*,konfigurac*,configuraci*,configurazion*,configura*,configuratie*,configur* file,"
		"конфигурац*,настройк*,конфігурац*,налаштуван*,instaelling*,instilling*,konfigurasjon*,konfigurat*,konfiguration,beallitas*,yapilandirma*,konfigurim*,ayar*,配置,設定,设置,설정" },
	{ IDEA(BACKEND), "base des utilisateurs,base utilisateurs,base d utilisateurs,base de usuarios,baza uzytkownikow,benutzerverwaltung,authentication provider*,auth provider*,identity provider*,identity service*,authentication backend*,authentication back end*,authentication service*,user store,password store,credential store,sso,pool manager,benutzerdatenbank,verzeichnisdienst*,anmeldeserver,authentifizierungsserver,annuaire,serveur d authentification,servidor de autenticacion,server di autenticazione,servidor de autenticacao,serwer uwierzyteln*,сервер аутентиф*,сервер авториз*,passwd database,password database,passwd file,password file,shadow file,user database,account database,ldap*,active directory*,directory server*,kerberos,radius*,tacacs*,pam,nis,nss,domain controller*,database*,backend*,back end,sql,mysql,postgres*,auth server,authentication server*,directory service,module*,dll,library,secure anonymous ftp,datenbank*,base de donnees,base de datos,database,banco de dados,baza danych,bazy danych,bazie danych,databaz*,"
		"базой данных,базе данных,базы данных,баз* даних,databas*,tietokant*,adatbazis*,baza de date,veritaban*,数据库,資料庫,データベース,데이터베이스,uid,gid,setuid,setgid,seteuid,evaluation" },
	{ IDEA(RESOURCE) | IDEA(NOT), "no space*,no space left*,disk full,disk is full,disk quota*,out of memory,out of disk*,cannot fork,cannot allocate*" },
	{ IDEA(RESOURCE), "fork,spawn,swap,threads,sockets,out of processes,storage,memory,disk,disks,diskspace,open files,file descriptor*,processes,fork,resources,speicher*,memoire,memoria,geheugen,pamiec*,pameti,памят*,minne*,内存,記憶體,メモリ,메모리,ディスク" },
	{ IDEA(LICENCE), "licen*,trial,evaluation,demo version,lizenz*,licencia*,licenza*,licencj*,лиценз*,ліценз*,lisans*,许可证,授權,ライセンス,라이선스" },
	{ IDEA(VIRTUAL_HOST), "several sites,several domains,multiple sites,multiple domains,several hosts,which site,which domain,name of the site,hostname,host name,hostnames,virtual host*,vhost*,virtual server*,virtual ftp server*,virtuelle* host*,virtuelle* server*,hostnam*,nom d hote,nom de domaine,hote virtuel*,host virtual*,nombre de host,nombre de dominio,nombre del servidor,nome host,nome dell host,hostnaam,virtuele host*,"
		"servidor virtual,nome do host,nazw* host*,wirtualn* host*,jmeno hostitele,virtualni* host*,имя хоста,имени хоста,виртуальн* хост*,имя узла,ім я хоста,вардомен,vardnamn,vaertsnavn,vertsnavn,hosztnev,gazdanev,nume de gazda,sunucu adi,ana bilgisayar adi,domain for,no place for you,"
		"create domain,no server available to handle,主机名,主機名,虚拟主机,虛擬主機,ホスト名,バーチャルホスト,仮想ホスト,호스트 이름,가상 호스트" },
	{ IDEA(TIMEOUT), "tiempo limite*,limite de tiempo,limite de temps,limite de tempo,limite di tempo,dopuszczaln* czas*,limit* czasu,лимит времени,истек лимит времени*,изтекло врем*,срок ожидания,時間制限,zeit abgelaufen,temps depasse,temps de reponse depasse,tempo expirad*,tempo excedid*,tiempo excedid*,temporizar*,koha e*,jashte kohe*,cas vyprs*,casovy*,idotulle*,onderbreking,tijd verstreken,tijdslimiet,tid utgatt,tidsutl*,tidsavbr*,превышено время,истекло время,истекло врем*,время вышло,超过时间,timeout*,time out,timed out,timing out,time exceeded,time limit,took too long,too slow,too long,zeituberschreit*,zeitueberschreit*,zeitlimit*,zeituberschr*,delai*,temps d attente,expiration du delai,tiempo de espera,tiempo agotado,"
		"tempo scaduto,tempo limite,tempo esgotado,timeoutu,tempo de espera,przekrocz* czas*,limit czasu,czas oczekiw*,uplynul* cas*,vyprsel* cas*,casovy limit,cas vyprsal,cas vyprsel,время ожидан*,таймаут*,тайм аут*,время истекло,час очікуван*,тайм аут*,overskredet tid*,tidsgrans*,tidsavbrud*,"
		"tidsavbrott,tidsavbrudd,timeouten,aikakatkais*,idotullep*,lejart az ido,idokorlat*,timpul a expirat,timp de asteptare,zaman asimi,sure doldu,zaman asim*,koha mbaroi,skadim kohe,超时,超時,逾时,逾時,タイムアウト,時間切れ,시간 초과,시간초과" },
	{ IDEA(IDLE), "простоя,простой,idle*,inactivity,untatig*,inaktivit*,inactivit*,inactividad,inattivita,inactiviteit,inatividade,bezczynn*,necinn*,неактивност*,бездейств*,inaktivitet,闲置,閒置,空闲" },
	{ IDEA(ATTEMPT), "attempt*,tries,try limit,guess*,hammer*,retries,brute,versuch*,fehlversuch*,*versuche,essais,tentativ*,essai,intento*,tentativ*,poging*,prob,prob,probe,proby,pokus*,попыт*,спроб*,forsok*,forsog*,forsok*,"
		"yrit*,probalkoz*,kiserlet*,incercar*,deneme*,perpjekje*,προσπαθ*,尝试,嘗試,次数,次數,試行,시도" },
	{ IDEA(LOG_ON_LOCALLY), "log on locally,logon locally,login locally,locally,logon type,type of logon,login type,interactive logon,interactively,interactive login,lokal anmeld*,lokal* anmeldung,anmeldetyp*,anmelderecht*,"
		"ouvrir une session locale*,session locale*,droit de connexion,type d ouverture de session,sesion local*,iniciar sesion local*,derecho de inicio,accesso local*,localmente,tipo di accesso,lokaal aan*,inicio de sessao local,logow* lokaln*,"
		"mistn* prihlas*,локальн* вход*,локальн* вхід*,тип входа,本地登录,本機登入,登录类型,ローカル ログオン,ローカルログオン,ログオンの種類,로컬 로그온" },
	{ IDEA(PRIVILEGE), "service type,permiso para,permiso de,permisos,permission d utiliser,permission pour,permesso di,permissao para,zezwolenia na,toestemming om,berechtigung,berechtigungen,use of ftp,to use ftp,using ftp,protocol ftp,ftp protocol,ftp is not allowed for,not enabled for ftp,ftp zu benutzen,ftp zu nutzen,ftp nutzen,utiliser ftp,usar ftp,usare ftp,ftp gebruiken,uzywac ftp,использ* ftp,member of,in group,in the group,group of,ftp permission*,ftp right*,ftp privilege*,permission to use,permission to access ftp,privilege*,right to,rights,permission to log*,recht,rechte,droits,droit,derecho*,privilegi*,diritto,diritti,rechten,direito*,prawo,prawa,uprawnien*,pravo,prava,opravneni,право,права,прав,rattighet*,rettighed*,rettighet*,oikeus,oikeutta,jogosultsag*,dreptul,yetki*,hakki,权限,權限,権限,권한" },
	{ IDEA(FIRST) | IDEA(LOGIN), "user and pass,user und pass,user y pass,user et pass,user e pass,user i pass,user a pass,user en pass,user och pass,user og pass,user ve pass,user и pass,user с pass,user pass" },
	{ IDEA(FIRST), "first,before,erst,zuerst,zunachst,zuvor,d abord,avant,primero,antes,prima,eerst,primeiro,najpierw,nejprve,nejdriv*,сначала,сперва,спочатку,forst,forst,ensin,elobb,eloszor,mai intai,intai,once,ilk once,me pare,首先,先に,先に,먼저,请先,請先" },
	{ IDEA(COMMAND), "command*,sequence,syntax,parameter*,argument*,befehl*,kommando*,reihenfolge,commande*,comando*,orden,opdracht*,polecen*,komend*,prikaz*,команд*,kommand*,kommando*,komento*,parancs*,comand*,komut*,urdher*,命令,指令,コマンド,명령" },

	{ IDEA(CONFIGURATION) | IDEA(FAILED), "syntax error in,syntax error at,syntax error on line,parse error,error in line,error on line,error reading,error parsing,malformed configuration" },
	{ IDEA(INTERNAL), "server error,error on the server,server failure,serverfehler,erreur du serveur,erreur serveur,error del servidor,errore del server,erro do servidor,serverfout,blad serwera,chyba serveru,ошибка сервера,помилка сервера,serverfel,serverfejl,palvelinvirhe,szerverhiba,eroare de server,服务器错误,伺服器錯誤,サーバーエラー,서버 오류" },
	{ IDEA(ADDRESS) | IDEA(BANNED), "tor exit*,tor node*,dnsbl*,spamhaus,rbl" },
	{ IDEA(UNKNOWN) | IDEA(USER), "dont know you,do not know you,never heard of you,no record of you,unknown to us,kenne dich nicht,kennen sie nicht,kennen wir nicht" },
	{ IDEA(ANON_ONLY), "please log in as anonymous,please login as anonymous,please log on as anonymous,please use anonymous,log in as anonymous instead,login as anonymous instead,public mirror,bitte als anonymous,bitte mit anonymous,connectez vous en anonym*" },
	{ IDEA(NOT), "nor is,neither is" },
	{ IDEA(EXPIRED), "*תוקף,*פג" },
	{ IDEA(NOT) | IDEA(SUPPOSED), "neither,weder,ani,ни,varken,hverken,verken" },
	{ IDEA(ACCOUNT) | IDEA(LOCKED), "locked out,not yet activated,not yet active,not yet enabled,not yet been activated,noch nicht freigeschaltet,pas encore active,aun no esta activ*,non ancora attiv*" },
	{ IDEA(PASSWORD) | IDEA(WRONG), "wrong pass,bad pass,invalid pass,incorrect pass" },
	/* Languages that share no stems with those above, a row an idea. */
	{ IDEA(ANON), "*مجهول,*ناشناس,*אנונימ,tanpa nama,an danh,nac danh,*นิรนาม,*ไม่ระบุชื่อ,*अज्ञात,*अनाम,nafnlaus*" },
	{ IDEA(NOT), "غير,ليس,ليست,لم,لن,لا,عدم,نیست,نمی,לא,אין,אינו,אינה,אינם,אינן,בלתי,tidak,bukan,khong,chua,*ไม่,नहीं,nije,nisu,niso,nema,pole,nav,nera" },
	{ IDEA(NOT) | IDEA(UNABLE), "تعذر,*لا يمكن,لا يمكنك,*לא ניתן,אי אפשר,tidak dapat,tidak bisa,khong the,*ไม่สามารถ,nie je mozne,nije moguce" },
	{ IDEA(ALLOWED), "*مسموح,*يسمح,*السماح,*مخول,*مصرح,*مجاز,*מותר,*מורש,*מאופשר,*אפשרי,diizinkan,dibenarkan,cho phep,duoc phep,*อนุญาต,*अनुमति,dozvoljen*,dopusten*,дозвољен*,lubatud,atlaut*,leidziam*,leista,leyf*" },
	{ IDEA(DENIED), "*مرفوض,*رفض,*ممنوع,*محظور,*غیرمجاز,*נדח,*אסור,*סירוב,*נדחה,ditolak,dilarang,tu choi,*ปฏิเสธ,*ห้าม,odbijen*,zabranjen*,забрањен*,одбијен*,zavrnjen*,prepovedan*,keelatud,aizliegt*,noraidit*,neleidziam*,draudziam*,atmest*,забранен*,hafnad" },
	{ IDEA(USER), "*مستخدم,*کاربر,*משתמש,pengguna,pemakai,nguoi dung,ten dang nhap,nguoi su dung,*ผู้ใช้,*उपयोगकर्ता,korisni*,корисни*,потребител*,uporabni*,kasutaja*,lietotaj*,naudotoj*,vartotoj*,notand*,erabiltzaile*" },
	{ IDEA(CONNECTION), "*اتصال,*جلسات,*جلسة,*חיבור,*התחברויות,koneksi,sambungan,ket noi,phien lam viec,*เชื่อมต่อ,*कनेक्शन,veze,veza,konekcij*,konekcija,povezav*,uhendus*,savienojum*,jungci*,prisijungim*,връзк*,tenging*" },
	{ IDEA(TOO_MANY), "*كبير جدا,*كثير,*العديد من,*بیش از حد,*יותר מדי,*רבים מדי,terlalu banyak,qua nhieu,*มากเกินไป,*बहुत अधिक,*बहुत सारे,previse,превише,prevec,liiga palju,parak daudz,per daug,твърде много,of margir,of margar,massa,masses,gehiegi" },
	{ IDEA(LIMIT), "*الحد الأقصى,*الحد الاقصى,*حداکثر,*מקסימ,*מרבי,*מגבל,batas*,maksimum,toi da,gioi han,*สูงสุด,*จำกัด,*सीमा,najveci,најве*,najvec,omejit*,ogranicenj*" },
	{ IDEA(REACHED), "*تجاوز,*بلوغ,*الوصول إلى الحد,tercapai,melebihi,vuot qua,dat den,dosegnut*,dostignut*,presezen*,прекорачен*,достигнут*" },
	{ IDEA(FULL), "*ممتلئ,*مشغول,*עמוס,*מלא,penuh,sibuk,qua tai,da day,*เต็ม,popunjen*,zauzet*" },
	{ IDEA(LOGIN), "*تسجيل الدخول,*الدخول,*ورود,*כניס,*התחבר,masuk,dang nhap,*เข้าสู่ระบบ,*ล็อกอิน,*लॉगिन,prijav*,пријав*,sisselogi*,pieteik*,innskra*" },
	{ IDEA(AUTHENTICATION), "*المصادقة,*مصادقة,*احراز هویت,*אימות,*הזדהות,autentikasi,xac thuc,*ยืนยันตัวตน,*प्रमाणीकरण" },
	{ IDEA(PASSWORD), "*كلمة المرور,*كلمة مرور,*كلمة السر,*رمز عبور,*گذرواژه,*סיסמ,kata sandi,kata laluan,sandi,mat khau,*รหัสผ่าน,*पासवर्ड,lozink*,лозинк*,geslo,gesla,parool*,slaptazod*,lykilord*,pasahitz*" },
	{ IDEA(WRONG), "*خاطئ,*غير صحيح,*غير صالح,*اشتباه,*نادرست,*שגוי,*לא נכו,*לא תקין,salah,keliru,khong dung,khong chinh xac,khong hop le,*ไม่ถูกต้อง,*गलत,*अमान्य,pogresn*,погрешн*,neispravn*,napacn*,krivo,vale,nepareiz*,neteising*,грешн*,rangt,okerr*" },
	{ IDEA(FAILED), "*فشل,*خطأ,*خطا,*נכשל,*שגיאה,gagal,that bai,loi,*ล้มเหลว,*ผิดพลาด,*विफल,neuspje*,neuspe*,неуспе*,ebaonnest*,nesekming*,neizdev*,mistokst" },
	{ IDEA(UNKNOWN), "*غير موجود,*غير معروف,*לא קיים,*לא מוכר,*לא ידוע,tidak dikenal,tidak ada,khong ton tai,*ไม่พบ,*ไม่มีอยู่,ne postoji,непознат*" },
	{ IDEA(ACCOUNT), "*حساب,*חשבון,akun,akaun,tai khoan,*บัญชี,*खाता,racun*,nalog,nalogu,налог,paskyra*,konts,konta" },
	{ IDEA(LOCKED), "*مقفل,*مغلق,*موقوف,*معلق,*قفل,*مسدود,*נעול,*חסומ,*חסום,*מושעה,*ננעל,*נחסם,dikunci,terkunci,diblokir,disekat,ditangguhkan,bi khoa,bi chan,*ถูกล็อก,*ระงับ,*ถูกบล็อก,*लॉक,zakljucan*,zaklenjen*,blokiran*,закључан*,блокиран*,заключен*,lukustatud,blokeeritud,bloket*,uzblokuot*,uzrakint*,laest*" },
	{ IDEA(EXPIRED), "*انتهت,*منتهي,*انتهاء,*منقضی,*פג תוקף,*פג תוקפו,kedaluwarsa,kadaluarsa,tamat tempoh,het han,*หมดอายุ,*समाप्त,istek*,истек*,potekel,potekl*,aegun*,изтекъл*,изтекл*,baigesi" },
	{ IDEA(DISABLED), "*معطل,*معطلة,*تعطيل,*מושבת,*הושבת,*מבוטל,dinonaktifkan,dilumpuhkan,vo hieu,*ถูกปิด,*ปิดใช้งาน,onemogucen*,onemogocen*,онемогућен*,keelatud,atspejot*,isjungt*,деактивиран*" },
	{ IDEA(HOME), "*الدليل الرئيسي,*المجلد الرئيسي,*مجلد المستخدم,*תיקיית הבית,*ספריית הבית,direktori home,direktori beranda,thu muc nha,thu muc goc,*โฮมไดเร,maticn* direktorij*,pocetni direktorij*,domac* direktorij*,kodukataloog*,начална директория" },
	{ IDEA(DIRECTORY), "*مجلد,*الدليل,*תיקי,*ספריי,direktori,thu muc,*ไดเรกทอรี,*โฟลเดอร์,direktorij*,mapa" },
	{ IDEA(MISSING), "*لم يتم العثور,*לא נמצא,tidak ditemukan,khong tim thay,*ไม่พบ,nije pronaden*,nije nadjen*,ni najden*" },
	{ IDEA(ACCESS), "*الوصول,*دسترسی,*גישה,akses,truy cap,*การเข้าถึง,pristup*,приступ*,dostop*,juurdepaas*,piekluv*,prieig*" },
	{ IDEA(ADDRESS), "*عنوان,*نشانی,*כתובת,alamat,dia chi,*ที่อยู่,*पता,adres*,naslov*,aadress*" },
	{ IDEA(TLS), "*مشفر,*تشفير,*رمزگذاری,*מוצפ,*הצפנ,terenkripsi,enkripsi,ma hoa,*เข้ารหัส,*एन्क्रिप्ट,sifriran*,kriptiran*,шифриран*,sifreerit*" },
	{ IDEA(REQUIRED), "*مطلوب,*يجب,*يتطلب,*נדרש,*חובה,*דרוש,wajib,harus,diperlukan,yeu cau,phai,bat buoc,*ต้อง,*จำเป็น,*आवश्यक,potreban,potrebna,potrebno,obavezn*,обавезн*,обязательн*,obvezn*,zahtev*,nooutav,nepiecies*,butina" },
	{ IDEA(MAINTENANCE), "*صيانة,*الصيانة,*תחזוק,pemeliharaan,perawatan,penyelenggaraan,bao tri,*ปรับปรุง,*บำรุงรักษา,*रखरखाव,odrzavanj*,одржавањ*,vzdrzevanj*,hooldus*,apkope*,поддръжк*,vidhald*" },
	{ IDEA(SERVER), "*الخادم,*خادم,*سرور,*שרת,*השרת,pelayan,may chu,*เซิร์ฟเวอร์,*सर्वर,posluzitelj*,сървър*,streznik*,thjonn*,zerbitzari*" },
	{ IDEA(LATER), "*لاحقا,*לאחר מכן,*מאוחר יותר,*שוב,nanti,coba lagi,cuba lagi,thu lai,lan sau,*ภายหลัง,*อีกครั้ง,*बाद में,kasnije,касније,kasneje,ponovno,hiljem,velak,veliau" },
};
/* clang-format on */

const size_t classify_n_word_lists = ARRAY_SIZE(classify_word_lists);
