// SPDX-License-Identifier: MIT
/* What libraries that check settings print in several lines: which setting, and what is wrong with it. */
#include "story_builder.h"

static const struct {
	const char *output, *title, *word;
} cases[] = {
	/* zod */
	{ "ZodError: [\n  {\n    \"code\": \"invalid_type\",\n    \"path\": [\n      "
	  "\"DATABASE_URL\"\n    ],\n"
	  "    \"message\": \"Required\"\n  }\n]\n    at get error "
	  "(/app/node_modules/zod/types.js:43:31)\n",
		"server: DATABASE_URL: Required", "was not given the environment variable" },
	{ "ZodError: [\n  {\n    code: 'invalid_type',\n    path: [ 'PORT' ],\n"
	  "    message: 'Expected number, received nan'\n  }\n]\n",
		"server: PORT: Expected number, received nan", "does not accept the value" },
	/* pydantic */
	{ "pydantic_core._pydantic_core.ValidationError: 2 validation errors for Settings\nport\n"
	  "  Input should be a valid integer, unable to parse string [type=int_parsing, "
	  "input_value='x', input_type=str]\n",
		"server: port: Input should be a valid integer, unable to parse string",
		"the value of port" },
	/* Spring */
	{ "APPLICATION FAILED TO START\n\nDescription:\n\nFailed to bind properties under 'app' to "
	  "X:\n\n"
	  "    Property: app.url\n    Value: \"null\"\n    Reason: must not be "
	  "null\n\n\nAction:\n\n"
	  "Update your application's configuration\n",
		"server: app.url: must not be null", "was not given the setting" },
	/* envalid, dotenv-safe, viper, toml */
	{ " Invalid environment variables:\n    PORT: Invalid port input: \"http\"\n Exiting with "
	  "error code 1\n",
		NULL, "the environment variable `PORT`" },
	{ "MissingEnvVarsError: The following variables were defined in .env.example but are not "
	  "present "
	  "in the environment:\n  API_TOKEN, REDIS_URL\nMake sure to add them to .env\n",
		NULL, "API_TOKEN" },
	{ "2 error(s) decoding:\n\n* 'timeout' time: unknown unit \"x\" in duration \"5x\"\n", NULL,
		"the setting `timeout`" },
	{ "Error: TOML parse error at line 3, column 8\n  |\n3 | port = abc\n  |        ^\ninvalid "
	  "string\n",
		"server: Error: TOML parse error at line 3, column 8", "syntax is wrong" },
};

static void the_setting_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "server");
		builder_output(&t, 1, cases[i].output);
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		if (cases[i].title)
			assert_string_equal(d->title, cases[i].title);
		diagnosis_free(d);
		builder_expect(&t, "bad_configuration", NULL, cases[i].word);
	}
}

/* A message field that no path goes with is only a message. */
static void other_fields_name_no_setting(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "server");
	builder_output(&t, 1, "{\n  status: 500,\n  message: 'cannot render'\n}\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "application_error", NULL, "cannot render");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_setting_is_named),
		cmocka_unit_test(other_fields_name_no_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
