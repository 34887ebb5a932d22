/* SPDX-License-Identifier: ISC */
/* What is asked after a login: what each target gets of it, and the line that each fault earns. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "agent/config.h"
#include "common/util.h"
#include "tests/unit/config_folder.h"

#define SHA "BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define LOW "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define AT_1 "@/main.yaml:1: targets[0].after-login."
#define ONE(mapping) "targets: [ { name: a, host: h, after-login: { " mapping " } } ]\n"
#define SIZES "; write a number of octets from 1 to 1G, such as 500K or 16M\n"
#define CONTROL \
	" has a control character, which would cut the FTP command, or is not UTF-8; take it out; " \
	"write the path on one line\n"

/* clang-format off */
static const struct row {
	const char *label;
	const char *text; /* of the configuration */
	const char *want; /* "command path sha256 max-size passive foreign-address" of each target, or the complaints */
} rows[] = {
	{ "nothing", "targets: [ { name: a, host: h } ]\n", "none; " },
	{ "a command alone", ONE("command: pwd"), "pwd - - 16777216 auto refuse; " },
	{ "all", ONE("command: retr, path: /f, sha256: " SHA ", max-size: 3K, passive: pasv, foreign-address: follow"),
		"retr /f " LOW " 3072 pasv follow; " },
	{ "in capitals", ONE("command: LIST, max-size: 1g, passive: EPSV, foreign-address: Ignore"), "list - - 1073741824 epsv ignore; " },
	{ "octets", ONE("command: list, max-size: 1"), "list - - 1 auto refuse; " },
	{ "a path with blanks and letters", ONE("command: list, path: \"/pub/gr\\u00fcn und\""), "list /pub/gr\xc3\xbcn und - 16777216 auto refuse; " },
	{ "layers", "defaults: { after-login: { command: list, max-size: 1M } }\n"
		"groups: [ { name: g, after-login: { path: /g, passive: pasv } } ]\n"
		"targets: [ { name: a, host: h }, { name: b, host: h, group: g }, { name: c, host: h, group: g, after-login: { path: /c } },\n"
		" { name: d, host: h, group: g, after-login: { command: none } } ]\n",
		"list - - 1048576 auto refuse; list /g - 1048576 pasv refuse; list /c - 1048576 pasv refuse; none; " },
	{ "another command leaves behind what does not go with it",
		"defaults: { after-login: { command: retr, path: /f, sha256: " SHA " } }\n"
		"targets: [ { name: a, host: h }, { name: b, host: h, after-login: { command: pwd } },\n"
		" { name: c, host: h, after-login: { command: list, path: /d } } ]\n",
		"retr /f " LOW " 16777216 auto refuse; pwd - - 16777216 auto refuse; list /d - 16777216 auto refuse; " },
	{ "a digest that waits for its file", "defaults: { after-login: { sha256: " SHA " } }\n"
		"targets: [ { name: a, host: h }, { name: b, host: h, after-login: { command: retr, path: /f } } ]\n",
		"none; retr /f " LOW " 16777216 auto refuse; " },

	{ "an unknown command", ONE("command: stor"), AT_1 "command: \"stor\" is not a command; write none, pwd, list or retr\n" },
	{ "a file without a path", ONE("command: retr"), AT_1 "command: there is no path; add path: FILE, the file that is to be fetched\n" },
	{ "a digest of a listing", ONE("command: list, sha256: " SHA), AT_1 "sha256: only a file has one; take it out, or write command: retr\n" },
	{ "a path of pwd", ONE("command: pwd, path: /f"), AT_1 "path: pwd takes no path; take it out, or write command: list\n" },
	{ "a digest too short", ONE("sha256: ba78"), AT_1 "sha256: \"ba78\" is not a digest; write 64 hexadecimal digits, as sha256sum prints them\n" },
	{ "no size", ONE("max-size: 0"), AT_1 "max-size: \"0\" is not a size" SIZES },
	{ "a size too large", ONE("max-size: 2G"), AT_1 "max-size: \"2G\" is not a size" SIZES },
	{ "a size that overflows", ONE("max-size: 99999999999999999999G"), AT_1 "max-size: \"99999999999999999999G\" is not a size" SIZES },
	{ "a size of another unit", ONE("max-size: 1MB"), AT_1 "max-size: \"1MB\" is not a size" SIZES },
	{ "a line end in a path", ONE("path: \"/a\\r\\nDELE b\""), AT_1 "path: \"/a\\x0D\\x0ADELE b\"" CONTROL },
	{ "a path that turns the direction of writing", ONE("path: \"/a\\u202eb\""), AT_1 "path: \"/a\\xE2\\x80\\xAEb\"" CONTROL },
	{ "an unknown way", ONE("passive: port"), AT_1 "passive: \"port\" is not a passive; write auto, epsv or pasv\n" },
	{ "told once, where it stands", "defaults:\n  after-login:\n    command: retr\ntargets: [ { name: a, host: h }, { name: b, host: h } ]\n",
		"@/main.yaml:3: defaults.after-login.command: there is no path; add path: FILE, the file that is to be fetched\n" },
	{ "an unknown key", ONE("paht: /f"), AT_1 "paht: unknown key, did you mean path?; the keys allowed here are command path sha256 max-size passive foreign-address\n" },
};
/* clang-format on */

static void describe(const struct target_config *t, char *buffer, size_t size)
{
	const struct after_settings *s = after_settings_of(t->after);

	if (!t->after)
		snprintf(buffer, size, "none; ");
	else
		snprintf(buffer, size, "%s %s %s %llu %s %s; ", session_command_label(s->command),
			s->path ? s->path : "-", s->sha256 ? s->sha256 : "-",
			(unsigned long long)s->max_size, after_passive_label(s->passive),
			after_foreign_label(s->foreign));
}

static void check_row(void **state)
{
	const struct row *row = *state;
	char folder[32], path[64], got[1024] = "";
	struct config *config = NULL;
	struct said said;
	int r;

	make_folder(folder, row->text, strlen(row->text), NULL);
	snprintf(path, sizeof(path), "%s/main.yaml", folder);
	said = (struct said){ .folder = folder };
	r = config_load(path, on_complaint, &said, &config);
	remove_folder(folder);
	if (r == 0) {
		for (size_t i = 0; i < config->n_targets; i++)
			describe(&config->targets[i], got + strlen(got), sizeof(got) - strlen(got));
		assert_null(said.text);
		assert_string_equal(got, row->want);
	} else {
		assert_int_equal(r, -EINVAL);
		assert_string_equal(said.text, row->want);
	}
	config_free(config);
	free(said.text);
}

/* Targets of the same wish share it; another one is another configuration. */
static void shares(void **state)
{
	static const char text[] =
		"defaults: { after-login: { command: list } }\n"
		"targets: [ { name: a, host: h }, { name: b, host: h }, { name: c, host: h, "
		"after-login: { passive: epsv } } ]\n";
	struct config *configs[2];
	char folder[32], path[64];
	struct said said;

	make_folder(folder, text, strlen(text), NULL);
	snprintf(path, sizeof(path), "%s/main.yaml", folder);
	said = (struct said){ .folder = folder };
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(config_load(path, on_complaint, &said, &configs[i]), 0);
	remove_folder(folder);
	assert_ptr_equal(configs[0]->targets[0].after, configs[0]->targets[1].after);
	assert_ptr_not_equal(configs[0]->targets[0].after, configs[0]->targets[2].after);
	assert_true(target_config_equal(&configs[0]->targets[0], &configs[1]->targets[0]));
	after_unref(configs[1]->targets[0].after);
	configs[1]->targets[0].after = after_ref(configs[1]->targets[2].after);
	assert_false(target_config_equal(&configs[0]->targets[0], &configs[1]->targets[0]));
	config_free(configs[0]);
	config_free(configs[1]);
}

int main(void)
{
	UNIT_ROWS(rows, check_row);
	UNIT_TEST(shares);
	return unit_run("config_after");
}
