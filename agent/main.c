/* SPDX-License-Identifier: ISC */
/* ftphealthd: options and exit codes; all else is elsewhere. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>

#include "agent/config.h"
#include "agent/daemon.h"
#include "agent/mib.h"
#include "common/log.h"

#define DEFAULT_CONFIG SYSCONFDIR "/ftphealth/ftphealth.yaml"

static const char usage[] = "usage: ftphealthd [-d] [-c FILE] [--oid-base OID] [--listen ADDRESS]\n"
			    "       ftphealthd [-c FILE] --check-config\n"
			    "       ftphealthd [-c FILE] [--oid-base OID] --contract\n";

static const char help[] =
	"\n"
	"Logs in anonymously to FTP servers, over and over, and publishes what it finds by SNMP:\n"
	"as AgentX subagent of snmpd, or on its own.\n"
	"\n"
	"  -c, --config FILE     configuration (default " DEFAULT_CONFIG ")\n"
	"      --listen ADDRESS  be an SNMP agent on ADDRESS, for instance 127.0.0.1:1161\n"
	"      --oid-base OID    base of the MIB (default " OID_BASE "),\n"
	"                        instead of the configuration's oid-base\n"
	"      --check-config    read the configuration, tell its faults, exit (0 or 78)\n"
	"      --contract        print all that is published: objects, notifications, labels, keys; exit\n"
	"  -d, --debug           log more\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n"
	"\n"
	"SIGHUP reads the configuration again. See ftphealthd(8) and ftphealth.yaml(5).\n";

struct options {
	const char *config; /* NULL: not said */
	const char *listen, *oid_base;
	bool check_config, contract, debug;
};

/* Returns -1 to go on, or the exit code. */
static int parse(int argc, char **argv, struct options *o)
{
	enum { OPT_LISTEN = 256, OPT_OID_BASE, OPT_CHECK_CONFIG, OPT_CONTRACT };
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "listen", required_argument, NULL, OPT_LISTEN },
		{ "oid-base", required_argument, NULL, OPT_OID_BASE },
		{ "check-config", no_argument, NULL, OPT_CHECK_CONFIG },
		{ "contract", no_argument, NULL, OPT_CONTRACT },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:dhV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case OPT_LISTEN:
			o->listen = optarg;
			break;
		case OPT_OID_BASE:
			o->oid_base = optarg;
			break;
		case OPT_CHECK_CONFIG:
			o->check_config = true;
			break;
		case OPT_CONTRACT:
			o->contract = true;
			break;
		case 'd':
			o->debug = true;
			break;
		case 'h':
			printf("%s%s", usage, help);
			return EX_OK;
		case 'V':
			puts(PACKAGE_STRING);
			return EX_OK;
		default:
			fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ftphealthd: unexpected argument: %s\n%s", argv[optind], usage);
		return EX_USAGE;
	}
	return -1;
}

/* Nothing is wrong with the configuration: the service manager shall try again. */
static bool is_ours(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE || error == -EIO;
}

static void on_complaint(void *userdata, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/* What stands in the way of using the base that O names is a fault of the command line. */
static bool set_base(const struct options *o, const struct config *config)
{
	const char *base = o->oid_base;

	if (!base && config)
		base = config->oid_base;
	if (mib_set_base(base ? base : OID_BASE) == 0)
		return true;
	fprintf(stderr, "ftphealthd: bad base: %s (4 to 32 numbers with dots, such as %s)\n%s",
		base ? base : OID_BASE, OID_BASE, usage);
	return false;
}

static int check_config(const struct config *config)
{
	printf("%s: good, %zu target%s\n", config->path, config->n_targets,
		config->n_targets == 1 ? "" : "s");
	return EX_OK;
}

static int contract(void)
{
	mib_print_contract(stdout);
	config_print_contract(stdout);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int run(struct config *config, const char *listen)
{
	int r = daemon_run(config, listen);

	if (r == DAEMON_BAD_CONFIG)
		return EX_CONFIG;
	return r < 0 ? EX_UNAVAILABLE : EX_OK;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct config *config = NULL;
	int r;

	r = parse(argc, argv, &o);
	if (r >= 0)
		return r;
	log_init("ftphealthd", o.debug);
	/* A contract needs no configuration, but follows one that is named. */
	if (!o.contract && !o.config)
		o.config = DEFAULT_CONFIG;
	r = o.config ? config_load(o.config, on_complaint, NULL, &config) : 0;
	if (r < 0)
		return is_ours(r) ? EX_UNAVAILABLE : EX_CONFIG;
	if (!set_base(&o, config)) {
		config_free(config);
		return EX_USAGE;
	}
	if (!o.contract && !o.check_config)
		return run(config, o.listen);
	r = o.contract ? contract() : check_config(config);
	config_free(config);
	return r;
}
