/* SPDX-License-Identifier: ISC */
/* ftphealth: the command for the shell. One row a subcommand. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "agent/cli.h"
#include "common/log.h"
#include "common/util.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "check", cli_check, "log in to one server once and say what came" },
	{ "status", cli_status, "the present state of the targets, from the daemon's store" },
	{ "history", cli_history, "the latest probes of a target, with a plot" },
	{ "alarms", cli_alarms, "the alarms that are open" },
	{ "events", cli_events, "what happened" },
	{ "report", cli_report, "the state of the targets as a page for a browser" },
};

static void print_usage(FILE *f)
{
	fprintf(f, "usage: ftphealth COMMAND [ARGUMENT...]\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-8s %s\n", commands[i].name, commands[i].summary);
	fprintf(f, "ftphealth COMMAND --help tells more. See ftphealth(1).\n");
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	log_init("ftphealth", false);
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		print_usage(stdout);
		return EX_OK;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		puts(PACKAGE_STRING);
		return EX_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (*name)
		fprintf(stderr, "ftphealth: unknown command: %s\n", name);
	print_usage(stderr);
	return EX_USAGE;
}
