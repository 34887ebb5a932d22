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
	{ "*ftp server (mikrotik #*) ready*",          "MikroTik",         "MikroTik ", ")" },
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
	{ "surgeftp *",                                "SurgeFTP",         NULL, NULL },
};

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

/* What may follow one word, the name of the host; the dot tells ProFTPD from the others. */
static const char *named_host(const char *folded)
{
	const char *space = strchr(folded, ' ');

	if (!space)
		return NULL;
	if (strcmp(space, " ftp server ready") == 0)
		return "ProFTPD";
	if (strcmp(space, " microsoft ftp service") == 0)
		return "IIS6";
	return strcmp(space, " ftp server ready.") == 0 ? "BSD-generic" : NULL;
}

const char *classify_product(const char *line, char *version)
{
	char folded[FOLDED_MAX];
	size_t len = classify_fold(folded, line);

	version[0] = '\0';
	while (len > 0 && folded[len - 1] == ' ')
		folded[--len] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(products); i++) {
		if (!classify_match(products[i].pattern, folded))
			continue;
		copy_version(version, &products[i], line);
		return products[i].name;
	}
	return named_host(folded);
}

const char *classify_asker(const char *line, char *version)
{
	char folded[FOLDED_MAX];

	version[0] = '\0';
	classify_fold(folded, line);
	for (size_t i = 0; i < ARRAY_SIZE(askers); i++)
		if (classify_match(askers[i].pattern, folded))
			return askers[i].product;
	return NULL;
}

enum user_hint classify_user_hint(const char *product, const char *folded)
{
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (strncmp(product, hints[i].product, strlen(hints[i].product)) == 0 &&
			classify_match(hints[i].pattern, folded))
			return hints[i].hint;
	return USER_HINT_NONE;
}
