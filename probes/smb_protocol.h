/* SPDX-License-Identifier: ISC */
/*
 * What is said between the program ftphealth-smb and the one that runs it. Pure.
 *
 * The request comes by standard input and ends with the end of file; the answer goes to standard
 * output. Each is one JSON object; a key that is not listed is an error.
 *
 *   request  {"version":1, "control":URL, "files":[URL, ...], "timeLimit":MILLISECONDS,
 *             "byteLimit":OCTETS, "minProtocol":"NT1", "maxProtocol":"SMB3", "ntlmv1":false,
 *             "domain":"", "netrc":"/PATH", "credential":"NAME"}
 *   answer   {"version":1, "control":FILE, "files":[FILE, ...]}
 *   FILE     {"state":"present", "size":OCTETS, "mtime":SECONDS, "sha256":HEX, "reason":TEXT}
 *
 * The first five keys of a request are required. All URLs are on one share, so that the control
 * file speaks for the others. No secret is in it: the user, the password and possibly the domain
 * are in the netrc file, or in the systemd credential of that name, which has the same format;
 * without either the session is anonymous.
 * In an answer size and mtime stand together, when known; sha256 when all was read.
 */
#ifndef FTPHEALTH_SMB_PROTOCOL_H
#define FTPHEALTH_SMB_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/smb_url.h"

enum {
	SMB_FILES_MAX = 8,
	SMB_REQUEST_MAX = 65536, /* octets of a request */
	SMB_ANSWER_MAX = 8192,   /* octets of an answer with its newline */
	SMB_REASON_MAX = 160,    /* characters, printable ASCII */
	SMB_NAME_MAX = 255,      /* octets of a user, password, domain or credential's name */
	SMB_NETRC_MAX = 1023,    /* octets of a file name */
	SMB_WHY_SIZE = 256,
	SMB_TIME_LIMIT_MIN_MS = 100,
	SMB_TIME_LIMIT_MAX_MS = 600000,
};

enum smb_protocol { SMB_NT1, SMB_SMB2, SMB_SMB3, SMB_PROTOCOLS };

struct smb_request {
	struct smb_url control; /* a file that is surely there, for instance system32/msv1_0.dll */
	struct smb_url files[SMB_FILES_MAX];
	size_t n_files; /* at least 1 */
	uint32_t time_limit_ms;
	uint64_t byte_limit; /* a larger file is not read, so has no SHA-256; 0 = none is */
	enum smb_protocol min, max;
	bool ntlmv1;                   /* for servers before NT 4 SP4, that know nothing better */
	char domain[SMB_NAME_MAX + 1]; /* when the credentials name none */
	char netrc[SMB_NETRC_MAX + 1]; /* absolute; at most one of these two */
	char credential[SMB_NAME_MAX + 1];
};

enum smb_state {
	SMB_UNKNOWN, /* not found, but neither was the control file: this says nothing */
	SMB_PRESENT,
	SMB_ABSENT, /* not found, and the control file was read before and found again after */
	SMB_ACCESS_DENIED,
	SMB_SHARE_MISSING,
	SMB_WRONG_PASSWORD, /* or a user who may not log on; the reason has the server's status */
	SMB_UNREACHABLE,
	SMB_TIMEOUT,
	SMB_FAILED,
	SMB_STATES
};

struct smb_file {
	enum smb_state state;
	bool has_stat;
	uint64_t size;                   /* octets */
	int64_t mtime;                   /* seconds since 1970 */
	char sha256[65];                 /* lower case; "" when not all was read */
	char reason[SMB_REASON_MAX + 1]; /* "" when the state says all */
};

struct smb_answer {
	struct smb_file control;
	struct smb_file files[SMB_FILES_MAX]; /* in the order of the request */
	size_t n_files;
};

/* As in requests and answers; static. */
const char *smb_state_label(enum smb_state state);
const char *smb_protocol_label(enum smb_protocol protocol);

/* The number of LABEL, or -EINVAL. */
int smb_protocol_from_label(const char *label);

/* R with the defaults: NT1 to SMB3, 30 s, 16 MiB. */
void smb_request_init(struct smb_request *r);

/* R as JSON in fresh memory; the caller frees it. Returns 0 or -ENOMEM. */
int smb_request_write(const struct smb_request *r, char **ret);

/* Reads a request. Returns 0, or -EINVAL and in WHY what is wrong, in printable ASCII. */
int smb_request_parse(
	const char *text, size_t len, struct smb_request *ret, char why[SMB_WHY_SIZE]);

/* A as JSON and a newline into DST, which holds any answer. Returns its length, or -ENOMEM. */
int smb_answer_write(const struct smb_answer *a, char dst[SMB_ANSWER_MAX]);

/* Reads the answer to a request with N_FILES files. One that contradicts itself is refused: an
 * absent file without a control file that is present, a hash of a file without a size. Returns 0,
 * or -EBADMSG and in WHY what is wrong, in printable ASCII. */
int smb_answer_parse(const char *text, size_t len, size_t n_files, struct smb_answer *ret,
	char why[SMB_WHY_SIZE]);

#endif
