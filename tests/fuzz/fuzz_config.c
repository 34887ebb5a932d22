/* SPDX-License-Identifier: ISC */
/* Any octets as the configuration: it loads, or it is refused with a reason, and nothing breaks.
 * The commands, which look for nothing but the store in it, find the one that the daemon has. */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/cli_store_path.h"
#include "agent/config.h"
#include "agent/evidence_config.h"
#include "probes/document.h"
#include "tests/fuzz/holds.h"

struct heard {
	const char *path;
	unsigned lines;
};

/* A complaint is one line of printable ASCII that begins with a file. */
static void on_complaint(void *userdata, const char *line)
{
	struct heard *heard = userdata;

	heard->lines++;
	HOLDS(strncmp(line, heard->path, strlen(heard->path)) == 0 && strstr(line, "; "));
	HOLDS(is_printable(line));
}

static bool has_length(const char *text, size_t min, size_t max)
{
	return text && strlen(text) >= min && strlen(text) <= max;
}

static bool are_texts_good(const struct target_config *t)
{
	return has_length(t->name, 1, 64) && has_length(t->host, 1, 255) &&
		has_length(t->group, 0, 64) && has_length(t->description, 0, 255) &&
		has_length(t->contact, 0, 255) && has_length(t->user, 1, 255) &&
		has_length(t->password, 0, 255);
}

static bool are_numbers_good(const struct target_config *t)
{
	return t->port > 0 && t->timeout_usec > 0 && t->timeout_usec <= t->interval_usec &&
		t->raise > 0 && t->clear > 0 &&
		(t->family == AF_UNSPEC || t->family == AF_INET || t->family == AF_INET6);
}

/* An address that is handed on has a form, and nothing but dates is left in braces. */
static bool is_address_good(const char *address)
{
	if (!address)
		return true;
	return has_length(address, 1, 2047) && (address[0] == '/' || strstr(address, "://")) &&
		!strstr(address, "{host}") && !strstr(address, "{name}");
}

static bool is_evidence_good(const struct evidence_source *s)
{
	if (!s)
		return true;
	for (size_t i = 0; i < s->n_module; i++)
		if (!s->module[i] || !is_address_good(s->module[i]))
			return false;
	return s->n_module <= EVIDENCE_MODULES_MAX && (s->n_module > 0) == (s->control != NULL) &&
		(s->n_module > 0 || s->setting_url || s->log_url || s->snmp_agent) &&
		(!s->setting_url || document_format_name(s->setting_format)) &&
		is_address_good(s->control) && is_address_good(s->setting_url) &&
		is_address_good(s->log_url) && !(s->netrc && s->credential) &&
		!(s->snmp_file && s->snmp_credential) && s->site > 0 &&
		s->min_protocol <= s->max_protocol && s->max_protocol < SMB_PROTOCOLS &&
		s->timeout_usec > 0 && s->timeout_usec <= s->interval_usec && s->max_age_usec > 0 &&
		evidence_source_equal(s, s);
}

static void check_store(const char *path, const struct config *config)
{
	char *store = NULL, why[256];

	HOLDS(cli_store_path(path, &store, why, sizeof(why)) == 0);
	HOLDS(strcmp(store, config->store) == 0);
	free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard heard;
	struct config *config = NULL;
	char path[64];
	int fd, r;

	/* What it includes is looked for beside it, where there is nothing but descriptors. */
	if (memmem(data, size, "include", strlen("include")))
		return 0;
	fd = memfd_create("config", MFD_CLOEXEC);
	HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	heard = (struct heard){ .path = path };
	r = config_load(path, on_complaint, &heard, &config);
	HOLDS((r == 0) == (heard.lines == 0) && (r == 0) == (config != NULL));
	if (config)
		check_store(path, config);
	close(fd);
	for (size_t i = 0; config && i < config->n_targets; i++) {
		HOLDS(are_texts_good(&config->targets[i]));
		HOLDS(are_numbers_good(&config->targets[i]));
		HOLDS(is_evidence_good(config->targets[i].evidence));
	}
	config_free(config);
	return 0;
}
