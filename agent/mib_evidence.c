/* SPDX-License-Identifier: ISC */
/* ftpAuthEvidenceTable: what the server's own side shows, with a row for each target that has
 * evidence configured. */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "common/util.h"
#include "agent/mib_row.h"

/* Result and age of item I are the columns FIRST_ITEM + 2 * I and the one after it. */
enum { FIRST_ITEM = 16 };

/* What the evidence on T says, as far as it is fresh. */
static struct evidence facts_of(const struct target *t, uint64_t now_time)
{
	if (!t->evidence || !t->config.evidence)
		return (struct evidence){ 0 };
	return collected_evidence(t->evidence, now_time, t->config.evidence->max_age_usec);
}

/* What is known of an item that is configured and was collected; else NULL. A notification may be
 * about a target whose evidence is no longer configured. */
static const struct evidence_state *item_state(const struct target *t, enum evidence_item item)
{
	if (!t->evidence || !evidence_source_has(t->config.evidence, item))
		return NULL;
	return t->evidence->items[item].result ? &t->evidence->items[item] : NULL;
}

/* All good, some good, or the worst; they are numbered from good to bad. */
static MIB_GETTER(get_result)
{
	const struct target *t = row;
	unsigned configured = 0, good = 0, some = 0;
	enum evidence_result worst = EVIDENCE_NEVER;

	for (unsigned item = 0; item < EVIDENCE_ITEMS; item++) {
		const struct evidence_state *state = item_state(t, item);

		configured += evidence_source_has(t->config.evidence, item);
		if (!state)
			continue;
		good += state->result == EVIDENCE_OK;
		some += state->result == EVIDENCE_OK || state->result == EVIDENCE_PARTIAL;
		if (state->result > worst)
			worst = state->result;
	}
	ret->integer = (int32_t)worst;
	if (some > 0)
		ret->integer = good == configured ? EVIDENCE_OK : EVIDENCE_PARTIAL;
}

static MIB_GETTER(get_error)
{
	const struct target *t = row;

	ctx->scratch[0] = '\0';
	for (unsigned item = 0; ctx->scratch[0] == '\0' && item < EVIDENCE_ITEMS; item++) {
		const struct evidence_state *state = item_state(t, item);

		if (state && state->reason[0])
			snprintf(ctx->scratch, sizeof(ctx->scratch), "%s: %s",
				evidence_item_key(item), state->reason);
	}
	mib_set_text(column, ctx, ctx->scratch, ret);
}

/* The latest collection of any item. */
static uint64_t latest_time(const struct target *t)
{
	uint64_t latest = 0;

	for (unsigned item = 0; item < EVIDENCE_ITEMS; item++) {
		const struct evidence_state *state = item_state(t, item);

		if (state && state->time > latest)
			latest = state->time;
	}
	return latest;
}

static MIB_GETTER(get_time)
{
	mib_set_date(ctx, latest_time(row), ret);
}

static MIB_GETTER(get_age)
{
	mib_set_age(latest_time(row), ctx->now_time, ret);
}

/* Nothing found out is the same as unknown. */
static MIB_GETTER(get_module)
{
	struct evidence facts = facts_of(row, ctx->now_time);

	ret->integer = facts.module ? (int32_t)facts.module : PRESENCE_UNKNOWN;
}

static MIB_GETTER(get_sync)
{
	struct evidence facts = facts_of(row, ctx->now_time);

	ret->integer = facts.sync ? (int32_t)facts.sync : SETTING_UNKNOWN;
}

static MIB_GETTER(get_sync_changed)
{
	const struct target *t = row;
	struct evidence facts = facts_of(t, ctx->now_time);
	bool known = facts.sync == SETTING_ENABLED || facts.sync == SETTING_DISABLED;

	mib_set_date(ctx, known ? t->evidence->sync_time : 0, ret);
}

/* Of a path that is too long the end is worth more: it names the file. */
static MIB_GETTER(get_path)
{
	const struct target *t = row;
	const char *path = t->evidence ? t->evidence->module_path : "";
	size_t len = strlen(path), keep = column->max - strlen("...");

	if (len > column->max) {
		snprintf(ctx->scratch, sizeof(ctx->scratch), "...%s", path + len - keep);
		path = ctx->scratch;
	}
	mib_set_text(column, ctx, path, ret);
}

static MIB_GETTER(get_hash)
{
	const struct target *t = row;

	mib_set_text(column, ctx, t->evidence ? t->evidence->module_sha256 : NULL, ret);
}

static MIB_GETTER(get_web_service)
{
	static const enum presence presences[] = {
		[WEB_UNKNOWN] = PRESENCE_UNKNOWN,
		[WEB_RUNNING] = PRESENCE_PRESENT,
		[WEB_NOT_LISTED] = PRESENCE_MISSING,
		[WEB_ABSENT] = PRESENCE_MISSING,
	};

	ret->integer = (int32_t)presences[facts_of(row, ctx->now_time).web];
}

static MIB_GETTER(get_anonymous)
{
	struct evidence facts = facts_of(row, ctx->now_time);

	ret->integer = facts.anonymous ? (int32_t)facts.anonymous : SETTING_UNKNOWN;
}

static MIB_GETTER(get_account)
{
	struct evidence facts = facts_of(row, ctx->now_time);

	text_escape(ctx->scratch, column->max + 1, facts.account, strlen(facts.account));
	mib_set_text(column, ctx, ctx->scratch, ret);
}

static MIB_GETTER(get_latent)
{
	struct evidence facts = facts_of(row, ctx->now_time);

	ret->integer = evidence_is_latent(&facts) ? TRUTH_TRUE : TRUTH_FALSE;
}

static MIB_GETTER(get_item_result)
{
	const struct evidence_state *state =
		item_state(row, (enum evidence_item)((column->number - FIRST_ITEM) / 2));

	ret->integer = state ? (int32_t)state->result : EVIDENCE_NEVER;
}

static MIB_GETTER(get_item_age)
{
	const struct evidence_state *state =
		item_state(row, (enum evidence_item)((column->number - FIRST_ITEM) / 2));

	mib_set_age(state ? state->good_time : 0, ctx->now_time, ret);
}

static MIB_GETTER(get_win_status)
{
	ret->unsigned32 = facts_of(row, ctx->now_time).win32;
}

static size_t count_rows(struct mib_context *ctx)
{
	return ctx->registry->n_with_evidence;
}

static const void *row_by_index(struct mib_context *ctx, size_t i)
{
	return ctx->registry->with_evidence[i];
}

/* clang-format off */
#define LABEL(num, label, smi, getter) MIB_VALUE(num, label, smi, MIB_INTEGER, 0, getter)
#define STRING(num, label, size, getter) \
	MIB_VALUE(num, label, "SnmpAdminString", MIB_STRING, size, getter)
#define DATE(num, label, getter) \
	MIB_VALUE(num, label, "DateAndTime", MIB_STRING, MIB_DATE_MAX, getter)
#define AGE(num, label, getter) MIB_VALUE(num, label, "Gauge32", MIB_UNSIGNED, 0, getter)
#define ITEM(item, name) \
	LABEL(FIRST_ITEM + 2 * (item), "ftpAuthEvidence" name "Result", "FtpAuthCollectResult", get_item_result), \
	AGE(FIRST_ITEM + 2 * (item) + 1, "ftpAuthEvidence" name "Age", get_item_age)

static const struct mib_column columns[] = {
	LABEL(  2, "ftpAuthEvidenceResult",           "FtpAuthCollectResult", get_result),
	STRING( 3, "ftpAuthEvidenceError",            255, get_error),
	DATE(   4, "ftpAuthEvidenceTime",             get_time),
	AGE(    5, "ftpAuthEvidenceAge",              get_age),
	LABEL(  6, "ftpAuthEvidenceModule",           "FtpAuthPresence", get_module),
	STRING( 7, "ftpAuthEvidenceModulePath",       96, get_path),
	STRING( 9, "ftpAuthEvidenceModuleHash",       64, get_hash),
	LABEL( 10, "ftpAuthEvidenceSync",             "FtpAuthSetting", get_sync),
	DATE(  11, "ftpAuthEvidenceSyncChanged",      get_sync_changed),
	LABEL( 12, "ftpAuthEvidenceWebService",       "FtpAuthPresence", get_web_service),
	LABEL( 13, "ftpAuthEvidenceAnonymousAllowed", "FtpAuthSetting", get_anonymous),
	STRING(14, "ftpAuthEvidenceAnonymousUser",    64, get_account),
	LABEL( 15, "ftpAuthEvidenceLatent",           "TruthValue", get_latent),
	ITEM(ITEM_MODULE,  "Module"),
	ITEM(ITEM_SETTING, "Setting"),
	ITEM(ITEM_LOG,     "Log"),
	ITEM(ITEM_SNMP,    "Snmp"),
	MIB_VALUE(24, "ftpAuthEvidenceWinStatus", "Unsigned32", MIB_UNSIGNED, 0, get_win_status),
};
/* clang-format on */

const struct mib_table mib_evidence = {
	.name = "ftpAuthEvidenceTable",
	.arc = 7,
	.index = MIB_INDEX_NUMBER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.count = count_rows,
	.row = row_by_index,
	.number = mib_target_number,
};
