/* SPDX-License-Identifier: ISC */
/* The subcommands of ftphealth. */
#ifndef FTPHEALTH_CLI_H
#define FTPHEALTH_CLI_H

/* ftphealth check HOST[:PORT]: one probe now. Returns the exit code of a monitoring plugin: 0 ok, 1
 * warning, 2 critical, 3 unknown; or 64 for a bad command line. */
int cli_check(int argc, char **argv);

/* What the daemon knows, from its store. Exit codes: 0 (status: that of the worst target shown, as
 * above); 64 bad command line, 66 no store or no such target, 74 bad store, 78 bad configuration.
 */
int cli_status(int argc, char **argv);
int cli_history(int argc, char **argv);
int cli_alarms(int argc, char **argv);
int cli_events(int argc, char **argv);
int cli_report(int argc, char **argv);

#endif
