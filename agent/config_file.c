/* SPDX-License-Identifier: ISC */
/* One file of the configuration: read from disk, and loaded by libcyaml along the rows of keys. */
#include "agent/config_private.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "common/text.h"

enum { FILE_MAX_MB = 256 };
#define FILE_MAX ((size_t)FILE_MAX_MB << 20)

/* Memory that loading a file may take: aliases repeat values, so that a small file could ask for
 * any amount. Without aliases 16 times its size is enough. */
#define MEMORY_BASE ((size_t)64 << 20)
#define MEMORY_PER_OCTET 32

/* ---------------------------------------------------------------- schema */

static void init_field(struct config_schema *schema, struct config_place_schema *place, size_t row)
{
	const struct config_key *key = &config_keys[row];
	cyaml_schema_field_t *field = &place->fields[place->slot[row]];
	/* A list or mapping whose entries are all commented out is an empty one. */
	enum cyaml_flag nullable = CYAML_FLAG_POINTER_NULL_STR | CYAML_FLAG_OPTIONAL;

	field->key = key->name;
	field->data_offset = (uint32_t)((size_t)place->slot[row] * sizeof(void *));
	switch (key->shape) {
	case SHAPE_SCALAR:
		field->value = schema->text;
		field->value.flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL;
		break;
	case SHAPE_MAPPING:
		field->value = schema->places[key->child].entry;
		field->value.flags = nullable;
		break;
	case SHAPE_MAPPINGS:
	case SHAPE_TEXTS:
		field->count_size = sizeof(size_t);
		field->value.type = CYAML_SEQUENCE;
		field->value.flags = nullable;
		field->value.sequence.entry = key->shape == SHAPE_TEXTS
			? &schema->text
			: &schema->places[key->child].entry;
		field->value.data_size = field->value.sequence.entry->data_size;
		field->value.sequence.min = key->entries > 0;
		field->value.sequence.max = key->entries ? (uint32_t)key->entries : CYAML_UNLIMITED;
		place->count[row] = (int)place->size++;
		field->count_offset = (uint32_t)((size_t)place->count[row] * sizeof(void *));
		break;
	}
}

static void init_place(struct config_schema *schema, enum config_place p)
{
	struct config_place_schema *place = &schema->places[p];

	for (size_t row = 0; row < config_n_keys; row++) {
		place->slot[row] = place->count[row] = -1;
		if (config_key_is_at(row, p))
			place->slot[row] = (int)place->n++;
	}
	place->size = place->n;
	for (size_t row = 0; row < config_n_keys; row++)
		if (place->slot[row] >= 0)
			init_field(schema, place, row);
	place->entry = (cyaml_schema_value_t){ .type = CYAML_MAPPING,
		.data_size = (uint32_t)(place->size * sizeof(void *)),
		.mapping.fields = place->fields };
	place->root = place->entry;
	place->root.flags = CYAML_FLAG_POINTER;
}

void config_schema_init(struct config_schema *schema)
{
	*schema = (struct config_schema){ .text = { .type = CYAML_STRING,
						  .flags = CYAML_FLAG_POINTER,
						  .data_size = sizeof(char *),
						  .string.max = CYAML_UNLIMITED } };
	/* What stands in others comes first. */
	for (enum config_place p = PLACE_END; p-- > 0;)
		init_place(schema, p);
}

void *config_raw(
	const struct config_schema *schema, enum config_place place, void **mapping, int row)
{
	int slot = schema->places[place].slot[row];

	return slot < 0 ? NULL : mapping[slot];
}

size_t config_raw_count(
	const struct config_schema *schema, enum config_place place, void **mapping, int row)
{
	int slot = schema->places[place].count[row];
	size_t count;

	if (slot < 0)
		return 0;
	memcpy(&count, &mapping[slot], sizeof(count));
	return count;
}

/* ---------------------------------------------------------------- disk */

int config_read_file(const char *path, char **ret, size_t *ret_len)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	size_t len = 0, size;

	/* O_NONBLOCK: the open of a FIFO would wait for a writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)FILE_MAX)
		return -EFBIG;
	size = (size_t)st.st_size + 1;
	text = malloc(size);
	if (!text)
		return -ENOMEM;
	while (len < size) { /* what is appended meanwhile is left for the next reload */
		ssize_t n = read(fd, text + len, size - len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
	}
	*ret = TAKE_PTR(text);
	*ret_len = len;
	return 0;
}

void config_read_why(const char *path, int error, struct config_why *why)
{
	const char *problem = strerrordesc_np(-error);
	const char *mend = "see that the file exists and that the user of the daemon may read it";

	if (error == -EISDIR) {
		problem = "it is a folder";
		mend = "name a file";
	} else if (error == -EINVAL) {
		problem = "it is not a regular file";
		mend = "name a file that holds YAML";
	} else if (error == -ENOMEM) {
		mend = "give the daemon more memory";
	} else if (error == -EMFILE || error == -ENFILE) {
		mend = "let more files be open (LimitNOFILE of the unit, or fs.file-max)";
	} else if (error == -EIO) {
		mend = "see to the disk; the kernel's log says more";
	} else if (error == -EFBIG) {
		problem = "it is larger than 256 MB";
		mend = "divide it into files that it includes";
	}
	snprintf(why->wrong, sizeof(why->wrong), "cannot read %.300s: %s", path, problem);
	snprintf(why->mend, sizeof(why->mend), "%s", mend);
}

/* ---------------------------------------------------------------- libcyaml */

/* What libcyaml said and took. */
struct loading {
	size_t used, limit; /* octets of memory */
	bool over_limit;
	bool complained;
	char message[200];
	char path[128];
	unsigned line;
};

/* realloc for libcyaml, within a limit. It grows lists one entry a time: doing so by half of the
 * size keeps that from being quadratic. */
static void *loading_memory(void *userdata, void *old, size_t size)
{
	struct loading *l = userdata;
	size_t before = old ? malloc_usable_size(old) : 0;
	size_t want = before && size > 256 ? size + size / 2 : size;
	void *p;

	if (size == 0) {
		l->used -= before;
		free(old);
		return NULL;
	}
	if (size <= before)
		return old;
	if (l->limit && l->used - before + want > l->limit) {
		l->over_limit = true;
		return NULL;
	}
	p = realloc(old, want);
	if (p)
		l->used += malloc_usable_size(p) - before;
	return p;
}

/* Puts a step of the backtrace, which comes inside out, before what is known of the path. */
static void add_step(struct loading *l, const char *step)
{
	char path[sizeof(l->path)];

	snprintf(path, sizeof(path), "%.60s%s%.60s", step,
		l->path[0] && l->path[0] != '[' ? "." : "", l->path);
	memcpy(l->path, path, sizeof(path));
}

/* libcyaml's log: a complaint, then the backtrace with lines. */
__attribute__((format(printf, 3, 0))) static void loading_log(
	cyaml_log_t level, void *userdata, const char *format, va_list args)
{
	struct loading *l = userdata;
	char line[sizeof(l->message)], key[64], step[80];
	unsigned number, at;

	vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\n")] = '\0';
	l->complained = true;
	if (sscanf(line, "  in mapping field '%63[^']' (line: %u", key, &at) == 2)
		snprintf(step, sizeof(step), "%s", key);
	else if (sscanf(line, "  in sequence entry '%u' (line: %u", &number, &at) == 2)
		snprintf(step, sizeof(step), "[%u]", number ? number - 1 : 0);
	else if (strncmp(line, "  in ", 5) != 0) {
		if (!l->message[0])
			snprintf(l->message, sizeof(l->message), "%s",
				strncmp(line, "Load: ", 6) == 0 ? line + 6 : line);
		return;
	} else {
		return;
	}
	if (!l->line)
		l->line = at;
	add_step(l, step);
}

static cyaml_config_t cyaml_settings(struct loading *l)
{
	return (cyaml_config_t){ .log_fn = loading_log,
		.log_ctx = l,
		.mem_fn = loading_memory,
		.mem_ctx = l,
		.log_level = CYAML_LOG_WARNING };
}

/* A scalar with an escaped NUL in it reaches us cut short. */
static bool may_hold_nul(const char *text, size_t len)
{
	static const char *const escapes[] = { "\\0", "\\x00", "\\u0000", "\\U00000000" };

	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (memmem(text, len, escapes[i], strlen(escapes[i])))
			return true;
	return false;
}

/* Adds libcyaml's own words on why it refused the file, for what the second look did not find. */
static void add_cyaml_fault(
	const struct loading *l, cyaml_err_t error, unsigned file, struct config_faults *faults)
{
	struct config_position at = { .file = file, .key = KEY_NONE, .line = l->line };
	const char *message = l->message[0] ? l->message : cyaml_strerror(error);
	struct config_why why;

	text_escape(why.wrong, sizeof(why.wrong), message, strlen(message));
	snprintf(why.mend, sizeof(why.mend), "compare with the example in ftphealth.yaml(5)");
	if (l->over_limit) {
		snprintf(why.wrong, sizeof(why.wrong),
			"its aliases repeat too much, more than %zu MB", l->limit >> 20);
		snprintf(why.mend, sizeof(why.mend), "write the values in defaults or in groups");
	}
	config_faults_add(faults, &at, l->path[0] && !l->over_limit ? l->path : NULL, &why);
}

/* libyaml has words for all that can be wrong with a file, and none for a lack of memory. */
static bool is_out_of_memory(const struct loading *l, cyaml_err_t error)
{
	if (error == CYAML_ERR_LIBYAML_PARSER)
		return strcmp(l->message, "libyaml: (null)") == 0;
	return error == CYAML_ERR_LIBYAML_PARSER_INIT || (error == CYAML_ERR_OOM && !l->over_limit);
}

int config_source_parse(const struct config_schema *schema, struct config_source *source,
	unsigned file, struct config_faults *faults)
{
	struct loading l = { .limit = MEMORY_BASE + MEMORY_PER_OCTET * source->len };
	cyaml_config_t settings = cyaml_settings(&l);
	struct config_position at = { .file = file, .key = KEY_NONE, .line = 1 };
	cyaml_data_t *data = NULL;
	cyaml_err_t error;

	error = cyaml_load_data((const uint8_t *)source->text, source->len, &settings,
		&schema->places[source->place].root, &data, NULL);
	source->raw = (void **)data;
	if (is_out_of_memory(&l, error))
		return -ENOMEM;
	if (error == CYAML_OK && !data) {
		config_faults_add(faults, &at, NULL,
			&(struct config_why){ .wrong = "there is nothing in the file",
				.mend = "write targets: [] if no server is to be watched" });
		return -EINVAL;
	}
	if (error == CYAML_OK && !l.complained && !may_hold_nul(source->text, source->len))
		return 0;
	if (!l.over_limit && config_walk_explain(source, file, faults) > 0)
		return -EINVAL;
	if (error == CYAML_OK && !l.complained)
		return 0;
	add_cyaml_fault(&l, error, file, faults);
	return -EINVAL;
}

void config_source_done(const struct config_schema *schema, struct config_source *source)
{
	struct loading l = { 0 };
	cyaml_config_t settings = cyaml_settings(&l);

	if (source->raw)
		cyaml_free(&settings, &schema->places[source->place].root, source->raw, 0);
	free(source->text);
	free(source->path);
	*source = (struct config_source){ 0 };
}
