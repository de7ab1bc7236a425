// SPDX-License-Identifier: MIT
#include "event/redact_parts.h"

#include <string.h>

#include "util/cleanup.h"

#define NAME(name, flags) \
	{ \
		name, (name)[sizeof(name) - 2], flags \
	}
const struct secret_name secret_names[] = {
	NAME("password", 0),
	NAME("passwd", 0),
	NAME("passphrase", 0),
	NAME("passcode", 0),
	NAME("pwd", NAME_ALONE),
	NAME("pass", NAME_ALONE),
	NAME("dbpass", 0),
	NAME("requirepass", 0),
	NAME("masterauth", 0),
	NAME("secret", 0),
	NAME("secretkey", 0),
	NAME("secretkeybase", 0),
	NAME("token", 0),
	NAME("apikey", 0),
	NAME("appkey", 0),
	NAME("accesskey", 0),
	NAME("accountkey", 0),
	NAME("authkey", 0),
	NAME("encryptionkey", 0),
	NAME("masterkey", 0),
	NAME("privatekey", 0),
	NAME("sharedkey", 0),
	NAME("signingkey", 0),
	NAME("storagekey", 0),
	NAME("credential", 0),
	NAME("credentials", 0),
	NAME("jwt", NAME_ALONE),
	NAME("sig", NAME_ALONE),
	NAME("amzsignature", 0),
	NAME("sessionid", 0),
	NAME("authorization", NAME_LINE),
	NAME("cookie", NAME_LINE),
	{ 0 },
};

#define SECRET_SHAPES(X) \
	X("AKIA", 16, "", 0) /* AWS: keys of users, of sessions */ \
	X("ASIA", 16, "", 0) \
	X("eyJ", 17, "-_.=", 2) /* JWT: base64 of {" */ \
	X("ghp_", 20, "", 0)    /* GitHub */ \
	X("gho_", 20, "", 0) \
	X("ghu_", 20, "", 0) \
	X("ghs_", 20, "", 0) \
	X("ghr_", 20, "", 0) \
	X("github_pat_", 20, "_", 0) \
	X("glpat-", 16, "-_", 0) /* GitLab */ \
	X("xoxb-", 10, "-", 0)   /* Slack */ \
	X("xoxp-", 10, "-", 0) \
	X("xoxa-", 10, "-", 0) \
	X("xoxs-", 10, "-", 0) \
	X("xapp-", 10, "-", 0) \
	X("hooks.slack.com/services/", 20, "/", 0) \
	X("AIza", 30, "-_", 0) /* Google */ \
	X("ya29.", 20, "-_.", 0) \
	X("sk_live_", 16, "", 0) /* Stripe */ \
	X("rk_live_", 16, "", 0) \
	X("sk_test_", 16, "", 0) \
	X("sk-", 32, "-_", 0) /* OpenAI and those like it */ \
	X("npm_", 30, "", 0) \
	X("pypi-", 50, "-_", 0) \
	X("hvs.", 20, "-_", 0) /* Vault */ \
	X("hvb.", 20, "-_", 0) \
	X("dop_v1_", 40, "", 0) /* DigitalOcean */ \
	X("SG.", 30, "-_.", 0)  /* SendGrid */ \
	X("Bearer ", 12, "-._~+/=", 0) \
	X("bearer ", 12, "-._~+/=", 0)

const struct secret_shape secret_shapes[] = {
#define SHAPE(prefix, least, more, dots) { prefix, (prefix)[0], least, more, dots },
	SECRET_SHAPES(SHAPE)
#undef SHAPE
		{ 0 },
};

#define FIRST(prefix, ...) | SHAPE_BIT((prefix)[0])
#define PAIR(prefix, ...) | SHAPE_PAIR_BIT(prefix)
#define TRIPLE(prefix, ...) | SHAPE_TRIPLE_BIT(prefix)
const struct secret_beginnings secret_beginnings = { 0 SECRET_SHAPES(FIRST), 0 SECRET_SHAPES(PAIR),
	0 SECRET_SHAPES(TRIPLE) };
#undef FIRST
#undef PAIR
#undef TRIPLE

const struct secret_option secret_options[] = {
	{ " mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlsh mariadb "
	  "mariadb-dump mariadb-admin ",
		"-p", OPTION_GLUED },
	{ " curl ", "-u", OPTION_NEXT | OPTION_GLUED | OPTION_USER },
	{ " curl ", "--user", OPTION_NEXT | OPTION_USER },
	{ " curl ", "-U", OPTION_NEXT | OPTION_GLUED | OPTION_USER },
	{ " curl ", "--proxy-user", OPTION_NEXT | OPTION_USER },
	{ " sshpass ", "-p", OPTION_NEXT | OPTION_GLUED },
	{ " redis-cli valkey-cli ", "-a", OPTION_NEXT },
	{ " mongo mongosh mongodump mongorestore mongoexport mongoimport rabbitmqadmin cqlsh ",
		"-p", OPTION_NEXT | OPTION_GLUED },
	{ " ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd ", "-w",
		OPTION_NEXT | OPTION_GLUED },
	{ " sqlcmd zip unzip ", "-P", OPTION_NEXT | OPTION_GLUED },
	{ " 7z 7za 7zr ", "-p", OPTION_GLUED },
	{ " docker podman nerdctl helm buildah skopeo oras ", "-p", OPTION_NEXT | OPTION_LOGIN },
	{ 0 },
};

bool is_plain_word(const char *word, size_t len)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on", "off", "null",
		"nil", "none", "undefined", "empty", "unset", "set", "missing", "required",
		"optional", "invalid", "incorrect", "wrong", "mismatch", "expired", "denied",
		"rejected", "failed", "failure", "error", "ok", "unknown", "unexpected",
		"unauthorized", "present", "absent", "enabled", "disabled", "redacted", "hidden",
		"masked", "eof", "timeout", "(null)", "(none)" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == len && !strncasecmp(words[i], word, len))
			return true;
	return false;
}
