/* SPDX-License-Identifier: ISC */
/*
 * What is said between the programs that fetch evidence (ftphealth-fetch, ftphealth-smb) and the
 * one that runs them. Pure.
 *
 * The request comes by standard input and ends with the end of file; the answer goes to standard
 * output. Each is one JSON object; a key that is not listed is an error.
 *
 *   request  {"version":1, "control":URL, "files":[URL, ...], "timeLimit":MILLISECONDS,
 *             "byteLimit":OCTETS, "contents":false, "tail":false, "head":false,
 *             "minProtocol":"NT1", "maxProtocol":"SMB3", "ntlmv1":false, "domain":"",
 * "netrc":"/PATH", "credential":"NAME"} answer   {"version":1, "control":FILE, "files":[FILE, ...],
 * "contents":OCTETS} FILE     {"state":"present", "size":OCTETS, "mtime":SECONDS, "sha256":HEX,
 * "reason":TEXT}
 *
 * "version", "files", "timeLimit" and "byteLimit" are required. No secret is in a request: user,
 * password and possibly the domain are in the netrc file, or in the systemd credential of that
 * name, which has the same format; without either the session is anonymous. Without "control" no
 * file is ever "absent", only "unknown".
 * In an answer size and mtime stand together, when known; sha256 when all was read. With "contents"
 * in the request there is one file; when it was read, the answer has "contents", and its line is
 * followed by exactly so many octets of the file. A file that is there but could not be read is
 * then "failed", "accessDenied" or such, never "present".
 */
#ifndef FTPHEALTH_FETCH_PROTOCOL_H
#define FTPHEALTH_FETCH_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FETCH_FILES_MAX = 8,
	FETCH_REQUEST_MAX = 65536, /* octets of a request */
	FETCH_ANSWER_MAX = 8192,   /* octets of an answer's line with its newline */
	FETCH_REASON_MAX = 160,    /* characters, printable ASCII */
	FETCH_URL_MAX = 2047,      /* octets of a URL or path */
	FETCH_NAME_MAX = 255,      /* octets of a user, password, domain or credential's name */
	FETCH_PATH_MAX = 1023,     /* octets of a netrc file's name */
	FETCH_WHY_SIZE = 256,
	FETCH_TIME_LIMIT_MIN_MS = 100,
	FETCH_TIME_LIMIT_MAX_MS = 600000,
	FETCH_BYTES_DEFAULT = 16 * 1024 * 1024,
	FETCH_CONTENTS_MAX = 64 * 1024 * 1024, /* largest byte limit with contents */
	FETCH_HEAD_MAX = 8192,                 /* octets of a head: whole lines */
};

enum smb_protocol { SMB_NT1, SMB_SMB2, SMB_SMB3, SMB_PROTOCOLS };

struct fetch_request {
	const char *control; /* a file that is surely there, for instance system32/msv1_0.dll; NULL
				= none */
	const char *files[FETCH_FILES_MAX]; /* absolute paths or URLs */
	size_t n_files;                     /* at least 1 */
	uint32_t time_limit_ms;
	uint64_t byte_limit; /* a larger file is not read: it has no SHA-256, and no contents */
	bool contents;       /* send the octets of the one file */
	bool tail;           /* of a larger file the last byte_limit octets are the contents */
	bool head; /* before such a tail the file's first lines: FETCH_HEAD_MAX, at most */
	/* SMB alone */
	enum smb_protocol min, max;
	bool ntlmv1;        /* for servers before NT 4 SP4, that know nothing better */
	const char *domain; /* when the credentials name none; NULL or "" = none */
	/* at most one of these two; NULL = none */
	const char *netrc; /* absolute */
	const char *credential;
};

/* One state of a file, its label. */
/* clang-format off */
#define FETCH_STATES_(X) \
	X(UNKNOWN,        "unknown")       /* not found, but neither was a control file: says nothing */ \
	X(PRESENT,        "present") \
	X(ABSENT,         "absent")        /* not found; the control file was read before and found after */ \
	X(ACCESS_DENIED,  "accessDenied") \
	X(SHARE_MISSING,  "shareMissing") \
	X(WRONG_PASSWORD, "wrongPassword") /* or a user who may not log on; the reason tells */ \
	X(UNREACHABLE,    "unreachable") \
	X(TIMEOUT,        "timeout") \
	X(FAILED,         "failed")        /* no regular file, too large, a broken answer ... */
/* clang-format on */

enum fetch_state {
#define FETCH_ENUMERATOR(symbol, label) FETCH_##symbol,
	FETCH_STATES_(FETCH_ENUMERATOR)
#undef FETCH_ENUMERATOR
		FETCH_STATES
};

struct fetch_file {
	enum fetch_state state;
	bool has_stat;
	uint64_t size;                     /* octets */
	int64_t mtime;                     /* seconds since 1970; 0 = not known */
	char sha256[65];                   /* lower case; "" when not all was read */
	char reason[FETCH_REASON_MAX + 1]; /* "" when the state says all */
};

struct fetch_answer {
	struct fetch_file control; /* state FETCH_UNKNOWN when the request had none */
	struct fetch_file files[FETCH_FILES_MAX]; /* in the order of the request */
	size_t n_files;
	bool has_contents;
	const char *contents; /* borrowed from the text that was parsed */
	size_t contents_len;
};

/* As in requests and answers; static. */
const char *fetch_state_label(enum fetch_state state);
const char *smb_protocol_label(enum smb_protocol protocol);

/* R with the defaults: NT1 to SMB3, 30 s, 16 MiB; no file. */
void fetch_request_init(struct fetch_request *r);

/* How many octets the contents may be; 0 when none are asked for. */
uint64_t fetch_contents_max(const struct fetch_request *r);

/* R, whose strings are UTF-8, as JSON in fresh memory; the caller frees it. Returns 0 or -ENOMEM.
 */
int fetch_request_write(const struct fetch_request *r, char **ret);

/* Reads a request; its strings are owned by *RET_STORAGE, which the caller frees with
 * fetch_request_done(). Returns 0, or -EINVAL and in WHY what is wrong, in printable ASCII. */
int fetch_request_parse(const char *text, size_t len, struct fetch_request *ret, void **ret_storage,
	char why[FETCH_WHY_SIZE]);
void fetch_request_done(void *storage);

/* The line of A and its newline into DST, which holds any. CONTENTS_LEN octets will follow when
 * a->has_contents. Returns its length, or -ENOMEM. */
int fetch_answer_write(const struct fetch_answer *a, char dst[FETCH_ANSWER_MAX]);

/* Reads the answer to a request R, the line and what follows. One that contradicts itself or the
 * request is refused: an absent file without a control file that is present, a hash of a file
 * without a size, contents that were not asked for, or missing for a file that is present, too few
 * or too many octets. Returns 0, or -EBADMSG and in WHY what is wrong, in printable ASCII. */
int fetch_answer_parse(const char *text, size_t len, const struct fetch_request *r,
	struct fetch_answer *ret, char why[FETCH_WHY_SIZE]);

/* True for smb://, which ftphealth-smb fetches; everything else is ftphealth-fetch's. */
bool fetch_is_smb(const char *url);

#endif
