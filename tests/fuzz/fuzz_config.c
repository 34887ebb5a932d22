/* SPDX-License-Identifier: ISC */
/* Any octets as the configuration: it loads, or it is refused with a reason, and nothing breaks. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	const char *path;
	unsigned lines;
};

/* A complaint is one line of printable ASCII that begins with a file. */
static void on_complaint(void *userdata, const char *line)
{
	struct heard *heard = userdata;

	heard->lines++;
	if (strncmp(line, heard->path, strlen(heard->path)) != 0 || !strstr(line, "; "))
		abort();
	for (; *line; line++)
		if (*line < 0x20 || *line > 0x7e)
			abort();
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
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	heard = (struct heard){ .path = path };
	r = config_load(path, on_complaint, &heard, &config);
	close(fd);
	if ((r == 0) != (heard.lines == 0) || (r == 0) != (config != NULL))
		abort();
	for (size_t i = 0; config && i < config->n_targets; i++)
		if (!are_texts_good(&config->targets[i]) || !are_numbers_good(&config->targets[i]))
			abort();
	config_free(config);
	return 0;
}
