// SPDX-License-Identifier: MIT
/*
 * `ktrace mcp`: the Model Context Protocol over stdin and stdout, JSON-RPC 2.0 with a message a line, so that an
 * assistant quotes what ktrace found instead of guessing. What comes in is not believed: a message has a bounded size
 * and depth, and nothing of it but its id goes back.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/mcp_tools.h"
#include "cli/printer.h"
#include "record/json.h"
#include "util/cleanup.h"
#include "util/line_buffer.h"
#include "util/log.h"

#define CHUNK 65536
#define ARGUMENT_MAX 1024

enum {
	PARSE_ERROR = -32700,
	INVALID_REQUEST = -32600,
	NO_METHOD = -32601,
	INVALID_PARAMS = -32602
};

struct mcp_options {
	const char *socket;
};

static const struct mcp_options mcp_defaults = { .socket = DEFAULT_SOCKET };

static const struct option_row mcp_rows[] = {
	OPTION_ROW_SOCKET(struct mcp_options),
	{ 0 },
};

static const struct example mcp_examples[] = {
	{ "claude mcp add ktrace -- kubectl ktrace mcp --node NODE",
		"for an assistant, on a cluster" },
	{ "sudo ktrace mcp", "on the node itself" },
	{ 0 },
};

/* The newest first: what a client that asks for another one is offered. */
static const char *const versions[] = { "2025-06-18", "2025-03-26", "2024-11-05" };

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* A string or a whole number, as the protocol has it; else null. */
static void put_id(struct json *j, const cJSON *id)
{
	if (cJSON_IsString(id))
		json_string(j, "id", id->valuestring);
	else if (cJSON_IsNumber(id) && id->valuedouble >= -1e15 && id->valuedouble <= 1e15)
		json_int(j, "id", (int64_t)id->valuedouble);
	else
		json_null(j, "id");
}

static struct json open_answer(struct strbuf *out, const cJSON *id)
{
	struct json j = json_start(out);

	json_open_object(&j, NULL);
	json_string(&j, "jsonrpc", "2.0");
	put_id(&j, id);
	return j;
}

static void close_answer(struct json *j)
{
	json_close_object(j);
	strbuf_putc(j->out, '\n');
}

static void refuse(struct strbuf *out, const cJSON *id, int code, const char *message)
{
	struct json j = open_answer(out, id);

	json_open_object(&j, "error");
	json_int(&j, "code", code);
	json_string(&j, "message", message);
	json_close_object(&j);
	close_answer(&j);
}

static void initialize(struct strbuf *out, const cJSON *id, const cJSON *params)
{
	const char *asked = text_of(params, "protocolVersion"), *version = versions[0];
	struct json j = open_answer(out, id);

	for (size_t i = 0; asked && i < ARRAY_SIZE(versions); i++)
		if (!strcmp(asked, versions[i]))
			version = versions[i];
	json_open_object(&j, "result");
	json_string(&j, "protocolVersion", version);
	json_open_object(&j, "capabilities");
	json_open_object(&j, "tools");
	json_close_object(&j);
	json_close_object(&j);
	json_open_object(&j, "serverInfo");
	json_string(&j, "name", "ktrace");
	json_string(&j, "version", KTRACE_VERSION);
	json_close_object(&j);
	json_string(&j, "instructions",
		"ktrace explains why containers of a Kubernetes node fail. Quote its explanations; "
		"do not add causes that "
		"it does not give.");
	json_close_object(&j);
	close_answer(&j);
}

static void put_schema(struct json *j, const struct mcp_tool *tool)
{
	json_open_object(j, "inputSchema");
	json_string(j, "type", "object");
	json_open_object(j, "properties");
	json_open_object(j, tool->argument);
	json_string(j, "type", "string");
	json_string(j, "description", tool->argument_help);
	json_close_object(j);
	json_close_object(j);
	json_open_array(j, "required");
	if (tool->required)
		json_string(j, NULL, tool->argument);
	json_close_array(j);
	json_bool(j, "additionalProperties", false);
	json_close_object(j);
}

static void list_tools(struct strbuf *out, const cJSON *id)
{
	struct json j = open_answer(out, id);

	json_open_object(&j, "result");
	json_open_array(&j, "tools");
	for (const struct mcp_tool *tool = mcp_tools; tool->name; tool++) {
		json_open_object(&j, NULL);
		json_string(&j, "name", tool->name);
		json_string(&j, "title", tool->title);
		json_string(&j, "description", tool->description);
		put_schema(&j, tool);
		json_open_object(&j, "annotations");
		json_bool(&j, "readOnlyHint", true);
		json_close_object(&j);
		json_close_object(&j);
	}
	json_close_array(&j);
	json_close_object(&j);
	close_answer(&j);
}

/* The argument, "" where it is left out; NULL: it cannot be. */
static const char *argument_of(const struct mcp_tool *tool, const cJSON *arguments)
{
	const cJSON *member = arguments ? arguments->child : NULL;

	if (arguments && !cJSON_IsObject(arguments))
		return NULL;
	if (!member)
		return tool->required ? NULL : "";
	if (member->next || strcmp(member->string, tool->argument) != 0 ||
		!cJSON_IsString(member) || strlen(member->valuestring) > ARGUMENT_MAX)
		return NULL;
	return member->valuestring;
}

static void call_tool(
	struct strbuf *out, const cJSON *id, const cJSON *params, const struct mcp_options *options)
{
	const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(params, "arguments");
	const char *name = text_of(params, "name"), *argument;
	const struct mcp_tool *tool = mcp_tools;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	while (tool->name && (!name || strcmp(tool->name, name) != 0))
		tool++;
	if (!tool->name)
		return refuse(out, id, INVALID_PARAMS, "no such tool; tools/list names them");
	argument = argument_of(tool, arguments);
	if (!argument)
		return refuse(out, id, INVALID_PARAMS,
			"the arguments do not fit the tool's inputSchema; tools/list has it");
	bool failed = tool->call(options->socket, argument, &text) < 0;
	struct json j = open_answer(out, id);
	json_open_object(&j, "result");
	json_open_array(&j, "content");
	json_open_object(&j, NULL);
	json_string(&j, "type", "text");
	json_string(&j, "text", text.data ? text.data : "out of memory");
	json_close_object(&j);
	json_close_array(&j);
	json_bool(&j, "isError", failed || !text.data);
	json_close_object(&j);
	close_answer(&j);
}

static void answer_ping(struct strbuf *out, const cJSON *id)
{
	struct json j = open_answer(out, id);

	json_open_object(&j, "result");
	json_close_object(&j);
	close_answer(&j);
}

static void take_message(
	struct strbuf *out, const char *line, size_t len, const struct mcp_options *options)
{
	_cleanup_json_ cJSON *message = cJSON_ParseWithLength(line, len);
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(message, "params");
	const char *version = text_of(message, "jsonrpc"), *method = text_of(message, "method");

	if (!message)
		return refuse(out, NULL, PARSE_ERROR, "this is no JSON");
	if (!cJSON_IsObject(message) || !version || strcmp(version, "2.0") != 0 || !method)
		return refuse(out, id, INVALID_REQUEST, "this is no request of JSON-RPC 2.0");
	if (!id)
		return; /* a notification */
	if (!strcmp(method, "initialize"))
		initialize(out, id, params);
	else if (!strcmp(method, "ping"))
		answer_ping(out, id);
	else if (!strcmp(method, "tools/list"))
		list_tools(out, id);
	else if (!strcmp(method, "tools/call"))
		call_tool(out, id, params, options);
	else
		refuse(out, id, NO_METHOD, "there is no such method here: only tools are served");
}

static int take_lines(struct line_buffer *in, const struct mcp_options *options)
{
	const char *line;
	size_t len;

	while ((line = line_buffer_next(in, &len))) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		if (len)
			take_message(&out, line, len, options);
		if (out.failed)
			return -ENOMEM;
		int err = out.len ? write_all(STDOUT_FILENO, out.data, out.len) : 0;
		if (err < 0)
			return err;
	}
	return 0;
}

static int serve(struct line_buffer *in, const struct mcp_options *options)
{
	_cleanup_free_ char *chunk = malloc(CHUNK);
	int err = chunk ? 0 : -ENOMEM;

	while (err == 0) {
		ssize_t n = read(STDIN_FILENO, chunk, CHUNK);

		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		err = n < 0 ? -errno : line_buffer_add(in, chunk, (size_t)n);
		if (err == 0)
			err = take_lines(in, options);
	}
	return err;
}

static int run(const void *options, int argc, char **argv)
{
	struct line_buffer in = { 0 };
	int err = serve(&in, options);

	(void)argc, (void)argv;
	line_buffer_free(&in);
	if (err == -EMSGSIZE)
		log_error("a message has more than a megabyte: the client is to send less");
	else if (err < 0)
		log_error("cannot go on: %s", strerror(-err));
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command mcp_command = {
	.name = "mcp",
	.operands = "",
	.summary = "answer an assistant's questions (Model Context Protocol)",
	.description = "Serves the Model Context Protocol on stdin and stdout with three tools, "
		       "which read only: "
		       "list_failing (containers of this node with a diagnosis), explain (one "
		       "container, pod or "
		       "workload) and rules. It asks the agent over its socket, as ps and explain "
		       "do. It ends with "
		       "its input.",
	.options = mcp_rows,
	.examples = mcp_examples,
	.options_size = sizeof(struct mcp_options),
	.defaults = &mcp_defaults,
	.run = run,
};
