/* SPDX-License-Identifier: ISC */
/* What the parts of the configuration reader share: keys, faults, files; config.h is the contract.
 */
#ifndef FTPHEALTH_CONFIG_PRIVATE_H
#define FTPHEALTH_CONFIG_PRIVATE_H

#include <cyaml/cyaml.h>

#include "agent/config.h"
#include "common/util.h"

/* ---------------------------------------------------------------- keys: config_keys.c */

/* Where a key may stand. */
enum config_place {
	PLACE_TOP,    /* of the main file */
	PLACE_DROPIN, /* top level of an included file */
	PLACE_AGENTX,
	PLACE_DEFAULTS,
	PLACE_GROUP,
	PLACE_TARGET,
	PLACE_END
};

enum config_shape { SHAPE_SCALAR, SHAPE_MAPPING, SHAPE_MAPPINGS, SHAPE_TEXTS };

/* Why a value was refused; both without a full stop. */
struct config_why {
	char wrong[384];
	char mend[384];
};

/* One row a key. */
struct config_key {
	const char *name;
	unsigned places; /* bits 1 << PLACE_... */
	enum config_shape shape;
	enum config_place child; /* of a mapping or of a list of them */
	/* Checks TEXT and writes the value to FIELD; strings are borrowed from TEXT. Returns
	 * false, with *WHY filled in, when the text is no such value. */
	bool (*parse)(const struct config_key *key, const char *text, void *field,
		struct config_why *why);
	size_t offset;     /* of FIELD in struct config, or in struct target_config */
	uint64_t min, max; /* of a number, of a duration (microseconds), of a length (octets) */
	bool secret;       /* never quoted in a message */
	const char *syntax;
	const char *expects; /* follows "write" */
};

enum { CONFIG_KEYS_MAX = 63 };

extern const struct config_key config_keys[];
extern const size_t config_n_keys;

/* The row of the key NAME (LEN octets) at PLACE, or -1. */
int config_key_find(enum config_place place, const char *name, size_t len);

/* True when the row stands at PLACE. */
bool config_key_is_at(size_t row, enum config_place place);

/* What to say of a key that is not known at PLACE. */
void config_key_unknown(
	enum config_place place, const char *name, size_t len, struct config_why *why);

/* The parsers of the rows; see struct config_key. */
bool config_parse_name(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_text(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_credential(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_path(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_host(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_port(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_count(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_duration(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_family(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_boolean(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_oid(
	const struct config_key *key, const char *text, void *field, struct config_why *why);

/* True for a host name, not an address. */
bool config_is_host_name(const char *name);

/* A duration as one would write it, such as 90s or 1500ms. */
void config_format_duration(uint64_t usec, char *buffer, size_t size);

/* ---------------------------------------------------------------- faults: config_faults.c */

enum {
	KEY_NONE = -1, /* the mapping itself, or at the top level the file */
	KEY_YAML = -2, /* the syntax */
};

/* A place in a file. LINE is 0 until it is known. */
struct config_position {
	unsigned file;
	enum config_place place;
	size_t item; /* which of the list, or 0 */
	int key;     /* row, or KEY_... */
	unsigned line;
};

struct config_fault {
	struct config_position at;
	struct config_position other; /* where the other one of two stands; when has_other */
	bool has_other;
	unsigned sequence;
	char *wrong, *mend;
};

struct config_faults {
	struct config_fault *list;
	size_t n, size;
	bool no_memory; /* one or more could not be kept */
};

/* Adds a fault; NAME is NULL or a key that no row has. */
void config_faults_add(struct config_faults *faults, const struct config_position *at,
	const char *name, const struct config_why *why);

/* Adds a fault that refers to another position; `wrong` ends where that position is to follow. */
void config_faults_add_pair(struct config_faults *faults, const struct config_position *at,
	const struct config_position *other, const struct config_why *why);

void config_faults_done(struct config_faults *faults);

/* ---------------------------------------------------------------- files: config_file.c */

/* The schema for cyaml, built from the rows: a mapping is loaded as an array of pointers, one a key
 * of its place, to text, to a mapping or to a list; at the top level the counts of the lists
 * follow. */
struct config_schema {
	struct config_place_schema {
		cyaml_schema_field_t fields[CONFIG_KEYS_MAX + 1];
		int slot[CONFIG_KEYS_MAX];
		size_t n;
		cyaml_schema_value_t entry; /* in a list */
		cyaml_schema_value_t root;  /* of a file */
	} places[PLACE_END];
	cyaml_schema_value_t text;
};

struct config_source {
	char *path;
	enum config_place place; /* PLACE_TOP or PLACE_DROPIN */
	char *text;
	size_t len;
	void **raw;          /* what cyaml made of it; NULL when it was bad */
	size_t first_target; /* which target of the configuration is its first */
};

void config_schema_init(struct config_schema *schema);

/* Reads a whole file that must be a regular one. Returns 0 or -errno: -EISDIR for a folder, -EINVAL
 * for what is no file either, -EFBIG above 256 MB. */
int config_read_file(const char *path, char **ret, size_t *ret_len);

/* What to say when that failed. */
void config_read_why(const char *path, int error, struct config_why *why);

/* Loads source->text into source->raw. Returns 0, or -EINVAL with faults added, or -ENOMEM. */
int config_source_parse(const struct config_schema *schema, struct config_source *source,
	unsigned file, struct config_faults *faults);

void config_source_done(const struct config_schema *schema, struct config_source *source);

/* The text of a scalar of a mapping at PLACE, or the mapping or the list that stands there; NULL
 * when the key was not given. */
void *config_raw(
	const struct config_schema *schema, enum config_place place, void **mapping, int row);

/* How many entries the list of that row has. */
size_t config_raw_count(
	const struct config_schema *schema, enum config_place place, void **mapping, int row);

/* ---------------------------------------------------------------- lines: config_walk.c */

/* Goes over the text again and adds every fault of form and of single values. Returns how many. */
size_t config_walk_explain(
	const struct config_source *source, unsigned file, struct config_faults *faults);

/* Fills in the lines of WANTED, all of one file, sorted by place, item and key. */
void config_walk_locate(
	const struct config_source *source, struct config_position **wanted, size_t n);

/* ---------------------------------------------------------------- targets: config_targets.c */

/* A configuration while it is being read. */
struct config_load {
	struct config_schema schema;
	struct config_source *sources; /* the main file first */
	size_t n_sources;
	struct config_faults faults;
	struct config *config;
};

/* Parses the keys of one mapping into OBJECT (a struct config or struct target_config; strings stay
 * borrowed) and adds their rows to *SET. */
void config_apply(struct config_load *load, const struct config_position *at, void **mapping,
	void *object, uint64_t *set);

/* Makes load->config->targets from defaults, groups and targets of all sources. Returns 0 or
 * -ENOMEM; faults go to load->faults. */
int config_make_targets(struct config_load *load);

#endif
