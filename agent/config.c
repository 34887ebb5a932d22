/* SPDX-License-Identifier: ISC */
/* Reads the configuration: the main file, what it includes, and the report of all faults. */
#include "agent/config.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

#include "agent/config_private.h"
#include "agent/metrics_address.h"

enum { REPORTED_MAX = 100 }; /* faults told, one line each */

void config_drop_targets(struct config *c)
{
	for (size_t i = 0; i < c->n_targets; i++)
		target_config_done(&c->targets[i]);
	free(TAKE_PTR(c->targets));
	c->n_targets = 0;
}

struct config *config_free(struct config *c)
{
	if (!c)
		return NULL;
	config_drop_targets(c);
	free(c->path);
	free(c->store);
	free(c->agentx_socket);
	free(c->oid_base);
	free(c->metrics_listen);
	free(c);
	return NULL;
}

static struct config_load *load_free(struct config_load *load)
{
	for (size_t i = 0; i < load->n_sources; i++)
		config_source_done(&load->schema, &load->sources[i]);
	free(load->sources);
	config_faults_done(&load->faults);
	config_free(load->config);
	free(load);
	return NULL;
}

DEFINE_CLEANUP(struct config_load *, load_free)

/* ---------------------------------------------------------------- files */

/* Reads the file of PATH as the next source. Returns 0 or -errno, also for a file that can't be
 * read; faults in its text are only added. */
static int add_source(struct config_load *load, const char *path, enum config_place place)
{
	struct config_source *sources, *s;
	int r;

	sources = reallocarray(load->sources, load->n_sources + 1, sizeof(*sources));
	if (!sources)
		return -ENOMEM;
	load->sources = sources;
	s = &sources[load->n_sources];
	*s = (struct config_source){ .place = place, .path = strdup(path) };
	if (!s->path)
		return -ENOMEM;
	r = config_read_file(path, &s->text, &s->len);
	if (r < 0) {
		free(s->path);
		return r;
	}
	load->n_sources++;
	r = config_source_parse(&load->schema, s, (unsigned)load->n_sources - 1, &load->faults);
	return r == -ENOMEM ? r : 0;
}

/* ---------------------------------------------------------------- include */

/* A list of paths, each once, in order. */
struct paths {
	struct path {
		char *path;
		size_t pattern; /* which entry of include asked for it */
	} * list;
	size_t n;
};

static void paths_done(struct paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->list[i].path);
	free(paths->list);
}

static int paths_add(struct paths *paths, const char *path, size_t pattern)
{
	struct path *list = reallocarray(paths->list, paths->n + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	paths->list = list;
	list[paths->n] = (struct path){ strdup(path), pattern };
	return list[paths->n].path ? (paths->n++, 0) : -ENOMEM;
}

static int compare_path(const void *a, const void *b)
{
	return strcmp(((const struct path *)a)->path, ((const struct path *)b)->path);
}

/* True when PATH is in the first N entries, which are sorted within each pattern. */
static bool paths_have(const struct paths *paths, size_t n, const char *path)
{
	struct path key = { .path = (char *)path };

	for (size_t start = 0, end; start < n; start = end) {
		for (end = start; end < n; end++)
			if (paths->list[end].pattern != paths->list[start].pattern)
				break;
		if (bsearch(&key, &paths->list[start], end - start, sizeof(key), compare_path))
			return true;
	}
	return false;
}

/* The folder of PATH with its slash, made literal for glob() when QUOTE; "" for the present one. */
static char *folder_of(const char *path, bool quote)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;
	char *folder = malloc(2 * len + 1), *p = folder;

	if (!folder)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (quote && strchr("*?[]\\", path[i]))
			*p++ = '\\';
		*p++ = path[i];
	}
	*p = '\0';
	return folder;
}

/* A folder that is not there holds nothing; any other trouble is a fault. */
static int on_glob_error(const char *path, int error)
{
	return error != ENOENT && error != ENOTDIR;
}

/* Adds the files of one entry of include. Returns 0, -ENOMEM, or -EIO when a folder can't be read.
 */
static int expand_pattern(
	const char *main_path, const char *pattern, size_t number, struct paths *paths)
{
	bool wild = strpbrk(pattern, "*?[");
	_cleanup_(freep) char *folder = folder_of(pattern[0] == '/' ? "" : main_path, wild);
	_cleanup_(freep) char *whole = NULL;
	size_t before = paths->n;
	glob_t found = { 0 };
	int r;

	if (!folder || asprintf(&whole, "%s%s", folder, pattern) < 0)
		return -ENOMEM;
	if (!wild)
		return paths_have(paths, before, whole) ? 0 : paths_add(paths, whole, number);
	r = glob(whole, GLOB_NOSORT, on_glob_error, &found);
	if (r == GLOB_NOMATCH)
		return 0;
	if (r != 0) {
		globfree(&found);
		return r == GLOB_NOSPACE ? -ENOMEM : -EIO;
	}
	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
		if (strcmp(found.gl_pathv[i], main_path) != 0 &&
			!paths_have(paths, before, found.gl_pathv[i]))
			r = paths_add(paths, found.gl_pathv[i], number);
	globfree(&found);
	if (paths->n > before)
		qsort(&paths->list[before], paths->n - before, sizeof(*paths->list), compare_path);
	return r;
}

static int add_includes(struct config_load *load, struct paths *paths)
{
	int row = config_key_find(PLACE_TOP, "include", strlen("include"));
	void **top = load->sources[0].raw;
	size_t n = config_raw_count(&load->schema, PLACE_TOP, top, row);
	char **patterns = config_raw(&load->schema, PLACE_TOP, top, row);
	struct config_position at = { .layer = PLACE_TOP, .place = PLACE_TOP, .key = row };
	struct config_why why;

	for (size_t i = 0; i < n; i++) {
		int r = -EINVAL;

		at.entry = i + 1;
		if (config_parse_path(&config_keys[row], patterns[i], &(char *){ NULL }, &why))
			r = expand_pattern(load->config->path, patterns[i], i, paths);
		if (r == -ENOMEM)
			return r;
		if (r == -EIO)
			config_read_why(patterns[i], -EACCES, &why);
		if (r < 0)
			config_faults_add(&load->faults, &at, NULL, &why);
	}
	for (size_t i = 0; i < paths->n; i++) {
		int r = add_source(load, paths->list[i].path, PLACE_DROPIN);

		if (r == -ENOMEM)
			return r;
		if (r == 0)
			continue;
		at.entry = paths->list[i].pattern + 1;
		config_read_why(paths->list[i].path, r, &why);
		config_faults_add(&load->faults, &at, NULL, &why);
	}
	return 0;
}

/* ---------------------------------------------------------------- the top level */

static int own_string(char **field)
{
	if (!*field)
		return 0;
	*field = strdup(*field);
	return *field ? 0 : -ENOMEM;
}

/* What is said in the mappings of the top level that are no layers of targets. */
static void apply_parts(struct config_load *load, void **top, struct config *c)
{
	static const struct {
		const char *key;
		enum config_place place;
	} parts[] = {
		{ "agentx", PLACE_AGENTX },
		{ "history", PLACE_HISTORY },
		{ "notifications", PLACE_NOTIFICATIONS },
		{ "flap", PLACE_FLAP },
		{ "metrics", PLACE_METRICS },
	};
	config_rows set = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct config_position at = config_position_of(0, parts[i].place, 0);
		void **part = config_raw(&load->schema, PLACE_TOP, top,
			config_key_find(PLACE_TOP, parts[i].key, strlen(parts[i].key)));

		if (part)
			config_apply(load, &at, part, DRAFT_OWN, c, &set);
	}
}

void config_init(struct config *c)
{
	*c = (struct config){
		.store = (char *)"/var/lib/ftphealth/state.db",
		.max_concurrent = 500,
		.history_rows = 300,
		.history_age_usec = 7 * 86400 * USEC_PER_SEC,
		.event_rows = 1000,
		.notices_max = 10000,
	};
	policy_settings_init(&c->settings);
	health_flap_init(&c->flap);
}

/* Who can reach it is told the names of all servers, and which of them are in trouble. */
static void check_metrics(struct config_load *load, const struct config *c)
{
	struct config_position at = config_position_of(0, PLACE_METRICS, 0);
	struct metrics_address address;
	struct config_why why;

	if (!c->metrics_listen || c->metrics_remote ||
		!metrics_address_parse(c->metrics_listen, &address) || address.is_local)
		return;
	at.key = config_row_of(PLACE_METRICS, "listen");
	config_refuse(&config_keys[at.key], c->metrics_listen,
		"lets other hosts ask, and nobody is asked for a password",
		"write an address of this host alone, such as 127.0.0.1:26924, or add remote: true",
		&why);
	config_faults_add(&load->faults, &at, NULL, &why);
}

static int make_top(struct config_load *load)
{
	struct config c, *to = load->config;
	struct config_position at = config_position_of(0, PLACE_TOP, 0);
	void **top = load->sources[0].raw;
	config_rows set = 0;
	int r;

	config_init(&c);
	if (top) {
		config_apply(load, &at, top, DRAFT_OWN, &c, &set);
		apply_parts(load, top, &c);
		check_metrics(load, &c);
	}
	c.path = to->path;
	*to = c;
	r = own_string(&to->store);
	if (r < 0 || own_string(&to->agentx_socket) < 0)
		to->agentx_socket = NULL, r = -ENOMEM;
	if (r < 0 || own_string(&to->oid_base) < 0)
		to->oid_base = NULL, r = -ENOMEM;
	if (r < 0 || own_string(&to->metrics_listen) < 0)
		to->metrics_listen = NULL, r = -ENOMEM;
	return r;
}

/* ---------------------------------------------------------------- the report */

static int compare_wanted(const void *a, const void *b)
{
	const struct config_position *x = *(struct config_position *const *)a;
	const struct config_position *y = *(struct config_position *const *)b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return config_position_compare(x, y);
}

/* Finds the lines that are not known yet, one pass a file. */
static int find_lines(struct config_load *load)
{
	struct config_faults *faults = &load->faults;
	_cleanup_(freep) struct config_position **wanted =
		calloc(2 * faults->n + 1, sizeof(*wanted));
	size_t n = 0;

	if (!wanted)
		return -ENOMEM;
	for (size_t i = 0; i < faults->n; i++) {
		if (faults->list[i].at.line == 0)
			wanted[n++] = &faults->list[i].at;
		if (faults->list[i].has_other)
			wanted[n++] = &faults->list[i].other;
	}
	qsort(wanted, n, sizeof(*wanted), compare_wanted);
	for (size_t start = 0, end; start < n; start = end) {
		for (end = start; end < n && wanted[end]->file == wanted[start]->file; end++)
			;
		config_walk_locate(
			&load->sources[wanted[start]->file], &wanted[start], end - start);
	}
	return 0;
}

static int compare_fault(const void *a, const void *b)
{
	const struct config_fault *x = a, *y = b;

	if (x->at.file != y->at.file)
		return x->at.file < y->at.file ? -1 : 1;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	return x->sequence < y->sequence ? -1 : 1;
}

/* A file with thousands of faults has one cause; the first ones show it. */
static int report_rest(struct config_load *load, config_complaint on_error, void *userdata)
{
	const struct config_fault *f = &load->faults.list[REPORTED_MAX];
	_cleanup_(freep) char *line = NULL;

	if (asprintf(&line, "%s:%u: file: %zu more faults from here on; mend those above first",
		    load->sources[f->at.file].path, f->at.line, load->faults.n - REPORTED_MAX) < 0)
		return -ENOMEM;
	on_error(userdata, line);
	return 0;
}

static int report(struct config_load *load, config_complaint on_error, void *userdata)
{
	struct config_faults *faults = &load->faults;
	int r = find_lines(load);

	if (r < 0)
		return r;
	qsort(faults->list, faults->n, sizeof(*faults->list), compare_fault);
	for (size_t i = 0; i < faults->n && i < REPORTED_MAX; i++) {
		const struct config_fault *f = &faults->list[i];
		_cleanup_(freep) char *line = NULL;
		char other[16] = "";

		if (f->has_other)
			snprintf(other, sizeof(other), ":%u", f->other.line);
		if (asprintf(&line, "%s:%u: %s%s%s; %s", load->sources[f->at.file].path, f->at.line,
			    f->wrong, f->has_other ? load->sources[f->other.file].path : "", other,
			    f->mend) < 0)
			return -ENOMEM;
		on_error(userdata, line);
	}
	return faults->n > REPORTED_MAX ? report_rest(load, on_error, userdata) : 0;
}

/* ---------------------------------------------------------------- all of it */

/* Reads and checks everything into load->config. Returns 0 when that could be done, with or without
 * faults. */
static int load_all(struct config_load *load)
{
	struct paths paths = { 0 };
	int r = 0;

	if (load->sources[0].raw)
		r = add_includes(load, &paths);
	paths_done(&paths);
	if (r == 0)
		r = make_top(load);
	if (r == 0)
		r = config_make_targets(load);
	return r == 0 && load->faults.no_memory ? -ENOMEM : r;
}

/* Tells of a file, or of a memory, that is not there. Returns ERROR. */
static int refuse(const char *path, int error, config_complaint on_error, void *userdata)
{
	_cleanup_(freep) char *line = NULL;
	struct config_why why;

	config_read_why(path, error, &why);
	if (asprintf(&line, "%s:1: file: %s; %s", path, why.wrong, why.mend) < 0)
		on_error(userdata, "1: file: no memory for the configuration; add memory");
	else
		on_error(userdata, line);
	return error;
}

int config_load(const char *path, config_complaint on_error, void *userdata, struct config **ret)
{
	_cleanup_(load_freep) struct config_load *load = calloc(1, sizeof(*load));
	int r;

	if (!load)
		return refuse(path, -ENOMEM, on_error, userdata);
	config_schema_init(&load->schema);
	load->config = calloc(1, sizeof(*load->config));
	if (!load->config || !(load->config->path = strdup(path)))
		return refuse(path, -ENOMEM, on_error, userdata);

	r = add_source(load, path, PLACE_TOP);
	if (r == 0)
		r = load_all(load);
	if (r == 0 && load->faults.n > 0)
		r = report(load, on_error, userdata);
	if (r < 0)
		return refuse(path, r, on_error, userdata);
	if (load->faults.n > 0)
		return -EINVAL;
	*ret = TAKE_PTR(load->config);
	return 0;
}
