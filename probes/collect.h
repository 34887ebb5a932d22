/* SPDX-License-Identifier: ISC */
/*
 * Collecting evidence on one server: all its items at the same time, each by a program of its own
 * that is given up when its time is over. What an item finds goes into its facts; what it cannot
 * find out is its result, and never changes the facts of another.
 */
#ifndef FTPHEALTH_COLLECT_H
#define FTPHEALTH_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "probes/evidence.h"
#include "probes/fetch_protocol.h"

enum {
	EVIDENCE_REASON_MAX = 160, /* characters, printable ASCII */
	EVIDENCE_PATH_MAX = 128,
	EVIDENCE_MODULES_MAX = 4, /* paths of the module that are tried */
};

/* One item of evidence: symbol, key of the configuration and of JSON, words. */
/* clang-format off */
#define EVIDENCE_ITEMS_(X) \
	X(MODULE,  "module",  "sub-authentication module") \
	X(SETTING, "setting", "settings of the FTP site") \
	X(LOG,     "log",     "FTP log") \
	X(SNMP,    "snmp",    "services and counters by SNMP")
/* clang-format on */

enum evidence_item {
#define ITEM_ENUMERATOR(symbol, key, words) ITEM_##symbol,
	EVIDENCE_ITEMS_(ITEM_ENUMERATOR)
#undef ITEM_ENUMERATOR
		EVIDENCE_ITEMS
};

/* Static; for a person, and as a key. */
const char *evidence_item_key(enum evidence_item item);
const char *evidence_item_words(enum evidence_item item);

/* FtpAuthEvidenceResult, FtpAuthPresence, FtpAuthSetting: labels as published; NULL for a number
 * that is in no list. */
const char *evidence_result_label(unsigned result);
const char *presence_label(unsigned presence);
const char *setting_label(unsigned setting);

/* Where evidence on one server is found. An absolute path, smb://, or another URL that libcurl
 * reads; what stands in braces is replaced: {host} and {name} were already, {%...} is a date
 * (strftime, UTC) at the moment of collecting. Strings are owned by whoever made it; NULL or "" =
 * not configured. */
struct evidence_source {
	char *module[EVIDENCE_MODULES_MAX];
	size_t n_module;
	char *control; /* a file beside the module that is surely there */
	char *setting_url;
	uint32_t setting_format; /* number of the format, see document.h */
	uint32_t site;           /* number of the FTP site; default 1 */
	char *log_url;
	char *log_client; /* our address as the server sees it; or NULL */
	char *snmp_agent;
	char *snmp_file, *snmp_credential;
	char *netrc, *credential, *domain;
	uint32_t min_protocol, max_protocol; /* enum smb_protocol; default NT1, SMB3 */
	bool ntlmv1;
	uint64_t interval_usec; /* default 1 h */
	uint64_t timeout_usec;  /* of each item; default 30 s */
	uint64_t max_age_usec;  /* older documents and facts are not believed; default 1 d */
};

/* True when ITEM is configured in S (NULL: none is). */
bool evidence_source_has(const struct evidence_source *s, enum evidence_item item);

/* What is known of one item. Times in microseconds of CLOCK_REALTIME; 0 = never. */
struct evidence_state {
	enum evidence_result result;          /* of the latest collection; 0 = never */
	char reason[EVIDENCE_REASON_MAX + 1]; /* why it is not ok; "" when it is */
	uint64_t time;                        /* of the latest collection, good or not */
	uint64_t good_time;                   /* of the facts */
	struct evidence facts;                /* of the latest good one */
};

/* All that is known of one server from its own side. Zero-initialised: nothing. */
struct collected {
	struct evidence_state items[EVIDENCE_ITEMS];
	char module_path[EVIDENCE_PATH_MAX + 1]; /* where the module is, or was looked for first */
	char module_sha256[65];                  /* "" when not known */
	int64_t module_mtime;                    /* seconds since 1970; 0 = not known */
	/* SNMP: the figures of the round before */
	bool has_counters, has_up_time;
	uint32_t up_time; /* hundredths of a second */
	uint32_t anonymous_users, named_users, logon_attempts;
	uint32_t own_attempts; /* logins of ours at that time */
	/* the latest known value of synchronization, and since when: CLOCK_REALTIME, microseconds
	 */
	enum setting sync; /* 0 = never known */
	uint64_t sync_time;
};

/* The facts of all items together, as far as they are not older than MAX_AGE_USEC at NOW. */
struct evidence collected_evidence(const struct collected *c, uint64_t now, uint64_t max_age_usec);

/* True when synchronization is on and the module is missing: logins fail or will fail. */
bool evidence_is_latent(const struct evidence *e);

struct collect;

/* What our own login looks like to the server. Borrowed for the run. */
struct collect_context {
	const char *password;  /* that our probe gives: an e-mail address */
	uint32_t own_attempts; /* logins of ours so far */
};

/* Called once, from the loop, when all items have ended: NOW is the state with the round folded in;
 * it lives during the call. */
typedef void (*collect_done)(void *userdata, const struct collected *now);

/* Collects all items of SOURCE (borrowed for the run), going on from BEFORE (copied). Returns 0 or
 * -errno; an item that cannot be begun is a result, not an error. */
int collect_start(sd_event *event, const struct evidence_source *source,
	const struct collect_context *context, const struct collected *before, collect_done done,
	void *userdata, struct collect **ret);

/* Gives the round up; DONE is not called. Takes NULL; returns NULL. */
struct collect *collect_end(struct collect *c);

#endif
