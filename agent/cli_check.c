/* SPDX-License-Identifier: ISC */
/* ftphealth check: one probe from the shell, also as a monitoring plugin. */
#include "agent/cli.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <systemd/sd-event.h>

#include "agent/check_output.h"
#include "agent/config.h"
#include "agent/evidence_config.h"
#include "agent/health.h"
#include "common/log.h"
#include "common/util.h"
#include "probes/login.h"
#include "probes/transfer.h"

enum { HOST_MAX = 511 }; /* more than the key takes: a longer one is refused there */

static const char usage[] = "usage: ftphealth check [-46v] [--json] [--timeout SECONDS] "
			    "[--user NAME] [--password TEXT]\n"
			    "                       [--evidence KEY=VALUE]... HOST[:PORT]\n";

static const char help[] =
	"\n"
	"Logs in to one FTP server once and prints one line with performance data.\n"
	"\n"
	"  -4, -6             over IPv4 or IPv6 only\n"
	"  -v, --verbose      print the whole dialogue with its times\n"
	"      --json         print one JSON object instead\n"
	"  -t, --timeout S    limit for the whole probe, in seconds or as 500ms, 2m (default 15:\n"
	"                     servers take their time to say no)\n"
	"      --user NAME    default anonymous\n"
	"      --password TEXT  what an anonymous login gives: an e-mail address. Not for secrets:\n"
	"                     the command line is seen by everybody on this host\n"
	"  -e, --evidence KEY=VALUE  look at the server's own side too; the keys are those below\n"
	"                     evidence: in ftphealth.yaml(5), with dots, such as\n"
	"                     -e module=smb://h/ADMIN$/system32/inetsrv/iissuba.dll\n"
	"                     -e control=smb://h/ADMIN$/system32/msv1_0.dll\n"
	"                     -e setting.url=/srv/adsutil.txt -e setting.format=adsutil\n"
	"\n"
	"HOST is a name, an IPv4 address or an IPv6 address ([ADDRESS]:PORT with a port).\n"
	"Exit code: 0 ok, 1 warning, 2 critical, 3 unknown; 64 for a bad command line.\n";

struct check {
	struct target_config target; /* borrowed strings */
	char host[HOST_MAX + 1];
	char password[TARGET_PASSWORD_SIZE];
	bool json, verbose;
	struct evidence_source draft;
	sd_event *event;
	struct collect *collect; /* under way */
	struct observation observation;
	bool observed;
	struct collected evidence;
	int exit_code;
};

/* ------------------------------------------------------------------ the command line */

static int set(struct check *c, const char *key, const char *text)
{
	char why[512];

	if (target_config_set(&c->target, key, text, why, sizeof(why)))
		return -1;
	fprintf(stderr, "ftphealth check: %s\n%s", why, usage);
	return EX_USAGE;
}

/* KEY=VALUE. */
static int set_evidence(struct check *c, char *text)
{
	char *equals = strchr(text, '=');
	char why[512] = "write --evidence KEY=VALUE";

	if (equals) {
		*equals = '\0';
		if (target_config_set_evidence(&c->draft, text, equals + 1, why, sizeof(why)))
			return -1;
	}
	fprintf(stderr, "ftphealth check: %s\n%s", why, usage);
	return EX_USAGE;
}

static int finish_evidence(struct check *c)
{
	char why[512];
	int r;

	r = evidence_source_finish(
		&c->draft, c->target.host, c->target.host, &c->target.evidence, why, sizeof(why));
	if (r >= 0)
		return -1;
	fprintf(stderr, "ftphealth check: %s\n", r == -EINVAL ? why : strerror(-r));
	return r == -EINVAL ? EX_USAGE : EX_OSERR;
}

/* HOST, HOST:PORT, [V6], [V6]:PORT or a bare V6. */
static int parse_host(const char *text, struct check *c)
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text), *bracket;
	int r;

	if (*text == '[' && (bracket = strchr(text, ']')) != NULL &&
		(!bracket[1] || bracket[1] == ':')) {
		text++;
		end = bracket;
		colon = bracket[1] ? bracket + 1 : NULL;
	} else if (colon && strchr(text, ':') == colon) {
		end = colon;
	} else {
		colon = NULL;
	}
	snprintf(c->host, sizeof(c->host), "%.*s", (int)(end - text), text);
	r = set(c, "host", c->host);
	return r < 0 && colon ? set(c, "port", colon + 1) : r;
}

/* Takes one option. Returns -1 to go on, or the exit code. */
static int parse_option(int option, struct check *c)
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
	case 'e':
		return set_evidence(c, optarg);
	case 'h':
		printf("%s%s", usage, help);
		return EX_OK;
	default:
		fputs(usage, stderr);
		return EX_USAGE;
	}
}

static int parse(int argc, char **argv, struct check *c)
{
	static const struct option longs[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "ipv4", no_argument, NULL, '4' },
		{ "ipv6", no_argument, NULL, '6' },
		{ "json", no_argument, NULL, 'j' },
		{ "timeout", required_argument, NULL, 't' },
		{ "user", required_argument, NULL, 'u' },
		{ "password", required_argument, NULL, 'p' },
		{ "evidence", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, r;

	while ((option = getopt_long(argc, argv, "46vt:e:h", longs, NULL)) != -1) {
		r = parse_option(option, c);
		if (r >= 0)
			return r;
	}
	if (argc - optind != 1) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	r = parse_host(argv[optind], c);
	return r < 0 ? finish_evidence(c) : r;
}

/* ------------------------------------------------------------------ the probe */

/* When both the login and the evidence are there. */
static void report(struct check *c)
{
	struct check_result result = {
		.target = &c->target,
		.observation = &c->observation,
		.evidence = c->target.evidence ? &c->evidence : NULL,
	};
	struct evidence evidence = { 0 };

	if (!c->observed || c->collect)
		return;
	if (c->target.evidence)
		evidence = collected_evidence(
			&c->evidence, now_usec(CLOCK_REALTIME), c->target.evidence->max_age_usec);
	decide_login(&c->observation, c->target.user, c->target.password, &evidence, &result.words,
		&result.decision);
	if (c->json) {
		check_print_json(&result);
	} else {
		if (c->verbose)
			check_print_dialogue(&result);
		check_print_line(&result);
	}
	c->exit_code = (int)state_service(check_state(&result));
	sd_event_exit(c->event, 0);
}

static void on_done(void *userdata, const struct observation *o)
{
	struct check *c = userdata;

	if (observation_copy(o, &c->observation) < 0) {
		sd_event_exit(c->event, -ENOMEM);
		return;
	}
	c->observed = true;
	report(c);
}

static void on_collected(void *userdata, const struct collected *now)
{
	struct check *c = userdata;

	c->evidence = *now;
	c->collect = NULL;
	report(c);
}

/* sd-event sees the end of programs by this signal. */
static int block_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int start_evidence(struct check *c)
{
	struct collect_context context = { .password = c->target.password };

	if (!c->target.evidence)
		return 0;
	return collect_start(
		c->event, c->target.evidence, &context, &c->evidence, on_collected, c, &c->collect);
}

static int run(struct check *c)
{
	struct login_target target = {
		.host = c->target.host,
		.port = c->target.port,
		.family = c->target.family,
		.user = c->target.user,
		.password = c->target.password,
		.timeout_usec = c->target.timeout_usec,
	};
	struct transfer *transfer = NULL;
	struct login *login;
	int r;

	r = block_signals();
	if (r >= 0)
		r = sd_event_new(&c->event);
	if (r >= 0)
		r = transfer_new(c->event, &transfer);
	if (r >= 0)
		r = start_evidence(c);
	if (r >= 0)
		r = login_start(transfer, &target, on_done, c, &login);
	if (r >= 0)
		r = sd_event_loop(c->event);
	collect_end(c->collect);
	transfer_free(transfer);
	sd_event_unref(c->event);
	return r;
}

int cli_check(int argc, char **argv)
{
	struct check c = { .exit_code = SERVICE_UNKNOWN };
	int r;

	target_config_init(&c.target, c.password);
	evidence_source_init(&c.draft);
	r = parse(argc, argv, &c);
	if (r >= 0)
		return r;
	r = run(&c);
	observation_done(&c.observation);
	evidence_source_free(c.target.evidence);
	if (r < 0) {
		printf("FTP UNKNOWN - the probe could not be made: %s\n", strerror(-r));
		return SERVICE_UNKNOWN;
	}
	if (fflush(stdout) != 0)
		return SERVICE_UNKNOWN;
	return c.exit_code;
}
