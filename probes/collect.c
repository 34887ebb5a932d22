/* SPDX-License-Identifier: ISC */
/* A round of collecting: all items of one server at the same time. */
#include "probes/collect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/util.h"
#include "probes/collect_private.h"
#include "probes/helper.h"

/* The programs keep time themselves; this is for one that does not. */
#define KILL_AFTER_USEC (2 * USEC_PER_SEC)

struct run {
	struct collect *collect;
	enum evidence_item item;
	struct item_request request;
	struct item_urls urls;
	struct helper *helper; /* while it runs */
};

struct collect {
	struct item_context context;
	char *password; /* owned */
	struct collected now;
	struct run runs[EVIDENCE_ITEMS];
	unsigned n_running;
	sd_event_source *finish; /* fires when nothing runs any more */
	collect_done done;
	void *userdata;
};

const char *evidence_item_key(enum evidence_item item)
{
	static const char *const keys[] = {
#define ITEM_KEY(symbol, key, words) [ITEM_##symbol] = key,
		EVIDENCE_ITEMS_(ITEM_KEY)
#undef ITEM_KEY
	};

	return keys[item];
}

const char *evidence_item_words(enum evidence_item item)
{
	static const char *const all[] = {
#define ITEM_WORDS(symbol, key, words) [ITEM_##symbol] = words,
		EVIDENCE_ITEMS_(ITEM_WORDS)
#undef ITEM_WORDS
	};

	return all[item];
}

static const char *label_of(const char *const *labels, size_t n, unsigned number)
{
	return number < n ? labels[number] : NULL;
}

const char *evidence_result_label(unsigned result)
{
	static const char *const labels[] = { NULL, "never", "ok", "partial", "denied",
		"unreachable", "failed", "stale" };

	return label_of(labels, ARRAY_SIZE(labels), result);
}

const char *presence_label(unsigned presence)
{
	static const char *const labels[] = { NULL, "unknown", "present", "missing", "altered" };

	return label_of(labels, ARRAY_SIZE(labels), presence);
}

const char *setting_label(unsigned setting)
{
	static const char *const labels[] = { NULL, "unknown", "enabled", "disabled" };

	return label_of(labels, ARRAY_SIZE(labels), setting);
}

bool evidence_source_has(const struct evidence_source *s, enum evidence_item item)
{
	const char *const first[EVIDENCE_ITEMS] = {
		[ITEM_MODULE] = s && s->n_module > 0 ? s->module[0] : NULL,
		[ITEM_SETTING] = s ? s->setting_url : NULL,
		[ITEM_LOG] = s ? s->log_url : NULL,
		[ITEM_SNMP] = s ? s->snmp_agent : NULL,
	};

	return first[item] && *first[item];
}

/* ------------------------------------------------------------------ all items together */

static bool is_fresh(const struct evidence_state *s, uint64_t now, uint64_t max_age_usec)
{
	return s->good_time > 0 && (now <= s->good_time || now - s->good_time <= max_age_usec);
}

static const struct evidence *fresh(
	const struct collected *c, enum evidence_item item, uint64_t now, uint64_t max_age_usec)
{
	static const struct evidence nothing;
	const struct evidence_state *s = &c->items[item];

	return is_fresh(s, now, max_age_usec) ? &s->facts : &nothing;
}

/* True when the module's file is younger than the start of the server. sysUpTime is that of the
 * SNMP service, which starts with the machine. */
static bool is_newer(const struct collected *c)
{
	int64_t start = (int64_t)(c->items[ITEM_SNMP].good_time / USEC_PER_SEC) - c->up_time / 100;

	return c->has_up_time && c->module_mtime > start;
}

struct evidence collected_evidence(const struct collected *c, uint64_t now, uint64_t max_age_usec)
{
	const struct evidence *module = fresh(c, ITEM_MODULE, now, max_age_usec);
	const struct evidence *log = fresh(c, ITEM_LOG, now, max_age_usec);
	const struct evidence *snmp = fresh(c, ITEM_SNMP, now, max_age_usec);
	struct evidence e = *fresh(c, ITEM_SETTING, now, max_age_usec);

	e.module = module->module;
	e.win32 = log->win32;
	e.substatus = log->substatus;
	e.web = snmp->web;
	e.others_fail = snmp->others_fail;
	e.restarted = snmp->restarted;
	e.module_newer = e.module == PRESENCE_PRESENT &&
		is_fresh(&c->items[ITEM_SNMP], now, max_age_usec) && is_newer(c);
	return e;
}

bool evidence_is_latent(const struct evidence *e)
{
	return e->sync == SETTING_ENABLED &&
		(e->module == PRESENCE_MISSING || e->module == PRESENCE_ALTERED);
}

/* ------------------------------------------------------------------ one item */

static void end_run(struct run *run)
{
	run->helper = helper_end(run->helper);
	free(run->request.text);
	run->request.text = NULL;
	item_urls_done(&run->urls);
}

static void settle(struct collect *c)
{
	if (c->n_running == 0)
		sd_event_source_set_enabled(c->finish, SD_EVENT_ONESHOT);
}

static void on_answer(void *userdata, const struct helper_result *result)
{
	struct run *run = userdata;
	struct collect *c = run->collect;

	run->helper = NULL;
	c->context.now = now_usec(CLOCK_REALTIME);
	item_fold(run->item, &c->context, &run->request, result, &c->now);
	end_run(run);
	c->n_running--;
	settle(c);
}

static int start_run(struct run *run, sd_event *event)
{
	struct collect *c = run->collect;
	struct item_request *request = &run->request;
	int r;

	r = item_ask(run->item, &c->context, &run->urls, request);
	if (r < 0)
		return r;
	return helper_start(event, request->program, request->text, strlen(request->text),
		c->context.source->timeout_usec + KILL_AFTER_USEC, request->answer_max, on_answer,
		run, &run->helper);
}

static void begin_item(struct collect *c, sd_event *event, enum evidence_item item)
{
	struct run *run = &c->runs[item];
	char why[EVIDENCE_REASON_MAX + 1];
	int r;

	run->collect = c;
	run->item = item;
	r = start_run(run, event);
	if (r >= 0) {
		c->n_running++;
		return;
	}
	if (r == -EBUSY)
		snprintf(why, sizeof(why),
			"not asked: %d programs hang in the kernel, is a mounted share dead?",
			HELPERS_STUCK_MAX);
	else
		snprintf(why, sizeof(why), "cannot run %s: %s",
			run->request.program ? run->request.program : "a program", strerror(-r));
	item_failed(&c->now, item, c->context.now, why);
	end_run(run);
}

/* ------------------------------------------------------------------ the round */

static int on_finish(sd_event_source *source, void *userdata)
{
	struct collect *c = userdata;

	c->done(c->userdata, &c->now);
	collect_end(c);
	return 0;
}

DEFINE_CLEANUP(struct collect *, collect_end)

int collect_start(sd_event *event, const struct evidence_source *source,
	const struct collect_context *context, const struct collected *before, collect_done done,
	void *userdata, struct collect **ret)
{
	_cleanup_(collect_endp) struct collect *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->password = strdup(context->password);
	if (!c->password)
		return -ENOMEM;
	c->context = (struct item_context){
		.source = source,
		.password = c->password,
		.own_attempts = context->own_attempts,
		.now = now_usec(CLOCK_REALTIME),
	};
	c->now = *before;
	c->done = done;
	c->userdata = userdata;
	r = sd_event_add_defer(event, &c->finish, on_finish, c);
	if (r >= 0)
		r = sd_event_source_set_enabled(c->finish, SD_EVENT_OFF);
	if (r < 0)
		return r;
	for (enum evidence_item item = 0; item < EVIDENCE_ITEMS; item++)
		if (evidence_source_has(source, item))
			begin_item(c, event, item);
	settle(c);
	*ret = TAKE_PTR(c);
	return 0;
}

struct collect *collect_end(struct collect *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < EVIDENCE_ITEMS; i++)
		end_run(&c->runs[i]);
	sd_event_source_disable_unref(c->finish);
	if (c->password)
		explicit_bzero(c->password, strlen(c->password));
	free(c->password);
	free(c);
	return NULL;
}
