/* SPDX-License-Identifier: ISC */
/* The parts of ftphealth-snmp: what a credential file says, and the one who asks by net-snmp. */
#ifndef FTPHEALTH_SNMP_ASK_H
#define FTPHEALTH_SNMP_ASK_H

#include <stddef.h>

enum {
	ASK_CREDENTIALS_MAX = 65536, /* octets of a credential file */
	ASK_WHY_SIZE = 256,
};

/* Starts net-snmp's library so that it reads and writes no file of the host. Call once. */
void ask_library_start(void);

/* Gives LEN octets of TEXT, in the format of snmp.conf(5), to the library, line by line; TEXT is
 * changed. Only the keys that say who asks are taken. Returns 0, or -EINVAL and in WHY the line and
 * what is wrong, without a word of the file. */
int ask_credentials_take(char *text, size_t len, char why[ASK_WHY_SIZE]);

/* Instead of a file: this community, with SNMPv2c. */
void ask_community_take(const char *community);

/* What was taken is complete: sets the defaults (SNMPv3 when there is a security name, else
 * SNMPv2c; community "public"). Gives the version as net-snmp's sessions have it. Returns 0, or
 * -EINVAL and in WHY what is missing. */
int ask_credentials_finish(long *ret_version, char why[ASK_WHY_SIZE]);

#endif
