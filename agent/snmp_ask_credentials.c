/* SPDX-License-Identifier: ISC */
/* Who asks: snmp.conf(5) read by net-snmp itself, but only a file that was named, and only keys
 * that belong there. */
#include "agent/snmp_ask.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "common/util.h"

enum { LINE_MAX_OCTETS = 1000 }; /* net-snmp's own lines have 1024 */

/* What may stand in the file. Others would make net-snmp read files, write debugging texts or load
 * MIBs. */
static const char *const keys[] = {
	"defVersion",
	"defCommunity",
	"defContext",
	"defSecurityName",
	"defSecurityLevel",
	"defPassphrase",
	"defAuthType",
	"defAuthPassphrase",
	"defAuthMasterKey",
	"defAuthLocalizedKey",
	"defPrivType",
	"defPrivPassphrase",
	"defPrivMasterKey",
	"defPrivLocalizedKey",
};

static unsigned complaints; /* of net-snmp's */

/* Its texts may have a word of the file in them: only that there was one counts. */
static int on_log(int major, int minor, void *server_arg, void *client_arg)
{
	const struct snmp_log_message *m = server_arg;

	if (m->priority <= LOG_WARNING)
		complaints++;
	return 0;
}

static void set_flag(int which)
{
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, which, 1);
}

static const char *setting(int which)
{
	return netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, which);
}

void ask_library_start(void)
{
	static const int flags[] = { NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES };

	/* Folders that cannot be: it also looks for certificates, and would make them. */
	setenv("SNMPCONFPATH", "/dev/null", 1);
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	setenv("MIBDIRS", "/dev/null", 1);
	setenv("MIBS", "", 1);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		set_flag(flags[i]);
	snmp_enable_calllog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log, NULL);
	init_snmp("ftphealth-snmp");
}

static bool is_key(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i]) == len && strncasecmp(word, keys[i], len) == 0)
			return true;
	return false;
}

/* Takes one line; NULL, or what is wrong (static). */
static const char *take_line(char *line)
{
	size_t len;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return NULL;
	if (strlen(line) > LINE_MAX_OCTETS)
		return "longer than 1000 octets";
	for (const char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\t')
			return "a control character";
	len = strcspn(line, " \t");
	if (!is_key(line, len))
		return "not one of the keys of snmp.conf(5) that say who asks, as defCommunity";
	if (!line[len + strspn(line + len, " \t")])
		return "a key without a value";
	complaints = 0;
	if (netsnmp_config(line) != SNMPERR_SUCCESS || complaints > 0)
		return "net-snmp does not know this value";
	return NULL;
}

int ask_credentials_take(char *text, size_t len, char why[ASK_WHY_SIZE])
{
	char *end = text + len, *next;
	unsigned number = 0;

	assert(text && why && text[len] == '\0');
	if (memchr(text, '\0', len)) {
		snprintf(why, ASK_WHY_SIZE, "it has a NUL octet, so is no text");
		return -EINVAL;
	}
	for (char *line = text; line < end; line = next) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *fault;

		next = newline ? newline + 1 : end;
		if (newline)
			*newline = '\0';
		if (newline > line && newline[-1] == '\r')
			newline[-1] = '\0';
		number++;
		fault = take_line(line);
		if (fault) {
			snprintf(why, ASK_WHY_SIZE, "line %u: %s", number, fault);
			return -EINVAL;
		}
	}
	return 0;
}

void ask_community_take(const char *community)
{
	netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_COMMUNITY, community);
}

/* What the keys for one of authentication and privacy lack, or NULL (static). RFC 3414 11.2:
 * passphrases have at least 8 octets. */
static const char *check_keys(const int which[3], const char *missing, const char *too_short)
{
	const char *passphrase = setting(which[0]);

	if (setting(which[1]) || setting(which[2]))
		return NULL;
	passphrase = passphrase ? passphrase : setting(NETSNMP_DS_LIB_PASSPHRASE);
	if (!passphrase)
		return missing;
	return strlen(passphrase) < USM_LENGTH_P_MIN ? too_short : NULL;
}

/* What a user of SNMPv3 lacks, or NULL (static). */
static const char *check_user(void)
{
	static const int auth[] = { NETSNMP_DS_LIB_AUTHPASSPHRASE, NETSNMP_DS_LIB_AUTHMASTERKEY,
		NETSNMP_DS_LIB_AUTHLOCALIZEDKEY };
	static const int priv[] = { NETSNMP_DS_LIB_PRIVPASSPHRASE, NETSNMP_DS_LIB_PRIVMASTERKEY,
		NETSNMP_DS_LIB_PRIVLOCALIZEDKEY };
	int level = netsnmp_ds_get_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_SECLEVEL);
	const char *fault = NULL;

	if (!setting(NETSNMP_DS_LIB_SECNAME))
		return "SNMPv3 needs a defSecurityName";
	if (level >= SNMP_SEC_LEVEL_AUTHNOPRIV)
		fault = check_keys(auth, "this defSecurityLevel needs a defAuthPassphrase",
			"defAuthPassphrase has fewer than 8 octets");
	if (!fault && level >= SNMP_SEC_LEVEL_AUTHPRIV)
		fault = check_keys(priv, "this defSecurityLevel needs a defPrivPassphrase",
			"defPrivPassphrase has fewer than 8 octets");
	return fault;
}

int ask_credentials_finish(long *ret_version, char why[ASK_WHY_SIZE])
{
	int version = netsnmp_ds_get_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_SNMPVERSION);
	const char *fault;

	assert(ret_version && why);
	if (version == NETSNMP_DS_SNMP_VERSION_3 ||
		(version == 0 && setting(NETSNMP_DS_LIB_SECNAME))) {
		fault = check_user();
		if (fault) {
			snprintf(why, ASK_WHY_SIZE, "%s", fault);
			return -EINVAL;
		}
		*ret_version = SNMP_VERSION_3;
		return 0;
	}
	if (!setting(NETSNMP_DS_LIB_COMMUNITY))
		netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_COMMUNITY, "public");
	*ret_version = version == NETSNMP_DS_SNMP_VERSION_1 ? SNMP_VERSION_1 : SNMP_VERSION_2c;
	return 0;
}
