/* SPDX-License-Identifier: ISC */
/* Evidence in the configuration: what a target inherits, the line that each fault earns, and the
 * same keys as options. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <malloc.h>

#include "agent/evidence_config.h"
#include "probes/document.h"
#include "tests/unit/config_folder.h"

/* ---------------------------------------------------------------- in words */

struct words {
	char *text;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	w->used += (size_t)vsnprintf(w->text + w->used, w->size - w->used, format, args);
	va_end(args);
	assert_true(w->used < w->size);
}

static void say_text(struct words *w, const char *key, const char *text)
{
	if (text)
		say(w, "%s%s=%s", w->used ? " " : "", key, text);
}

static void say_number(struct words *w, const char *key, uint64_t number, uint64_t usual)
{
	if (number != usual)
		say(w, "%s%s=%llu", w->used ? " " : "", key, (unsigned long long)number);
}

/* What is in S and not as usual; "-" for none. Durations in milliseconds. */
static void describe(const struct evidence_source *s, char *buffer, size_t size)
{
	struct words w = { .text = buffer, .size = size };

	buffer[0] = '\0';
	if (!s) {
		say(&w, "-");
		return;
	}
	for (size_t i = 0; i < s->n_module; i++)
		say_text(&w, "module", s->module[i]);
	say_text(&w, "control", s->control);
	say_text(&w, "setting", s->setting_url);
	if (s->setting_url)
		say_text(&w, "format", document_format_name(s->setting_format));
	say_number(&w, "site", s->site, 1);
	say_text(&w, "log", s->log_url);
	say_text(&w, "client", s->log_client);
	say_text(&w, "agent", s->snmp_agent);
	say_text(&w, "file", s->snmp_file);
	say_text(&w, "snmp-credential", s->snmp_credential);
	say_text(&w, "netrc", s->netrc);
	say_text(&w, "credential", s->credential);
	say_text(&w, "domain", s->domain);
	say_number(&w, "min", s->min_protocol, SMB_NT1);
	say_number(&w, "max", s->max_protocol, SMB_SMB3);
	say_number(&w, "ntlmv1", s->ntlmv1, false);
	say_number(&w, "interval", s->interval_usec / 1000, 3600000);
	say_number(&w, "timeout", s->timeout_usec / 1000, 30000);
	say_number(&w, "max-age", s->max_age_usec / 1000, 86400000);
}

/* ---------------------------------------------------------------- good files */

#define DLL "smb://{host}/ADMIN$/system32/iissuba.dll"
#define MSV "smb://{host}/ADMIN$/system32/msv1_0.dll"

/* clang-format off */
static const struct good {
	const char *label, *text;
	const char *targets[8];
} good_rows[] = {
	{ "no evidence", "targets: [ { name: a, host: a } ]\n", { "-" } },
	{ "evidence left empty", "defaults:\n  evidence:\ntargets:\n- { name: a, host: a, evidence: }\n- { name: b, host: b, evidence: {} }\n"
		"- { name: c, host: c, evidence: { setting: , log: {}, module: } }\n", { "-", "-", "-" } },
	{ "every key of evidence",
		"targets:\n"
		"- name: iis4\n"
		"  host: 192.0.2.7\n"
		"  evidence:\n"
		"    module: [ \"" DLL "\", \"smb://{host}/ADMIN$/system32/inetsrv/iissuba.dll\" ]\n"
		"    control: \"" MSV "\"\n"
		"    setting: { url: \"/srv/facts/{name}-adsutil.txt\", format: adsutil, site: 4294967295 }\n"
		"    log: { url: \"smb://{host}/ADMIN$/system32/LogFiles/MSFTPSVC1/ex{%y%m%d}.log\", client: 192.0.2.9 }\n"
		"    snmp: { agent: \"udp:{host}:161\", file: \"/etc/ftphealth/{name}.{host}.conf\" }\n"
		"    netrc: /etc/ftphealth/netrc\n"
		"    domain: PLANT\n"
		"    min-protocol: SMB2\n"
		"    max-protocol: smb2\n"
		"    ntlmv1: yes\n"
		"    interval: 10s\n"
		"    timeout: 100ms\n"
		"    max-age: 3650d\n",
		{ "module=smb://192.0.2.7/ADMIN$/system32/iissuba.dll module=smb://192.0.2.7/ADMIN$/system32/inetsrv/iissuba.dll "
		  "control=smb://192.0.2.7/ADMIN$/system32/msv1_0.dll setting=/srv/facts/iis4-adsutil.txt format=adsutil site=4294967295 "
		  "log=smb://192.0.2.7/ADMIN$/system32/LogFiles/MSFTPSVC1/ex{%y%m%d}.log client=192.0.2.9 agent=udp:192.0.2.7:161 "
		  "file=/etc/ftphealth/iis4.192.0.2.7.conf netrc=/etc/ftphealth/netrc domain=PLANT min=1 max=1 ntlmv1=1 interval=10000 "
		  "timeout=100 max-age=315360000000" } },
	{ "each key by itself: target over group over defaults",
		"defaults: { evidence: { interval: 2h, timeout: 5s, domain: D, setting: { format: adsutil, site: 2 }, snmp: { agent: \"{host}\" } } }\n"
		"groups: [ { name: g, evidence: { timeout: 6s, setting: { url: \"/g/{name}\" }, max-age: 2d } } ]\n"
		"targets:\n"
		"- { name: a, host: h }\n"
		"- { name: b, host: h, group: g }\n"
		"- { name: c, host: h, group: g, evidence: { timeout: 7s, setting: { site: 3, format: metabase-xml }, snmp: { agent: x } } }\n"
		"- { name: d, host: h, evidence: { setting: { url: /d } } }\n",
		{ "site=2 agent=h domain=D interval=7200000 timeout=5000",
		  "setting=/g/b format=adsutil site=2 agent=h domain=D interval=7200000 timeout=6000 max-age=172800000",
		  "setting=/g/c format=metabase-xml site=3 agent=x domain=D interval=7200000 timeout=7000 max-age=172800000",
		  "setting=/d format=adsutil site=2 agent=h domain=D interval=7200000 timeout=5000" } },
	{ "module is inherited or replaced as a whole",
		"groups: [ { name: g, evidence: { module: [ /a, /b, /c ], control: /k } } ]\n"
		"targets:\n- { name: a, host: h, group: g }\n- { name: b, host: h, group: g, evidence: { module: [ /x ] } }\n",
		{ "module=/a module=/b module=/c control=/k", "module=/x control=/k" } },
	{ "halves in two layers",
		"defaults: { evidence: { control: \"" MSV "\", log: { client: 192.0.2.9 }, snmp: { credential: c } } }\n"
		"targets:\n- { name: a, host: h, evidence: { module: [ \"" DLL "\" ], log: { url: /l }, snmp: { agent: h } } }\n"
		"- { name: b, host: h }\n",
		{ "module=smb://h/ADMIN$/system32/iissuba.dll control=smb://h/ADMIN$/system32/msv1_0.dll log=/l client=192.0.2.9 agent=h snmp-credential=c", "-" } },
	{ "switched off, and on again",
		"defaults: { evidence: { setting: { url: /d, format: vsftpd } } }\n"
		"groups: [ { name: g, evidence: { enabled: false } } ]\n"
		"targets:\n- { name: a, host: h, evidence: { enabled: false } }\n- { name: b, host: h, group: g }\n"
		"- { name: c, host: h, group: g, evidence: { enabled: true } }\n- { name: d, host: h }\n",
		{ "-", "-", "setting=/d format=vsftpd", "setting=/d format=vsftpd" } },
	{ "one way to name a secret takes the place of the other",
		"defaults: { evidence: { log: { url: /l }, snmp: { agent: h, file: /s }, netrc: /n } }\n"
		"groups: [ { name: g, evidence: { credential: c, snmp: { credential: s } } } ]\n"
		"targets:\n- { name: a, host: h }\n- { name: b, host: h, group: g }\n"
		"- { name: c, host: h, group: g, evidence: { netrc: /m, snmp: { file: /t } } }\n",
		{ "log=/l agent=h file=/s netrc=/n", "log=/l agent=h snmp-credential=s credential=c", "log=/l agent=h file=/t netrc=/m" } },
	{ "the built-in timeout yields to the interval",
		"defaults: { evidence: { log: { url: /l } } }\n"
		"targets:\n- { name: a, host: h, evidence: { interval: 20s } }\n- { name: b, host: h, evidence: { interval: 30s, timeout: 30s } }\n",
		{ "log=/l interval=20000 timeout=20000", "log=/l interval=30000" } },
	{ "IPv6 hosts",
		"defaults: { evidence: { setting: { url: \"/s/{host}\", format: adsutil }, log: { url: \"http://{host}:8080/{%%}\" }, snmp: { agent: \"udp:{host}:161\" } } }\n"
		"targets:\n- { name: a, host: \"2001:db8::7\" }\n- { name: b, host: \"2001:db8::7\", evidence: { log: { url: \"smb://[{host}]/s/f\" }, snmp: { agent: \"{host}\" } } }\n"
		"- { name: c, host: \"2001:db8::7\", evidence: { log: { url: \"smb://{host}:139/s/f\" }, snmp: { agent: \"tcp:{host}\" } } }\n"
		"- { name: d, host: \"fe80::1%eth0\", evidence: { snmp: { agent: \"udp6:[{host}]:161\" } } }\n",
		{ "setting=/s/2001:db8::7 format=adsutil log=http://[2001:db8::7]:8080/{%%} agent=udp6:[2001:db8::7]:161",
		  "setting=/s/2001:db8::7 format=adsutil log=smb://[2001:db8::7]/s/f agent=udp6:[2001:db8::7]",
		  "setting=/s/2001:db8::7 format=adsutil log=smb://[2001:db8::7]:139/s/f agent=tcp6:[2001:db8::7]",
		  "setting=/s/fe80::1%eth0 format=adsutil log=http://[fe80::1%25eth0]:8080/{%%} agent=udp6:[fe80::1%eth0]:161" } },
	{ "names in paths and in URLs",
		"defaults: { evidence: { setting: { url: \"/s/{name}\", format: adsutil }, log: { url: \"https://h/{name}/{%Y-%m/%d.%H_%j%U%V}\" } } }\n"
		"targets:\n- { name: \"a b?#%..\", host: h, evidence: { log: { url: \"https://h/{name}/{%Y-%m/%d.%H_%j%U%V}\" } } }\n"
		"- { name: \"{x}\", host: h, evidence: { enabled: false } }\n",
		{ "setting=/s/a b?#%.. format=adsutil log=https://h/a%20b%3F%23%25../{%Y-%m/%d.%H_%j%U%V}", "-" } },
	{ "each scheme",
		"defaults: { evidence: { setting: { format: adsutil } } }\n"
		"targets:\n- { name: a, host: h, evidence: { setting: { url: \"file:///a%20b\" }, log: { url: \"FILE://localhost/a\" } } }\n"
		"- { name: b, host: h, evidence: { setting: { url: \"http://h/a?b=c@d\" }, log: { url: \"https://h:443/a\" } } }\n"
		"- { name: c, host: h, evidence: { setting: { url: \"ftp://h//a\" }, log: { url: \"ftps://h/a\" } } }\n"
		"- { name: d, host: h, evidence: { setting: { url: \"sftp://h/~/a\" }, log: { url: \"scp://h/a\" } } }\n"
		"- { name: e, host: h, evidence: { setting: { url: \"tftp://h/a\" }, log: { url: \"SMB://h/s/a b\" } } }\n",
		{ NULL } },
	{ "module and control on one host by URL, on one share, on this host",
		"targets:\n- { name: a, host: h, evidence: { module: [ \"http://H:80/a\" ], control: \"HTTP://h:80/c/b?x\" } }\n"
		"- { name: b, host: h, evidence: { module: [ \"smb://H/s/a\", \"smb://h/S/{%Y}\" ], control: \"smb://h/s/b\" } }\n"
		"- { name: c, host: h, evidence: { module: [ /a, \"file:///b\" ], control: /b } }\n",
		{ "module=http://H:80/a control=HTTP://h:80/c/b?x", "module=smb://H/s/a module=smb://h/S/{%Y} control=smb://h/s/b",
		  "module=/a module=file:///b control=/b" } },
	{ "evidence behind an anchor",
		"groups: [ { name: g, evidence: &e { log: { url: /l } } } ]\ntargets: [ { name: a, host: h, evidence: *e } ]\n", { "log=/l" } },
};
/* clang-format on */

static void test_good(void **state)
{
	const struct good *row = *state;
	struct config *config;
	struct said said;
	char text[2048];

	if (load(row->text, strlen(row->text), NULL, &said, &config) != 0)
		fail_msg("refused: %s", said.text);
	assert_true(config->n_targets > 0);
	for (size_t i = 0; i < config->n_targets; i++) {
		describe(config->targets[i].evidence, text, sizeof(text));
		if (row->targets[0])
			assert_string_equal(text, row->targets[i]);
		else
			assert_non_null(config->targets[i].evidence);
	}
	config_free(config);
}

/* ---------------------------------------------------------------- bad files */

#define HEAD "targets:\n- { name: a, host: a, evidence: { "
#define ALLOWED \
	"; the keys allowed here are enabled module control setting log snmp netrc credential " \
	"domain min-protocol max-protocol ntlmv1 interval timeout max-age"
#define A_LIST \
	"; write a list of 1 to 4 paths or URLs, such as [ " \
	"\"smb://{host}/ADMIN$/system32/iissuba.dll\" ]"
#define NEITHER \
	" is neither an absolute path nor a URL that can be read; write /PATH, " \
	"smb://HOST/SHARE/PATH, or a URL with file, http, https, ftp, ftps, sftp, scp or tftp"
#define SECRET \
	" has a user or a password in it; take it out, and name a netrc file or a credential in " \
	"its place"
#define NO_PART \
	" cannot stand in a path in place of {name}; choose a name without / \\ { } that is not . " \
	"or .., or write the path without {name}"
#define TWO_WAYS \
	" module and control are not read from the same place; write paths for both, or files on " \
	"one share of one host, or URLs of one host"
#define N64 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define N512 N64 N64 N64 N64 N64 N64 N64 N64
#define N2048 N512 N512 N512 N512
#define T8 "{name}/{name}/{name}/{name}/{name}/{name}/{name}/{name}/"

/* clang-format off */
static const struct bad {
	const char *label, *text;
	const char *want; /* all complaints; the folder stands as @ */
} bad_rows[] = {
	{ .label = "unknown keys", .text = "targets:\n- name: a\n  host: a\n  evidence:\n    modul: [ /a ]\n    setting:\n      ulr: /a\n    url: /a\n    log: { format: adsutil }\n    port: 3\n",
		.want = "@/main.yaml:5: targets[0].evidence.modul: unknown key, did you mean module?" ALLOWED "\n"
		"@/main.yaml:7: targets[0].evidence.setting.ulr: unknown key, did you mean url?; the keys allowed here are url format site\n"
		"@/main.yaml:8: targets[0].evidence.url: the key is not allowed here, only in evidence.setting, evidence.log" ALLOWED "\n"
		"@/main.yaml:9: targets[0].evidence.log.format: the key is not allowed here, only in evidence.setting; the keys allowed here are url client\n"
		"@/main.yaml:10: targets[0].evidence.port: the key is not allowed here, only in defaults, groups, targets" ALLOWED "\n" },
	{ .label = "evidence that is no mapping", .text = "defaults:\n  evidence: /a\ngroups:\n- { name: g, evidence: { setting: [ /a ] } }\n",
		.want = "@/main.yaml:2: defaults.evidence: is a single value, not a mapping; write a mapping, such as { setting: { url: /srv/facts/{name}.txt, format: adsutil } }\n"
		"@/main.yaml:4: groups[0].evidence.setting: is a list, not a mapping; write a mapping, such as { url: /srv/facts/{name}.txt, format: adsutil }\n" },
	{ .label = "module that is no list", .text = "targets:\n- name: a\n  host: a\n  evidence:\n    module: /a\n    control:\n    - /b\n",
		.want = "@/main.yaml:5: targets[0].evidence.module: is a single value, not a list" A_LIST "\n"
		"@/main.yaml:7: targets[0].evidence.control: is a list, not a single value; write a path or URL, such as smb://{host}/ADMIN$/system32/msv1_0.dll\n" },
	{ .label = "lists of the wrong length", .text = "targets:\n- name: a\n  host: a\n  evidence:\n    control: /c\n    module: []\n- name: b\n  host: b\n  evidence:\n    control: /c\n    module:\n    - /1\n    - /2\n    - /3\n    - /4\n    - /5\n",
		.want = "@/main.yaml:6: targets[0].evidence.module: the list is empty" A_LIST ", or leave the key out\n"
		"@/main.yaml:12: targets[1].evidence.module: the list has 5 entries, the limit is 4" A_LIST "\n" },
	{ .label = "mapping in the list of modules", .text = HEAD "module: [ /a, { a: b } ] } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.module[1]: is a mapping, not an address" A_LIST "\n" },
	{ .label = "one of the modules", .text = "defaults:\n  evidence:\n    control: /c\n    module:\n    - /a\n    - b\n    - smb://h/s\ntargets: [ { name: a, host: a } ]\n",
		.want = "@/main.yaml:6: defaults.evidence.module[1]: \"b\"" NEITHER "\n"
		"@/main.yaml:7: defaults.evidence.module[2]: \"smb://h/s\" is no smb:// address: no share and file in it; the form is smb://HOST[:PORT]/SHARE/PATH; write smb://HOST/SHARE/PATH\n" },
	{ .label = "line of each layer", .text = "defaults:\n  evidence:\n    log:\n      url: x\n    timeout: 1\ngroups:\n- name: f\n- name: g\n  evidence:\n    snmp:\n      agent: ''\n    interval: 0\ntargets:\n- { name: a, host: a }\n- name: b\n  host: b\n  evidence:\n    setting:\n      format: xml\n      site: 0\n    log: { client: me }\n",
		.want = "@/main.yaml:4: defaults.evidence.log.url: \"x\"" NEITHER "\n"
		"@/main.yaml:11: groups[1].evidence.snmp.agent: \"\" is empty; write a transport address, such as udp:{host}:161\n"
		"@/main.yaml:12: groups[1].evidence.interval: \"0\" is too short; write a duration from 1s to 7d, such as 1h\n"
		"@/main.yaml:19: targets[1].evidence.setting.format: \"xml\" is not a format; write adsutil, metabase-xml, vsftpd, proftpd, pure-ftpd or applicationhost\n"
		"@/main.yaml:20: targets[1].evidence.setting.site: \"0\" is not a count; write a number from 1 to 4294967295\n"
		"@/main.yaml:21: targets[1].evidence.log.client: \"me\" is not an address; write the IPv4 or IPv6 address that the server sees, such as 192.0.2.9\n" },
	{ .label = "keys twice", .text = HEAD "netrc: /a, setting: { url: /a, url: /b }, netrc: /b } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.setting.url: the key is there a second time; keep one of the two\n"
		"@/main.yaml:2: targets[0].evidence.netrc: the key is there a second time; keep one of the two\n" },
	{ .label = "empty texts", .text = HEAD "control: '', domain: '', netrc: '' } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: \"\" is empty; write a path or URL, such as smb://{host}/ADMIN$/system32/msv1_0.dll\n"
		"@/main.yaml:2: targets[0].evidence.netrc: \"\" is empty; write the absolute path of a file, such as /etc/ftphealth/netrc\n"
		"@/main.yaml:2: targets[0].evidence.domain: \"\" is empty; write 1 to 255 printable ASCII characters\n" },
	{ .label = "relative path", .text = HEAD "control: system32/msv1_0.dll } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: \"system32/msv1_0.dll\"" NEITHER "\n" },
	{ .label = "unknown scheme", .text = HEAD "control: \"gopher://h/a\" } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: \"gopher://h/a\"" NEITHER "\n" },
	{ .label = "URL without a host", .text = HEAD "control: \"http:///a\" } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: \"http:///a\" is no URL: no host, or one that is too long; write SCHEME://HOST/PATH\n" },
	{ .label = "URL without a file", .text = HEAD "log: { url: \"http://h\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: \"http://h\" names no file; write the path of the file behind the host\n" },
	{ .label = "URL of a folder", .text = HEAD "log: { url: \"http://h/?a\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: the value names no file; write the path of the file behind the host\n" },
	{ .label = "URL with a bad port", .text = HEAD "log: { url: \"http://h:0x/a\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: \"http://h:0x/a\" is no URL: the port is no number from 1 to 65535; write SCHEME://HOST/PATH\n" },
	{ .label = "URL with half an IPv6 address", .text = HEAD "log: { url: \"http://[::g]/a\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: \"http://[::g]/a\" is no URL: no IPv6 address in [ ]; write SCHEME://HOST/PATH\n" },
	{ .label = "file of another host", .text = HEAD "log: { url: \"file://h/a\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: \"file://h/a\" names a host, and a file: is on this one; write file:///PATH, or the path alone\n" },
	{ .label = "space in a URL", .text = HEAD "log: { url: \"http://h/a b\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: \"http://h/a b\" has a space in it; write %20 in place of it\n" },
	{ .label = "fragment in a URL", .text = HEAD "log: { url: \"http://h/a#b\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: \"http://h/a#b\" has a # in it, and what follows that is not sent; write %23 in place of it\n" },
	{ .label = "control character in a path", .text = HEAD "log: { url: \"/a\\tb\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: \"/a b\" has control characters, or is not UTF-8; take them out\n" },
	{ .label = "password in a URL, which is not repeated", .text = HEAD "log: { url: \"ftp://hush:hush@h/a{x\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: the value" SECRET "\n" },
	{ .label = "password in smb://, which is not repeated", .text = HEAD "control: \"smb://hush;hush:hush@h/s/a\" } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: the value" SECRET "\n" },
	{ .label = "password in what is no URL, which is not repeated", .text = HEAD "log: { url: \"hush:hush@h/a\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: the value" NEITHER "\n" },
	{ .label = "password with a slash, which is not repeated", .text = HEAD "log: { url: \"ftp://hush:hush/hush@h/a\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: the value is no URL: the port is no number from 1 to 65535; write SCHEME://HOST/PATH\n" },
	{ .label = "smb:// without a share", .text = HEAD "control: \"smb://h/a\" } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: \"smb://h/a\" is no smb:// address: no share and file in it; the form is smb://HOST[:PORT]/SHARE/PATH; write smb://HOST/SHARE/PATH\n" },
	{ .label = "smb:// with ..", .text = HEAD "control: \"smb://h/s/a/../b\" } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: \"smb://h/s/a/../b\" is no smb:// address: a part that is . or ..; write smb://HOST/SHARE/PATH\n" },
	{ .label = "unknown braces", .text = HEAD "log: { url: \"/a/{hots}/b\" }, netrc: \"/{%y}\", snmp: { agent: \"{name}\", file: \"/{port}\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.netrc: {%y} stands for nothing here; write {host} or {name}\n"
		"@/main.yaml:2: targets[0].evidence.log.url: {hots} stands for nothing here; write {host}, {name} or a date such as {%y%m%d}\n"
		"@/main.yaml:2: targets[0].evidence.snmp.agent: {name} stands for nothing here; write {host}\n"
		"@/main.yaml:2: targets[0].evidence.snmp.file: {port} stands for nothing here; write {host} or {name}\n" },
	{ .label = "lone braces", .text = HEAD "log: { url: \"/a/{host/b\" }, setting: { url: \"http://h/a}b\" }, control: \"/{{host}}\", snmp: { agent: \"{\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: there is a { without its }; write both, as in {host}; a brace itself is %7B or %7D in a URL\n"
		"@/main.yaml:2: targets[0].evidence.setting.url: there is a } without its {; write both, as in {host}; a brace itself is %7B or %7D in a URL\n"
		"@/main.yaml:2: targets[0].evidence.log.url: there is a { without its }; write both, as in {host}; a brace itself is %7B or %7D in a URL\n"
		"@/main.yaml:2: targets[0].evidence.snmp.agent: there is a { without its }; write both, as in {host}\n" },
	{ .label = "dates that are none", .text = HEAD "log: { url: \"/ex{%y%M}.log\" }, control: \"/{%}\", setting: { url: \"/{y}\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: {%} stands for nothing here; write {host}, {name} or a date such as {%y%m%d}\n"
		"@/main.yaml:2: targets[0].evidence.setting.url: {y} stands for nothing here; write {host}, {name} or a date such as {%y%m%d}\n"
		"@/main.yaml:2: targets[0].evidence.log.url: a date in braces has a % that is not one of those known; write %Y %y %m %d %H %j %U %V or %%, such as {%y%m%d}\n" },
	{ .label = "date without end", .text = HEAD "log: { url: \"/{%yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy}\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.url: {%yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy} stands for nothing here; write {host}, {name} or a date such as {%y%m%d}\n" },
	{ .label = "netrc that is relative", .text = HEAD "netrc: netrc, snmp: { file: snmp.conf } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.netrc: \"netrc\" is not an absolute path; write the absolute path of a file, such as /etc/ftphealth/netrc\n"
		"@/main.yaml:2: targets[0].evidence.snmp.file: \"snmp.conf\" is not an absolute path; write the absolute path of a file, such as /etc/ftphealth/snmp.conf\n" },
	{ .label = "control character in netrc", .text = HEAD "netrc: \"/a\\nb\", snmp: { file: \"/\\x1b\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.netrc: \"/a\\x0Ab\" has control characters, or is not UTF-8; take them out\n"
		"@/main.yaml:2: targets[0].evidence.snmp.file: \"/\\x1B\" has control characters, or is not UTF-8; take them out\n" },
	{ .label = "credential that is none", .text = HEAD "credential: a/b, snmp: { credential: .. } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.credential: \"a/b\" is not the name of a credential; write the name of a systemd credential: letters, digits, - _ and .\n"
		"@/main.yaml:2: targets[0].evidence.snmp.credential: \"..\" is not the name of a credential; write the name of a systemd credential: letters, digits, - _ and .\n" },
	{ .label = "agent with a space", .text = HEAD "snmp: { agent: \"udp: h\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.snmp.agent: \"udp: h\" has a space or a character that is not printable ASCII; write a transport address, such as udp:{host}:161\n" },
	{ .label = "client that is no address", .text = HEAD "log: { client: \"fe80::1%eth0\" } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.client: \"fe80::1%eth0\" is not an address; write the IPv4 or IPv6 address that the server sees, such as 192.0.2.9\n" },
	{ .label = "format that is none", .text = HEAD "setting: { format: ini } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.setting.format: \"ini\" is not a format; write adsutil, metabase-xml, vsftpd, proftpd, pure-ftpd or applicationhost\n" },
	{ .label = "protocols that are none", .text = HEAD "min-protocol: SMB1, max-protocol: 3 } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.min-protocol: \"SMB1\" is not a protocol; write NT1, SMB2 or SMB3\n"
		"@/main.yaml:2: targets[0].evidence.max-protocol: \"3\" is not a protocol; write NT1, SMB2 or SMB3\n" },
	{ .label = "durations out of bounds", .text = HEAD "interval: 999ms, timeout: 601s, max-age: 3651d } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.interval: \"999ms\" is too short; write a duration from 1s to 7d, such as 1h\n"
		"@/main.yaml:2: targets[0].evidence.timeout: \"601s\" is too long; write a duration from 100ms to 600s, such as 30s\n"
		"@/main.yaml:2: targets[0].evidence.max-age: \"3651d\" is too long; write a duration from 1m to 3650d, such as 1d\n" },
	{ .label = "durations out of bounds on the other side", .text = HEAD "interval: 8d, timeout: 99ms, max-age: 59s } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.interval: \"8d\" is too long; write a duration from 1s to 7d, such as 1h\n"
		"@/main.yaml:2: targets[0].evidence.timeout: \"99ms\" is too short; write a duration from 100ms to 600s, such as 30s\n"
		"@/main.yaml:2: targets[0].evidence.max-age: \"59s\" is too short; write a duration from 1m to 3650d, such as 1d\n" },
	{ .label = "booleans that are none", .text = HEAD "enabled: maybe, ntlmv1: 1 } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.enabled: \"maybe\" is not a boolean; write true or false\n"
		"@/main.yaml:2: targets[0].evidence.ntlmv1: \"1\" is not a boolean; write true or false\n" },
	{ .label = "address that is too long", .text = HEAD "control: /" N2048 " } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: \"/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\" is 2049 octets long, the limit is 2047; shorten it\n" },
	{ .label = "module without control", .text = HEAD "module: [ /a ] } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.module: there is no control, without which the module is never said to be missing; add control: a file in the same folder that is surely there, such as .../msv1_0.dll\n" },
	{ .label = "control without module", .text = HEAD "control: /a } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.control: there is no module; add module: a list of 1 to 4 addresses, or take control out\n" },
	{ .label = "setting without format", .text = HEAD "setting: { url: /a } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.setting.url: there is no format; add format: FORMAT, such as adsutil\n" },
	{ .label = "setting without url", .text = HEAD "setting: { format: adsutil } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.setting.format: there is no url; add url: the path or URL of the document\n" },
	{ .label = "client without url", .text = HEAD "log: { client: 192.0.2.1 } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.log.client: there is no url; add url: the path or URL of the log\n" },
	{ .label = "file without agent", .text = HEAD "snmp: { file: /a } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.snmp.file: there is no agent; add agent: ADDRESS, such as udp:{host}:161\n" },
	{ .label = "netrc and credential", .text = HEAD "netrc: /a, credential: b } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.credential: there are both netrc and credential; keep one of the two\n" },
	{ .label = "file and credential of snmp", .text = HEAD "snmp: { agent: a, file: /a, credential: b } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.snmp.credential: there are both file and credential; keep one of the two\n" },
	{ .label = "protocols the wrong way round", .text = HEAD "min-protocol: SMB3, max-protocol: SMB2, log: { url: /a } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.min-protocol: the min-protocol SMB3 is newer than the max-protocol SMB2; write the older one as min-protocol, the newer one as max-protocol\n" },
	{ .label = "interval shorter than the timeout", .text = HEAD "interval: 10s, timeout: 11s, log: { url: /a } } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.interval: the interval of 10s is shorter than the timeout of 11s; write an interval of at least 11s, or a timeout of at most 10s\n" },
	{ .label = "module and control in different places", .text = HEAD "module: [ /a, \"smb://a/s/x\" ], control: /b } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.module[1]:" TWO_WAYS "\n" },
	{ .label = "module and control on different shares", .text = HEAD "module: [ \"smb://a/s/x\" ], control: \"smb://a/t/x\" } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.module[0]:" TWO_WAYS "\n" },
	{ .label = "module and control on different hosts", .text = HEAD "module: [ \"http://a/x\" ], control: \"http://a:80/x\" } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.module[0]:" TWO_WAYS "\n" },
	{ .label = "all contradictions at once", .text = HEAD "module: [ /a ], setting: { url: /a }, netrc: /a, credential: b, min-protocol: SMB3, max-protocol: NT1 } }\n",
		.want = "@/main.yaml:2: targets[0].evidence.credential: there are both netrc and credential; keep one of the two\n"
		"@/main.yaml:2: targets[0].evidence.min-protocol: the min-protocol SMB3 is newer than the max-protocol NT1; write the older one as min-protocol, the newer one as max-protocol\n"
		"@/main.yaml:2: targets[0].evidence.module: there is no control, without which the module is never said to be missing; add control: a file in the same folder that is surely there, such as .../msv1_0.dll\n"
		"@/main.yaml:2: targets[0].evidence.setting.url: there is no format; add format: FORMAT, such as adsutil\n" },
	{ .label = "the same in defaults, told once", .text = "defaults:\n  evidence:\n    interval: 10s\n    timeout: 20s\n    module: [ /a ]\ntargets: [ { name: a, host: a }, { name: b, host: b }, { name: c, host: c } ]\n",
		.want = "@/main.yaml:3: defaults.evidence.interval: the interval of 10s is shorter than the timeout of 20s; write an interval of at least 20s, or a timeout of at most 10s\n"
		"@/main.yaml:5: defaults.evidence.module: there is no control, without which the module is never said to be missing; add control: a file in the same folder that is surely there, such as .../msv1_0.dll\n" },
	{ .label = "a group that contradicts itself and has no target", .text = "groups:\n- name: g\n  evidence:\n    netrc: /a\n    credential: b\n    min-protocol: SMB3\n    max-protocol: SMB2\n",
		.want = "@/main.yaml:5: groups[0].evidence.credential: there are both netrc and credential; keep one of the two\n"
		"@/main.yaml:6: groups[0].evidence.min-protocol: the min-protocol SMB3 is newer than the max-protocol SMB2; write the older one as min-protocol, the newer one as max-protocol\n" },
	{ .label = "who spoke last is to blame", .text = "defaults: { evidence: { timeout: 5m, min-protocol: SMB3, module: [ /a ], control: /b } }\ngroups:\n- name: g\n  evidence:\n    interval: 1m\ntargets:\n- { name: a, host: a, group: g }\n- { name: b, host: b, group: g }\n- name: c\n  host: c\n  evidence:\n    control: \"smb://h/s/x\"\n    max-protocol: NT1\n",
		.want = "@/main.yaml:5: groups[0].evidence.interval: the interval of 60s is shorter than the timeout of 5m; write an interval of at least 5m, or a timeout of at most 60s\n"
		"@/main.yaml:13: targets[2].evidence.max-protocol: the min-protocol SMB3 is newer than the max-protocol NT1; write the older one as min-protocol, the newer one as max-protocol\n" },
	{ .label = "a half in a group", .text = "groups:\n- name: g\n  evidence:\n    control: /a\ntargets:\n- { name: a, host: a, group: g }\n- { name: b, host: b, group: g }\n",
		.want = "@/main.yaml:4: groups[0].evidence.control: there is no module; add module: a list of 1 to 4 addresses, or take control out\n" },
	{ .label = "a bad value is not told again as a missing one", .text = "defaults:\n  evidence:\n    module: [ /a ]\n    control: a\ntargets:\n- { name: a, host: a, evidence: { interval: 1m } }\n",
		.want = "@/main.yaml:4: defaults.evidence.control: \"a\"" NEITHER "\n" },
	{ .label = "names that are no part of a path", .text = "defaults: { evidence: { setting: { url: \"/s/{name}\", format: adsutil }, log: { url: \"smb://h/s/{name}\" } } }\ntargets:\n- { name: a/b, host: a }\n- host: a\n  name: ..\n- { name: \"a{%y}\", host: a }\n- { name: \"a\\\\b\", host: a }\n",
		.want = "@/main.yaml:3: targets[0].name: \"a/b\"" NO_PART "\n"
		"@/main.yaml:5: targets[1].name: \"..\"" NO_PART "\n"
		"@/main.yaml:6: targets[2].name: \"a{%y}\"" NO_PART "\n"
		"@/main.yaml:7: targets[3].name: \"a\\b\"" NO_PART "\n" },
	{ .label = "host that smb:// does not take", .text = "defaults:\n  evidence:\n    log:\n      url: smb://{host}/s/f\ntargets:\n- { name: a, host: \"fe80::1%eth0\" }\n- { name: b, host: \"fe80::1%eth0\" }\n- { name: c, host: c, evidence: { log: { url: \"http://[{host}]/a\" } } }\n",
		.want = "@/main.yaml:4: defaults.evidence.log.url: \"smb://[fe80::1%25eth0]/s/f\" is no smb:// address: the host is no name and no address (IPv6 stands in [ ]); write smb://HOST/SHARE/PATH\n"
		"@/main.yaml:8: targets[2].evidence.log.url: \"http://[c]/a\" is no URL: no IPv6 address in [ ]; write SCHEME://HOST/PATH\n" },
	{ .label = "address that is too long for a name", .text = "targets:\n- name: " N64 "\n  host: h\n  evidence:\n    log:\n      url: /" T8 T8 T8 T8 T8 "\n",
		.want = "@/main.yaml:6: targets[0].evidence.log.url: with host and name in place it is longer than 2047 octets; shorten it\n" },
	{ .label = "fault behind an alias", .text = "groups:\n- name: g\n  evidence: &e\n    log: { url: a }\ntargets:\n- name: a\n  host: a\n  evidence: *e\n",
		.want = "@/main.yaml:4: groups[0].evidence.log.url: \"a\"" NEITHER "\n"
		"@/main.yaml:8: targets[0].evidence.log.url: \"a\"" NEITHER "\n" },
	{ .label = "no host, no name", .text = "targets:\n- { evidence: { module: [ /a ] } }\n",
		.want = "@/main.yaml:2: targets[0]: there is no name; add name: NAME\n"
		"@/main.yaml:2: targets[0]: there is no host; add host: HOST\n" },
};
/* clang-format on */

static void test_bad(void **state)
{
	const struct bad *row = *state;
	struct config *config;
	struct said said;

	assert_int_equal(load(row->text, strlen(row->text), NULL, &said, &config), -EINVAL);
	assert_null(config);
	assert_non_null(said.text);
	assert_string_equal(said.text, row->want);
	assert_null(strstr(said.text, "hush"));
	free(said.text);
}

/* ---------------------------------------------------------------- options */

/* clang-format off */
static const struct option {
	const char *label;
	const char *options[20]; /* KEY, TEXT, ... */
	const char *host, *name;
	const char *want; /* as describe() writes it, or what is refused */
} option_rows[] = {
	{ "no option", { NULL }, "h", "n", "-" },
	{ "options without an item", { "netrc", "/n", "timeout", "5s" }, "h", "n", "-" },
	{ "options of each kind",
		{ "module", "/a/{host}", "module", "/b/{name}", "control", "/c", "setting.url", "/s", "setting.format", "adsutil", "snmp.agent", "{host}:161", "ntlmv1", "true" },
		"2001:db8::1", "n", "module=/a/2001:db8::1 module=/b/n control=/c setting=/s format=adsutil agent=udp6:[2001:db8::1]:161 ntlmv1=1" },
	{ "options of each kind, the rest",
		{ "log.url", "/l", "log.client", "192.0.2.1", "snmp.agent", "h", "snmp.credential", "c", "setting.site", "7", "domain", "D", "max-age", "2d", "interval", "1m" },
		"h", "n", "site=7 log=/l client=192.0.2.1 agent=h snmp-credential=c domain=D interval=60000 max-age=172800000" },
	{ "a fifth module", { "module", "/1", "module", "/2", "module", "/3", "module", "/4", "module", "/5" }, "h", "n",
		"module: there are more than 4; leave some out" },
	{ "a value that is none", { "log.url", "l" }, "h", "n", "log.url: \"l\"" NEITHER },
	{ "a module that is none", { "module", "l" }, "h", "n", "module: \"l\"" NEITHER },
	{ "a password, which is not repeated", { "module", "ftp://hush:hush@h/a" }, "h", "n", "module: the value" SECRET },
	{ "a half", { "setting.format", "vsftpd" }, "h", "n", "setting.format: there is no url; add url: the path or URL of the document" },
	{ "the other half", { "setting.url", "/s" }, "h", "n", "setting.url: there is no format; add format: FORMAT, such as adsutil" },
	{ "two places", { "module", "/m", "control", "smb://h/s/f" }, "h", "n", "module:" TWO_WAYS },
	{ "a name that is no part of a path", { "log.url", "/{name}" }, "h", "a/b", "name: \"a/b\"" NO_PART },
	{ "a host that smb:// does not take", { "log.url", "smb://{host}/s/f" }, "fe80::1%lo", "n",
		"log.url: \"smb://[fe80::1%25lo]/s/f\" is no smb:// address: the host is no name and no address (IPv6 stands in [ ]); write smb://HOST/SHARE/PATH" },
};
/* clang-format on */

static void test_option(void **state)
{
	const struct option *row = *state;
	_cleanup_(evidence_source_freep) struct evidence_source *made = NULL;
	struct evidence_source draft;
	char text[2048] = "";
	bool good = true;
	int r = 0;

	evidence_source_init(&draft);
	for (size_t i = 0; good && row->options[i]; i += 2)
		good = target_config_set_evidence(
			&draft, row->options[i], row->options[i + 1], text, sizeof(text));
	if (good)
		r = evidence_source_finish(&draft, row->host, row->name, &made, text, sizeof(text));
	if (good && r == 0)
		describe(made, text, sizeof(text));
	else
		assert_null(made);
	assert_true(r == 0 || r == -EINVAL);
	assert_string_equal(text, row->want);
}

/* What an option refuses does not change what others said. */
static void refused_option_changes_nothing(void **state)
{
	struct evidence_source draft, before;
	char why[512];

	evidence_source_init(&draft);
	assert_true(target_config_set_evidence(&draft, "module", "/a", why, sizeof(why)));
	before = draft;
	assert_false(target_config_set_evidence(&draft, "module", "a", why, sizeof(why)));
	assert_false(target_config_set_evidence(&draft, "setting.site", "0", why, sizeof(why)));
	assert_memory_equal(&draft, &before, sizeof(draft));
}

static void defaults(void **state)
{
	struct evidence_source s;

	evidence_source_init(&s);
	assert_int_equal(s.n_module, 0);
	assert_null(s.control);
	assert_int_equal(s.site, 1);
	assert_int_equal(s.min_protocol, SMB_NT1);
	assert_int_equal(s.max_protocol, SMB_SMB3);
	assert_false(s.ntlmv1);
	assert_int_equal(s.interval_usec, 3600 * USEC_PER_SEC);
	assert_int_equal(s.timeout_usec, 30 * USEC_PER_SEC);
	assert_int_equal(s.max_age_usec, 86400 * USEC_PER_SEC);
}

/* ---------------------------------------------------------------- the finished one */

static struct evidence_source *finish(const char *const *options)
{
	struct evidence_source draft, *made = NULL;
	char why[512];

	evidence_source_init(&draft);
	for (; *options; options += 2)
		if (!target_config_set_evidence(&draft, options[0], options[1], why, sizeof(why)))
			fail_msg("%s", why);
	if (evidence_source_finish(&draft, "h", "n", &made, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	assert_non_null(made);
	return made;
}

/* clang-format off */
static const struct change {
	const char *label, *key, *text;
} change_rows[] = {
	{ "other: module", "module", "/m2" },
	{ "other: control", "control", "/x" },
	{ "other: setting", "setting.url", "/x" },
	{ "other: setting.format", "setting.format", "proftpd" },
	{ "other: setting.site", "setting.site", "2" },
	{ "other: log.url", "log.url", "/x" },
	{ "other: log.client", "log.client", "192.0.2.1" },
	{ "other: snmp.agent", "snmp.agent", "x" },
	{ "other: snmp.file", "snmp.file", "/x" },
	{ "other: netrc", "netrc", "/x" },
	{ "other: domain", "domain", "x" },
	{ "other: min-protocol", "min-protocol", "SMB2" },
	{ "other: max-protocol", "max-protocol", "SMB2" },
	{ "other: ntlmv1", "ntlmv1", "true" },
	{ "other: interval", "interval", "2h" },
	{ "other: timeout", "timeout", "10s" },
	{ "other: max-age", "max-age", "2d" },
};
/* clang-format on */

static void test_change(void **state)
{
	static const char *const usual[] = { "module", "/m", "control", "/c", "setting.url", "/s",
		"setting.format", "adsutil", "log.url", "/l", "snmp.agent", "h" };
	const struct change *row = *state;
	const char *options[ARRAY_SIZE(usual) + 3] = { NULL };
	struct evidence_source *a, *b, *c;

	memcpy(options, usual, sizeof(usual));
	a = finish(options);
	b = finish(options);
	options[ARRAY_SIZE(usual)] = row->key;
	options[ARRAY_SIZE(usual) + 1] = row->text;
	c = finish(options);
	assert_true(evidence_source_equal(a, b));
	assert_false(evidence_source_equal(a, c));
	assert_false(evidence_source_equal(c, b));
	assert_false(evidence_source_equal(a, NULL));
	assert_false(evidence_source_equal(NULL, a));
	assert_true(evidence_source_equal(NULL, NULL));
	evidence_source_free(a);
	evidence_source_free(b);
	assert_null(evidence_source_free(c));
	assert_null(evidence_source_free(NULL));
}

static void one_piece(void **state)
{
	static const char *const options[] = { "module", "/m", "module", "/{name}", "control", "/c",
		"setting.url", "/s", "setting.format", "vsftpd", "log.url", "/l", "log.client",
		"192.0.2.1", "snmp.agent", "h", "snmp.file", "/f", "netrc", "/n", "domain", "d",
		NULL };
	_cleanup_(evidence_source_freep) struct evidence_source *s = finish(options);
	const char *first = (const char *)s, *last = first + malloc_usable_size(s);
	const char *strings[] = { s->module[0], s->module[1], s->control, s->setting_url,
		s->log_url, s->log_client, s->snmp_agent, s->snmp_file, s->netrc, s->domain };

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		assert_true(strings[i] > first && strings[i] + strlen(strings[i]) < last);
	assert_null(s->module[2]);
	assert_null(s->credential);
}

/* All that inherit one group have one each, which takes little more than its strings. */
static void many_targets(void **state)
{
	enum { MANY = 10000, EACH_MAX = 1024 };
	_cleanup_(freep) char *text = NULL;
	struct config *config;
	struct said said;
	char want[128];
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "defaults: { evidence: { module: [ \"" DLL "\" ], control: \"" MSV "\" } }\n");
	fprintf(f, "targets:\n");
	for (int i = 0; i < MANY; i++)
		fprintf(f, "- { name: t%d, host: h%d.example }\n", i, i);
	fclose(f);
	assert_int_equal(load(text, len, NULL, &said, &config), 0);
	assert_int_equal(config->n_targets, MANY);
	for (int i = 0; i < MANY; i++) {
		struct evidence_source *s = config->targets[i].evidence;

		snprintf(want, sizeof(want), "smb://h%d.example/ADMIN$/system32/iissuba.dll", i);
		assert_string_equal(s->module[0], want);
		assert_true(malloc_usable_size(s) < EACH_MAX);
	}
	config_free(config);
}

/* What is wrong in defaults is told once, whatever inherits it. */
static void many_heirs_of_a_fault(void **state)
{
	_cleanup_(freep) char *text = NULL;
	struct config *config;
	struct said said;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fprintf(f,
		"defaults: { evidence: { module: [ /a, smb://h/s/a ], control: /b } }\ntargets:\n");
	for (size_t i = 0; i < 1000; i++)
		fprintf(f, "- { name: t%zu, host: a }\n", i);
	fclose(f);
	assert_int_equal(load(text, len, NULL, &said, &config), -EINVAL);
	assert_string_equal(said.text, "@/main.yaml:1: defaults.evidence.module[1]:" TWO_WAYS "\n");
	free(said.text);
}

int main(void)
{
	UNIT_ROWS(good_rows, test_good);
	UNIT_ROWS(bad_rows, test_bad);
	UNIT_ROWS(option_rows, test_option);
	UNIT_ROWS(change_rows, test_change);
	UNIT_TEST(refused_option_changes_nothing);
	UNIT_TEST(defaults);
	UNIT_TEST(one_piece);
	UNIT_TEST(many_targets);
	UNIT_TEST(many_heirs_of_a_fault);
	return unit_run("config_evidence");
}
