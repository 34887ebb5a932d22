/* SPDX-License-Identifier: ISC */
/* Any octets as a netrc file: entries that can be found, or a reason without a word of the file,
 * for there are secrets in it. */
#include <string.h>

#include "probes/netrc.h"
#include "tests/fuzz/holds.h"

static void check_entry(const struct netrc_entry *e, size_t size)
{
	const char *const words[] = { e->login, e->password, e->account };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		HOLDS(!words[i] ||
			(strlen(words[i]) <= NETRC_WORD_MAX && strlen(words[i]) <= size));
}

/* The complaint is made of our words: the same for a file that has others in its words' place. */
static void check_secrecy(const uint8_t *data, size_t size, const char *why)
{
	_cleanup_(freep) char *other = malloc(size + 1);
	struct netrc *n = NULL;
	char same[NETRC_WHY_SIZE] = "";

	HOLDS(other);
	for (size_t i = 0; i < size; i++)
		other[i] = (char)(data[i] >= '2' && data[i] <= '8' ? data[i] + 1 : data[i]);
	HOLDS(netrc_parse(other, size, &n, same) < 0 && strcmp(why, same) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hosts[] = { "ftp.example.com", "h", "" };
	struct netrc *n = NULL;
	struct netrc_entry entry, exact;
	char why[NETRC_WHY_SIZE] = "";

	if (netrc_parse((const char *)data, size, &n, why) < 0) {
		HOLDS(!n && *why && is_printable(why));
		check_secrecy(data, size, why);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		bool found = netrc_find(n, hosts[i], true, &entry);

		if (found)
			check_entry(&entry, size);
		if (netrc_find(n, hosts[i], false, &exact))
			HOLDS(found);
	}
	netrc_free(n);
	return 0;
}
