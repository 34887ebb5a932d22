/* SPDX-License-Identifier: ISC */
/* What the parts of the configuration reader share: keys, faults, files; config.h is the contract.
 */
#ifndef FTPHEALTH_CONFIG_PRIVATE_H
#define FTPHEALTH_CONFIG_PRIVATE_H

#include <cyaml/cyaml.h>

#include "agent/config.h"
#include "common/util.h"
#include "probes/collect.h"

/* ---------------------------------------------------------------- keys: config_keys.c */

/* Where a key may stand. */
enum config_place {
	PLACE_TOP,    /* of the main file */
	PLACE_DROPIN, /* top level of an included file */
	PLACE_AGENTX,
	PLACE_HISTORY,
	PLACE_NOTIFICATIONS,
	PLACE_FLAP,
	PLACE_METRICS,
	PLACE_DEFAULTS,
	PLACE_GROUP,
	PLACE_TARGET,
	PLACE_EVIDENCE, /* in one of the three above; what stands in it follows it */
	PLACE_SETTING,
	PLACE_LOG,
	PLACE_SNMP,
	PLACE_AFTER, /* in one of the three, too */
	PLACE_END
};

enum config_shape { SHAPE_SCALAR, SHAPE_MAPPING, SHAPE_MAPPINGS, SHAPE_TEXTS };

/* What the value of a key goes into, where several things are said at one place. */
enum config_draft {
	DRAFT_OWN,    /* the object of the place */
	DRAFT_ACCESS, /* struct access_draft */
	DRAFT_TLS,    /* struct tls_settings */
};

/* Why a value was refused; both without a full stop. */
struct config_why {
	char wrong[384];
	char mend[768];
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
	/* Of FIELD in struct config, struct target_config, struct access_draft, struct
	 * evidence_draft, struct tls_settings or struct after_settings; of texts, of the first of
	 * them. */
	size_t offset;
	size_t count;      /* of texts: offset of how many there are */
	size_t entries;    /* of texts: at most so many, at least one; 0 = any number */
	uint64_t min, max; /* of a number, of a duration (microseconds), of a length (octets) */
	bool secret;       /* never quoted in a message */
	enum config_draft draft;
	const char *syntax;
	const char *expects; /* follows "write" */
	const char *entry;   /* of texts: what one of them is */
};

/* A set of rows. */
typedef unsigned __int128 config_rows;
#define CONFIG_ROW(row) ((config_rows)1 << (row))
#define CONFIG_ALL_ROWS (~(config_rows)0)

static inline bool config_has_row(config_rows set, int row)
{
	return set >> row & 1;
}

enum { CONFIG_KEYS_MAX = 127 };

extern const struct config_key config_keys[];
extern const size_t config_n_keys;

/* What stands before the dot in messages and in --contract; below a target without what is said of
 * the target: evidence.setting. NULL for the top level. */
const char *config_place_name(enum config_place place);

/* What holds where the file says nothing of the top level. The strings are static. */
void config_init(struct config *c);

/* The last place of those that are PLACE or stand in it. */
enum config_place config_place_last(enum config_place place);

/* The row of the key NAME (LEN octets) at PLACE, or -1. */
int config_key_find(enum config_place place, const char *name, size_t len);

/* True when the row stands at PLACE. */
bool config_key_is_at(size_t row, enum config_place place);

/* What to say of a key that is not known at PLACE. */
void config_key_unknown(
	enum config_place place, const char *name, size_t len, struct config_why *why);

/* Refuses TEXT: PROBLEM follows the quoted value; MEND is a command, or NULL for what the row
 * expects. Always false. */
bool config_refuse(const struct config_key *key, const char *text, const char *problem,
	const char *mend, struct config_why *why);

/* Refuses TEXT as not of the row's syntax. Always false. */
bool config_refuse_syntax(const struct config_key *key, const char *text, struct config_why *why);

/* True when the length of TEXT is what the row allows. */
bool config_length_is_good(const struct config_key *key, const char *text, struct config_why *why);

/* True when TEXT is an absolute path of that length, without control characters. */
bool config_path_is_absolute(
	const struct config_key *key, const char *text, struct config_why *why);

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
bool config_parse_seconds(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_family(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_boolean(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_oid(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_listen(
	const struct config_key *key, const char *text, void *field, struct config_why *why);

bool config_parse_url(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_file(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_agent(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_address(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_format(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_protocol(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_credential_name(
	const struct config_key *key, const char *text, void *field, struct config_why *why);

bool config_parse_source(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_proxy(
	const struct config_key *key, const char *text, void *field, struct config_why *why);

bool config_parse_tls_mode(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_tls_version(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_tls_file(
	const struct config_key *key, const char *text, void *field, struct config_why *why);

bool config_parse_after_command(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_after_passive(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_after_foreign(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_after_path(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_after_sha256(
	const struct config_key *key, const char *text, void *field, struct config_why *why);
bool config_parse_after_size(
	const struct config_key *key, const char *text, void *field, struct config_why *why);

/* The number of TEXT, in upper or lower case, among what LABEL names from 0 to LAST (NULL for a
 * number that is none); -1 when it is none. */
int config_find_label(const char *(*label)(unsigned), unsigned last, const char *text);

/* True for a host name, not an address. */
bool config_is_host_name(const char *name);

bool config_has_control(const char *text);

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
	enum config_place layer; /* what it is in at the top level, or that itself */
	size_t item;             /* which of that list, or 0 */
	enum config_place place; /* the mapping: LAYER or within it */
	int key;                 /* row, or KEY_... */
	size_t entry;            /* 1 + which of a list of texts; 0 = the list */
	unsigned line;
};

/* The mapping of LAYER (number ITEM of a list). */
struct config_position config_position_of(unsigned file, enum config_place layer, size_t item);

/* By layer, item, place, key and entry; of one file. */
int config_position_compare(const struct config_position *a, const struct config_position *b);

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
 * of its place, to text, to a mapping or to a list; the counts of the lists follow. */
struct config_schema {
	struct config_place_schema {
		cyaml_schema_field_t fields[CONFIG_KEYS_MAX + 1];
		int slot[CONFIG_KEYS_MAX];
		int count[CONFIG_KEYS_MAX]; /* slot of the count */
		size_t n;                   /* keys */
		size_t size;                /* keys and counts */
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

/* Fills in the lines of WANTED, all of one file, sorted as config_position_compare() does. */
void config_walk_locate(
	const struct config_source *source, struct config_position **wanted, size_t n);

/* ---------------------------------------------------------------- addresses: config_url.c */

/* What may stand in braces: {host} and {name}; in a URL dates, too. */
enum config_braces {
	BRACES_NONE,
	BRACES_FILE,  /* an absolute path */
	BRACES_URL,   /* an absolute path or a URL */
	BRACES_AGENT, /* an address for net-snmp */
};

enum { CONFIG_EXPANDED_MAX = FETCH_URL_MAX };

struct config_braces_values {
	const char *host, *name;
	const char *host6; /* for brackets when HOST is only an example; or NULL */
	bool sample_dates; /* write some date in place of {%...}, which else stays */
};

enum config_expanded { EXPANDED, EXPANDED_BAD, EXPANDED_BAD_NAME };

/* Writes TEXT to DST with braces replaced. Else returns what is at fault, the text or the name, and
 * *WHY. */
enum config_expanded config_expand(enum config_braces braces,
	const struct config_braces_values *values, const char *text,
	char dst[CONFIG_EXPANDED_MAX + 1], struct config_why *why);

/* True for an absolute path, for smb:// and for a URL that libcurl reads, with all that a file
 * needs. PROBLEM follows the quoted address, *MEND is NULL or a command. */
enum { CONFIG_PROBLEM_SIZE = 192 };
bool config_address_is_good(
	const char *address, char problem[CONFIG_PROBLEM_SIZE], const char **mend);

/* ---------------------------------------------------------------- evidence: evidence_config.c */

/* What one layer and those below it say of evidence; strings are borrowed, and not replaced. */
struct evidence_draft {
	struct evidence_source source;
	bool enabled;
};

enum { EVIDENCE_NO_FORMAT = -1 }; /* of a draft: setting.format was not said */

/* A contradiction, for which a layer that gave one of two rows is to blame. */
struct evidence_fault {
	int row, other;
	size_t entry;  /* of row, when it is a list; 1 and more, or 0 */
	bool bad_name; /* of the target; then there are no rows */
	struct config_why why;
};

enum { EVIDENCE_FAULTS_MAX = 16 };

/* What contradicts itself in S among the rows OWN. */
size_t evidence_check_layer(const struct evidence_source *s, config_rows own,
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX]);

/* Makes the source of a target in one allocation: NULL when none is configured. A half without its
 * other half is a fault when its row is among OWN. Returns 0; or -EINVAL, with faults; or -ENOMEM.
 */
int evidence_make(const struct evidence_source *s, const struct config_braces_values *values,
	config_rows own, struct evidence_source **ret,
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX], size_t *ret_n);

/* The row of KEY at PLACE; it must be there. */
int config_row_of(enum config_place place, const char *key);

/* ---------------------------------------------------------------- targets: config_evidence.c */

/* Evidence in one layer. */
struct evidence_layer {
	struct config_position at;
	struct evidence_draft draft;  /* with what is below it applied */
	config_rows own;              /* rows that it gave itself */
	config_rows blamed;           /* rows that were complained about */
	bool bad;                     /* it, or one below, has a value that is none */
	struct evidence_layer *below; /* borrowed; NULL for defaults */
};

struct config_load;

/* Fills LAYER from MAPPING (NULL: there is none) over BELOW (NULL: over the built-in values). */
void config_evidence_apply(struct config_load *load, const struct config_position *at,
	void **mapping, struct evidence_layer *below, struct evidence_layer *layer);

/* Makes the source of the target T, whose layer is LAYER. Returns 0, with or without faults, or
 * -ENOMEM. */
int config_evidence_make(
	struct config_load *load, struct evidence_layer *layer, struct target_config *t);

/* ---------------------------------------------------------------- targets: config_tls.c */

/* TLS in one layer. */
struct tls_layer {
	struct config_position at;
	struct tls_settings draft; /* with what is below it applied */
	config_rows own;           /* rows that it gave itself */
	bool bad;                  /* it, or one below, was complained about */
	struct tls_layer *below;   /* borrowed; NULL for defaults */
};

/* Fills LAYER from MAPPING (NULL: there is none) over BELOW (NULL: over the built-in values). */
void config_tls_apply(struct config_load *load, const struct config_position *at, void **mapping,
	struct tls_layer *below, struct tls_layer *layer);

/* Makes t->tls of the target T, whose layer is LAYER. Returns 0, with or without faults, or
 * -ENOMEM. */
int config_tls_make(struct config_load *load, struct tls_layer *layer, struct tls_pool **pool,
	struct target_config *t);

/* ---------------------------------------------------------------- targets: config_after.c */

/* What is asked after a login, in one layer. */
struct after_layer {
	struct config_position at;
	struct after_settings draft; /* with what is below it applied */
	config_rows own;             /* rows that it gave itself */
	bool bad;                    /* it, or one below, was complained about */
	struct after_layer *below;   /* borrowed; NULL for defaults */
};

/* Fills LAYER from MAPPING (NULL: there is none) over BELOW (NULL: over the built-in values). */
void config_after_apply(struct config_load *load, const struct config_position *at, void **mapping,
	struct after_layer *below, struct after_layer *layer);

/* Makes t->after of the target T, whose layer is LAYER. Returns 0, with or without faults, or
 * -ENOMEM. */
int config_after_make(
	struct config_load *load, struct after_layer *layer, void **pool, struct target_config *t);

/* ---------------------------------------------------------------- targets: config_access.c */

/* The account and the route in one layer. */
struct access_layer {
	struct config_position at;
	struct access_draft draft;  /* with what is below it applied */
	config_rows own;            /* rows that it gave itself */
	bool bad;                   /* it, or one below, was complained about */
	struct access_layer *below; /* borrowed; NULL for defaults */
};

/* Fills LAYER from MAPPING (NULL: there is none), which also gave the rows GIVEN, over BELOW (NULL:
 * over nothing). */
void config_access_apply(struct config_load *load, const struct config_position *at, void **mapping,
	config_rows given, struct access_layer *below, struct access_layer *layer);

/* Gives the target T, whose layer is LAYER, its route and the account that it names; strings stay
 * those of POOL. Returns 0, with or without faults, or -ENOMEM. */
int config_access_make(struct config_load *load, struct access_layer *layer,
	struct access_pool *pool, struct target_config *t);

/* ---------------------------------------------------------------- targets: config_targets.c */

/* A configuration while it is being read. */
struct config_load {
	struct config_schema schema;
	struct config_source *sources; /* the main file first */
	size_t n_sources;
	struct config_faults faults;
	struct config *config;
};

/* Parses the keys of one mapping that belong in DRAFT into OBJECT, which is that, or a struct
 * config, target_config, evidence_draft or after_settings (strings stay borrowed), and adds their
 * rows to *SET. */
void config_apply(struct config_load *load, const struct config_position *at, void **mapping,
	enum config_draft draft, void *object, config_rows *set);

/* Makes load->config->targets from defaults, groups and targets of all sources. Returns 0 or
 * -ENOMEM; faults go to load->faults. */
int config_make_targets(struct config_load *load);

#endif
