// SPDX-License-Identifier: MIT
#include "event/redact_parts.h"

#include <string.h>

#include "util/cleanup.h"

const struct secret_name secret_names[] = {
	{ "password", 0 },
	{ "passwd", 0 },
	{ "passphrase", 0 },
	{ "passcode", 0 },
	{ "pwd", NAME_ALONE },
	{ "pass", NAME_ALONE },
	{ "dbpass", 0 },
	{ "requirepass", 0 },
	{ "masterauth", 0 },
	{ "secret", 0 },
	{ "secretkey", 0 },
	{ "secretkeybase", 0 },
	{ "token", 0 },
	{ "apikey", 0 },
	{ "appkey", 0 },
	{ "accesskey", 0 },
	{ "accountkey", 0 },
	{ "authkey", 0 },
	{ "encryptionkey", 0 },
	{ "masterkey", 0 },
	{ "privatekey", 0 },
	{ "sharedkey", 0 },
	{ "signingkey", 0 },
	{ "storagekey", 0 },
	{ "credential", 0 },
	{ "credentials", 0 },
	{ "jwt", NAME_ALONE },
	{ "sig", NAME_ALONE },
	{ "amzsignature", 0 },
	{ "sessionid", 0 },
	{ "authorization", NAME_LINE },
	{ "cookie", NAME_LINE },
	{ 0 },
};

const struct secret_shape secret_shapes[] = {
	{ "AKIA", 16, "", 0 }, /* AWS: keys of users, of sessions */
	{ "ASIA", 16, "", 0 },
	{ "eyJ", 17, "-_.=", 2 }, /* JWT: base64 of {" */
	{ "ghp_", 20, "", 0 },    /* GitHub */
	{ "gho_", 20, "", 0 },
	{ "ghu_", 20, "", 0 },
	{ "ghs_", 20, "", 0 },
	{ "ghr_", 20, "", 0 },
	{ "github_pat_", 20, "_", 0 },
	{ "glpat-", 16, "-_", 0 }, /* GitLab */
	{ "xoxb-", 10, "-", 0 },   /* Slack */
	{ "xoxp-", 10, "-", 0 },
	{ "xoxa-", 10, "-", 0 },
	{ "xoxs-", 10, "-", 0 },
	{ "xapp-", 10, "-", 0 },
	{ "hooks.slack.com/services/", 20, "/", 0 },
	{ "AIza", 30, "-_", 0 }, /* Google */
	{ "ya29.", 20, "-_.", 0 },
	{ "sk_live_", 16, "", 0 }, /* Stripe */
	{ "rk_live_", 16, "", 0 },
	{ "sk_test_", 16, "", 0 },
	{ "sk-", 32, "-_", 0 }, /* OpenAI and those like it */
	{ "npm_", 30, "", 0 },
	{ "pypi-", 50, "-_", 0 },
	{ "hvs.", 20, "-_", 0 }, /* Vault */
	{ "hvb.", 20, "-_", 0 },
	{ "dop_v1_", 40, "", 0 }, /* DigitalOcean */
	{ "SG.", 30, "-_.", 0 },  /* SendGrid */
	{ "Bearer ", 12, "-._~+/=", 0 },
	{ "bearer ", 12, "-._~+/=", 0 },
	{ 0 },
};

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
