// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/made_files.h"

#include <stddef.h>
#include <string.h>

#include "diagnose/path_pattern.h"
#include "util/cleanup.h"

#define PROJECT(name) \
	{ \
		name "$", NULL, \
			"Copy {path} into the image with the rest of the application, or set " \
			"workingDir to the directory that has {name}.", \
			NULL \
	}
#define BUILT(directory, program, command) \
	{ \
		directory, program, \
			"Copy {path} into the image: the build makes it (" command \
			"), in this stage of the Dockerfile or in one before (`COPY --from`); " \
			"see " \
			"that .dockerignore does not leave it out.", \
			NULL \
	}

static const struct made_file files[] = {
	/* the Vault Agent Injector mounts this directory and writes there what annotations ask for */
	{ "/vault/secrets", NULL,
		"Let the Vault Agent Injector make {path}, by annotations of the pod; in a "
		"Deployment they belong into template.metadata.",
		"metadata:\n  annotations:\n    vault.hashicorp.com/agent-inject: \"true\"\n"
		"    \"vault.hashicorp.com/agent-inject-secret-{name}\": \"PATH-IN-VAULT\"\n" },
	{ "postgresql.conf$", "postgres",
		"Start the image's docker-entrypoint.sh instead of postgres itself, or run initdb "
		"first: it makes {path}. Where the data should be there already, correct -D, "
		"PGDATA or the volume.",
		NULL },
	{ "ssh_host_*_key$", NULL,
		"Mount the host keys from a Secret (defaultMode 0600), so that they last, or make "
		"them at each start with `ssh-keygen -A`: {path} is one of them.",
		NULL },
	{ "vendor/autoload.php$", NULL,
		"Run `composer install` when the image is built: it makes {path}.", NULL },
	{ "node_modules", "node",
		"Run `npm ci` when the image is built, in the stage that the final image takes "
		"node_modules from: it makes {path}.",
		NULL },
	BUILT("dist/*.js$", "node", "`RUN npm run build`"),
	BUILT("dist/*.mjs$", "node", "`RUN npm run build`"),
	BUILT("build/*.js$", "node", "`RUN npm run build`"),
	BUILT("target/*.jar$", "java", "`RUN mvn package`"),
	BUILT("build/libs/*.jar$", "java", "`RUN gradle build`"),
	PROJECT("package.json"),
	PROJECT("composer.json"),
	PROJECT("Gemfile"),
	PROJECT("pyproject.toml"),
	PROJECT("manage.py"),
	PROJECT("config.ru"),
	{ "tessdata/*.traineddata$", NULL,
		"Install the data of the language in the image: `RUN apt-get update && apt-get "
		"install -y tesseract-ocr-{value}` (Debian, Ubuntu) or `RUN apk add --no-cache "
		"tesseract-ocr-data-{value}` (Alpine).",
		NULL },
};

const struct made_file *made_file_of(const char *path, const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *by = files[i].program;
		size_t len = by ? strlen(by) : 0;
		bool fits = !by || (!strncmp(program, by, len) &&
					   !program[len + strspn(program + len, "-.0123456789")]);
		if (fits && pattern_matches_text(files[i].pattern, path))
			return &files[i];
	}
	return NULL;
}
