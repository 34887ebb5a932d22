/* SPDX-License-Identifier: ISC */
/* ftphealth check: one probe from the shell, also as a monitoring plugin. */
#include "agent/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "agent/check.h"

static const char usage[] = "usage: ftphealth check [-46v] [--json] [--timeout SECONDS] "
			    "[--user NAME] [--password TEXT]\n"
			    "                       [--netrc FILE|--credential NAME]\n"
			    "                       [--source ADDRESS|INTERFACE] [--proxy URL]\n"
			    "                       [--tls MODE|KEY=VALUE]... "
			    "[--after-login COMMAND|KEY=VALUE]...\n"
			    "                       [--evidence KEY=VALUE]... HOST[:PORT]\n";

static const char help[] =
	"\n"
	"Logs in to one FTP server once and prints one line with performance data.\n"
	"\n"
	"  -4, --ipv4         over IPv4 only\n"
	"  -6, --ipv6         over IPv6 only\n"
	"  -v, --verbose      print the whole dialogue with its times\n"
	"      --json         print one JSON object instead\n"
	"  -t, --timeout S    limit for the whole probe, in seconds or as 500ms, 2m (default 15:\n"
	"                     servers take their time to say no)\n"
	"      --user NAME    default anonymous\n"
	"      --password TEXT  what an anonymous login gives: an e-mail address. Not for secrets:\n"
	"                     the command line is seen by everybody on this host\n"
	"      --netrc FILE   user and password of an account, from a file that nobody else can read\n"
	"      --credential NAME  the same from a systemd credential\n"
	"      --source ADDRESS  from this address of the host, or from an interface of it\n"
	"      --proxy URL    through socks5://HOST:PORT, socks5h://HOST:PORT or http://HOST:PORT\n"
	"      --tls MODE     explicit (AUTH TLS) or implicit (port 990, unless one is given)\n"
	"      --tls KEY=VALUE  how; the keys are those of ftphealth.yaml(5) without tls-, such as\n"
	"                     --tls ca=/etc/ftphealth/ca.pem --tls verify=false\n"
	"  -a, --after-login COMMAND  go on once the login works: pwd, list or retr\n"
	"  -a, --after-login KEY=VALUE  how; the keys are those below after-login: in\n"
	"                     ftphealth.yaml(5), such as -a retr -a path=/pub/README -a sha256=HEX\n"
	"  -e, --evidence KEY=VALUE  look at the server's own side too; the keys are those below\n"
	"                     evidence: in ftphealth.yaml(5), with dots, such as\n"
	"                     -e module=smb://h/ADMIN$/system32/inetsrv/iissuba.dll\n"
	"                     -e control=smb://h/ADMIN$/system32/msv1_0.dll\n"
	"                     -e setting.url=/srv/adsutil.txt -e setting.format=adsutil\n"
	"  -h, --help         this text\n"
	"\n"
	"HOST is a name, an IPv4 address or an IPv6 address ([ADDRESS]:PORT with a port).\n"
	"Exit code: 0 ok, 1 warning, 2 critical, 3 unknown; 64 for a bad command line.\n";

struct command {
	struct check check;
	bool json, verbose;
	char why[CHECK_WHY_SIZE];
};

/* ------------------------------------------------------------------ the command line */

/* -1 to go on, or the exit code for what was refused. */
static int go_on(const struct command *c, int r)
{
	if (r == 0)
		return -1;
	fprintf(stderr, "ftphealth check: %s\n%s", c->why, usage);
	return r == -EINVAL ? EX_USAGE : EX_OSERR;
}

static int set(struct command *c, const char *key, const char *text)
{
	return go_on(c, check_set(&c->check, key, text, c->why));
}

/* Takes one option. Returns -1 to go on, or the exit code. */
static int parse_option(int option, struct command *c)
{
	switch (option) {
	case '4':
		return set(c, "address-family", "ipv4");
	case '6':
		return set(c, "address-family", "ipv6");
	case 'v':
		c->verbose = true;
		return -1;
	case 'j':
		c->json = true;
		return -1;
	case 't':
		return set(c, "timeout", optarg);
	case 'u':
		return set(c, "user", optarg);
	case 'p':
		return set(c, "password", optarg);
	case 'n':
		return go_on(c, check_set_access(&c->check, "netrc", optarg, c->why));
	case 'c':
		return go_on(c, check_set_access(&c->check, "credential", optarg, c->why));
	case 's':
		return go_on(c, check_set_access(&c->check, "source", optarg, c->why));
	case 'P':
		return go_on(c, check_set_access(&c->check, "proxy", optarg, c->why));
	case 'T':
		return go_on(c, check_set_tls(&c->check, optarg, c->why));
	case 'a':
		return go_on(c, check_set_after(&c->check, optarg, c->why));
	case 'e':
		return go_on(c, check_set_evidence(&c->check, optarg, c->why));
	case 'h':
		printf("%s%s", usage, help);
		return EX_OK;
	default:
		fputs(usage, stderr);
		return EX_USAGE;
	}
}

static int parse(int argc, char **argv, struct command *c)
{
	static const struct option longs[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "ipv4", no_argument, NULL, '4' },
		{ "ipv6", no_argument, NULL, '6' },
		{ "json", no_argument, NULL, 'j' },
		{ "timeout", required_argument, NULL, 't' },
		{ "user", required_argument, NULL, 'u' },
		{ "password", required_argument, NULL, 'p' },
		{ "netrc", required_argument, NULL, 'n' },
		{ "credential", required_argument, NULL, 'c' },
		{ "source", required_argument, NULL, 's' },
		{ "proxy", required_argument, NULL, 'P' },
		{ "tls", required_argument, NULL, 'T' },
		{ "after-login", required_argument, NULL, 'a' },
		{ "evidence", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, r;

	while ((option = getopt_long(argc, argv, "46vt:a:e:h", longs, NULL)) != -1) {
		r = parse_option(option, c);
		if (r >= 0)
			return r;
	}
	if (argc - optind != 1) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	r = go_on(c, check_set_host(&c->check, argv[optind], c->why));
	return r < 0 ? go_on(c, check_finish(&c->check, c->why)) : r;
}

/* ------------------------------------------------------------------ the probe */

static int run(struct command *c)
{
	const struct check_result *result = &c->check.result;
	int r = check_run(&c->check);

	if (r < 0)
		return r;
	if (c->json)
		return check_print_json(result);
	if (c->verbose)
		check_print_dialogue(result, stdout);
	check_print_line(result, stdout);
	return 0;
}

int cli_check(int argc, char **argv)
{
	struct command c = { .json = false };
	enum service service = SERVICE_UNKNOWN;
	int r;

	check_init(&c.check);
	r = parse(argc, argv, &c);
	if (r < 0) {
		r = run(&c);
		if (r < 0)
			printf("FTP UNKNOWN - the probe could not be made: %s\n", strerror(-r));
		else
			service = check_service(&c.check.result);
		r = fflush(stdout) == 0 ? service : SERVICE_UNKNOWN;
	}
	check_done(&c.check);
	return r;
}
