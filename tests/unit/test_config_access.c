/* SPDX-License-Identifier: ISC */
/* Accounts out of secret files: which one a target gets, and the line that each fault earns. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>

#include "agent/config.h"
#include "common/util.h"
#include "tests/unit/config_folder.h"

#define BOTH "machine h login u password hush-h\nmachine i login \"D\\\\v\" password \"\"\n"
#define GOOD "targets: [ { name: a, host: h, netrc: @/n } ]\n"
#define MEND "; name one that the user of the daemon can read, and nobody else\n"

#define NOT_PROXY(line, n, text) \
	"@/main.yaml:" line ": targets[" n "].proxy: \"" text \
	"\" is not a proxy; write socks5://HOST:PORT, socks5h://HOST:PORT, http://HOST:PORT, or " \
	"none\n"
#define NOT_LOCAL(line, n, text) \
	"@/main.yaml:" line ": targets[" n "].host: " text \
	" is link-local, and leads nowhere without an interface; add the interface, as in " \
	"fe80::1%eth0, or name it as source\n"
#define NOT_FAMILY(line, n, text, is, said, mend) \
	"@/main.yaml:" line ": targets[" n "].host: " text " is an address of " is \
	", and address-family is " said "; let that be " mend ", or any\n"
#define NOT_SOURCE(line, n, text) \
	"@/main.yaml:" line ": targets[" n "].source: \"" text \
	"\" is not a source; write an IPv4 or IPv6 address of this host, the name of an " \
	"interface, or any\n"

/* clang-format off */
static const struct row {
	const char *label;
	const char *text;  /* of the configuration; @ is the folder */
	const char *netrc; /* of the file "n", and of the credential "c" */
	mode_t mode;
	const char *want;  /* "user/password" of each target, or the complaints */
} rows[] = {
	{ "an entry", GOOD, BOTH, 0600, "u/hush-h " },
	{ "an entry in other letters", "targets: [ { name: a, host: H, netrc: @/n } ]\n", BOTH, 0600, "u/hush-h " },
	{ "a domain stays, an empty password is one", "targets: [ { name: a, host: i, netrc: @/n } ]\n", BOTH, 0600, "D\\v/ " },
	{ "a file for all", "defaults: { netrc: @/n }\ntargets: [ { name: a, host: h }, { name: b, host: i } ]\n", BOTH, 0600, "u/hush-h D\\v/ " },
	{ "default for the others", "defaults: { netrc: @/n }\ntargets: [ { name: a, host: h }, { name: b, host: j } ]\n",
		BOTH "default login w password x\n", 0600, "u/hush-h w/x " },
	{ "braces", "defaults: { netrc: \"@/{name}\" }\ntargets: [ { name: n, host: h } ]\n", BOTH, 0600, "u/hush-h " },
	{ "a credential", "targets: [ { name: a, host: h, credential: n } ]\n", BOTH, 0600, "u/hush-h " },
	{ "a credential that the group may read, as systemd has it", "targets: [ { name: a, host: h, credential: n } ]\n", BOTH, 0440, "u/hush-h " },
	{ "the target's credential goes before the group's file", "groups: [ { name: g, netrc: /none } ]\n"
		"targets: [ { name: a, host: h, group: g, credential: n } ]\n", BOTH, 0600, "u/hush-h " },
	{ "the group's file goes before the user of defaults", "defaults: { user: x, password: y }\ngroups: [ { name: g, netrc: @/n } ]\n"
		"targets: [ { name: a, host: h, group: g }, { name: b, host: h } ]\n", BOTH, 0600, "u/hush-h x/y " },
	{ "the target's user goes before the file of defaults", "defaults: { netrc: /none }\n"
		"targets: [ { name: a, host: h, user: x, password: y } ]\n", BOTH, 0600, "x/y " },
	{ "no entry", "defaults: { netrc: @/n }\ntargets:\n- { name: a, host: h }\n- { name: b, host: j }\n", BOTH, 0600,
		"@/main.yaml:4: targets[1].host: the netrc file @/n has no entry for j, and no default; add: machine HOST login USER password PASSWORD\n" },
	{ "no login", GOOD, "machine h password hush\n", 0600,
		"@/main.yaml:1: targets[0].host: the netrc file @/n has no login for h; add it\n" },
	{ "an empty login", GOOD, "machine h login \"\" password hush\n", 0600,
		"@/main.yaml:1: targets[0].host: the netrc file @/n has no login for h; add it\n" },
	{ "no password", GOOD, "machine h login u\n", 0600,
		"@/main.yaml:1: targets[0].host: the netrc file @/n has no password for h; add it\n" },
	{ "a file that the group may read", GOOD, BOTH, 0640,
		"@/main.yaml:1: targets[0].netrc: file @/n: open to group or others; make it so with chmod 600" MEND },
	{ "a file that others may read, told once", "defaults:\n  port: 1\n  netrc: @/n\ntargets: [ { name: a, host: h }, { name: b, host: i } ]\n", BOTH, 0604,
		"@/main.yaml:3: defaults.netrc: file @/n: open to group or others; make it so with chmod 600" MEND },
	{ "a credential that others may read", "targets: [ { name: a, host: h, credential: n } ]\n", BOTH, 0604,
		"@/main.yaml:1: targets[0].credential: credential n: open to others" MEND },
	{ "a file that is not there", "targets: [ { name: a, host: h, netrc: @/m } ]\n", BOTH, 0600,
		"@/main.yaml:1: targets[0].netrc: file @/m: No such file or directory" MEND },
	{ "a file that is none, its words not repeated", GOOD, "machine h\nhush hush\n", 0600,
		"@/main.yaml:1: targets[0].netrc: netrc file @/n: line 2: none of machine, default, login, password, account" MEND },
	{ "a line end in a password", GOOD, "machine h login u password \"a\\nDELE x\"\n", 0600,
		"@/main.yaml:1: targets[0].netrc: netrc file @/n: line 1: a control character" MEND },
	{ "a relative path", "targets: [ { name: a, host: h, netrc: n } ]\n", BOTH, 0600,
		"@/main.yaml:1: targets[0].netrc: \"n\" is not an absolute path; write the absolute path of a file, such as /etc/ftphealth/netrc\n" },
	{ "both", "targets: [ { name: a, host: h, netrc: @/n, credential: n } ]\n", BOTH, 0600,
		"@/main.yaml:1: targets[0].credential: there are both netrc and credential; keep one of the two\n" },
	{ "said twice", "groups: [ { name: g, password: x, netrc: @/n } ]\ntargets: []\n", BOTH, 0600,
		"@/main.yaml:1: groups[0].netrc: the account is said twice: by netrc and by password; keep the file, or user and password\n" },
	{ "a proxy's entry is not the target's, and enough", "targets: [ { name: a, host: j, user: ftp, proxy: \"http://h:1\" } ]\n", BOTH, 0600, "ftp/* " },
	{ "with a proxy an entry for the target is not needed", "targets: [ { name: a, host: j, netrc: @/n, proxy: \"http://h:1\" } ]\n", BOTH, 0600, "anonymous/* " },
	{ "each proxy and source",
		"defaults: { proxy: \"socks5://h:1080\", source: 192.0.2.1 }\ntargets:\n- { name: a, host: h, proxy: none, source: any, user: a }\n"
		"- { name: b, host: h, user: b, proxy: \"socks5h://[2001:db8::1]:1\", source: eth0.1 }\n"
		"- { name: c, host: h, user: c, proxy: \"http://192.0.2.1:65535\" }\n- { name: d, host: h, user: d }\n", BOTH, 0600, "a/* b/* c/* d/* " },
	{ "a proxy with a password, which is not repeated", "targets: [ { name: a, host: h, proxy: \"http://u:hush\\x40h:1\" } ]\n", BOTH, 0600,
		"@/main.yaml:1: targets[0].proxy: the value has a user or a password in it; take it out; an entry of its host in netrc or credential has them\n" },
	{ "proxies that are none", "targets:\n- { name: a, host: h, proxy: \"https://h:1\" }\n- { name: b, host: h, proxy: \"http://h\" }\n"
		"- { name: c, host: h, proxy: \"http://h:0\" }\n- { name: d, host: h, proxy: \"http://[h]:1\" }\n- { name: e, host: h, proxy: \"http://h:1/\" }\n", BOTH, 0600,
		NOT_PROXY("2", "0", "https://h:1") NOT_PROXY("3", "1", "http://h") NOT_PROXY("4", "2", "http://h:0") NOT_PROXY("5", "3", "http://[h]:1")
		NOT_PROXY("6", "4", "http://h:1/") },
	{ "sources that are none", "targets:\n- { name: a, host: h, source: 192.0.2.300 }\n- { name: b, host: h, source: a/b }\n"
		"- { name: c, host: h, source: \"fe80::1%eth0\" }\n- { name: d, host: h, source: \"host!h\" }\n- { name: e, host: h, source: sixteencharacters }\n", BOTH, 0600,
		NOT_SOURCE("2", "0", "192.0.2.300") NOT_SOURCE("3", "1", "a/b")
		"@/main.yaml:4: targets[2].source: \"fe80::1%eth0\" has a zone; write the name of the interface in place of it\n"
		NOT_SOURCE("5", "3", "host!h") NOT_SOURCE("6", "4", "sixteencharacters") },
	{ "a source of another family", "defaults:\n  source: \"2001:db8::1\"\ntargets: [ { name: a, host: h }, { name: b, host: 192.0.2.1 } ]\n", BOTH, 0600,
		"@/main.yaml:2: defaults.source: the source 2001:db8::1 is of IPv6, and the target of IPv4; write an address of that family, or any\n" },
	{ "addresses of another family", "defaults: { address-family: ipv4 }\ntargets:\n- { name: a, host: h }\n- { name: b, host: 192.0.2.1 }\n"
		"- { name: c, host: \"2001:db8::1\" }\n- { name: d, host: \"fe80::1%eth0\" }\n- { name: e, host: \"::1\", address-family: any }\n"
		"- { name: f, host: 192.0.2.1, address-family: ipv6 }\n- { name: g, host: \"::1\", proxy: \"http://h:1\" }\n", BOTH, 0600,
		NOT_FAMILY("5", "2", "2001:db8::1", "IPv6", "ipv4", "ipv6") NOT_FAMILY("6", "3", "fe80::1%eth0", "IPv6", "ipv4", "ipv6")
		NOT_FAMILY("8", "5", "192.0.2.1", "IPv4", "ipv6", "ipv4") },
	{ "a source of another family than an address with a zone", "targets: [ { name: a, host: \"fe80::1%eth0\", source: 192.0.2.1 } ]\n", BOTH, 0600,
		"@/main.yaml:1: targets[0].source: the source 192.0.2.1 is of IPv4, and the target of IPv6; write an address of that family, or any\n" },
	{ "link-local addresses", "targets:\n- { name: a, host: \"fe80::1%eth0\" }\n- { name: b, host: \"fe80::1\", source: eth0 }\n"
		"- { name: c, host: \"fe80::1\", proxy: \"http://h:1\" }\n- { name: d, host: \"febf::1\" }\n- { name: e, host: \"fe80::1\", source: \"fe80::2\" }\n", BOTH, 0600,
		NOT_LOCAL("5", "3", "febf::1") NOT_LOCAL("6", "4", "fe80::1") },
	{ "a name that is none in a path", "targets: [ { name: a/b, host: h, netrc: \"@/{name}\" } ]\n", BOTH, 0600, NULL },
};
/* clang-format on */

static void put_secret(const char *folder, const char *text, mode_t mode)
{
	char path[64];

	write_file(folder, "n", text, strlen(text));
	snprintf(path, sizeof(path), "%s/n", folder);
	assert_int_equal(chmod(path, mode), 0);
}

/* TEXT with FOLDER in place of each @. */
static void fill_in(const char *text, const char *folder, char *buffer, size_t size)
{
	size_t n = 0;

	for (; *text; text++)
		n += (size_t)(*text == '@' ? snprintf(buffer + n, size - n, "%s", folder)
					   : snprintf(buffer + n, size - n, "%c", *text));
	assert_true(n < size);
}

static void check_row(void **state)
{
	const struct row *row = *state;
	char folder[32], path[64], text[1024], got[512] = "";
	struct config *config = NULL;
	struct said said;
	int r;

	make_folder(folder, "", 0, NULL);
	fill_in(row->text, folder, text, sizeof(text));
	write_file(folder, "main.yaml", text, strlen(text));
	put_secret(folder, row->netrc, row->mode);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	snprintf(path, sizeof(path), "%s/main.yaml", folder);
	said = (struct said){ .folder = folder };
	r = config_load(path, on_complaint, &said, &config);
	remove_folder(folder);
	if (r == 0) {
		for (size_t i = 0; i < config->n_targets; i++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s/%s ",
				config->targets[i].user,
				strncmp(config->targets[i].password, "ftphealth@", 10) == 0
					? "*"
					: config->targets[i].password);
		assert_null(said.text);
		assert_non_null(row->want);
		assert_string_equal(got, row->want);
	} else {
		assert_int_equal(r, -EINVAL);
		assert_null(strstr(said.text, "hush"));
		if (row->want)
			assert_string_equal(said.text, row->want);
		else
			assert_non_null(strstr(said.text, "targets[0].name: "));
	}
	config_free(config);
	free(said.text);
}

/* What a change of the file alone is: another configuration. */
static void test_changed_file(void **state)
{
	struct config *configs[2];
	char folder[32], path[64], text[128];
	struct said said;

	make_folder(folder, "", 0, NULL);
	fill_in(GOOD, folder, text, sizeof(text));
	write_file(folder, "main.yaml", text, strlen(text));
	snprintf(path, sizeof(path), "%s/main.yaml", folder);
	said = (struct said){ .folder = folder };
	for (size_t i = 0; i < 2; i++) {
		put_secret(folder,
			i ? "machine h login u password b" : "machine h login u password a", 0600);
		assert_int_equal(config_load(path, on_complaint, &said, &configs[i]), 0);
	}
	assert_false(target_config_equal(configs[0]->targets, configs[1]->targets));
	config_free(configs[0]);
	config_free(configs[1]);
	remove_folder(folder);
}

/* No core file has what was read. */
static void test_no_core(void **state)
{
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

int main(void)
{
	UNIT_ROWS(rows, check_row);
	UNIT_TEST(test_changed_file);
	UNIT_TEST(test_no_core);
	return unit_run("config_access");
}
