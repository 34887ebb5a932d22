/* SPDX-License-Identifier: ISC */
/* What the parts of the store share. */
#ifndef FTPHEALTH_STORE_PRIVATE_H
#define FTPHEALTH_STORE_PRIVATE_H

#include <sqlite3.h>

#include "agent/store.h"

/* user_version of the file. */
enum { SCHEMA_VERSION = 3 };

/* Statements that are prepared once. */
enum store_slot {
	SLOT_NUMBER,
	SLOT_CONTROL,
	SLOT_TARGET,
	SLOT_ADMIN,
	SLOT_SYNC,
	SLOT_STATE,
	SLOT_NO_STATE,
	SLOT_ALARM,
	SLOT_NO_ALARM,
	SLOT_EVENT,
	SLOT_OLD_EVENTS,
	SLOT_NOTICE,
	SLOT_NO_NOTICE,
	SLOT_PROBE,
	SLOT_PROBES_BEYOND,
	SLOT_OLD_PROBES,
	SLOT_END
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[SLOT_END];
	bool durable;  /* PRAGMA synchronous is FULL, else NORMAL */
	int log_pages; /* in the write-ahead log after the latest commit */
};

/* The errno of a result of SQLite. */
int store_errno(int code);
int store_execute(struct store *s, const char *sql);

/* Runs SQL, which gives one row of one number. */
int store_ask(struct store *s, const char *sql, int64_t *ret);

/* Brings the file to the present schema from VERSION, in one transaction. */
int store_migrate(struct store *s, int64_t version);

/* FtpAuthKind of an alarm, and back (ALARM_END: none of ours). */
int store_kind_number(enum alarm_kind kind);
enum alarm_kind store_kind(int64_t number);

#endif
