/* SPDX-License-Identifier: ISC */
/* The tables of the store, and how those of earlier versions become them. */
#include "agent/store_private.h"

#include <errno.h>
#include <stdio.h>

#include "common/util.h"

/* Of each step the tables that it adds or changes. Version 1 is the first that was written. */
static const char *const steps[SCHEMA_VERSION + 1] = {
	[1] =
		/* every name that was ever watched, so that no index is given to another */
	"CREATE TABLE target ("
	" name TEXT PRIMARY KEY,"
	" idx INTEGER NOT NULL UNIQUE," /* ftpAuthTargetIndex */
	" host TEXT NOT NULL,"
	" port INTEGER NOT NULL"
	") WITHOUT ROWID;"
	"CREATE TABLE alarm (target INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" id INTEGER NOT NULL, PRIMARY KEY (target, kind)) WITHOUT ROWID;"
	/* those used last: sequence, alarm; and run and agent, see struct store_numbers */
	"CREATE TABLE number ("
	" name TEXT PRIMARY KEY,"
	" value INTEGER NOT NULL"
	") WITHOUT ROWID;",
	[2] =
		/* what was known last of password synchronization */
	"CREATE TABLE setting ("
	" target INTEGER PRIMARY KEY,"
	" sync INTEGER NOT NULL," /* FtpAuthSetting */
	" since INTEGER NOT NULL"
	");",
	[3] =
		/* 0: not in the configuration any more */
	"ALTER TABLE target ADD COLUMN watched INTEGER NOT NULL DEFAULT 1;"

	/* alarms that are open: ftpAuthAlarmTable. Those of before were all told; when they
	 * were raised was not kept, so they count from now on. */
	"ALTER TABLE alarm RENAME TO alarm_before;"
	"CREATE TABLE alarm ("
	" id INTEGER PRIMARY KEY,"
	" kind INTEGER NOT NULL," /* FtpAuthKind */
	" severity INTEGER NOT NULL,"
	" target INTEGER NOT NULL,"
	" name TEXT NOT NULL," /* of the target; '' = the agent */
	" time INTEGER NOT NULL,"
	" diagnosis INTEGER NOT NULL,"
	" reply_code INTEGER NOT NULL,"
	" text TEXT NOT NULL,"
	" remedy TEXT NOT NULL,"
	" told INTEGER NOT NULL" /* a notification has raised it and none cleared it */
	");"
	"INSERT OR REPLACE INTO alarm SELECT b.id, b.kind + 1,"
	" CASE b.kind WHEN 0 THEN 6 WHEN 1 THEN 5 ELSE 3 END, b.target, t.name,"
	" CAST(strftime('%s', 'now') AS INTEGER) * 1000000, 1, 0, '', '', 1"
	" FROM alarm_before AS b JOIN target AS t ON t.idx = b.target"
	" WHERE b.kind BETWEEN 0 AND 2;"
	"DROP TABLE alarm_before;"

	/* the latest events: ftpAuthEventTable */
	"CREATE TABLE event ("
	" seq INTEGER PRIMARY KEY," /* ftpAuthNotifySequence */
	" time INTEGER NOT NULL,"
	" kind INTEGER NOT NULL," /* last arc of the notification: 1 = ftpAuthLoginRefused */
	" severity INTEGER NOT NULL,"
	" from_state INTEGER NOT NULL,"
	" to_state INTEGER NOT NULL,"
	" alarm INTEGER NOT NULL," /* 0 = none */
	" target INTEGER NOT NULL,"
	" name TEXT NOT NULL,"
	" diagnosis INTEGER NOT NULL,"
	" reply_code INTEGER NOT NULL,"
	" text TEXT NOT NULL,"
	" sync_from INTEGER NOT NULL," /* FtpAuthSetting, 0 = does not apply */
	" count INTEGER NOT NULL,"     /* targets of a mass alarm, else 0 */
	" sent INTEGER NOT NULL"       /* 0: as no notification, it was damped */
	");"

	/* notifications that have not arrived yet, as notice_pack() makes them */
	"CREATE TABLE notice (sequence INTEGER PRIMARY KEY, packed BLOB NOT NULL);"

	/* the latest probes of each target: ftpAuthHistoryTable */
	"CREATE TABLE history ("
	" target INTEGER NOT NULL,"
	" number INTEGER NOT NULL," /* rises by one with each probe of the target */
	" time INTEGER NOT NULL,"   /* of its end */
	" outcome INTEGER NOT NULL,"
	" stage INTEGER NOT NULL,"
	" reply_code INTEGER NOT NULL,"
	" reply_text TEXT NOT NULL,"
	" total_usec INTEGER NOT NULL,"
	" state INTEGER NOT NULL," /* damped, after it */
	" diagnosis INTEGER NOT NULL,"
	" PRIMARY KEY (target, number)"
	") WITHOUT ROWID;"

	/* the present state of each target that is watched */
	"CREATE TABLE state ("
	" target INTEGER PRIMARY KEY,"
	" state INTEGER NOT NULL,"
	" outcome INTEGER NOT NULL," /* of the latest probe; 0 = none yet */
	" diagnosis INTEGER NOT NULL,"
	" confidence INTEGER NOT NULL," /* percent */
	" reply_code INTEGER NOT NULL,"
	" reply_text TEXT NOT NULL,"
	" total_usec INTEGER NOT NULL,"
	" fail_streak INTEGER NOT NULL,"
	" flapping INTEGER NOT NULL,"
	" admin INTEGER NOT NULL,"
	" since INTEGER NOT NULL,"
	" probe_time INTEGER NOT NULL,"
	" ok_time INTEGER NOT NULL,"
	" number INTEGER NOT NULL" /* of the latest row of its history */
	");"

	/* what a manager has set: ftpAuthControl (enabled, min_interval, repeat, heartbeat,
	 * storm; in seconds where it is time) and FtpAuthTargetAdmin */
	"CREATE TABLE control (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE admin (target INTEGER PRIMARY KEY, value INTEGER NOT NULL);",
};

int store_migrate(struct store *s, int64_t version)
{
	char stamp[48];
	int r = 0;

	if (version == SCHEMA_VERSION)
		return 0;
	r = store_execute(s, "BEGIN IMMEDIATE");
	if (r < 0)
		return r;
	for (int64_t step = version + 1; r >= 0 && step <= SCHEMA_VERSION; step++)
		r = store_execute(s, steps[step]);
	snprintf(stamp, sizeof(stamp), "PRAGMA user_version=%d", SCHEMA_VERSION);
	if (r >= 0)
		r = store_execute(s, stamp);
	return store_end(s, r);
}

/* FtpAuthKind has its own numbers: the enumeration may be ordered anew. */
static const struct {
	enum alarm_kind kind;
	int number;
} kinds[] = {
	{ ALARM_REFUSED, 1 },
	{ ALARM_UNREACHABLE, 2 },
	{ ALARM_AT_RISK, 3 },
	{ ALARM_CERTIFICATE, 5 },
	{ ALARM_MASS, 7 },
	{ ALARM_DEGRADED, 9 },
};

int store_kind_number(enum alarm_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].number;
	return 0;
}

enum alarm_kind store_kind(int64_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].number == number)
			return kinds[i].kind;
	return ALARM_END;
}
