/* SPDX-License-Identifier: ISC */
/* check_ftp_auth_health: a monitoring plugin (www.monitoring-plugins.org/doc/guidelines.html). */
#include "agent/plugin.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "agent/check.h"
#include "agent/mib.h"
#include "common/log.h"
#include "common/text.h"
#include "common/util.h"

#define NAME "check_ftp_auth_health"
#define SNMP_PORT "161"

enum {
	VERBOSE_MAX = 3,
	AGENT_TIMEOUT_S = 10, /* as the guidelines have it */
	SECONDS_MAX = 86400,
	DAYS_MAX = 3650,        /* tls-warn-days */
	TARGET_NAME_LIMIT = 64, /* ftpAuthTargetName */
	AGENT_SIZE = 1024,      /* more than ftphealth-snmp takes: a longer one is refused there */
};

static const char usage[] =
	"usage: " NAME " [-46v] [-p PORT] [-u USER] [-e KEY=VALUE]...\n"
	"                             [--tls MODE|KEY=VALUE]... [-a COMMAND|KEY=VALUE]...\n"
	"                             [-t S] [-w S] [-c S] -H HOST\n"
	"       " NAME " [-v] [-p PORT] [-T TARGET] [-C COMMUNITY | -f FILE]\n"
	"                             [-b OID] [-m S] [-d DAYS] [-t S] [-w S] [-c S] -A AGENT\n";

static const char help[] =
	"\n"
	"Checks whether users can log in to an FTP server: by a login of its own, or by what a\n"
	"running ftphealthd says of one of its targets or of all of them.\n"
	"\n"
	"A login of its own:\n"
	"  -H, --hostname HOST    the server: a name or an address; HOST:PORT, [V6]:PORT\n"
	"  -4, --ipv4; -6, --ipv6  over IPv4 or IPv6 only\n"
	"  -u, --user NAME        default anonymous\n"
	"      --password TEXT    what an anonymous login gives: an e-mail address. Not for\n"
	"                         secrets: the command line is seen by everybody on this host\n"
	"      --tls MODE         explicit or implicit (port 990)\n"
	"      --tls KEY=VALUE    how, see ftphealth(1)\n"
	"  -a, --after-login COMMAND  go on once the login works: pwd, list or retr\n"
	"  -a, --after-login KEY=VALUE  how, see ftphealth(1)\n"
	"  -e, --evidence KEY=VALUE  look at the server's own side too, see ftphealth(1)\n"
	"\n"
	"A running ftphealthd, by SNMP:\n"
	"  -A, --agent AGENT      its SNMP agent: a name or an address; HOST:PORT, tcp:HOST:PORT\n"
	"  -T, --target NAME      one target, by its name (default: the summary of all)\n"
	"  -f, --credentials FILE who asks: lines of snmp.conf(5) such as defVersion,\n"
	"                         defCommunity, defSecurityName; readable by this user alone\n"
	"  -C, --community NAME   with SNMPv2c (default public)\n"
	"  -b, --oid-base OID     base of the MIB, when it is not that of this build\n"
	"  -m, --max-age SECONDS  how old the latest probe may be (default: three intervals of\n"
	"                         the target)\n"
	"  -d, --tls-warn-days DAYS  a certificate that ends within so many is a warning\n"
	"                         (default 14; 0: never)\n"
	"\n"
	"Both:\n"
	"  -p, --port PORT        default 21, with -A 161\n"
	"  -w, --warning SECONDS  a login that takes longer is a warning\n"
	"  -c, --critical SECONDS  one that takes longer is critical\n"
	"  -t, --timeout SECONDS  for all of it (default 15, with -A 10)\n"
	"  -v, --verbose          more: the remedy; twice, the dialogue or the objects; thrice,\n"
	"                         their OIDs\n"
	"  -h, --help; -V, --version\n"
	"\n"
	"Exit code: 0 ok, 1 warning, 2 critical, 3 unknown.\n";

struct plugin {
	struct check check; /* a login of its own */
	struct plugin_question question;
	struct check_limits limits;
	const char *host, *port;
	char agent[AGENT_SIZE];              /* with its port */
	const char *only_login, *only_agent; /* the latest option that needs -H, or -A */
	bool timeout;                        /* was set */
	unsigned verbose;
	char why[CHECK_WHY_SIZE];
};

/* ------------------------------------------------------------------ what it says */

void plugin_say(struct plugin_report *r, enum service service, const char *format, ...)
{
	va_list ap;

	r->service = service;
	va_start(ap, format);
	vsnprintf(r->text, sizeof(r->text), format, ap);
	va_end(ap);
}

void plugin_add(struct plugin_report *r, enum service service, const char *format, ...)
{
	size_t used = strlen(r->text);
	va_list ap;

	if (service > r->service)
		r->service = service;
	va_start(ap, format);
	vsnprintf(r->text + used, sizeof(r->text) - used, format, ap);
	va_end(ap);
}

/* The bar begins the perfdata, in the first line as in those behind it: no server may write one. */
static void print_plain(const char *text)
{
	for (; *text; text++)
		putchar(*text == '|' ? '/' : *text);
}

static int say(const struct plugin_report *r, const char *perfdata, const char *more)
{
	char text[PLUGIN_TEXT_SIZE];

	text_escape(text, sizeof(text), r->text, strlen(r->text));
	printf("FTP %s - ", service_word(r->service));
	print_plain(text);
	if (*perfdata)
		printf("|%s", perfdata);
	putchar('\n');
	print_plain(more);
	return (int)r->service;
}

/* What keeps it from checking at all. */
__attribute__((format(printf, 1, 2))) static int give_up(const char *format, ...)
{
	struct plugin_report r = { .service = SERVICE_UNKNOWN };
	va_list ap;

	va_start(ap, format);
	vsnprintf(r.text, sizeof(r.text), format, ap);
	va_end(ap);
	return say(&r, "", "");
}

/* ------------------------------------------------------------------ the command line */

/* Each takes one option: 0, or -EINVAL and in P->why what is wrong with it. */
__attribute__((format(printf, 2, 3))) static int refuse(struct plugin *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(p->why, sizeof(p->why), format, ap);
	va_end(ap);
	return -EINVAL;
}

static int take_seconds(struct plugin *p, const char *option, uint64_t *ret_usec)
{
	char *end;
	double seconds = strtod(optarg, &end);

	if (end == optarg || *end || !(seconds > 0 && seconds <= SECONDS_MAX))
		return refuse(p, "%s \"%.100s\": write seconds, such as 2 or 0.5", option, optarg);
	*ret_usec = (uint64_t)llround(seconds * USEC_PER_SEC);
	return 0;
}

static int take_days(struct plugin *p, uint32_t *ret)
{
	char *end;
	unsigned long days = strtoul(optarg, &end, 10);

	if (*optarg < '0' || *optarg > '9' || *end || days > DAYS_MAX)
		return refuse(
			p, "--tls-warn-days \"%.100s\": write 0 to %d days", optarg, DAYS_MAX);
	*ret = (uint32_t)days;
	return 0;
}

static int take_login(struct plugin *p, int option)
{
	switch (option) {
	case '4':
		p->only_login = "-4";
		return check_set(&p->check, "address-family", "ipv4", p->why);
	case '6':
		p->only_login = "-6";
		return check_set(&p->check, "address-family", "ipv6", p->why);
	case 'u':
		p->only_login = "--user";
		return check_set(&p->check, "user", optarg, p->why);
	case 'P':
		p->only_login = "--password";
		return check_set(&p->check, "password", optarg, p->why);
	case 'S':
		p->only_login = "--tls";
		return check_set_tls(&p->check, optarg, p->why);
	case 'a':
		p->only_login = "--after-login";
		return check_set_after(&p->check, optarg, p->why);
	default:
		p->only_login = "--evidence";
		return check_set_evidence(&p->check, optarg, p->why);
	}
}

static int take_agent(struct plugin *p, int option)
{
	struct plugin_question *q = &p->question;

	switch (option) {
	case 'T':
		p->only_agent = "--target";
		q->target = optarg;
		if (!*optarg || strlen(optarg) > TARGET_NAME_LIMIT)
			return refuse(
				p, "--target: a name has 1 to %d characters", TARGET_NAME_LIMIT);
		return 0;
	case 'C':
		p->only_agent = "--community";
		q->community = optarg;
		return 0;
	case 'f':
		p->only_agent = "--credentials";
		q->credentials = optarg;
		return *optarg == '/' ? 0 : refuse(p, "--credentials: write an absolute path");
	case 'm':
		p->only_agent = "--max-age";
		return take_seconds(p, "--max-age", &q->max_age_usec);
	case 'd':
		p->only_agent = "--tls-warn-days";
		return take_days(p, &q->warn_days);
	default:
		p->only_agent = "--oid-base";
		if (mib_set_base(optarg) < 0)
			return refuse(p,
				"--oid-base \"%.100s\": write numbers, such as 1.3.6.1.4.1.N",
				optarg);
		return 0;
	}
}

static int take_option(struct plugin *p, int option)
{
	switch (option) {
	case 'H':
		p->host = optarg;
		return 0;
	case 'A':
		p->question.agent = optarg;
		return 0;
	case 'p':
		p->port = optarg;
		return check_set(&p->check, "port", optarg, p->why);
	case 'v':
		p->verbose += p->verbose < VERBOSE_MAX;
		return 0;
	case 't':
		p->timeout = true;
		return check_set(&p->check, "timeout", optarg, p->why);
	case 'w':
		return take_seconds(p, "--warning", &p->limits.warning_usec);
	case 'c':
		return take_seconds(p, "--critical", &p->limits.critical_usec);
	case 'T':
	case 'C':
	case 'f':
	case 'm':
	case 'd':
	case 'b':
		return take_agent(p, option);
	default:
		return take_login(p, option);
	}
}

/* An address of its own and a port, as ftphealth-snmp takes them. */
static int finish_agent(struct plugin *p)
{
	struct plugin_question *q = &p->question;
	struct in6_addr v6;

	if (inet_pton(AF_INET6, q->agent, &v6) == 1)
		snprintf(p->agent, sizeof(p->agent), "udp6:[%s]:%s", q->agent,
			p->port ? p->port : SNMP_PORT);
	else
		snprintf(p->agent, sizeof(p->agent), "%s%s%s", q->agent, p->port ? ":" : "",
			p->port ? p->port : "");
	q->agent = p->agent;
	q->timeout_usec =
		p->timeout ? p->check.target.timeout_usec : AGENT_TIMEOUT_S * USEC_PER_SEC;
	q->limits = p->limits;
	q->verbose = p->verbose;
	return 0;
}

static int finish_login(struct plugin *p)
{
	if (check_set_host(&p->check, p->host, p->why) < 0 ||
		(p->port && check_set(&p->check, "port", p->port, p->why) < 0))
		return -EINVAL;
	return check_finish(&p->check, p->why);
}

/* What the options are together. */
static int finish(struct plugin *p)
{
	struct plugin_question *q = &p->question;

	if (!p->host == !q->agent)
		return refuse(
			p, "give one of -H HOST (a login) and -A AGENT (what ftphealthd says)");
	if (p->host && p->only_agent)
		return refuse(p, "%s needs -A AGENT", p->only_agent);
	if (q->agent && p->only_login)
		return refuse(p, "%s needs -H HOST", p->only_login);
	if (q->community && q->credentials)
		return refuse(p, "give one of --community and --credentials");
	if (p->limits.critical_usec > 0 && p->limits.warning_usec > p->limits.critical_usec)
		return refuse(p, "--warning must not be longer than --critical");
	return p->host ? finish_login(p) : finish_agent(p);
}

/* Returns -1 to go on, or the exit code. */
static int parse(int argc, char **argv, struct plugin *p)
{
	static const struct option longs[] = {
		{ "hostname", required_argument, NULL, 'H' },
		{ "port", required_argument, NULL, 'p' },
		{ "ipv4", no_argument, NULL, '4' },
		{ "ipv6", no_argument, NULL, '6' },
		{ "user", required_argument, NULL, 'u' },
		{ "password", required_argument, NULL, 'P' },
		{ "tls", required_argument, NULL, 'S' },
		{ "after-login", required_argument, NULL, 'a' },
		{ "evidence", required_argument, NULL, 'e' },
		{ "agent", required_argument, NULL, 'A' },
		{ "target", required_argument, NULL, 'T' },
		{ "credentials", required_argument, NULL, 'f' },
		{ "community", required_argument, NULL, 'C' },
		{ "oid-base", required_argument, NULL, 'b' },
		{ "max-age", required_argument, NULL, 'm' },
		{ "tls-warn-days", required_argument, NULL, 'd' },
		{ "warning", required_argument, NULL, 'w' },
		{ "critical", required_argument, NULL, 'c' },
		{ "timeout", required_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option;

	opterr = 0; /* what is wrong is the plugin's one line */
	while ((option = getopt_long(
			argc, argv, ":H:p:46u:a:e:A:T:f:C:b:m:d:w:c:t:vhV", longs, NULL)) != -1) {
		if (option == 'h' || option == 'V') {
			if (option == 'h')
				printf("%s%s", usage, help);
			else
				printf(NAME " v" PACKAGE_VERSION " (" PACKAGE_NAME ")\n");
			return SERVICE_UNKNOWN; /* the guidelines say so */
		}
		if (option == '?' || option == ':')
			return give_up("%s: %.100s; see " NAME " --help",
				option == '?' ? "no such option" : "a value is missing",
				argv[optind - 1]);
		if (take_option(p, option) < 0)
			return give_up("%s; see " NAME " --help", p->why);
	}
	if (optind < argc)
		return give_up(
			"%.100s: write -H HOST or -A AGENT; see " NAME " --help", argv[optind]);
	return finish(p) < 0 ? give_up("%s; see " NAME " --help", p->why) : -1;
}

/* ------------------------------------------------------------------ both ways */

/* A login of its own: its line is that of `ftphealth check`. */
static int probe(struct plugin *p)
{
	const struct check_result *result = &p->check.result;
	_cleanup_(freep) char *more = NULL;
	size_t size;
	FILE *f;
	int r;

	r = check_run(&p->check);
	if (r < 0)
		return give_up("the probe could not be made: %s", strerror(-r));
	p->check.result.limits = p->limits;
	check_print_line(result, stdout);
	if (p->verbose == 0)
		return check_service(result);
	f = open_memstream(&more, &size);
	if (!f)
		return give_up("the probe could not be told: %s", strerror(errno));
	if (p->verbose == 1 && result->decision.diagnosis > DIAG_OTHER)
		fprintf(f, "remedy: %s\n", result->decision.remedy);
	if (p->verbose > 1)
		check_print_dialogue(result, f);
	fclose(f);
	print_plain(more);
	return check_service(result);
}

static int ask(const struct plugin_question *q)
{
	_cleanup_(freep) char *perfdata = NULL, *more = NULL;
	struct plugin_report report = { .service = SERVICE_UNKNOWN };
	size_t sizes[2];

	report.perfdata = open_memstream(&perfdata, &sizes[0]);
	report.more = open_memstream(&more, &sizes[1]);
	if (!report.perfdata || !report.more)
		return give_up("%s", strerror(errno));
	plugin_ask(q, &report);
	if (fclose(report.perfdata) != 0 || fclose(report.more) != 0)
		return give_up("%s", strerror(ENOMEM));
	return say(&report, perfdata, more);
}

int main(int argc, char **argv)
{
	struct plugin p = { .host = NULL };
	struct tls_settings defaults;
	int r;

	log_init(NAME, false);
	check_init(&p.check);
	tls_settings_init(&defaults);
	p.question.warn_days = defaults.warn_days;
	if (mib_set_base(OID_BASE) < 0)
		return give_up("it was built with a bad OID base: " OID_BASE);
	r = parse(argc, argv, &p);
	if (r < 0)
		r = p.host ? probe(&p) : ask(&p.question);
	check_done(&p.check);
	return fflush(stdout) == 0 ? r : SERVICE_UNKNOWN;
}
