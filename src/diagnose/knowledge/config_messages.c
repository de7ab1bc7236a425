// SPDX-License-Identifier: MIT
/* How programs say that an option, a setting or a variable is wrong. The texts are those of their sources. */
#include "diagnose/knowledge/messages.h"

#include <string.h>

#include "util/cleanup.h"

#define UNKNOWN PROBLEM_UNKNOWN
#define MISSING PROBLEM_MISSING
#define INVALID PROBLEM_INVALID
#define SYNTAX PROBLEM_SYNTAX
#define MISPLACED PROBLEM_MISPLACED
#define REMOVED PROBLEM_REMOVED

/* "You must specify --bucket", "Please specify repository location (-r or --repository-file)" */
#define DEMAND(verb) \
	{ verb " {flag}", MISSING }, \
	{ \
		verb " {value} ({flag}", MISSING \
	}

static const struct config_message rows[] = {
	/* servers that tell file and line */
	{ "unknown directive \"{key}\" in {file}:{line}", UNKNOWN }, /* nginx */
	{ "invalid number of arguments in \"{key}\" directive in {file}:{line}", INVALID },
	{ "\"{key}\" directive is not allowed here in {file}:{line}", MISPLACED },
	{ "\"{key}\" directive is duplicate in {file}:{line}", MISPLACED },
	{ "Unrecognized option or missing or extra parameter(s) in {file}:{line}: {key}",
		UNKNOWN }, /* OpenVPN */
	{ "invalid option: \"{option}\"", UNKNOWN },
	{ "directive \"{key}\" is not terminated by \";\" in {file}:{line}", SYNTAX },
	{ "directive \"{key}\" has no opening \"{\" in {file}:{line}", SYNTAX },
	{ "unexpected end of file, expecting \"{value}\" in {file}:{line}", SYNTAX },
	{ "unexpected \"{value}\" in {file}:{line}", SYNTAX },
	{ "invalid parameter \"{value}\" in {file}:{line}", INVALID },
	{ "invalid value \"{value}\" in \"{key}\" directive", INVALID },
	{ "invalid value \"{value}\" in {file}:{line}", INVALID },
	{ "unknown directive \"{key}\"", UNKNOWN },
	{ "error initializing configuration '{file}': {value}invalid name {key}: Cannot find field",
		UNKNOWN }, /* Envoy */
	{ "error initializing configuration '{file}'", INVALID },
	{ "no \"{key}\" section in configuration", MISSING },
	{ "unknown \"{key}\" variable", UNKNOWN },
	{ "Syntax error on line {line} of {file}:\nInvalid command '{key}'", UNKNOWN }, /* Apache */
	{ "Syntax error on line {line} of {file}", SYNTAX },
	{ "Invalid command '{key}', perhaps misspelled", UNKNOWN },
	{ "parsing [{file}:{line}] : unknown keyword '{key}'", UNKNOWN }, /* HAProxy */
	{ "parsing [{file}:{line}]", INVALID },
	{ "unrecognized configuration parameter \"{key}\" in file \"{file}\" line {line}",
		UNKNOWN }, /* PostgreSQL */
	{ "syntax error in file \"{file}\" line {line}", SYNTAX },
	{ "{file}:{line}: syntax error", SYNTAX }, /* yacc's parsers, Ruby */
	{ "unrecognized configuration parameter \"{key}\"", UNKNOWN },
	{ "invalid value for parameter \"{key}\": \"{value}\"", INVALID },
	{ "parameter \"{key}\" requires a", INVALID },
	{ ">>> '{key}'\nBad directive", UNKNOWN }, /* Redis */
	{ ">>> '{key}'\nUnknown", UNKNOWN },
	{ ">>> '{key}'\n", INVALID },
	{ "unknown variable '{key}={value}'", UNKNOWN }, /* MySQL, MariaDB */
	{ "unknown variable '{key}'", UNKNOWN },
	{ "Found option without preceding group in config file {file} at line {line}", SYNTAX },
	{ "Bungled {file} line {line}: {key}", UNKNOWN },                    /* squid */
	{ "{file}: line {line}: Bad configuration option: {key}", UNKNOWN }, /* OpenSSH */
	{ "{file} line {line}: Unsupported option {key}", UNKNOWN },
	{ "Unknown configuration variable \"{key}\".\nError found at {file}:{line}",
		UNKNOWN }, /* Mosquitto */
	{ "Unknown configuration variable \"{key}\"", UNKNOWN },
	{ "bad option at line {line} of {file}", UNKNOWN },           /* dnsmasq */
	{ "missing ';' before '{value}'", SYNTAX },                   /* BIND */
	{ "{file}:{line}: unknown option '{key}'", UNKNOWN },         /* BIND */
	{ "{file}:{line}: error: unknown keyword '{key}'", UNKNOWN }, /* unbound */
	{ "{file}:{line} - Error during parsing: Unknown directive '{key}'",
		UNKNOWN }, /* CoreDNS */
	{ "{file}:{line} - Error during parsing", SYNTAX },
	{ "[{file}:{line}] unknown entry '{key}'", UNKNOWN }, /* PHP-FPM */
	{ "[{file}:{line}] unable to parse value for entry '{key}'", INVALID },
	{ "in {file} on line {line}\n", SYNTAX }, /* php.ini */
	{ "Option {option} in section [{name}] of {file}", INVALID },
	{ "{file}:{line}: unrecognized directive: {key}", UNKNOWN }, /* Caddy */
	{ "unrecognized directive: {key}", UNKNOWN },
	{ "in configuration file {file} line {line}: Unknown setting: {key}",
		UNKNOWN }, /* Dovecot */
	{ "in configuration file {file} line {line}: {value}", SYNTAX },
	{ "Unknown field: '{key}' at\n('{file}' Line {line} Pos", UNKNOWN }, /* Varnish */
	{ "('{file}' Line {line} Pos", SYNTAX },
	{ "{file}:{line}:{number}: unknown field \"{key}\"", UNKNOWN },      /* NATS */
	{ "error parsing {file}: {value} configuration provided", MISSING }, /* registry */
	{ "SAXParseException: {value}, line {line} column", SYNTAX },        /* ClickHouse */
	{ "Expected one of {value} at line {line}, column", SYNTAX },        /* Logstash */
	{ "Required {key} is null", MISSING },                               /* Pulsar */
	{ "Must specify \"{key}\" config option", MISSING },                 /* Nomad */
	{ "no {key} specified in config file", MISSING },                    /* Dex */
	{ "unknown setting [{key}]", UNKNOWN }, /* Elasticsearch, OpenSearch */
	{ "config {file}: Unrecognized setting. No declared setting with name: {key}. ",
		UNKNOWN }, /* Neo4j */
	{ "Failed to parse value [{value}] for setting [{key}]", INVALID },
	{ "Missing required configuration \"{key}\"", MISSING }, /* Kafka */
	{ "Invalid value {value} for configuration {key}:", INVALID },
	{ "tried to set {key}, but there is no setting with that name", UNKNOWN }, /* RabbitMQ */
	{ "unknown configuration property '{key}'", UNKNOWN },                     /* Fluent Bit */
	{ "'{key}' parameter is required", MISSING },                              /* Fluentd */
	{ "Unknown setting '{key}' for {value}", UNKNOWN },                        /* Logstash */
	{ "no such field: '{key}'", UNKNOWN }, /* Envoy: protobuf */
	{ "has unknown fields", UNKNOWN },
	{ "field not found, node: {key}", UNKNOWN },                /* Traefik */
	{ "invalid config key {key}", UNKNOWN },                    /* Consul */
	{ "fails because [\"{key}\" is not allowed]", UNKNOWN },    /* Kibana */
	{ "Configuration property '{key}' was not used", UNKNOWN }, /* Trino */
	{ "bad string length 0 < 1: {key} =", INVALID },            /* Postfix */
	/* formats */
	{ "line {line}: field {key} not found in type", UNKNOWN }, /* Go, yaml.v2 and v3 */
	{ "field {key} not found in type", UNKNOWN },
	/* a value of another type than the program's own */
	{ "line {line}: cannot unmarshal !!{name} `{value}` into {other}", INVALID },
	{ "line {line}: cannot unmarshal !!{name} into {other}", INVALID },
	{ "cannot unmarshal {name} into Go struct field {key} of type {other}", INVALID },
	{ "cannot unmarshal {name} into Go value of type {other}", INVALID },
	{ "'{key}' expected type '{other}', got", INVALID }, /* mapstructure: viper */
	{ "'{key}' expected a map, got", INVALID },
	{ "cannot parse '{key}' as {other}:", INVALID },
	{ "has invalid keys: {key}", UNKNOWN },
	{ "invalid type: {value}, expected {other} at line {line} column", INVALID }, /* serde */
	{ "invalid type: {value}, expected {other}", INVALID },
	{ "assigning {variable} to {name}: converting '{value}'", INVALID }, /* Go, envconfig */
	{ "not a valid duration string: \"{value}\"", INVALID },             /* Prometheus */
	{ "missing unit in duration \"{value}\"", INVALID },                 /* Go */
	{ "time: invalid duration \"{value}\"", INVALID },
	{ "yaml: line {line}: ", SYNTAX },
	{ "error converting YAML to JSON", SYNTAX },
	{ "json: unknown field \"{key}\"", UNKNOWN },
	{ "unknown field \"{key}\"", UNKNOWN }, /* Kubernetes, protobuf */
	{ "ConfigParseError\" error=\"{value} at {file} line {line},", SYNTAX }, /* fluentd */
	{ "unknown variant `{value}`, expected", INVALID },
	{ "unknown field `{key}`, expected", UNKNOWN }, /* Rust, serde */
	{ "missing field `{key}`", MISSING },
	{ "missing configuration field \"{key}\"", MISSING }, /* Rust, config */
	{ "toml: line {line} (last key \"{key}\")", SYNTAX },
	{ "TOML parse error at line {line}", SYNTAX },
	{ "in \"{file}\", line {line}, column", SYNTAX },           /* PyYAML */
	{ "JSONDecodeError: {value}: line {line} column", SYNTAX }, /* Python */
	{ "JSONDecodeError: ", SYNTAX },
	{ "TOMLDecodeError: {value} (at line {line}, column", SYNTAX },
	{ "TOMLDecodeError: ", SYNTAX },
	{ "ElementTree.ParseError: {value}: line {line}, column", SYNTAX },
	{ "File contains no section headers.\nfile: '{file}', line: {line}", SYNTAX },
	{ "Source contains parsing errors: '{file}'", SYNTAX },
	{ "in \"<{value}>\", line {line}, column", SYNTAX },
	{ "in 'reader', line {line}, column", SYNTAX },                   /* SnakeYAML */
	{ "(JSON::ParserError)", SYNTAX },                                /* Ruby */
	{ "YAMLException: ", SYNTAX },                                    /* js-yaml */
	{ "parse error: {value} at line {line}, column", SYNTAX },        /* jq */
	{ "in JSON at position", SYNTAX },                                /* V8 */
	{ "invalid character {value} looking for beginning of", SYNTAX }, /* Go */
	{ "after object key:value pair", SYNTAX },
	{ "after array element", SYNTAX },
	{ "unexpected end of JSON input", SYNTAX },
	{ "is not valid JSON", SYNTAX },
	{ "Error parsing YAML config file", SYNTAX }, /* MongoDB */
	/* texts that should have been numbers */
	{ "invalid literal for int() with base 10: '{value}'", INVALID }, /* Python */
	{ "could not convert string to float: '{value}'", INVALID },
	{ "strconv.Atoi: parsing \"{value}\": invalid syntax", INVALID }, /* Go */
	{ "strconv.ParseInt: parsing \"{value}\": invalid syntax", INVALID },
	{ "Expected an integer value, got \"{value}\"", INVALID },           /* Quarkus */
	{ "NumberFormatException: For input string: \"{value}\"", INVALID }, /* Java */
	{ "invalid value for Integer(): \"{value}\"", INVALID },             /* Ruby */
	{ "invalid time interval '{value}'", INVALID },                      /* sleep, timeout */
	{ "invalid number '{value}'", INVALID },                             /* BusyBox */
	{ "invalid mode: '{value}'", INVALID }, /* chmod, mkdir, install */
	{ "invalid mode '{value}'", INVALID },
	/* option parsers */
	{ "flag provided but not defined: {option}", UNKNOWN }, /* Go, flag */
	{ "invalid value \"{value}\" for flag {option}:", INVALID },
	{ "invalid boolean value \"{value}\" for {option}: parse error", INVALID },
	{ "flag needs an argument: {option}", INVALID },
	{ "unknown flag: {option}", UNKNOWN }, /* Go, pflag and cobra */
	{ "unknown shorthand flag: '{value}' in {option}", UNKNOWN },
	{ "unknown command \"{value}\" for \"{name}\"", UNKNOWN },
	{ "invalid argument \"{value}\" for \"{key}\" flag", INVALID },
	{ "required flag(s) \"{option}\"", MISSING },
	{ "required flag {option} not provided", MISSING }, /* Go, kingpin */
	{ "missing flags: {option}", MISSING },             /* Go, kong */
	{ "Required flag \"{key}\" not set", MISSING },     /* Go, urfave/cli */
	{ "Required flags \"{key}\" not set", MISSING },
	{ "Nonexistent flag: {option}", UNKNOWN }, /* Node.js, oclif */
	{ "field \"{key}\" is required but the value is not provided", MISSING }, /* Go, cleanenv */
	{ "validation error: \"{variable}\" must be", INVALID },                  /* Node.js, joi */
	{ "Invalid environment variables:\n{variable}: ", INVALID },        /* Node.js, envalid */
	{ "but are not present in the environment:\n{variable}", MISSING }, /* dotenv-safe */
	{ "'{key}' time: unknown unit", INVALID }, /* mapstructure: viper */
	{ "'{key}' time: invalid duration", INVALID },
	{ "{key}: ports must be within range", INVALID },              /* Node.js, convict */
	{ "Invalid environment variables: { {variable}: [", MISSING }, /* Node.js, zod */
	{ "{key} is required in env", MISSING },                       /* Python, dynaconf */
	{ "No section: '{key}'", MISSING },                            /* Python, configparser */
	{ "No option '{key}' in section: '{name}'", MISSING },
	{ "Unrecognized field at: {key}", UNKNOWN },    /* Java, Dropwizard */
	{ "members: '{key}' with the error", INVALID }, /* .NET, options */
	{ "JsonReaderException: {value} LineNumber: {line_index} |", SYNTAX }, /* .NET */
	{ "Failed to parse dotenv file. {value}", SYNTAX },                    /* PHP, dotenv */
	{ "unknown long flag '{option}'", UNKNOWN },                           /* Go, kingpin */
	{ "unknown short flag '{option}'", UNKNOWN },
	{ "option {option}: is unknown", UNKNOWN },    /* curl */
	{ "unrecognized option '{option}'", UNKNOWN }, /* glibc */
	{ "unrecognized option \"{option}\"", UNKNOWN },
	{ "unrecognized option: {option}", UNKNOWN },  /* musl, BusyBox, MongoDB, the JVM */
	{ "unrecognised option '{option}'", UNKNOWN }, /* Boost */
	{ "invalid option -- '{option}'", UNKNOWN },
	{ "illegal option -- {option}", UNKNOWN },
	{ "unknown option -- '{option}'", UNKNOWN },
	{ "unknown command line flag '{option}'", UNKNOWN }, /* gflags */
	{ "unrecognized arguments: {option}", UNKNOWN },     /* Python, argparse */
	{ "the following arguments are required: {option}", MISSING },
	{ "argument {option}: expected", INVALID },
	{ "argument {option}: invalid {name} value: '{value}'", INVALID },
	{ "argument {option}: invalid choice: '{value}'", INVALID },
	{ "argument {option}: invalid", INVALID },
	{ "unexpected argument '{option}' found", UNKNOWN }, /* Rust, clap */
	{ "Found argument '{option}' which wasn't expected", UNKNOWN },
	{ "required arguments were not provided:\n{option}", MISSING },
	{ "invalid value '{value}' for '{key}'", INVALID },
	{ "No such option: {option}", UNKNOWN }, /* Python, click */
	{ "No such command '{value}'", UNKNOWN },
	{ "Missing option '{option}'", MISSING },
	{ "Missing argument '{option}'", MISSING },
	{ "Invalid value for '{option}':", INVALID },
	{ "Missing required option: '{option}", MISSING }, /* Java, picocli */
	{ "Unknown option: '{option}'", UNKNOWN },
	{ "Unknown option '{option}'", UNKNOWN }, /* Node.js, commander */
	{ "unknown option \"{option}\"", UNKNOWN },
	{ "unknown option: {option}", UNKNOWN },
	{ "unknown option {option}", UNKNOWN }, /* mysqld, many that parse by hand */
	{ "unrecognized option {option}", UNKNOWN },
	{ "Unknown argument: {option}", UNKNOWN }, /* Node.js, yargs */
	{ "Missing required argument: {option}", MISSING },
	{ "bad option: {option}", UNKNOWN },              /* node itself */
	{ "Unrecognized VM option '{option}'", UNKNOWN }, /* the JVM */
	{ "Improperly specified VM option '{option}'", INVALID },
	{ "Invalid maximum heap size: {option}", INVALID },
	{ "Invalid initial heap size: {option}", INVALID },
	/* what was not given, in anybody's words */
	DEMAND("must specify"),
	DEMAND("please specify"),
	DEMAND("need to specify"),
	DEMAND("must provide"),
	DEMAND("please provide"),
	DEMAND("must pass"),
	DEMAND("must set"),
	DEMAND("please set"),
	{ "must be specified with {flag}", MISSING },
	{ "must be specified using {flag}", MISSING },
	{ "must be provided with {flag}", MISSING },
	{ "must be provided via {flag}", MISSING },
	{ "must be set with {flag}", MISSING },
	{ "must be set via {flag}", MISSING },
	{ "{flag} must be specified", MISSING },
	{ "{flag} must be provided", MISSING },
	{ "{flag} must be set", MISSING },
	{ "{flag} must be given", MISSING },
	{ "{flag} is required", MISSING },
	{ "{flag} are required", MISSING },
	{ "{flag} is missing", MISSING },
	{ "{flag} cannot be empty", MISSING },
	{ "{flag} must not be empty", MISSING },
	{ "missing required option {flag}", MISSING },
	{ "missing required option: {flag}", MISSING },
	{ "missing required flag {flag}", MISSING },
	{ "missing required flag: {flag}", MISSING },
	{ "no {flag} specified", MISSING },
	{ "no {flag} given", MISSING },
	{ "no {flag} provided", MISSING },
	/* what an earlier release knew */
	{ "{variable} is set but deprecated", REMOVED }, /* the RabbitMQ image */
	{ "{variable} is no longer supported", REMOVED },
	{ "{variable} is not supported anymore", REMOVED },
	{ "{variable} has been removed", REMOVED },
	{ "{variable} was removed", REMOVED },
	{ "{flag} is no longer supported", REMOVED },
	{ "{flag} is no longer available", REMOVED },
	{ "{flag} is not supported anymore", REMOVED },
	{ "{flag} has been removed", REMOVED },
	{ "{flag} was removed", REMOVED },
	{ "option '{option}' has been removed", REMOVED },
	{ "option '{option}' is no longer supported", REMOVED },
	{ "option \"{option}\" has been removed", REMOVED },
	{ "option \"{option}\" is no longer supported", REMOVED },
	{ "setting '{key}' has been removed", REMOVED },
	{ "setting '{key}' is no longer supported", REMOVED },
	{ "setting \"{key}\" has been removed", REMOVED },
	{ "directive '{key}' is no longer supported", REMOVED },
	{ "directive \"{key}\" is no longer supported", REMOVED },
	{ "'{key}' is no longer supported", REMOVED },
	{ "\"{key}\" is no longer supported", REMOVED },
	{ "`{key}` is no longer supported", REMOVED },
	/* variables, and settings that frameworks take from them */
	{ "required key {variable} missing value", MISSING }, /* Go, envconfig */
	{ "required environment variable \"{variable}\" is not set",
		MISSING }, /* Go, caarlos0/env */
	{ "env: environment variable \"{variable}\"", MISSING },
	{ "environment variable \"{variable}\" should not be empty", INVALID },
	{ "Set the {variable} environment variable", MISSING },                     /* Django */
	{ "originating from System Environment Property \"{variable}\"", INVALID }, /* Spring */
	{ "Failed to bind properties under '{key}'", INVALID },
	{ "You must specify {variable} to a non-empty value", MISSING }, /* the postgres image */
	{ "{variable}: unbound variable", MISSING },                     /* shells */
	{ "{variable}: parameter null or not set", MISSING },
	{ "{variable}: parameter not set", MISSING },
	{ "{variable} environment variable is not set", MISSING },
	{ "{variable} environment variable not set", MISSING },
	{ "{variable} must be set", MISSING },
	{ "environment variable {variable} is not set", MISSING },
	{ "environment variable {variable} must be set", MISSING },
	{ "missing environment variable: {variable}", MISSING },
	{ "missing setting: {key}", MISSING }, /* oauth2-proxy */
	{ "missing required setting {key}", MISSING },
	{ "missing required parameter {key}", MISSING },
	{ "missing required parameter: {key}", MISSING },
	{ "missing required option {key}", MISSING },
	{ "missing required field {key}", MISSING },
	{ "missing required field: {key}", MISSING },
	{ "missing required property {key}", MISSING },
	{ "missing required configuration {key}", MISSING },
	{ "missing required configuration: {key}", MISSING },
	{ "missing required environment variable {variable}", MISSING },
	{ "missing required environment variable: {variable}", MISSING },
	{ "{variable}=\"{value}\" is not valid", INVALID }, /* Linkerd */
	{ "{variable} is not a valid", INVALID },
	{ "{variable} must start with", INVALID },
	{ "{variable} must begin with", INVALID },
	{ "{variable} must contain", INVALID },
	{ "{variable} must match", INVALID },
	{ "{variable} must be at least", INVALID },
	{ "{variable} should be", INVALID },
	{ "{variable}\" environment variable is missing", MISSING },
	{ "{variable} environment variable is invalid", INVALID },
	{ "please define {variable}", MISSING },
	{ "no value for {variable}", MISSING },
	{ "{variable} must be one of", INVALID },
	{ "{variable} must be a", INVALID },
	{ "{variable} is invalid", INVALID },
	{ "{variable} is not valid", INVALID },
	{ "invalid {variable}", INVALID },
	{ "invalid value for {variable}", INVALID },
	{ "{variable} is empty", MISSING },
	{ "{variable} is missing", MISSING },
	{ "{variable} is unset", MISSING },
	{ "{variable} is undefined", MISSING },
	{ "{variable} is not defined", MISSING },
	{ "{variable} is not provided", MISSING },
	{ "{variable} not provided", MISSING },
	{ "{variable} was not provided", MISSING },
	{ "{variable} cannot be empty", MISSING },
	{ "{variable} must not be empty", MISSING },
	{ "{variable} is not set", MISSING },
	{ "{variable} is required", MISSING },
	/* the same of keys of files */
	{ "missing required config '{key}'", MISSING },
	{ "missing required config \"{key}\"", MISSING },
	{ "config key \"{key}\" not found", MISSING },
	{ "config key '{key}' not found", MISSING },
	{ "missing mandatory {setting}", MISSING },
	{ "missing mandatory `{setting}`", MISSING },                 /* Synapse */
	{ "Parameter {setting} should not be blank", MISSING },       /* Graylog */
	{ "configuration property {key}: may not be null", MISSING }, /* Trino */
	{ "{setting} must not be empty", MISSING },
	{ "{setting} cannot be empty", MISSING },
	{ "{setting} must be set", MISSING },
	{ "{setting} must be specified", MISSING },
	{ "{setting} must be provided", MISSING },
	{ "{setting} is required", MISSING },
	{ "{setting} is missing", MISSING },
	{ "{setting} is empty", MISSING },
	{ "{setting} is not set", MISSING },
	{ "{setting} not set", MISSING },
	{ "{setting} is not defined", MISSING },
	{ "requirement failed: {key} must be ", INVALID }, /* Kafka, by Scala's require */
	{ "{setting} must be one of", INVALID },
	{ "{setting} must be a", INVALID },
	{ "{setting} is invalid", INVALID },
	{ "{setting} is not a valid", INVALID },
	{ "invalid value for {setting}", INVALID },
	/* kinds of things that there are only a few of */
	{ "unknown storage backend \"{value}\"", INVALID },
	{ "unsupported storage type: {value}", INVALID },
	{ "unknown storage type: {value}", INVALID },
	{ "unsupported database type: {value}", INVALID },
	{ "unknown database type: {value}", INVALID },
	{ "unsupported database driver: {value}", INVALID },
	{ "unsupported database: {value}", INVALID },
	{ "unsupported driver: {value}", INVALID },
	{ "unknown driver: {value}", INVALID },
	{ "unsupported backend: {value}", INVALID },
	{ "unknown backend: {value}", INVALID },
	{ "unsupported provider: {value}", INVALID },
	{ "unknown provider: {value}", INVALID },
	{ "unknown environment: {value}", INVALID },
	/* a file that was read and not understood, whoever says so; what it says follows */
	{ "error parsing config file {file}", SYNTAX },
	{ "error parsing configuration file {file}", SYNTAX },
	{ "error parsing {file}: ", SYNTAX },
	{ "error in configuration file {file}", SYNTAX },
	{ "failed to parse config file {file}", SYNTAX },
	{ "failed to parse configuration file {file}", SYNTAX },
	{ "failed to parse {file}: ", SYNTAX },
	{ "could not parse {file}: ", SYNTAX },
	{ "unable to parse {file}: ", SYNTAX },
};

size_t config_messages(const struct config_message **out)
{
	*out = rows;
	return ARRAY_SIZE(rows);
}

/* Types as the messages of Go, Rust and YAML libraries call them; of a longer name the beginning counts. */
static const struct {
	const char *type, *words;
} types[] = {
	{ "time.Duration", "a duration with its unit, such as 5s" },
	{ "model.Duration", "a duration with its unit, such as 5s" },
	{ "duration", "a duration with its unit, such as 5s" },
	{ "int", "a whole number, without quotes" },
	{ "uint", "a whole number, without quotes" },
	{ "float", "a number, without quotes" },
	{ "u8", "a whole number, without quotes" },
	{ "u16", "a whole number, without quotes" },
	{ "u32", "a whole number, without quotes" },
	{ "u64", "a whole number, without quotes" },
	{ "i32", "a whole number, without quotes" },
	{ "i64", "a whole number, without quotes" },
	{ "usize", "a whole number, without quotes" },
	{ "string", "text, in quotes where it looks like a number or true and false" },
	{ "a string", "text, in quotes where it looks like a number or true and false" },
	{ "bool", "true or false, without quotes" },
	{ "a boolean", "true or false, without quotes" },
	{ "[]", "a list" },
	{ "a sequence", "a list" },
	{ "map[", "a mapping of keys to values" },
	{ "a map", "a mapping of keys to values" },
	{ "struct", "a mapping of keys to values" },
};

const char *value_type_words(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strncmp(type, types[i].type, strlen(types[i].type)))
			return types[i].words;
	return NULL;
}
