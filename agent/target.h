/* SPDX-License-Identifier: ISC */
/* One watched server: identity, present state, timing, counters, its alarms; and the set of them.
 */
#ifndef FTPHEALTH_TARGET_H
#define FTPHEALTH_TARGET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/alarm.h"
#include "agent/config.h"
#include "agent/health.h"
#include "agent/policy.h"
#include "agent/record.h"
#include "probes/collect.h"
#include "probes/decision.h"
#include "probes/observation.h"

enum {
	TARGET_REPLY_MAX = 160,
	TARGET_BANNER_MAX = 255,
	TARGET_SOFTWARE_MAX = 64,
	TARGET_SUMMARY_MAX = 255,
	TARGET_INDEX_MAX = 2147483647 /* of ftpAuthTargetIndex */
};

/* Counters by outcome; one array, so that their sum is the number of attempts. */
struct target_counts {
	uint32_t outcome[OUTCOME_END];
	uint32_t state_changes;
	uint32_t alarms_raised;
	uint64_t ok_usec;    /* sum of the total time of good probes */
	uint64_t since_usec; /* CLOCK_MONOTONIC at the latest discontinuity: creation of the target
			      */
};

/* How far an order to probe a target has been carried out. */
enum probe_order {
	PROBE_ORDER_NONE,
	PROBE_ORDER_TAKEN, /* no probe has begun since */
	PROBE_ORDER_BEGUN,
};

/* What follows its logins. */
struct target_session {
	struct session_facts facts; /* of the latest probe that got so far */
	uint64_t time;              /* of its end */
	bool bad; /* the server fails, as far as is known: a failure of our own says nothing */
};

/* A target. The main thread writes under the registry's lock and reads without; other threads read
 * under the lock. What a SET writes (admin, probe_now, the registry's settings) is read under the
 * lock by all. Text is printable ASCII (text_escape), NULL when empty. Times: *_usec of
 * CLOCK_MONOTONIC, *_time in microseconds of CLOCK_REALTIME; 0 = never. */
struct target {
	uint32_t index;              /* ftpAuthTargetIndex: never reused */
	struct target_config config; /* owned */

	struct health health;
	enum diagnosis diagnosis;
	uint8_t confidence;
	const char *rule;                      /* that decided the diagnosis; static, NULL before */
	const char *remedy, *reference;        /* of the diagnosis; static, NULL before */
	enum outcome outcome;                  /* of the latest probe; 0 before the first */
	enum stage failed_stage;               /* STAGE_NONE when the latest probe was good */
	int reply_code, user_code;             /* of the latest probe; 0 when none */
	char *reply_text, *user_text, *banner; /* of the latest probe; banner: latest one seen */
	char *software;                        /* product and version that the banner tells */
	int family;
	uint8_t address[16]; /* of the latest probe, 4 or 16 octets as family says */
	uint32_t stage_usec[STAGE_END];
	uint32_t total_usec;

	uint64_t change_usec, change_time; /* of the present state */
	uint64_t probe_usec, probe_time;   /* end of the latest probe */
	uint64_t ok_usec, ok_time;         /* end of the latest good probe */
	uint64_t failed_usec, failed_time; /* end of the latest failed probe */
	struct target_counts counts;
	struct target_alarms alarms;
	struct policy_target policy;
	enum admin admin;    /* as managers see it; 0 counts as enabled; SETs change it at once */
	enum admin ordered;  /* and as it is carried out; the main thread's own */
	bool flapping, held; /* notifications are held back: it changes too often, or any reason */
	bool probe_now;      /* a probe was ordered and has not ended yet */
	enum probe_order probe_order; /* the main thread's own */
	uint32_t n_probes;            /* ended; number of the latest row of its history */
	uint32_t outage_mark;
	struct observation *doubted; /* a failure that may be our own; owned */

	bool moved;          /* the latest configuration changed where or as whom it is probed */
	bool asks_old;       /* a probe under way asks as was configured before */
	struct watch *watch; /* the scheduler's side of it; owned by the scheduler */

	struct tls_facts *tls; /* of the latest certificate seen; owned, NULL before or without */
	struct target_session *session; /* what followed the latest login that worked; owned, NULL
					   before or without */
	/* Probes that speak against what these alarms say. */
	uint32_t certificate_streak, session_streak;

	struct collected *evidence;    /* owned; NULL when none is configured */
	struct observation *last;      /* the latest probe, kept when there is evidence; owned */
	struct collection *collection; /* the collector's side of it; owned by the collector */
};

/* All targets, their totals and the agent's own scalars: what SNMP publishes. */
struct registry {
	pthread_mutex_t lock;     /* held for microseconds only: never across I/O */
	struct target **by_index; /* sorted by index */
	struct target **by_name;  /* sorted by length of the name, then its octets (SMI order) */
	size_t n_targets;
	struct target **with_evidence; /* those for which evidence is configured; sorted by index */
	size_t n_with_evidence;
	struct target **with_tls; /* those with which TLS is spoken; sorted by index */
	size_t n_with_tls;
	struct target **with_session; /* those with something to follow the login; likewise */
	size_t n_with_session;
	uint32_t next_index;
	uint32_t totals[STATE_END];           /* targets in each state */
	uint32_t n_flapping;                  /* targets that flap */
	struct event_ring events;             /* the latest */
	struct alarm_list alarms;             /* that are open */
	struct policy_settings settings;      /* of notifications; a manager may change them */
	uint64_t change_usec, change_time;    /* latest change of any target's state or diagnosis */
	uint64_t table_change_usec;           /* latest row created or deleted */
	char summary[TARGET_SUMMARY_MAX + 1]; /* cache of ftpAuthSummaryText */
	bool summary_stale;
	struct agent_facts {
		enum agent_state {
			AGENT_STARTING = 1,
			AGENT_RUNNING,
			AGENT_IMPAIRED,
			AGENT_STOPPING
		} state;
		uint64_t start_time, start_usec;
		enum config_result { CONFIG_OK = 1, CONFIG_PARTIAL, CONFIG_REJECTED } config_result;
		char config_error[256]; /* printable ASCII */
		uint64_t config_time;
		uint32_t config_loads;
		uint32_t probes_active, probes_queued;
		uint32_t schedule_lag_ms;
		uint32_t longest_stall_ms, stalls; /* of the main loop: stall.h */
		uint32_t notify_sent, notify_damped, notify_pending, notify_retried, notify_dropped;
		uint32_t master_reconnects;
		uint32_t store_waiting; /* records not written yet */
		uint64_t store_time;    /* latest good transaction */
		bool outage;            /* our own network fails */
	} facts;
};

int registry_new(struct registry **ret);
struct registry *registry_free(struct registry *r);

enum { REGISTRY_WHY_SIZE = 256 };

/* The set of targets becomes that of a configuration in two steps, for there may be many. Targets
 * of the same name stay with all they know; new ones start in STATE_UNKNOWN (or STATE_DISABLED).
 * registry_plan() compares: it reads nothing but what registry_commit() alone changes (names,
 * indexes, configurations), so it may run in a thread of its own while targets are probed; one plan
 * at a time. registry_commit() takes as long as there are targets that come, go or change.
 * Afterwards the plan and the configuration hold what is to be freed, but for `gone`, whose targets
 * are the caller's to free, with target_free(). */
struct registry_plan {
	struct target **gone; /* watched no more */
	size_t n_gone;
	struct target **changed; /* new, or configured otherwise; in the order of names */
	size_t n_changed;
	uint64_t longest_usec; /* timeout of all */

	/* the registry's own */
	struct target_config **configs; /* of `changed` */
	struct collected **fresh;       /* room for evidence of `changed` that begins anew */
	struct target **by_name, **by_index, **with_evidence, **with_tls, **with_session;
	size_t n, n_with_evidence, n_with_tls, n_with_session;
	size_t n_new;
	uint32_t next_index;
	bool committed;
};
int registry_plan(const struct registry *r, struct config *config, struct registry_plan **ret,
	char why[REGISTRY_WHY_SIZE]);
void registry_commit(struct registry *r, struct registry_plan *p);
struct registry_plan *registry_plan_free(struct registry_plan *p);

/* A target that nobody knows yet. */
struct target *target_new(void);

/* The order of string indexes in a table (RFC 2578 section 7.7): the length comes first. */
int target_name_compare(const char *a, const char *b);

/* Folds an observation into T (main thread). Returns true when the state changed; *RET_FROM is then
 * the state before. */
bool registry_observe(
	struct registry *r, struct target *t, const struct observation *o, enum state *ret_from);

/* N probes of T were not begun in their turn (main thread). */
void registry_skip(struct registry *r, struct target *t, uint32_t n);

/* The results of T are too old to say anything. Returns true when the state changed; *RET_FROM is
 * then the state before. */
bool registry_expire(struct registry *r, struct target *t, enum state *ret_from);

/* Takes the order to probe T (main thread): none for one that is disabled. */
void registry_order_probe(struct registry *r, struct target *t);

/* A probe of T has ended (main thread): also the order, when it was begun after that. */
void registry_end_order(struct registry *r, struct target *t);

/* Switches T on or off: it begins anew. Returns false when it was so already. The caller has closed
 * its alarms. */
bool registry_set_enabled(struct registry *r, struct target *t, bool enabled);

/* Returns true when that is news. */
bool registry_set_flapping(struct registry *r, struct target *t, bool flapping);

/* Takes over what a round of collecting found out on T (main thread), and decides anew on a refused
 * login. Returns true when synchronization is now known to be another than *RET_FROM, which is 0
 * when nothing was known before. */
bool registry_collect(
	struct registry *r, struct target *t, const struct collected *now, enum setting *ret_from);

/* The text of ftpAuthSummaryText; the caller holds the lock. */
const char *registry_summary(struct registry *r);

/* The target of a name or NULL (main thread, or under the lock). */
struct target *registry_find(const struct registry *r, const char *name);

/* The target of an index or NULL (likewise). */
struct target *registry_by_index(const struct registry *r, uint32_t index);

/* One line on a target, ready for a plugin: "CRITICAL - ftp1: 530 User ... cannot log in." */
void target_text(const struct target *t, char *buffer, size_t size);

/* Folds an observation, what its words mean and what was decided on it into T alone. Returns true
 * when the state changed. The caller holds the lock. */
bool target_observe(struct target *t, const struct observation *o,
	const struct classification *words, const struct decision *decision,
	bool *ret_diagnosis_changed);

/* Takes over diagnosis, confidence, remedy, reference. The caller holds the lock. */
void target_decide(struct target *t, const struct decision *decision);

/* What is known of T from its own side now. Main thread, or under the lock. */
struct evidence target_evidence(const struct target *t);

/* True when the certificate of T ends within the days of which it is to be told. */
bool target_certificate_ends(const struct target *t, uint64_t time);

/* A target that is switched on or off begins anew. The caller holds the lock. */
void target_set_enabled(struct target *t, bool enabled);

/* Its state is another from now on. The caller holds the lock. */
void target_note_state(struct target *t);

/* What the store keeps of a probe of T that has just ended, and of T. */
void target_record(
	const struct target *t, struct probe_record *ret_probe, struct state_record *ret_state);

/* Likewise, when its state has changed without a probe. */
void target_record_state(const struct target *t, struct state_record *ret);

/* Drops the copy of the latest observation. */
void target_forget_last(struct target *t);

struct target *target_free(struct target *t);

#endif
