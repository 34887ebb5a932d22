/* SPDX-License-Identifier: ISC */
/*
 * No memory: each allocation of each piece of work fails in turn, until the work is done. It says
 * that there is no memory and nothing else, leaves what was there, and loses nothing (which the
 * sanitizers see). A fault of ours is never told as one of a file or a server.
 */
#include "tests/unit/store_folder.h"
#include "tests/unit/mib_fixture.h"
#include "tests/unit/fault_memory.h"

#include <errno.h>
#include <sys/mman.h>

#include "agent/cli_plot.h"
#include "agent/cli_store_path.h"
#include "agent/cli_table.h"
#include "agent/config.h"
#include "agent/evidence_config.h"
#include "agent/metrics.h"
#include "agent/notice_queue.h"
#include "agent/orders.h"
#include "agent/recorder.h"
#include "common/log.h"
#include "common/text.h"
#include "probes/fetch_place.h"
#include "probes/fetch_protocol.h"
#include "probes/netrc.h"
#include "probes/route.h"
#include "probes/smb_credentials.h"
#include "probes/tls.h"

/* ------------------------------------------------------------------ allocations */

void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
int __wrap_asprintf(char **ret, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_log_write(int level, int error, const char *const *fields, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return fails() ? NULL : __real_strndup(s, n);
}

int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list ap;
	int n;

	if (fails())
		return -1;
	va_start(ap, format);
	n = vasprintf(ret, format, ap);
	va_end(ap);
	return n;
}

/* What is logged on the way is not looked at here. */
int __wrap_log_write(int level, int error, const char *const *fields, const char *format, ...)
{
	return -abs(error);
}

/* ------------------------------------------------------------------ files */

static const char configuration[] =
	"store: /var/lib/ftphealth/other.db\n"
	"agentx: { socket: 'unix:/run/agentx' }\n"
	"oid-base: 1.3.6.1.4.1.32473.5\n"
	"metrics: { listen: '127.0.0.1:26924' }\n"
	"defaults: { contact: noc@example.com, tls: explicit, tls-verify: false }\n"
	"groups:\n"
	"  - name: iis\n"
	"    evidence:\n"
	"      module: [ 'smb://{host}/ADMIN$/a.dll', 'smb://{host}/ADMIN$/b.dll' ]\n"
	"      control: 'smb://{host}/ADMIN$/c.dll'\n"
	"      setting: { url: '/srv/{name}.txt', format: adsutil }\n"
	"targets:\n"
	"  - { name: a, host: 192.0.2.1, group: iis, description: old }\n"
	"  - { name: b, host: ftp.example.com, netrc: @/netrc, tls: none }\n"
	"  - { name: c, host: ftp.example.net, source: 127.0.0.1, proxy: 'socks5://127.0.0.1:9' }\n"
	"include: [ 'more/*.yaml' ]\n";
static const char included[] = "targets: [ { name: d, host: h }, { name: e, host: i } ]\n";
static const char faulty[] = "store: relative\n"
			     "targets:\n"
			     "  - { name: a, host: 192.0.2.1, port: many, colour: red }\n"
			     "  - { name: a, host: '' }\n";
static const char secrets[] = "machine ftp.example.com login u password p account x\n"
			      "machine h login u\ndefault login v password q\n";

static char *in_folder(const char *name)
{
	static char names[4][96];
	static unsigned next;
	char *to = names[next++ % ARRAY_SIZE(names)];

	snprintf(to, sizeof(names[0]), "%s/%s", folder, name);
	return to;
}

/* @ is the folder. */
static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");

	assert_non_null(f);
	for (; *text; text++)
		if (*text == '@')
			fputs(folder, f);
		else
			putc(*text, f);
	assert_int_equal(fclose(f), 0);
}

static int make_files(void **state)
{
	make_folder(state);
	assert_int_equal(mkdir(in_folder("more"), 0700), 0);
	write_text("main.yaml", configuration);
	write_text("more/one.yaml", included);
	write_text("faulty.yaml", faulty);
	write_text("netrc", secrets);
	return chmod(in_folder("netrc"), 0600);
}

/* ------------------------------------------------------------------ configuration */

static void on_complaint(void *userdata, const char *line)
{
	/* A file is not at fault for what we lack; the first line says whose it is. */
	if (!*(bool *)userdata && !strcasestr(line, "memory"))
		fail_msg("%s", line);
}

static int load(const char *name, bool is_faulty, struct config **ret)
{
	return config_load(in_folder(name), on_complaint, &is_faulty, ret);
}

static struct config *loaded(void)
{
	struct config *c = NULL;

	assert_int_equal(load("main.yaml", false, &c), 0);
	return c;
}

static int read_configuration(void)
{
	struct config *c = NULL;
	int r;

	memory.on = true;
	r = load("main.yaml", false, &c);
	memory.on = false;
	assert_int_equal(r == 0, c != NULL);
	config_free(c);
	return r;
}

/* Faults are told, or that there is no memory for them. */
static int read_faulty_configuration(void)
{
	struct config *c = NULL;
	int r;

	memory.on = true;
	r = load("faulty.yaml", true, &c);
	memory.on = false;
	assert_null(c);
	return r == -EINVAL ? 0 : r;
}

static int find_store(void)
{
	char *found = NULL, why[256];
	int r;

	memory.on = true;
	r = cli_store_path(in_folder("main.yaml"), &found, why, sizeof(why));
	memory.on = false;
	if (r == 0)
		assert_string_equal(found, "/var/lib/ftphealth/other.db");
	free(found);
	return r;
}

static int finish_evidence(void)
{
	struct evidence_source draft, *s = NULL;
	char why[256];
	int r;

	evidence_source_init(&draft);
	assert_true(target_config_set_evidence(&draft, "log.url", "/srv/{name}/{host}", why, 256));
	memory.on = true;
	r = evidence_source_finish(&draft, "h", "n", &s, why, sizeof(why));
	memory.on = false;
	evidence_source_free(s);
	return r;
}

/* ------------------------------------------------------------------ targets */

static int put_in_force(struct registry *r, struct config *c)
{
	struct registry_plan *p = NULL;
	char why[REGISTRY_WHY_SIZE];
	int e;

	memory.on = true;
	e = registry_plan(r, c, &p, why);
	if (e >= 0)
		registry_commit(r, p);
	memory.on = false;
	for (size_t i = 0; e >= 0 && i < p->n_gone; i++)
		target_free(p->gone[i]);
	if (e >= 0)
		p->n_gone = 0;
	registry_plan_free(p);
	return e;
}

static int make_registry(void)
{
	struct config *c = loaded();
	struct registry *r = NULL;
	int e;

	memory.on = true;
	e = registry_new(&r);
	memory.on = false;
	if (e >= 0)
		e = put_in_force(r, c);
	if (r)
		assert_int_equal(r->n_targets, e < 0 ? 0 : 5);
	registry_free(r);
	config_free(c);
	return e;
}

/* Another configuration: what cannot be put in force changes nothing. */
static int change_registry(void)
{
	struct config *c = loaded(), *other = loaded();
	struct registry *r = fixture_registry();
	unsigned failing = memory.failing;
	int e;

	memory.failing = 0;
	assert_int_equal(put_in_force(r, c), 0);
	memory.failing = failing;
	memory.n = 0;
	target_config_done(&other->targets[--other->n_targets]);
	other->targets[0].port++;
	e = put_in_force(r, other);
	assert_int_equal(r->n_targets, e < 0 ? 5 : 4);
	assert_int_equal(registry_find(r, "a")->config.port, e < 0 ? 21 : 22);
	registry_free(r);
	config_free(other);
	config_free(c);
	return e;
}

/* What is said is left out rather than the state. */
static int observe(void)
{
	struct registry *r = fixture_rows(3);
	struct observation o = { .outcome = OUTCOME_LOGIN_REFUSED,
		.stage = STAGE_PASSWORD,
		.code = 530,
		.total_usec = 1 };
	enum state from;

	memory.on = true;
	for (size_t i = 0; i < r->n_targets; i++)
		for (unsigned k = 0; k < 3; k++)
			registry_observe(r, r->by_index[i], &o, &from);
	memory.on = false;
	for (size_t i = 0; i < r->n_targets; i++)
		assert_int_equal(r->by_index[i]->health.state, STATE_REFUSED);
	registry_free(r);
	return memory.failed ? -ENOMEM : 0;
}

static int keep_events(void)
{
	struct event_record e = { .event.sequence = 1 };
	struct alarm_record a = { .alarm = 1 };
	struct event_ring ring = { 0 };
	struct alarm_list alarms = { 0 };
	int r;

	memory.on = true;
	r = event_ring_init(&ring, 2);
	for (; r >= 0 && e.event.sequence < 4; e.event.sequence++)
		event_ring_add(&ring, &e);
	if (r >= 0)
		r = event_ring_resize(&ring, 8);
	for (; r >= 0 && a.alarm < 100; a.alarm++)
		r = alarm_list_put(&alarms, &a);
	memory.on = false;
	if (ring.rows)
		assert_int_equal(ring.n, 2);
	event_ring_done(&ring);
	alarm_list_done(&alarms);
	return r;
}

/* ------------------------------------------------------------------ notices */

static int send_notice(void)
{
	struct registry *r = fixture_rows(1);
	struct event event = { .kind = EVENT_LOGIN_REFUSED,
		.severity = SEVERITY_CRITICAL,
		.from = STATE_OK,
		.to = STATE_REFUSED,
		.sequence = 1 };
	struct notice *n = NULL, *again = NULL;
	void *packed = NULL;
	size_t len;
	int e;

	memory.on = true;
	e = notice_new(r, &event, r->by_index[0], &n);
	if (e >= 0)
		e = notice_pack(n, &packed, &len);
	if (e >= 0)
		e = notice_unpack(packed, len, &again);
	memory.on = false;
	free(n);
	free(again);
	free(packed);
	registry_free(r);
	return e;
}

/* One that finds no room is dropped and counted. */
static int queue_notices(void)
{
	struct registry *r = fixture_rows(1);
	struct notice_queue q;
	uint32_t dropped = 0;
	int e = 0;

	notice_queue_init(&q, 100);
	for (uint32_t i = 1; i <= 20; i++) {
		struct event event = { .kind = EVENT_LOGIN_REFUSED, .sequence = i, .alarm = i };
		struct notice *n;
		int pushed;

		assert_int_equal(notice_new(r, &event, r->by_index[0], &n), 0);
		memory.on = true;
		pushed = notice_queue_push(&q, n, i);
		memory.on = false;
		dropped += pushed < 0;
		e = e < 0 ? e : pushed;
	}
	assert_int_equal(q.dropped, dropped);
	assert_int_equal(notice_queue_pending(&q), 20 - dropped);
	notice_queue_done(&q);
	registry_free(r);
	return e;
}

static int make_orders(void)
{
	struct orders *o = NULL;
	int r;

	memory.on = true;
	r = orders_new(5, &o);
	memory.on = false;
	orders_free(o);
	return r;
}

/* ------------------------------------------------------------------ the store */

static void on_release(void *userdata, struct notice *notice)
{
	free(notice);
}

/* A life that leaves something behind, and the next that reads it. */
static int remember(void)
{
	const struct recorder_options options = {
		.path = path, .limits = { 10, 0, 5 }, .retry_usec = 1000, .release = on_release
	};
	struct registry *registry = fixture_rows(2);
	struct event_record e = { .event = { .kind = EVENT_AGENT_STARTED,
					  .from = STATE_UNKNOWN,
					  .to = STATE_UNKNOWN,
					  .severity = SEVERITY_INDETERMINATE } };
	struct alarm_record a = { .kind = ALARM_REFUSED, .target = 7, .name = "0" };
	struct alarm_counters counters = { .sequence = 1, .alarm = 1 };
	struct recorder_past past;
	struct recorder *r = NULL;
	struct notice *n;
	int result;

	memory.on = true;
	result = recorder_new(&options, &past, &r);
	memory.on = false;
	if (result >= 0) {
		recorder_past_done(&past);
		assert_int_equal(recorder_start(r), 0);
		recorder_targets(r, registry);
		e.event.sequence = a.alarm = 1;
		e.event.alarm = 1;
		assert_int_equal(notice_new(registry, &e.event, NULL, &n), 0);
		recorder_event(r, &e, &counters, &a, 0, n);
		recorder_silence(r);
		recorder_stop(r, 30 * USEC_PER_SEC);
	}
	registry_free(registry);
	return result;
}

/* ------------------------------------------------------------------ what is printed */

static int scrape(void)
{
	struct registry *r = fixture_rows(9);
	struct metrics_text *m = NULL;
	char text[512];
	int e;

	memory.on = true;
	e = metrics_text_new(r, METRICS_TEXT, &m);
	while (e >= 0 && metrics_text_read(m, text, sizeof(text)) > 0)
		;
	memory.on = false;
	metrics_text_free(m);
	registry_free(r);
	return e;
}

static int print_table(void)
{
	static const struct cli_column columns[] = { { .title = "A" }, { .title = "B", .cut = 4 } };
	const struct cli_look look = { .width = 40, .header = true };
	struct cli_table *t = NULL;
	FILE *f = fopen("/dev/null", "w");
	int r;

	assert_non_null(f);
	memory.on = true;
	r = cli_table_new(columns, ARRAY_SIZE(columns), &t);
	for (int i = 0; r >= 0 && i < 100; i++)
		cli_table_addf(t, TONE_PLAIN, "%d", i);
	if (r >= 0)
		r = cli_table_print(t, &look, f);
	memory.on = false;
	cli_table_free(t);
	fclose(f);
	return r;
}

static int print_plot(void)
{
	const struct plot_look look = { .width = 80 };
	struct plot_point points[200];
	FILE *f = fopen("/dev/null", "w");
	int r;

	assert_non_null(f);
	for (unsigned i = 0; i < ARRAY_SIZE(points); i++)
		points[i] = (struct plot_point){ i + 1, i * 7, i % 9 == 0 };
	memory.on = true;
	r = plot_print(points, ARRAY_SIZE(points), &look, f);
	memory.on = false;
	fclose(f);
	return r;
}

static int escape(void)
{
	char *text;

	memory.on = true;
	text = text_escape_dup("a\nb", 80);
	memory.on = false;
	if (text)
		assert_string_equal(text, "a\\x0Ab");
	free(text);
	return text ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------ secrets, ways, requests */

static int read_secrets(void)
{
	struct netrc *n = NULL;
	struct netrc_entry entry;
	char why[NETRC_WHY_SIZE];
	int r;

	memory.on = true;
	r = netrc_load(in_folder("netrc"), NULL, NULL, 4096, &n, why);
	memory.on = false;
	if (r >= 0)
		assert_true(netrc_find(n, "h", false, &entry) && !entry.password);
	netrc_free(n);
	return r;
}

static int read_credentials(void)
{
	struct smb_credentials c;
	char why[FETCH_WHY_SIZE];
	int r;

	memory.on = true;
	r = smb_credentials_parse(secrets, strlen(secrets), "ftp.example.com", &c, why);
	memory.on = false;
	smb_credentials_wipe(&c);
	return r;
}

static int make_route(void)
{
	const struct route_settings s = { .source = "127.0.0.1",
		.proxy = "socks5://127.0.0.1:9",
		.proxy_user = "u",
		.proxy_password = "p" };
	struct route *one = NULL, *two = NULL;
	void *pool = NULL;
	int r;

	memory.on = true;
	r = route_new(&s, &pool, &one);
	if (r >= 0)
		r = route_new(&s, &pool, &two);
	memory.on = false;
	if (r >= 0)
		assert_ptr_equal(one, two);
	route_unref(one);
	route_unref(two);
	route_pool_done(&pool);
	return r;
}

static int speak_tls(void)
{
	struct tls_settings s;
	struct tls_pool *pool = NULL;
	struct tls *t = NULL;
	enum tls_part part;
	char why[TLS_WHY_SIZE];
	int r;

	tls_settings_init(&s);
	s.mode = TLS_EXPLICIT;
	s.verify = false;
	s.server_name = (char *)(uintptr_t) "ftp.example.com";
	memory.on = true;
	r = tls_new(&s, &pool, &t, &part, why);
	memory.on = false;
	tls_unref(t);
	tls_pool_done(&pool);
	return r;
}

static int read_place(void)
{
	struct fetch_request r;
	struct fetch_place place;
	char why[FETCH_WHY_SIZE];
	int e;

	fetch_request_init(&r);
	r.control = "http://h/c";
	r.files[0] = "http://h/x";
	r.n_files = 1;
	memory.on = true;
	e = fetch_place_read(&r, &place, why);
	memory.on = false;
	fetch_place_done(&place);
	return e;
}

/* ------------------------------------------------------------------ all of them */

static const struct work {
	const char *label;
	int (*run)(void);
	bool tolerates; /* a lack of memory may be made good, or leave a text out */
} works[] = {
	{ "a configuration", read_configuration, false },
	{ "a faulty configuration", read_faulty_configuration, false },
	{ "the store's path", find_store, false },
	{ "a source of evidence", finish_evidence, false },
	{ "a registry", make_registry, false },
	{ "another configuration", change_registry, false },
	{ "an observation", observe, true },
	{ "events and alarms", keep_events, false },
	{ "a notice", send_notice, false },
	{ "a queue of notices", queue_notices, false },
	{ "orders", make_orders, false },
	{ "the recorder", remember, true },
	{ "metrics", scrape, true },
	{ "a table", print_table, false },
	{ "a plot", print_plot, false },
	{ "a text", escape, false },
	{ "secrets", read_secrets, false },
	{ "credentials", read_credentials, false },
	{ "a route", make_route, false },
	{ "TLS", speak_tls, false },
	{ "a place of files", read_place, false },
};

enum { ALLOCATIONS_MAX = 20000 };

static void test_work(void **state)
{
	const struct work *w = *state;
	unsigned failures = 0;

	for (memory.failing = 1; memory.failing < ALLOCATIONS_MAX; memory.failing++) {
		int r;

		memory.n = 0;
		memory.failed = false;
		r = w->run();
		if (!memory.failed) {
			assert_int_equal(r, 0);
			assert_true(failures > 0);
			return;
		}
		failures++;
		if (r != -ENOMEM && !(w->tolerates && r == 0))
			fail_msg("allocation %u: %d", memory.failing, r);
	}
	fail_msg("it does not end");
}

int main(void)
{
	if (tls_begin() < 0) /* at the start, as in the programs: what fails in it ends them */
		return 99;
	for (size_t i = 0; i < ARRAY_SIZE(works); i++)
		unit_tests[unit_n_tests++] = (struct CMUnitTest){
			.name = works[i].label,
			.test_func = test_work,
			.setup_func = make_files,
			.teardown_func = drop_folder,
			.initial_state = (void *)(uintptr_t)&works[i],
		};
	return unit_run("memory");
}
