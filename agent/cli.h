/* SPDX-License-Identifier: ISC */
/* The subcommands of ftphealth. */
#ifndef FTPHEALTH_CLI_H
#define FTPHEALTH_CLI_H

/* ftphealth check HOST[:PORT]: one probe now. Returns the exit code of a monitoring plugin: 0 ok, 1
 * warning, 2 critical, 3 unknown; or 64 for a bad command line. */
int cli_check(int argc, char **argv);

#endif
