/* SPDX-License-Identifier: ISC */
/* Where evidence on one server is found: from keys of the configuration, or options of a command,
 * to a struct evidence_source. */
#ifndef FTPHEALTH_EVIDENCE_CONFIG_H
#define FTPHEALTH_EVIDENCE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/util.h"
#include "probes/collect.h"

/* A draft: nothing is configured, and the defaults. */
void evidence_source_init(struct evidence_source *s);

/* Sets a KEY below `evidence` of ftphealth.yaml(5), such as "control" or "setting.url" ("module"
 * adds one), of the draft S to what TEXT says; strings stay borrowed. Returns false with a sentence
 * in WHY when TEXT is no such value. */
bool target_config_set_evidence(
	struct evidence_source *s, const char *key, const char *text, char *why, size_t size);

/* Makes *RET, NULL when no item is configured, from the draft S: HOST and NAME are in place of
 * {host} and {name}, and the whole is checked. Returns 0; or -EINVAL with a sentence in WHY; or
 * -ENOMEM. */
int evidence_source_finish(const struct evidence_source *s, const char *host, const char *name,
	struct evidence_source **ret, char *why, size_t size);

/* Frees one that evidence_source_finish() or the configuration made: it is one piece with its
 * strings. Takes NULL; returns NULL. */
struct evidence_source *evidence_source_free(struct evidence_source *s);
DEFINE_CLEANUP(struct evidence_source *, evidence_source_free)

/* True when both find the same in the same places; NULL is equal to NULL. */
bool evidence_source_equal(const struct evidence_source *a, const struct evidence_source *b);

#endif
