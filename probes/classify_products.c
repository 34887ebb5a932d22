/* SPDX-License-Identifier: ISC */
/* Greetings to products, and what a product's answer to USER says of anonymous logins. */
#include <stdio.h>
#include <string.h>

#include "common/util.h"
#include "probes/classify_rules.h"

/* The first row that fits a whole line holds. Patterns as in classify_rules.c, but with the marks
 * at the end; the version stands after `before`, up to one of `until`. */
/* clang-format off */
static const struct product {
	const char *pattern, *name, *before, *until;
} products[] = {
	{ "* windows nt ftp server (version *).",      "WinNT-FTPSVC",     "(Version ", ")" },
	{ "* microsoft ftp service (version #.#).",    "IIS4-6",           "(Version ", ")" },
	{ "microsoft ftp service (version #.#).",      "IIS4-6",           "(Version ", ")" },
	{ "microsoft ftp service",                     "IIS6-10",          NULL, NULL },
	{ "iis #* ftp",                                "IIS7-10",          "IIS ", " " },
	{ "(vsftpd #*)",                               "vsftpd",           "vsFTPd ", ")" },
	{ "oops: *",                                   "vsftpd",           NULL, NULL },
	{ "proftpd #* server*",                        "ProFTPD",          "ProFTPD ", " " },
	{ "proftpd server ready.",                     "ProFTPD",          NULL, NULL },
	{ "proftpd server (*) [*]",                    "ProFTPD",          NULL, NULL },
	{ "nasftpd turbo station *server (proftpd)*",  "QNAP-ProFTPD",     NULL, NULL },
	{ "* server (proftpd*) [*]",                   "ProFTPD",          NULL, NULL },
	{ "--* welcome to pure-ftpd *--*",             "Pure-FTPd",        NULL, NULL },
	{ "you are user number # of # allowed.",       "Pure-FTPd",        NULL, NULL },
	{ "filezilla server version 0.9.#*",           "FileZilla-0.9",    "version ", "\n" },
	{ "filezilla server 0.9.#*",                   "FileZilla-0.9",    "Server ", "\n" },
	{ "filezilla server #*",                       "FileZilla-1.x",    "Server ", "\n" },
	{ "filezilla server",                          "FileZilla-1.x",    NULL, NULL },
	{ "*ftp server (*version wu-*",                "wu-ftpd",          "version ", " )" },
	{ "*ftp server (*version wuftpd-*",            "wu-ftpd",          "version ", " )" },
	{ "*ftp server (version 6.00*) ready.",        "FreeBSD-ftpd",     "(Version ", ")" },
	{ "*ftp server (tnftpd #*) ready.",            "tnftpd",           "tnftpd ", " )" },
	{ "*ftp server (netbsd-ftpd #*) ready.",       "tnftpd",           "NetBSD-ftpd ", " )" },
	{ "*ftp server (lukemftpd #*) ready.",         "tnftpd",           "lukemftpd ", " )" },
	{ "*ftp server (gnu inetutils *) ready.",      "inetutils-ftpd",   "inetutils ", ")" },
	{ "*ftp server (mikrotik #*) ready*",          "MikroTik",         "(MikroTik ", ")" },
	{ "*ftp server (sunos #*) ready.",             "SunOS-ftpd",       "(SunOS ", ")" },
	{ "argosoft ftp server *version #*",           "ArGoSoft",         "Version ", " " },
	{ "ricoh *ftp server (#*",                     "Ricoh",            "server (", ")" },
	{ "axis * camera #*",                          "Axis",             "Camera ", " " },
	{ "qtcp at *",                                 "IBM-i-FTP",        NULL, NULL },
	{ "jd ftp server ready",                       "HP-JetDirect",     NULL, NULL },
	{ "*fritz!box*",                               "FRITZ!Box",        NULL, NULL },
	{ "synology ftp server*ready.",                "Synology",         NULL, NULL },
	{ "disk*station* ftp server*ready.",           "Synology",         NULL, NULL },
	{ "cube station ftp server*ready.",            "Synology",         NULL, NULL },
	{ "vxworks *ftp server*",                      "VxWorks",          NULL, NULL },
	{ "* vxworks *ftp server*",                    "VxWorks",          NULL, NULL },
	{ "* ftp server (version *) ready.",           "BSD-generic",      "(Version ", ")" },
	{ "ftp server ready.",                         "BSD-generic",      NULL, NULL },
	{ "pyftpdlib # ready.",                        "pyftpdlib",        "pyftpdlib ", " " },
	{ "pyftpdlib #.* ready.",                      "pyftpdlib",        "pyftpdlib ", " " },
	{ "pyftpdlib based ftpd ready.",               "pyftpdlib",        NULL, NULL },
	{ "pyftpdlib #* based ftpd ready.",            "pyftpdlib",        "pyftpdlib ", " " },
	{ "twisted #* ftp server",                     "Twisted",          "Twisted ", " " },
	{ "service ready for new user.",               "Apache-FtpServer", NULL, NULL },
	{ "serv-u ftp server v#*",                     "Serv-U",           "Server v", " " },
	{ "serv-u ftp-server v#*",                     "Serv-U",           "Server v", " " },
	{ "welcome to crushftp*!*",                    "CrushFTP",         "CrushFTP", "!" },
	{ "crushftp server ready*",                    "CrushFTP",         NULL, NULL },
	{ "* ibm ftp cs v#r# at *",                    "zOS-FTP",          "FTP CS ", " " },
	{ "*cerberus ftp server*",                     "Cerberus",         NULL, NULL },
	{ "titan ftp server # ready.",                 "Titan",            "Server ", " " },
	{ "titan ftp server #.* ready.",               "Titan",            "Server ", " " },
	{ "xlight ftp server #* ready...*",            "Xlight",           "Server ", " " },
	{ "xlight server #* ready...*",                "Xlight",           "Server ", " " },
	{ "wing ftp server ready...*",                 "WingFTP",          NULL, NULL },
	{ "wing ftp server #* ready...*",              "WingFTP",          "Server ", " " },
	{ "*ws_ftp server #*",                         "WS_FTP",           "WS_FTP Server ", " (-;," },
	{ "gene6 ftp server v#*",                      "Gene6",            "Server v", " " },
	{ "*ncftpd server *",                          "NcFTPd",           NULL, NULL },
	{ "bftpd #* at *",                             "Bftpd",            "bftpd ", " " },
	{ "surgeftp * (version #*)",                   "SurgeFTP",         "(Version ", ")" },
	{ "surgeftp *",                                "SurgeFTP",         NULL, NULL },
	{ "*ftp server (heimdal #*) ready.",           "Heimdal-ftpd",     "(Heimdal ", ")" },
};

/* Names that tell a product wherever they stand in a line, when it fits no row above. */
static const struct {
	const char *name, *product;
	bool device; /* the number beside it is the model's */
} names[] = {
	{ "ability server",               "Ability", false },
	{ "apache ftpserver",             "Apache-FtpServer", false },
	{ "apache mina",                  "Apache-FtpServer", false },
	{ "argosoft ftp server",          "ArGoSoft", false },
	{ "betaftpd",                     "BetaFTPD", false },
	{ "bftpd",                        "Bftpd", false },
	{ "bpftp server",                 "BulletProof", false },
	{ "bulletproof ftp server",       "BulletProof", false },
	{ "cerberus ftp server",          "Cerberus", false },
	{ "cesarftp",                     "CesarFTP", false },
	{ "cisco ios",                    "Cisco-IOS", false },
	{ "complete ftp server",          "CompleteFTP", false },
	{ "completeftp",                  "CompleteFTP", false },
	{ "crushftp",                     "CrushFTP", false },
	{ "drftpd",                       "DrFTPD", false },
	{ "eft server",                   "GlobalSCAPE-EFT", false },
	{ "filezilla server",             "FileZilla-1.x", false },
	{ "freeftpd",                     "freeFTPd", false },
	{ "ftpdmin",                      "FTPDMIN", false },
	{ "gene6 ftp server",             "Gene6", false },
	{ "glftpd",                       "glFTPd", false },
	{ "globalscape secure ftp server", "GlobalSCAPE-EFT", false },
	{ "goanywhere",                   "GoAnywhere", false },
	{ "golden ftp server",            "GoldenFTP", false },
	{ "guildftpd",                    "GuildFTPd", false },
	{ "home ftp server",              "HomeFtpServer", false },
	{ "jscape",                       "JSCAPE", false },
	{ "muddleftpd",                   "Muddleftpd", false },
	{ "multinet ftp server",          "MultiNet", false },
	{ "ncftpd server",                "NcFTPd", false },
	{ "netware",                      "NetWare", false },
	{ "oftpd",                        "oftpd", false },
	{ "pure-ftpd",                    "Pure-FTPd", false },
	{ "pureftpd",                     "Pure-FTPd", false },
	{ "pyftpdlib",                    "pyftpdlib", false },
	{ "proftpd",                      "ProFTPD", false },
	{ "qnxnto-ftpd",                  "QNX-ftpd", false },
	{ "quick 'n easy ftp server",     "Quick-n-Easy", false },
	{ "raidenftpd",                   "RaidenFTPD", false },
	{ "rumpus",                       "Rumpus", false },
	{ "serv-u",                       "Serv-U", false },
	{ "sftpgo",                       "SFTPGo", false },
	{ "slimftpd",                     "SlimFTPd", false },
	{ "solarwinds",                   "SolarWinds", false },
	{ "surgeftp",                     "SurgeFTP", false },
	{ "syncplify",                    "Syncplify", false },
	{ "titan ftp server",             "Titan", false },
	{ "troll-ftpd",                   "Troll-ftpd", false },
	{ "twoftpd",                      "TwoFTPD", false },
	{ "typsoft ftp server",           "TYPSoft", false },
	{ "uftp",                         "uFTP", false },
	{ "universal ftp server",         "uFTP", false },
	{ "vsftpd",                       "vsftpd", false },
	{ "vxworks",                      "VxWorks", false },
	{ "war-ftpd",                     "WarFTPD", false },
	{ "wing ftp server",              "WingFTP", false },
	{ "ws_ftp server",                "WS_FTP", false },
	{ "xlight",                       "Xlight", false },
	{ "zftpserver",                   "zFTPServer", false },
	{ "d-link",                       "D-Link", true },
	{ "hp laserjet",                  "HP-LaserJet", true },
	{ "konica minolta",               "KonicaMinolta", true },
	{ "kyocera",                      "Kyocera", true },
	{ "lexmark",                      "Lexmark", true },
	{ "simatic net",                  "SIMATIC", true },
	{ "xerox",                        "Xerox", true },
};

/* What may stand between a name and its version. */
static const char *const fillers[] = { "ftp", "ftpd", "server", "service", "file", "secure", "mft",
	"professional", "pro", "enterprise", "corporate", "standard", "edition", "version", "ver",
	"release", "process", "ready", "v", "v." };

/* Words with which only one product asks for a password, whatever its greeting says. */
static const struct {
	const char *pattern, *product;
} askers[] = {
	{ "please specify the password.",             "vsftpd" },
	{ "anonymous login ok, send your complete email address as your password*", "ProFTPD" },
	{ "user * ok. password required",             "Pure-FTPd" },
	{ "username ok, send password.",              "pyftpdlib" },
};

/* What the USER reply says. The first row that fits holds; "" of product: any. */
static const struct hint {
	const char *product, *pattern;
	enum user_hint hint;
} hints[] = {
	/* These always ask in the same words. */
	{ "FileZilla",  "password required for *",            USER_HINT_NONE },
	{ "vsftpd",     "*",                                  USER_HINT_NONE },
	{ "pyftpdlib",  "*",                                  USER_HINT_NONE },
	{ "",           "user anonymous ok. password required", USER_HINT_NAMED },
	{ "",           "user ftp ok. password required",     USER_HINT_NAMED },
	{ "",           "password required for *",            USER_HINT_NAMED },
	{ "",           "password required",                  USER_HINT_NAMED },
	{ "",           "password required.",                 USER_HINT_NAMED },
	{ "",           "any password will work",             USER_HINT_ANONYMOUS },
	{ "",           "anonymous *ok*",                     USER_HINT_ANONYMOUS },
	{ "",           "anonymous *allowed*",                USER_HINT_ANONYMOUS },
	{ "",           "anonymous user logged in*",          USER_HINT_ANONYMOUS },
	{ "",           "guest *ok*",                         USER_HINT_ANONYMOUS },
	{ "",           "*mail*password*",                    USER_HINT_ANONYMOUS },
	{ "",           "*password*mail*",                    USER_HINT_ANONYMOUS },
};
/* clang-format on */

/* Copies the version of LINE that P tells where to find. */
static void copy_version(char *version, const struct product *p, const char *line)
{
	const char *start = p->before ? strcasestr(line, p->before) : NULL;

	version[0] = '\0';
	if (!start)
		return;
	start += strlen(p->before);
	start += strspn(start, " ");
	snprintf(version, VERSION_MAX, "%.*s", (int)strcspn(start, p->until), start);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Length of the filler at S, 0 when there is none. */
static size_t filler_length(const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.");

	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++)
		if (strlen(fillers[i]) == len && strncasecmp(s, fillers[i], len) == 0)
			return len;
	return 0;
}

/* Copies the version that follows a name at S, with nothing but fillers between; a number that
 * comes after other words may be that of anything. */
static void copy_next_version(char *version, const char *s)
{
	bool ready = false; /* what comes after that may be the time, or how many users there are */
	size_t len;

	for (;;) {
		s += strspn(s, " -/(:");
		if ((*s | 32) == 'v' && is_digit(s[1]))
			s++;
		else if (ready && is_digit(*s))
			return;
		if (is_digit(*s))
			break;
		len = filler_length(s);
		if (len == 0)
			return;
		ready |= strncasecmp(s, "ready", len) == 0;
		s += len;
	}
	len = strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-_");
	while (len > 0 && strchr(".-_", s[len - 1]))
		len--;
	snprintf(version, VERSION_MAX, "%.*s", (int)len, s);
}

/* The product that is named in LINE, of PRODUCT when that is known; its version where it stands
 * beside the name. */
static const char *find_name(const char *line, const char *product, char *version)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i].name);

		if (product && strcmp(product, names[i].product) != 0)
			continue;
		for (const char *s = line; (s = strcasestr(s, names[i].name)) != NULL; s += len) {
			if ((s > line && (is_letter(s[-1]) || is_digit(s[-1]))) ||
				is_letter(s[len]))
				continue;
			product = names[i].product;
			if (version[0] == '\0' && !names[i].device)
				copy_next_version(version, s + len);
		}
		if (product && version[0] != '\0')
			break;
	}
	return product;
}

/* What may follow one word, the name of the host; the dot tells ProFTPD from the others. */
static const char *named_host(const char *folded, const char *line)
{
	const char *space = strchr(folded, ' ');

	if (!space)
		return NULL;
	if (strcmp(space, " ftp server ready") == 0 && strstr(line, " FTP server ready"))
		return "ProFTPD";
	if (strcmp(space, " microsoft ftp service") == 0)
		return "IIS6";
	return strcmp(space, " ftp server ready.") == 0 ? "BSD-generic" : NULL;
}

/* The product that LINE of a greeting shows, or NULL; *VERSION (VERSION_MAX) is filled in. */
static const char *find_product(const char *line, char *version)
{
	char folded[FOLDED_MAX];
	size_t len = classify_fold(folded, line);
	const char *product;

	version[0] = '\0';
	while (len > 0 && folded[len - 1] == ' ')
		folded[--len] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(products); i++) {
		if (!classify_match(products[i].pattern, folded))
			continue;
		copy_version(version, &products[i], line);
		if (version[0] == '\0')
			find_name(line, products[i].name, version);
		return products[i].name;
	}
	product = named_host(folded, line);
	return product ? product : find_name(line, NULL, version);
}

/* The product whose words LINE of a 331 are, or NULL; of a version they say nothing. */
static const char *find_asker(const char *line, char *version)
{
	char folded[FOLDED_MAX];

	version[0] = '\0';
	classify_fold(folded, line);
	for (size_t i = 0; i < ARRAY_SIZE(askers); i++)
		if (classify_match(askers[i].pattern, folded))
			return askers[i].product;
	return NULL;
}

/* The product that a line of REPLY shows to LOOK, or NULL; the first that shows one decides. Its
 * version may come later. */
static const char *recognise_in(const struct reply *reply, char *version,
	const char *(*look)(const char *line, char *version))
{
	char line[REPLY_TEXT_MAX + 1], seen[VERSION_MAX];
	const char *product = NULL;

	version[0] = '\0';
	for (const char *s = reply->text; *s && version[0] == '\0';) {
		size_t len = strcspn(s, "\n");
		const char *found;

		memcpy(line, s, len);
		line[len] = '\0';
		found = look(line, seen);
		if (!product)
			product = found;
		if (found && strcmp(found, product) == 0)
			memcpy(version, seen, strlen(seen) + 1);
		s += len + (s[len] == '\n');
	}
	return product;
}

void classify_recognise(const struct observation *o, struct classification *ret)
{
	const char *product = NULL;

	for (size_t i = 0; i < o->n_replies && !product; i++)
		if (o->replies[i].stage == STAGE_BANNER)
			product = recognise_in(&o->replies[i], ret->version, find_product);
	for (size_t i = 0; i < o->n_replies && !product; i++)
		if (o->replies[i].stage == STAGE_USER && o->replies[i].code == 331)
			product = recognise_in(&o->replies[i], ret->version, find_asker);
	if (product)
		ret->product = product;
}

enum user_hint classify_user_hint(const char *product, const char *folded)
{
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (strncmp(product, hints[i].product, strlen(hints[i].product)) == 0 &&
			classify_match(hints[i].pattern, folded))
			return hints[i].hint;
	return USER_HINT_NONE;
}
