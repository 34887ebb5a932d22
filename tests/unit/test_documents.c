/* SPDX-License-Identifier: ISC */
/* Evidence documents: what each reader takes from one, and why it refuses another. */
#include <errno.h>
#include <stdbool.h>

#include "tests/unit/unit.h"

#include "probes/doc_adsutil.h"
#include "probes/doc_ftplog.h"
#include "probes/doc_metabase.h"
#include "probes/doc_profile.h"

#define YES SETTING_ENABLED
#define NO SETTING_DISABLED
#define OUR_ADDRESS "192.0.2.9"
#define OUR_EMAIL "probe@example.net"

/* Of the reader, or of the profile of that name. */
#define ADSUTIL "adsutil"
#define METABASE "metabase"
#define FTPLOG "ftplog"

struct row {
	const char *label;
	const char *reader;
	unsigned site;
	const char *text;
	const char *why; /* a part of the reason for which it is refused; NULL = it is read */
	struct evidence want;
};

#define MB_HEAD \
	"<?xml version=\"1.0\"?>\r\n<configuration xmlns=\"urn:microsoft-catalog:XML_Metabase_V64_0\">\r\n" \
	"<MBProperty>\r\n"
#define MB_TAIL "</MBProperty>\r\n</configuration>\r\n"
#define MB_SERVICE(attributes) \
	"<IIsFtpService\tLocation =\"/LM/MSFTPSVC\"\r\n\t\t" attributes \
	"\r\n\t>\r\n</IIsFtpService>\r\n"
#define MB_SITE(n, attributes) \
	"<IIsFtpServer\tLocation =\"/LM/MSFTPSVC/" #n "\"\r\n\t\t" attributes \
	"\r\n\t>\r\n</IIsFtpServer>\r\n"

#define W3C_HEAD \
	"#Software: Microsoft Internet Information Server 4.0\r\n#Version: 1.0\r\n#Date: 1999-04-08 17:39:04\r\n"
#define W3C_FIELDS "#Fields: time c-ip cs-method cs-uri-stem sc-status sc-win32-status\r\n"

#define AH_HEAD \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration><system.applicationHost><sites>\n" \
	"<site name=\"Web\" id=\"1\"><bindings><binding protocol=\"http\" bindingInformation=\"*:80:\"/></bindings></site>\n"
#define AH_FTP(id, switch) \
	"<site name=\"FTP\" id=\"" #id \
	"\"><bindings><binding protocol=\"ftp\" bindingInformation=\"*:21:\"/></bindings>" \
	"<ftpServer><security><authentication>" switch "</authentication></security></ftpServer></site>\n"
#define AH_TAIL \
	"</sites></system.applicationHost><system.webServer><security><authentication>" \
	"<anonymousAuthentication enabled=\"true\" userName=\"IUSR\"/></authentication></security></system.webServer></configuration>"
#define AH_DEFAULTS(switch) \
	"<siteDefaults><ftpServer><security><authentication>" switch "</authentication></security></ftpServer></siteDefaults>"

/* clang-format off */
static const struct row rows[] = {
	/* adsutil */
	{ "adsutil: get, as IIS 4 prints it", ADSUTIL, 1,
	  "Microsoft (R) Windows Scripting Host Version 5.0 for Windows\r\nCopyright (C) Microsoft Corporation 1996-1997. All rights reserved.\r\n\r\n"
	  "AnonymousPasswordSync           : (BOOLEAN) True\r\n", NULL, { .sync = YES } },
	{ "adsutil: get, name as it was typed, no final newline", ADSUTIL, 1, "anonymouspasswordsync : (BOOLEAN) False", NULL, { .sync = NO } },
	{ "adsutil: True of a German Windows", ADSUTIL, 1, "AnonymousPasswordSync : (BOOLEAN) Wahr\r\n", NULL, { .sync = YES } },
	{ "adsutil: as an integer", ADSUTIL, 1, "AnonymousPasswordSync : (INTEGER) 1\r\n", NULL, { .sync = YES } },
	{ "adsutil: name with its path", ADSUTIL, 1, "MSFTPSVC/1/AnonymousPasswordSync : (BOOLEAN) True\n", NULL, { .sync = YES } },
	{ "adsutil: enum of the site", ADSUTIL, 1,
	  "KeyType                         : (STRING) \"IIsFtpServer\"\r\nServerBindings                  : (LIST) (1 Items)\r\n  \":21:\"\r\n"
	  "AllowAnonymous                  : (BOOLEAN) True\r\nAnonymousOnly                   : (BOOLEAN) False\r\n"
	  "AnonymousUserName               : (STRING) \"IUSR_SOMESERVER\"\r\nAnonymousUserPass               : (STRING) \"**********\"\r\n"
	  "AnonymousPasswordSync           : (BOOLEAN) True\r\n[/MSFTPSVC/1/ROOT]\r\n", NULL,
	  { .sync = YES, .anonymous = YES, .anonymous_only = NO, .account = "IUSR_SOMESERVER" } },
	{ "adsutil: the site overrides the service", ADSUTIL, 1,
	  "C:\\>cscript adsutil.vbs get MSFTPSVC/AnonymousPasswordSync\r\nAnonymousPasswordSync           : (BOOLEAN) True\r\n\r\n"
	  "C:\\>cscript adsutil.vbs get MSFTPSVC/1/AnonymousPasswordSync\r\nAnonymousPasswordSync           : (BOOLEAN) False\r\n", NULL, { .sync = NO } },
	{ "adsutil: the site overrides the service in any order", ADSUTIL, 1,
	  "C:\\>cscript adsutil.vbs get msftpsvc/1/anonymouspasswordsync\r\nanonymouspasswordsync           : (BOOLEAN) False\r\n\r\n"
	  "C:\\>cscript adsutil.vbs get msftpsvc/anonymouspasswordsync\r\nanonymouspasswordsync           : (BOOLEAN) True\r\n", NULL, { .sync = NO } },
	{ "adsutil: not set at the site, so the service's", ADSUTIL, 1,
	  "C:\\>cscript adsutil.vbs get MSFTPSVC/1/AnonymousPasswordSync\r\nThe parameter \"AnonymousPasswordSync\" is not set at this node.\r\n\r\n"
	  "C:\\>cscript adsutil.vbs get MSFTPSVC/AnonymousPasswordSync\r\nAnonymousPasswordSync           : (BOOLEAN) True\r\n", NULL, { .sync = YES } },
	{ "adsutil: error of a property that is not set, then the parent", ADSUTIL, 1,
	  "ErrNumber: -2147463155 (0x8000500D)\r\nError Trying To GET the Property: AnonymousPasswordSync\r\nAnonymousPasswordSync           : (BOOLEAN) True\r\n",
	  NULL, { .sync = YES } },
	{ "adsutil: not set, and the parent was not asked", ADSUTIL, 1,
	  "The parameter \"AnonymousPasswordSync\" is not set at this node.\r\n", "add what adsutil says of MSFTPSVC", { 0 } },
	{ "adsutil: enum_all with several sites", ADSUTIL, 2,
	  "KeyType : (STRING) \"IIsFtpService\"\nAnonymousPasswordSync : (BOOLEAN) True\nAllowAnonymous : (BOOLEAN) True\nAnonymousUserName : (STRING) \"IUSR_A\"\n"
	  "[/MSFTPSVC/1]\nKeyType : (STRING) \"IIsFtpServer\"\nAnonymousPasswordSync : (BOOLEAN) True\nAllowAnonymous : (BOOLEAN) False\n"
	  "[/MSFTPSVC/2]\nKeyType : (STRING) \"IIsFtpServer\"\nAnonymousPasswordSync : (BOOLEAN) False\n[/MSFTPSVC/2/ROOT]\nPath : (STRING) \"C:\\ftproot\"\n",
	  NULL, { .sync = NO, .anonymous = YES, .account = "IUSR_A", .password_absent = true } },
	{ "adsutil: a site whose number begins like ours is another", ADSUTIL, 1,
	  "[/MSFTPSVC/10]\nAnonymousPasswordSync : (BOOLEAN) True\n[/MSFTPSVC]\nAnonymousPasswordSync : (BOOLEAN) False\n", NULL, { .sync = NO } },
	{ "adsutil: the web service's setting is not ours", ADSUTIL, 1,
	  "[/W3SVC]\nAnonymousPasswordSync : (BOOLEAN) True\n", "about other nodes", { 0 } },
	{ "adsutil: enum of the web service, then of the FTP service", ADSUTIL, 1,
	  "KeyType : (STRING) \"IIsWebService\"\nAnonymousPasswordSync : (BOOLEAN) True\n[/W3SVC/1]\n"
	  "KeyType : (STRING) \"IIsFtpService\"\nAnonymousPasswordSync : (BOOLEAN) False\n[/MSFTPSVC/1]\n[/MSFTPSVC/Info]\n"
	  "KeyType : (STRING) \"IIsFtpServer\"\nAllowAnonymous : (BOOLEAN) False\n", NULL,
	  { .sync = NO, .anonymous = NO, .password_absent = true } },
	{ "adsutil: home directory on another server", ADSUTIL, 1,
	  "[/MSFTPSVC]\nAnonymousPasswordSync : (BOOLEAN) True\n[/MSFTPSVC/1/ROOT]\nPath : (STRING) \"\\\\files\\ftp\"\n", NULL,
	  { .sync = YES, .unc_home = true } },
	{ "adsutil: empty password", ADSUTIL, 1, "AnonymousPasswordSync : (BOOLEAN) False\nAnonymousUserPass : (STRING) \"\"\n", NULL,
	  { .sync = NO, .password_absent = true } },
	{ "adsutil: ADSI paths", ADSUTIL, 3, "IIS://localhost/MSFTPSVC/3/AnonymousPasswordSync : (BOOLEAN) True\n", NULL, { .sync = YES } },
	{ "adsutil: two values and no node", ADSUTIL, 1,
	  "AnonymousPasswordSync : (BOOLEAN) True\nAnonymousPasswordSync : (BOOLEAN) False\n", "two values", { 0 } },
	{ "adsutil: neither True nor False", ADSUTIL, 1, "AnonymousPasswordSync : (BOOLEAN) perhaps\n", "neither True nor False", { 0 } },
	{ "adsutil: no setting of ours", ADSUTIL, 1, "MaxConnections : (INTEGER) 10\n", "does not show", { 0 } },
	{ "adsutil: a page of HTML", ADSUTIL, 1, "<html><body>AnonymousPasswordSync: see (below)</body></html>\n", "no line has the form", { 0 } },
	{ "adsutil: empty", ADSUTIL, 1, "", "empty", { 0 } },

	/* MetaBase.xml */
	{ "metabase: set at the service, inherited", METABASE, 1,
	  MB_HEAD MB_SERVICE("AllowAnonymous=\"TRUE\" AnonymousOnly=\"FALSE\" AnonymousPasswordSync=\"TRUE\" AnonymousUserName=\"IUSR_A\" AnonymousUserPass=\"49634462f0\"")
	  MB_SITE(1, "ServerComment=\"Default FTP Site\"") MB_TAIL, NULL,
	  { .sync = YES, .anonymous = YES, .anonymous_only = NO, .account = "IUSR_A" } },
	{ "metabase: the site overrides", METABASE, 1,
	  MB_HEAD MB_SERVICE("AnonymousPasswordSync=\"TRUE\" AnonymousUserPass=\"4963\"") MB_SITE(1, "AnonymousPasswordSync=\"FALSE\" AllowAnonymous=\"FALSE\"") MB_TAIL, NULL,
	  { .sync = NO, .anonymous = NO, .anonymous_only = NO } },
	{ "metabase: another site does not", METABASE, 2,
	  MB_HEAD MB_SERVICE("AnonymousUserPass=\"4963\"") MB_SITE(1, "AnonymousPasswordSync=\"TRUE\"") MB_SITE(2, "") MB_TAIL, NULL,
	  { .sync = NO, .anonymous = YES, .anonymous_only = NO } },
	{ "metabase: the web service does not", METABASE, 1,
	  MB_HEAD "<IIsWebService Location=\"/LM/W3SVC\" AnonymousPasswordSync=\"TRUE\"/>" MB_SERVICE("AnonymousUserPass=\"4963\"") MB_SITE(1, "") MB_TAIL, NULL,
	  { .sync = NO, .anonymous = YES, .anonymous_only = NO } },
	{ "metabase: no password anywhere", METABASE, 1,
	  MB_HEAD MB_SERVICE("AnonymousPasswordSync=\"FALSE\" AnonymousUserName=\"IUSR_A\"") MB_SITE(1, "") MB_TAIL, NULL,
	  { .sync = NO, .anonymous = YES, .anonymous_only = NO, .account = "IUSR_A", .password_absent = true } },
	{ "metabase: a custom property", METABASE, 1,
	  MB_HEAD "<IIsFtpService Location=\"/LM/MSFTPSVC\" AnonymousUserPass=\"4963\"><Custom Name=\"UnknownName_6022\" ID=\"6022\" Value=\"1\" Type=\"DWORD\"/></IIsFtpService>"
	  MB_SITE(1, "") MB_TAIL, NULL, { .sync = YES, .anonymous = YES, .anonymous_only = NO } },
	{ "metabase: home directory on another server", METABASE, 1,
	  MB_HEAD MB_SERVICE("AnonymousPasswordSync=\"TRUE\" AnonymousUserPass=\"4963\"") MB_SITE(1, "")
	  "<IIsFtpVirtualDir Location=\"/LM/MSFTPSVC/1/ROOT\" Path=\"\\\\files\\ftp\"/>" MB_TAIL, NULL,
	  { .sync = YES, .anonymous = YES, .anonymous_only = NO, .unc_home = true } },
	{ "metabase: declared as a code page of Windows", METABASE, 1,
	  "<?xml version=\"1.0\" encoding=\"windows-1252\"?><configuration><MBProperty><!-- \xfc -->" MB_SERVICE("AnonymousPasswordSync=\"TRUE\" AnonymousUserPass=\"4963\"")
	  MB_SITE(1, "") MB_TAIL, NULL, { .sync = YES, .anonymous = YES, .anonymous_only = NO } },
	{ "metabase: no such site", METABASE, 7, MB_HEAD MB_SERVICE("AnonymousPasswordSync=\"TRUE\"") MB_SITE(1, "") MB_TAIL, "no FTP site of this number", { 0 } },
	{ "metabase: no FTP service", METABASE, 1, MB_HEAD MB_TAIL, "no FTP service", { 0 } },
	{ "metabase: cut off", METABASE, 1, MB_HEAD MB_SERVICE("AnonymousPasswordSync=\"TRUE\"") MB_SITE(1, ""), "breaks off", { 0 } },
	{ "metabase: neither TRUE nor FALSE", METABASE, 1, MB_HEAD MB_SERVICE("AnonymousPasswordSync=\"2\"") MB_SITE(1, "") MB_TAIL, "neither TRUE nor FALSE", { 0 } },
	{ "metabase: another document", METABASE, 1, "<html><body/></html>", "no MetaBase.xml", { 0 } },
	{ "metabase: another configuration", METABASE, 1, "<configuration><system.webServer/></configuration>", "no MetaBase.xml", { 0 } },
	{ "metabase: no XML", METABASE, 1, "AnonymousPasswordSync : (BOOLEAN) True\n", "not well-formed", { 0 } },
	{ "metabase: empty", METABASE, 1, "", "empty", { 0 } },
	{ "metabase: a bomb", METABASE, 1,
	  "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><configuration>&c;</configuration>",
	  "document type", { 0 } },
	{ "metabase: a foreign file by an entity", METABASE, 1,
	  "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><configuration/>", "document type", { 0 } },
	{ "metabase: an entity of nobody's", METABASE, 1, "<configuration>&a;</configuration>", "entity", { 0 } },
	{ "metabase: an unknown encoding", METABASE, 1, "<?xml version=\"1.0\" encoding=\"ebcdic\"?><configuration/>", "encoding", { 0 } },

	/* FTP log */
	{ "log: our refusal", FTPLOG, 0, W3C_HEAD W3C_FIELDS
	  "17:39:04 192.0.2.9 [1]USER anonymous 331 0\r\n17:39:04 192.0.2.9 [1]PASS probe@example.net 530 1326\r\n", NULL, { .win32 = 1326 } },
	{ "log: the newest of several", FTPLOG, 0, W3C_HEAD W3C_FIELDS
	  "17:39:04 192.0.2.9 [1]PASS probe@example.net 530 1326\r\n17:40:04 192.0.2.9 [2]PASS probe@example.net 530 126\r\n", NULL, { .win32 = 126 } },
	{ "log: a login of ours since then", FTPLOG, 0, W3C_HEAD W3C_FIELDS
	  "17:39:04 192.0.2.9 [1]PASS probe@example.net 530 1326\r\n17:40:04 192.0.2.9 [2]PASS probe@example.net 230 0\r\n", NULL, { 0 } },
	{ "log: somebody else's refusal", FTPLOG, 0, W3C_HEAD W3C_FIELDS
	  "17:39:04 192.0.2.9 [1]PASS probe@example.net 530 126\r\n17:40:04 192.0.2.77 [2]PASS bob@example.org 530 1326\r\n", NULL, { .win32 = 126 } },
	{ "log: another e-mail from our address", FTPLOG, 0, W3C_HEAD W3C_FIELDS
	  "17:39:04 192.0.2.9 [1]PASS other@example.org 530 1326\r\n", NULL, { 0 } },
	{ "log: our e-mail from behind a translator of addresses", FTPLOG, 0, W3C_HEAD W3C_FIELDS
	  "17:39:04 198.51.100.1 [1]PASS probe@example.net 530 126\r\n", NULL, { .win32 = 126 } },
	{ "log: a hidden password from our address", FTPLOG, 0, "#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session\n"
	  "2024-01-01 10:00:00 192.0.2.9 - PASS *** 530 1326 42 deadbeef\n", NULL, { .win32 = 1326, .substatus = 42 } },
	{ "log: fields in another order", FTPLOG, 0, "#Fields: sc-win32-status sc-status cs-uri-stem cs-method c-ip\n"
	  "1385 530 probe@example.net PASS 192.0.2.9\n", NULL, { .win32 = 1385 } },
	{ "log: fields that change", FTPLOG, 0, W3C_FIELDS "17:39:04 192.0.2.9 [1]PASS probe@example.net 530 1326\n"
	  "#Fields: sc-win32-status sc-status cs-uri-stem cs-method c-ip\n1385 530 probe@example.net PASS 192.0.2.9\n", NULL, { .win32 = 1385 } },
	{ "log: the last line is not written to its end", FTPLOG, 0, W3C_FIELDS
	  "17:39:04 192.0.2.9 [1]PASS probe@example.net 530 126\n17:40:04 192.0.2.9 [2]PASS probe@exa", NULL, { .win32 = 126 } },
	{ "log: no line of ours", FTPLOG, 0, W3C_HEAD W3C_FIELDS, NULL, { 0 } },
	{ "log: a code above what a long holds", FTPLOG, 0, W3C_FIELDS
	  "17:39:04 192.0.2.9 [1]PASS probe@example.net 530 2148074254\n", NULL, { .win32 = 2148074254 } },
	{ "log: IIS format", FTPLOG, 0,
	  "192.0.2.9, anonymous, 3/20/01, 7:55:20, MSFTPSVC1, SERVER, 192.0.2.1, 60, 24, 0, 530, 1326, [3]PASS, probe@example.net, -,\r\n", NULL, { .win32 = 1326 } },
	{ "log: without Win32 Status", FTPLOG, 0, "#Fields: time c-ip cs-method cs-uri-stem sc-status\n"
	  "17:39:04 192.0.2.9 [1]PASS probe@example.net 530\n", "enable the field Win32 Status", { 0 } },
	{ "log: without cs-method", FTPLOG, 0, "#Fields: time c-ip sc-status sc-win32-status\n", "cs-method", { 0 } },
	{ "log: another document", FTPLOG, 0, "Jan  1 10:00:00 host vsftpd: hello\n", "no log", { 0 } },
	{ "log: empty", FTPLOG, 0, "", "empty", { 0 } },

	/* profiles */
	{ "vsftpd: off", "vsftpd", 0, "# a comment\nlisten=YES\nanonymous_enable=NO\nlocal_enable=YES\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "vsftpd: on, no local users", "vsftpd", 0, "listen=YES\r\nanonymous_enable=YES\r\nlocal_enable=NO\r\n", NULL, { .anonymous = YES, .anonymous_only = YES } },
	{ "vsftpd: the last line wins", "vsftpd", 0, "anonymous_enable=NO\nlocal_enable=YES\nanonymous_enable=yes", NULL, { .anonymous = YES, .anonymous_only = NO } },
	{ "vsftpd: its default is on", "vsftpd", 0, "listen=NO\nlocal_enable=1\n", NULL, { .anonymous = YES, .anonymous_only = NO } },
	{ "vsftpd: a comment is no setting", "vsftpd", 0, "#anonymous_enable=YES\nanonymous_enable=FALSE\nlocal_enable=TRUE\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "vsftpd: account", "vsftpd", 0, "anonymous_enable=YES\nlocal_enable=YES\nftp_username=anonftp\n", NULL, { .anonymous = YES, .anonymous_only = NO, .account = "anonftp" } },
	{ "vsftpd: neither yes nor no", "vsftpd", 0, "anonymous_enable=maybe\n", "neither yes nor no", { 0 } },
	{ "vsftpd: blanks around = are vsftpd's error too", "vsftpd", 0, "anonymous_enable = NO\n", "no vsftpd.conf", { 0 } },
	{ "vsftpd: another document", "vsftpd", 0, "<html>anonymous_enable=NO</html>\n", "no vsftpd.conf", { 0 } },
	{ "vsftpd: another document of key=value", "vsftpd", 0, "color=red\n", "no vsftpd.conf", { 0 } },
	{ "proftpd: with a block", "proftpd", 0, "ServerName \"Debian\"\nUser proftpd\n<Anonymous ~ftp>\n  User ftp\n  UserAlias anonymous ftp\n  <Limit WRITE>\n    DenyAll\n  </Limit>\n</Anonymous>\n",
	  NULL, { .anonymous = YES, .account = "ftp" } },
	{ "proftpd: without a block", "proftpd", 0, "ServerName \"Debian\"\n#<Anonymous ~ftp>\n#</Anonymous>\nUser proftpd\n", NULL, { .anonymous = NO } },
	{ "proftpd: a block that lets nobody in", "proftpd", 0, "ServerName x\n<anonymous /srv>\n<Limit LOGIN>\nDenyAll\n</Limit>\n</anonymous>\n", NULL, { .anonymous = NO } },
	{ "proftpd: inside a virtual host", "proftpd", 0, "ServerName x\n<VirtualHost 192.0.2.1>\n<Anonymous ~ftp>\n</Anonymous>\n</VirtualHost>\n", NULL, { .anonymous = YES } },
	{ "proftpd: other files may have a block", "proftpd", 0, "ServerName x\nInclude /etc/proftpd/conf.d/\n", NULL, { 0 } },
	{ "proftpd: a conditional block leaves it open", "proftpd", 0, "ServerName x\n<IfDefine ANON>\n<Anonymous ~ftp>\n</Anonymous>\n</IfDefine>\n", NULL, { 0 } },
	{ "proftpd: cut off", "proftpd", 0, "ServerName x\n<Anonymous ~ftp>\nUser ftp\n", "not closed", { 0 } },
	{ "proftpd: blocks that cross", "proftpd", 0, "<Anonymous ~ftp>\n<Limit LOGIN>\n</Anonymous>\n</Limit>\n", "not open", { 0 } },
	{ "proftpd: another document", "proftpd", 0, "hello world\n", "no proftpd.conf", { 0 } },
	{ "pure-ftpd: off", "pure-ftpd", 0, "# x\nChrootEveryone               yes\nNoAnonymous                  yes\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "pure-ftpd: on, anonymous only", "pure-ftpd", 0, "NoAnonymous no\nAnonymousOnly yes\nAnonymousCantUpload yes\n", NULL, { .anonymous = YES, .anonymous_only = YES } },
	{ "pure-ftpd: its default is on", "pure-ftpd", 0, "ChrootEveryone yes\n", NULL, { .anonymous = YES, .anonymous_only = NO } },
	{ "pure-ftpd: a file of one word", "pure-ftpd", 0, "yes\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "pure-ftpd: flags", "pure-ftpd", 0, "/usr/sbin/pure-ftpd -l pam -E -u 1000 -8 UTF-8\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "pure-ftpd: flags in one word", "pure-ftpd", 0, "OPTIONS=\"-AHE -lpam\"\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "pure-ftpd: a value is no flag", "pure-ftpd", 0, "/usr/sbin/pure-ftpd -lExtauth -B\n", NULL, { .anonymous = YES, .anonymous_only = NO } },
	{ "pure-ftpd: long flags", "pure-ftpd", 0, "/usr/sbin/pure-ftpd --anonymousonly --daemonize\n", NULL, { .anonymous = YES, .anonymous_only = YES } },
	{ "pure-ftpd: one word that is no answer", "pure-ftpd", 0, "perhaps\n", "neither yes nor no", { 0 } },
	{ "pure-ftpd: another document", "pure-ftpd", 0, "hello world\n", "no configuration of Pure-FTPd", { 0 } },
	{ "applicationhost: on", "applicationhost", 0, AH_HEAD AH_FTP(2, "<anonymousAuthentication enabled=\"true\" userName=\"IUSR\"/><basicAuthentication enabled=\"false\"/>") AH_TAIL,
	  NULL, { .anonymous = YES, .account = "IUSR" } },
	{ "applicationhost: off", "applicationhost", 2, AH_HEAD AH_FTP(2, "<anonymousAuthentication enabled=\"false\"/>") AH_TAIL, NULL, { .anonymous = NO } },
	{ "applicationhost: silent, off by the schema", "applicationhost", 2, AH_HEAD AH_FTP(2, "<basicAuthentication enabled=\"true\"/>") AH_TAIL, NULL, { .anonymous = NO } },
	{ "applicationhost: by the sites' defaults", "applicationhost", 2, AH_HEAD AH_FTP(2, "") AH_DEFAULTS("<anonymousAuthentication enabled=\"true\"/>") AH_TAIL, NULL, { .anonymous = YES } },
	{ "applicationhost: the site overrides the defaults", "applicationhost", 2,
	  AH_HEAD AH_FTP(2, "<anonymousAuthentication enabled=\"false\"/>") AH_DEFAULTS("<anonymousAuthentication enabled=\"true\"/>") AH_TAIL, NULL, { .anonymous = NO } },
	{ "applicationhost: the site that is asked for", "applicationhost", 3,
	  AH_HEAD AH_FTP(2, "<anonymousAuthentication enabled=\"true\"/>") AH_FTP(3, "<anonymousAuthentication enabled=\"false\"/>") AH_TAIL, NULL, { .anonymous = NO } },
	{ "applicationhost: sites that differ", "applicationhost", 0,
	  AH_HEAD AH_FTP(2, "<anonymousAuthentication enabled=\"true\"/>") AH_FTP(3, "<anonymousAuthentication enabled=\"false\"/>") AH_TAIL, "give the number", { 0 } },
	{ "applicationhost: a web site is none", "applicationhost", 1, AH_HEAD AH_FTP(2, "") AH_TAIL, "is no FTP site", { 0 } },
	{ "applicationhost: no FTP site", "applicationhost", 0, AH_HEAD AH_TAIL, "has no FTP site", { 0 } },
	{ "applicationhost: no such site", "applicationhost", 9, AH_HEAD AH_FTP(2, "") AH_TAIL, "no site of this number", { 0 } },
	{ "applicationhost: a metabase", "applicationhost", 0, MB_HEAD MB_TAIL, "no applicationHost.config", { 0 } },
	{ "applicationhost: neither true nor false", "applicationhost", 0, AH_HEAD AH_FTP(2, "<anonymousAuthentication enabled=\"x\"/>") AH_TAIL, "neither true nor false", { 0 } },
	{ "applicationhost: a bomb", "applicationhost", 0, "<!DOCTYPE x [<!ENTITY a \"a\">]><configuration/>", "document type", { 0 } },
};
/* clang-format on */

static int run(const char *reader, const char *bytes, size_t len, unsigned site,
	struct evidence *ret, const char **why)
{
	if (strcmp(reader, ADSUTIL) == 0)
		return doc_adsutil_read(bytes, len, site, ret, why);
	if (strcmp(reader, METABASE) == 0)
		return doc_metabase_read(bytes, len, site, ret, why);
	if (strcmp(reader, FTPLOG) == 0)
		return doc_ftplog_read(bytes, len, OUR_ADDRESS, OUR_EMAIL, ret, why);
	return doc_profile_read(reader, bytes, len, site, ret, why);
}

/* Zero counts as unknown. */
static void check_setting(enum setting is, enum setting want)
{
	assert_int_equal(is ? is : SETTING_UNKNOWN, want ? want : SETTING_UNKNOWN);
}

static void check_evidence(const struct evidence *is, const struct evidence *want)
{
	check_setting(is->sync, want->sync);
	check_setting(is->anonymous, want->anonymous);
	check_setting(is->anonymous_only, want->anonymous_only);
	check_setting(is->registered, want->registered);
	assert_int_equal(is->module, want->module);
	assert_int_equal(is->password_absent, want->password_absent);
	assert_int_equal(is->unc_home, want->unc_home);
	assert_int_equal(is->web, want->web);
	assert_int_equal(is->win32, want->win32);
	assert_int_equal(is->substatus, want->substatus);
	assert_string_equal(is->account, want->account);
}

/* WANTED is one text, or several with '|' between them. */
static bool holds_one_of(const char *text, const char *wanted)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", wanted);
	for (char *save = NULL, *part = strtok_r(copy, "|", &save); part;
		part = strtok_r(NULL, "|", &save))
		if (strstr(text, part))
			return true;
	return false;
}

/* The bytes stand at the end of memory of their own, so that a sanitizer sees what is read behind
 * them. */
static char *copy_of(const char *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	return copy;
}

static void check_row(const struct row *row, const char *bytes, size_t len)
{
	_cleanup_(freep) char *copy = copy_of(bytes, len);
	struct evidence e = { 0 };
	const char *why = NULL;
	int r = run(row->reader, copy, len, row->site, &e, &why);

	if (row->why) {
		assert_int_equal(r, -EBADMSG);
		assert_non_null(why);
		if (!holds_one_of(why, row->why))
			fail_msg("refused for another reason: %s", why);
	} else {
		if (r < 0)
			fail_msg("refused: %s", why ? why : "no reason");
	}
	check_evidence(&e, &row->want);
}

static void test_row(void **state)
{
	const struct row *row = *state;

	check_row(row, row->text, strlen(row->text));
}

/* UTF-16 with a byte order mark, of both orders. */
static char *widen(const char *text, bool big, size_t *len)
{
	size_t n = strlen(text);
	char *wide = malloc(2 * n + 2);

	assert_non_null(wide);
	wide[0] = big ? '\xfe' : '\xff';
	wide[1] = big ? '\xff' : '\xfe';
	for (size_t i = 0; i < n; i++) {
		wide[2 * i + 2] = big ? '\0' : text[i];
		wide[2 * i + 3] = big ? text[i] : '\0';
	}
	*len = 2 * n + 2;
	return wide;
}

static void test_wide_row(void **state)
{
	const struct row *row = *state;

	if (strstr(row->text, "encoding=")) /* which would contradict the mark */
		return;
	for (int big = 0; big < 2; big++) {
		size_t len;
		_cleanup_(freep) char *wide = widen(row->text, big, &len);

		check_row(row, wide, len);
	}
}

/* A document that is cut anywhere, or holds NULs, is read or refused, and a refusal changes
 * nothing. */
static void test_cut_row(void **state)
{
	const struct row *row = *state;
	size_t len = strlen(row->text);
	const struct evidence before = { .sync = YES, .anonymous = NO, .win32 = 7, .account = "x" };

	for (size_t cut = 0; cut <= len; cut++) {
		_cleanup_(freep) char *copy = copy_of(row->text, len);
		struct evidence e = before;
		const char *why = NULL;
		int r = run(row->reader, copy, cut, row->site, &e, &why);

		assert_true(r == 0 || (r == -EBADMSG && why && strlen(why) < 128));
		if (r < 0)
			assert_memory_equal(&e, &before, sizeof(e));
		e = before;
		if (cut == len)
			continue;
		copy[cut] = '\0';
		r = run(row->reader, copy, len, row->site, &e, &why);
		assert_int_equal(r, -EBADMSG);
		assert_memory_equal(&e, &before, sizeof(e));
	}
}

static void test_fields_of_other_readers_stay(void **state)
{
	static const char text[] = "AnonymousPasswordSync : (BOOLEAN) True\n";
	struct evidence e = { .module = PRESENCE_MISSING,
		.win32 = 126,
		.anonymous = YES,
		.account = "IUSR_A",
		.web = WEB_ABSENT };
	const char *why = NULL;

	assert_int_equal(doc_adsutil_read(text, strlen(text), 1, &e, &why), 0);
	assert_int_equal(e.sync, YES);
	assert_int_equal(e.module, PRESENCE_MISSING);
	assert_int_equal(e.win32, 126);
	assert_int_equal(e.anonymous, YES);
	assert_int_equal(e.web, WEB_ABSENT);
	assert_string_equal(e.account, "IUSR_A");
}

/* Files that say nothing of a setting leave it as it was. */
static void test_silence_changes_nothing(void **state)
{
	static const char proftpd[] = "ServerName x\nInclude /etc/proftpd/conf.d/\n";
	struct evidence e = { .anonymous = NO, .anonymous_only = YES };
	const char *why = NULL;

	assert_int_equal(doc_profile_read("proftpd", proftpd, strlen(proftpd), 0, &e, &why), 0);
	assert_int_equal(e.anonymous, NO);
	assert_int_equal(e.anonymous_only, YES);
}

static void test_account_is_cut_and_clean(void **state)
{
	char text[512] = "AnonymousUserName : (STRING) \"";
	struct evidence e = { 0 };
	const char *why = NULL;

	memset(text + strlen(text), 'a', 200);
	memcpy(strstr(text, "aaaa"), "\x1b[2J\xc3\xa4", 6);
	strcat(text, "\"\n");
	assert_int_equal(doc_adsutil_read(text, strlen(text), 1, &e, &why), 0);
	assert_true(strlen(e.account) > 50 && strlen(e.account) < sizeof(e.account));
	for (const char *c = e.account; *c; c++)
		assert_in_range(*c, 0x20, 0x7e);
}

enum { LARGE = 17 * 1024 * 1024 }; /* beyond what is ever fetched */

/* LARGE octets: HEAD, then UNIT again and again, then TAIL. */
static char *inflate(const char *head, const char *unit, const char *tail)
{
	char *bytes = malloc(LARGE);
	size_t n = strlen(unit), at = strlen(head), end = LARGE - strlen(tail);

	assert_non_null(bytes);
	memcpy(bytes, head, at);
	for (; at + n <= end; at += n)
		memcpy(bytes + at, unit, n);
	memcpy(bytes + at, unit, end - at);
	memcpy(bytes + end, tail, LARGE - end);
	return bytes;
}

/* clang-format off */
static const struct large_row {
	const char *label;
	const char *reader;
	const char *head, *unit, *tail;
	const char *why;
	struct evidence want;
} large_rows[] = {
	{ "large: adsutil, one line", ADSUTIL, "AnonymousPasswordSync : (BOOLEAN) True", "x", "", "neither True nor False", { 0 } },
	{ "large: adsutil, many lines", ADSUTIL, "AnonymousPasswordSync : (BOOLEAN) True\n", "MaxConnections : (INTEGER) 10\n", "\n", NULL, { .sync = YES } },
	{ "large: adsutil, many nodes", ADSUTIL, "AnonymousPasswordSync : (BOOLEAN) True\n", "[/MSFTPSVC/1/a/b]\n", "\n", NULL, { .sync = YES } },
	{ "large: adsutil, colons", ADSUTIL, "", ":", "", "no line has the form", { 0 } },
	{ "large: metabase, one start tag", METABASE, "<configuration", " ", "", "memory", { 0 } },
	{ "large: metabase, one attribute", METABASE, "<configuration a=\"", "a", "\"/>", "memory", { 0 } },
	{ "large: metabase, one name", METABASE, "<", "a", "/>", "memory", { 0 } },
	{ "large: metabase, nested", METABASE, "<configuration>", "<a>", "", "nested too deeply", { 0 } },
	{ "large: metabase, a comment", METABASE, "<configuration><MBProperty><!--", " ", "--></MBProperty></configuration>", "memory", { 0 } },
	{ "large: metabase, many elements", METABASE, "<configuration><MBProperty>", "<a/>", "", "well-formed|breaks off", { 0 } },
	{ "large: metabase, many names", METABASE, "<configuration ", "aaaaaaaaaaaaaaaaa=\"\" ", "", "memory", { 0 } },
	{ "large: metabase, text", METABASE, "<configuration>", "a", "</configuration>", "no MetaBase.xml", { 0 } },
	{ "large: log, our line is old", FTPLOG, W3C_FIELDS "17:39:04 192.0.2.9 [1]PASS probe@example.net 530 126\n",
	  "17:40:04 192.0.2.77 [2]PASS bob@example.org 530 1326\n", "\n", NULL, { 0 } },
	{ "large: log, our line is new", FTPLOG, W3C_HEAD W3C_FIELDS,
	  "17:40:04 192.0.2.77 [2]PASS bob@example.org 530 1326\n", "\n17:39:04 192.0.2.9 [1]PASS probe@example.net 530 126\n", NULL, { .win32 = 126 } },
	{ "large: log, one line", FTPLOG, W3C_FIELDS, "a", "", NULL, { 0 } },
	{ "large: log, fields again and again", FTPLOG, W3C_FIELDS, "\n#Fields: a", "\n", "cs-method", { 0 } },
	{ "large: vsftpd", "vsftpd", "anonymous_enable=NO\nlocal_enable=YES\n", "a=b\n", "\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "large: proftpd, nested", "proftpd", "", "<a>\n", "\n", "nested too deeply", { 0 } },
	{ "large: proftpd, one line", "proftpd", "ServerName ", "a", "\n", NULL, { .anonymous = NO } },
	{ "large: pure-ftpd, flags", "pure-ftpd", "", "-E ", "\n", NULL, { .anonymous = NO, .anonymous_only = NO } },
	{ "large: applicationhost, nested", "applicationhost", "<configuration>", "<sites>", "", "nested too deeply", { 0 } },
};
/* clang-format on */

static void test_large(void **state)
{
	const struct large_row *row = *state;
	_cleanup_(freep) char *bytes = inflate(row->head, row->unit, row->tail);
	struct evidence e = { 0 };
	const char *why = NULL;
	int r = run(row->reader, bytes, LARGE, 1, &e, &why);

	if (row->why) {
		assert_int_equal(r, -EBADMSG);
		if (!holds_one_of(why, row->why))
			fail_msg("refused for another reason: %s", why);
	} else if (r < 0) {
		fail_msg("refused: %s", why);
	}
	check_evidence(&e, &row->want);
}

static void test_profiles_are_listed(void **state)
{
	struct evidence e = { 0 };
	const char *why = NULL;
	size_t n = 0;

	for (; doc_profile_name(n); n++)
		assert_int_equal(
			doc_profile_read(doc_profile_name(n), "", 0, 0, &e, &why), -EBADMSG);
	assert_int_equal(n, 4);
	assert_int_equal(doc_profile_read("wu-ftpd", "a", 1, 0, &e, &why), -ENOENT);
}

/* A name for each row with a word in front; they outlive the run. */
static void add_all(const char *word, CMUnitTestFunction function)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *name = NULL;

		if (asprintf(&name, "%s: %s", word, rows[i].label) < 0)
			abort();
		unit_add(name, function, &rows[i]);
	}
}

int main(void)
{
	UNIT_ROWS(rows, test_row);
	add_all("UTF-16", test_wide_row);
	add_all("cut", test_cut_row);
	UNIT_ROWS(large_rows, test_large);
	UNIT_TEST(test_fields_of_other_readers_stay);
	UNIT_TEST(test_silence_changes_nothing);
	UNIT_TEST(test_account_is_cut_and_clean);
	UNIT_TEST(test_profiles_are_listed);
	return unit_run("documents");
}
