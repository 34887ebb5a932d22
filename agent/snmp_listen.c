/* SPDX-License-Identifier: ISC */
/*
 * An agent by itself: net-snmp's master in our process, with net-snmp's own configuration file
 * ftphealthd.conf (rocommunity, createUser, view, trap2sink, informsink, trapsess as in
 * snmpd.conf).
 */
#include "agent/snmp_thread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/agent/snmp_vars.h>

#include "common/log.h"
#include "common/util.h"

/* Modules of libnetsnmpmibs, whose headers are not installed. Only what managers ask of any agent:
 * the system group and its sysORTable, the engine and its users. */
void init_system_mib(void);
void init_sysORTable(void);
void init_snmp_mib(void);
void init_snmpEngine(void);
void init_usmUser(void);
void init_vacm_vars(void);

#define COMMUNITY "ftphealth"

static bool path_has(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (*path) {
		size_t n = strcspn(path, ":");

		if (n == len && strncmp(path, dir, n) == 0)
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

/* net-snmp reads what it has stored (users, engineBoots) by itself only when SNMPCONFPATH is not
 * set; else the folder has to be in there. */
static int extend_path(const char *dir)
{
	const char *path = getenv("SNMPCONFPATH");
	_cleanup_(freep) char *longer = NULL;

	if (!path || path_has(path, dir))
		return 0;
	if (asprintf(&longer, "%s%s%s", path, *path ? ":" : "", dir) < 0) {
		longer = NULL;
		return -ENOMEM;
	}
	return setenv("SNMPCONFPATH", longer, 1) < 0 ? -errno : 0;
}

int snmp_listen_environment(const struct snmp_options *options)
{
	const char *dir = getenv("SNMP_PERSISTENT_DIR");

	/* No MIB file is needed, and Debian's lack of them would be a hundred lines of log. */
	if (setenv("MIBS", "", 1) < 0)
		return -errno;
	if (!dir && options->persistent_dir) {
		dir = options->persistent_dir;
		if (setenv("SNMP_PERSISTENT_DIR", dir, 1) < 0)
			return -errno;
		/* Parents that are missing are made by net-snmp. */
		if (mkdir(dir, 0700) < 0 && errno != EEXIST && errno != ENOENT)
			log_warning(errno, "Cannot make %s for net-snmp's state", dir);
	}
	return dir && options->listen ? extend_path(dir) : 0;
}

static void configure(const char *directive, const char *object, const char *rest)
{
	char line[MIB_OID_MAX * 11 + 64];

	snprintf(line, sizeof(line), "%s %s%s", directive, object, rest);
	netsnmp_config(line);
}

/* Without any access control nobody could ask anything: then this host may read our own objects and
 * the system group, and nothing else. Comes before net-snmp's own complaint. */
static int on_configuration_read(int major, int minor, void *server_arg, void *client_arg)
{
	char base[MIB_OID_MAX * 11 + 1];
	size_t used = 0;

	if (vacm_is_configured())
		return 0;
	base[0] = '\0';
	for (size_t i = 0; i < mib_base.len && used < sizeof(base); i++)
		used += (size_t)snprintf(base + used, sizeof(base) - used, ".%u", mib_base.id[i]);
	configure("view " COMMUNITY " included", ".1.3.6.1.2.1.1", "");
	configure("view " COMMUNITY " included", base, "");
	configure("rocommunity " COMMUNITY, "127.0.0.1", " -V " COMMUNITY);
	configure("rocommunity6 " COMMUNITY, "::1", " -V " COMMUNITY);
	log_info("No access control in " SNMP_APPLICATION ".conf: this host alone may read %s and "
		 "the system group, with the SNMPv2c community " COMMUNITY,
		base);
	return 0;
}

static void init_modules(void)
{
	init_system_mib();
	init_sysORTable();
	init_snmp_mib();
	init_snmpEngine();
	init_usmUser();
	init_vacm_vars();
}

void snmp_listen_prepare(void)
{
	char modules[] = "-smux"; /* it would open TCP port 199 */

	add_to_init_list(modules);
	/* Else one line for each packet. */
	netsnmp_ds_set_boolean(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_DONT_LOG_TCPWRAPPERS_CONNECTS, 1);
}

int snmp_listen_begin(struct snmp *s)
{
	netsnmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG,
		on_configuration_read, NULL, NETSNMP_CALLBACK_HIGHEST_PRIORITY);
	init_modules();
	init_snmp(SNMP_APPLICATION);
	/* The command line wins over an agentaddress in the file. */
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_PORTS, s->options.listen);
	errno = 0;
	if (init_master_agent() != 0) {
		int error = errno ? errno : EADDRNOTAVAIL;

		return log_error(error, "Cannot listen on %s for SNMP", s->options.listen);
	}
	/* As snmpd does: a crash must not set engineBoots back (RFC 3414 section 2.2.2). */
	snmp_store(SNMP_APPLICATION);
	pthread_mutex_lock(&s->lock);
	s->connected = true;
	s->connects = 1;
	pthread_mutex_unlock(&s->lock);
	log_notice("Listening on %s for SNMP", s->options.listen);
	return 0;
}

void snmp_listen_end(struct snmp *s)
{
	pthread_mutex_lock(&s->lock);
	s->connected = false;
	pthread_mutex_unlock(&s->lock);
	shutdown_master_agent();
}
