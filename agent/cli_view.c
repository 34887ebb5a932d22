/* SPDX-License-Identifier: ISC */
/* The command line of the commands that show the daemon's store, and its beginning and end. */
#include "agent/cli_view.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli_store_path.h"
#include "common/util.h"

#define DEFAULT_CONFIG SYSCONFDIR "/ftphealth/ftphealth.yaml"

enum { WHY_SIZE = 4608, ROWS_MAX = 1000000 };

enum { OPT_JSON = 256, OPT_STORE, OPT_FAILING, OPT_NO_HEADER, OPT_SINCE, OPT_HTML };

struct options {
	const char *config, *store; /* borrowed: of argv */
};

static const char table_help[] =
	"      --json         print JSON instead\n"
	"      --no-header    only the rows: no titles, no totals, no plot\n";
static const char common_help[] =
	"      --store PATH   the daemon's store (default: as the configuration says)\n"
	"  -c, --config FILE  the daemon's configuration (default " DEFAULT_CONFIG ")\n"
	"  -h, --help         this text\n"
	"\n"
	"Other exit codes: 64 bad command line, 66 no store or no such target, 74 bad store,\n"
	"78 bad configuration. See ftphealth(1).\n";

/* ------------------------------------------------------------------ options */

static void print_usage(const struct cli_command *c, FILE *f)
{
	fprintf(f, "usage: ftphealth %s %s [--store PATH | -c FILE]%s%s%s %s\n", c->name,
		c->page ? "--html [-o FILE]" : "[--json] [--no-header]",
		c->failing ? " [--failing]" : "", c->limit ? " [-n ROWS]" : "",
		c->since ? " [--since WHEN]" : "", c->usage);
}

static int complain(const struct cli_command *c, const char *what, const char *text)
{
	fprintf(stderr, "ftphealth %s: %s: %s\n", c->name, text, what);
	print_usage(c, stderr);
	return EX_USAGE;
}

static int parse_rows(struct cli_view *v, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > ROWS_MAX)
		return complain(v->command, "write a number of rows from 1 to 1000000", text);
	v->rows = (uint32_t)n;
	return -1;
}

static int parse_since(struct cli_view *v, const char *text)
{
	if (!cli_parse_since(text, v->now, &v->since))
		return complain(v->command,
			"write an age, such as 90s, 1h or 2d, or a time, such as 2026-11-22 or "
			"'2026-11-22 14:00'",
			text);
	return -1;
}

/* How OPTION is written when C does not take it, else NULL. */
static const char *foreign_option(const struct cli_command *c, int option)
{
	const struct {
		int option;
		const char *name;
		bool taken;
	} rows[] = {
		{ OPT_JSON, "--json", !c->page },
		{ OPT_NO_HEADER, "--no-header", !c->page },
		{ OPT_HTML, "--html", c->page },
		{ 'o', "--output", c->page },
		{ OPT_FAILING, "--failing", c->failing },
		{ 'n', "-n", c->limit },
		{ OPT_SINCE, "--since", c->since },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].option == option && !rows[i].taken)
			return rows[i].name;
	return NULL;
}

/* Takes one option. Returns -1 to go on, or the exit code. */
static int parse_option(int option, struct cli_view *v, struct options *o)
{
	const struct cli_command *c = v->command;

	switch (option) {
	case OPT_JSON:
		v->json = true;
		return -1;
	case OPT_NO_HEADER:
		v->look.header = false;
		return -1;
	case OPT_HTML:
		v->html = true;
		return -1;
	case 'o':
		v->output = strcmp(optarg, "-") == 0 ? NULL : optarg;
		return -1;
	case OPT_STORE:
		o->store = optarg;
		return -1;
	case 'c':
		o->config = optarg;
		return -1;
	case OPT_FAILING:
		v->failing = true;
		return -1;
	case 'n':
		return parse_rows(v, optarg);
	case OPT_SINCE:
		return parse_since(v, optarg);
	case 'h':
		print_usage(c, stdout);
		printf("\n%s%s%s", c->help, c->page ? "" : table_help, common_help);
		return EX_OK;
	default:
		print_usage(c, stderr);
		return EX_USAGE;
	}
}

static int parse(int argc, char **argv, struct cli_view *v, struct options *o)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, OPT_JSON },
		{ "no-header", no_argument, NULL, OPT_NO_HEADER },
		{ "store", required_argument, NULL, OPT_STORE },
		{ "config", required_argument, NULL, 'c' },
		{ "failing", no_argument, NULL, OPT_FAILING },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "html", no_argument, NULL, OPT_HTML },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, r;

	while ((option = getopt_long(argc, argv, "c:n:o:h", longs, NULL)) != -1) {
		const char *foreign = foreign_option(v->command, option);

		r = foreign ? complain(v->command, "no option of this command", foreign)
			    : parse_option(option, v, o);
		if (r >= 0)
			return r;
	}
	v->names = argv + optind;
	v->n_names = (size_t)(argc - optind);
	if (v->n_names < v->command->names_min || v->n_names > v->command->names_max) {
		print_usage(v->command, stderr);
		return EX_USAGE;
	}
	if (v->command->page && !v->html) {
		fprintf(stderr,
			"ftphealth %s: say --html; for a terminal there is `ftphealth status`\n",
			v->command->name);
		print_usage(v->command, stderr);
		return EX_USAGE;
	}
	if (v->rows == 0)
		v->rows = v->since ? UINT32_MAX : v->command->rows;
	return -1;
}

/* ------------------------------------------------------------------ the terminal */

/* The terminal's width, 0 for a pipe. */
static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return columns && atoi(columns) > 0 ? (unsigned)atoi(columns) : 80;
}

/* Colour is for terminals that have it and people who want it (no-color.org). */
static bool wants_colour(void)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0 &&
		!(no_color && *no_color);
}

/* ------------------------------------------------------------------ the store */

static int find_store(const struct cli_view *v, const struct options *o, char **ret)
{
	char why[WHY_SIZE];
	int r;

	if (o->store) {
		*ret = strdup(o->store);
		return *ret ? -1 : EX_OSERR;
	}
	r = cli_store_path(o->config ? o->config : DEFAULT_CONFIG, ret, why, sizeof(why));
	/* A default that is not there, or not for everybody's eyes, is left to its own default. */
	if (r < 0 && r != -EINVAL && !o->config) {
		*ret = strdup(CLI_STORE_DEFAULT);
		r = *ret ? 0 : -ENOMEM;
	}
	if (r == -EINVAL)
		fprintf(stderr, "ftphealth %s: %s; mend it, or name the store with --store PATH\n",
			v->command->name, why);
	else if (r < 0)
		fprintf(stderr,
			"ftphealth %s: cannot read %s: %s; or name the store with --store PATH\n",
			v->command->name, o->config ? o->config : DEFAULT_CONFIG, strerror(-r));
	if (r >= 0)
		return -1;
	return r == -EINVAL ? EX_CONFIG : EX_NOINPUT;
}

static int exit_code(int r)
{
	switch (r) {
	case -ENOENT:
	case -EACCES:
		return EX_NOINPUT;
	case -ENOMEM:
		return EX_OSERR;
	case -EBUSY:
		return EX_TEMPFAIL;
	default:
		return EX_IOERR;
	}
}

int cli_view_begin(int argc, char **argv, const struct cli_command *command, struct cli_view *ret)
{
	struct cli_view v = { .command = command,
		.now = now_usec(CLOCK_REALTIME),
		.look = { .header = true, .width = terminal_width(), .colour = wants_colour() } };
	_cleanup_(freep) char *path = NULL;
	struct options o = { 0 };
	char why[WHY_SIZE];
	int r;

	r = parse(argc, argv, &v, &o);
	if (r < 0)
		r = find_store(&v, &o, &path);
	if (r >= 0)
		return r;
	r = store_view_open(path, &v.store, why, sizeof(why));
	if (r < 0) {
		fprintf(stderr, "ftphealth %s: %s\n", command->name, why);
		return exit_code(r);
	}
	*ret = v;
	return -1;
}

int cli_view_end(struct cli_view *v, int r, int code)
{
	char why[WHY_SIZE] = "";

	if (r < 0)
		store_view_explain(v->store, r, why, sizeof(why));
	v->store = store_view_close(v->store);
	if (r < 0) {
		fprintf(stderr, "ftphealth %s: %s\n", v->command->name, why);
		return exit_code(r);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "ftphealth %s: cannot write: %s\n", v->command->name,
			strerror(errno));
		return EX_IOERR;
	}
	return code;
}

int cli_view_no_target(struct cli_view *v, const char *name)
{
	fprintf(stderr,
		"ftphealth %s: there is no target %s; `ftphealth status` lists those there are\n",
		v->command->name, name);
	v->store = store_view_close(v->store);
	return EX_NOINPUT;
}

int cli_view_find(struct cli_view *v, const char *name, uint32_t *ret)
{
	int r = store_view_find(v->store, name, ret);

	if (r == 0)
		return -1;
	return r == -ENOENT ? cli_view_no_target(v, name) : cli_view_end(v, r, 0);
}
