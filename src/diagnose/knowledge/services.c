// SPDX-License-Identifier: MIT
/* By the programs' manuals. PORT stands for the number of the port, once in a row. */
#include "diagnose/knowledge/services.h"

#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"

// clang-format off
static const struct service services[] = {
	{ "nginx", "`nginx -g 'daemon off;'`", "`listen PORT;` without an address" },
	{ "apache2", "`-DFOREGROUND`", "`Listen PORT` without an address" },
	{ "httpd", "`-DFOREGROUND` (BusyBox: `-f`)", "`Listen PORT` without an address (BusyBox: only the port behind -p)" },
	{ "apache2ctl", "`-DFOREGROUND`", NULL },
	{ "apachectl", "`-DFOREGROUND`", NULL },
	{ "lighttpd", "`-D`", "leave out server.bind" },
	{ "haproxy", "`-db`, without `daemon` in its configuration", "`bind *:PORT`" },
	{ "varnishd", "`-F`", "`-a :PORT`" },
	{ "squid", "`--foreground`", "`http_port PORT` without an address" },
	{ "php-fpm", "`-F`", "`listen = PORT` without an address" },
	{ "php", NULL, "`-S 0.0.0.0:PORT`" },
	{ "tinyproxy", "`-d`", NULL },
	{ "privoxy", "`--no-daemon`", NULL },
	{ "zabbix_agentd", "`-f`", NULL },
	{ "monit", "`-I`", NULL },
	{ "pgbouncer", "leave out -d", "`listen_addr = *`" },
	{ "openvpn", "leave out daemon", NULL },
	{ "turnserver", "leave out -o", NULL },
	{ "unicorn", "leave out -D", NULL },
	{ "pure-ftpd", "leave out -B", NULL },
	{ "in.tftpd", "`-L`", NULL },
	{ "ntpd", "`-n`", NULL },
	{ "dhcpd", "`-f`", NULL },
	{ "pm2", "`pm2-runtime` instead of pm2", NULL },
	{ "uwsgi", "leave out daemonize", "`--http-socket :PORT`" },
	{ "gunicorn", "leave out --daemon, and daemon in its configuration", "`--bind 0.0.0.0:PORT`" },
	{ "uvicorn", NULL, "`--host 0.0.0.0`" },
	{ "hypercorn", NULL, "`--bind 0.0.0.0:PORT`" },
	{ "flask", NULL, "`--host 0.0.0.0`" },
	{ "celery", "leave out multi and --detach", NULL },
	{ "puma", NULL, "`-b tcp://0.0.0.0:PORT`" },
	{ "rails", "leave out -d", "`-b 0.0.0.0`" },
	{ "supervisord", "`-n`, or nodaemon=true in its configuration", "`port=*:PORT` in [inet_http_server]" },
	{ "redis-server", "`--daemonize no`, or `daemonize no` in its configuration", "`bind 0.0.0.0` in its configuration, with a password (requirepass)" },
	{ "memcached", "leave out -d", "`-l 0.0.0.0`" },
	{ "mongod", "leave out --fork", "`--bind_ip_all`" },
	{ "mysqld", "leave out --daemonize", "`--bind-address=0.0.0.0`" },
	{ "mariadbd", NULL, "`--bind-address=0.0.0.0`" },
	{ "postgres", NULL, "`-c listen_addresses='*'`" },
	{ "pg_ctl", "`postgres -D DIRECTORY` instead of pg_ctl", NULL },
	{ "rabbitmq-server", "leave out -detached", NULL },
	{ "mosquitto", "leave out -d", "`listener PORT` without an address" },
	{ "slapd", "`-d 0`", "`-h ldap:///`" },
	{ "named", "`-f`", "`listen-on { any; };`" },
	{ "unbound", "`-d`", "`interface: 0.0.0.0`" },
	{ "dnsmasq", "`-k`", "leave out listen-address and interface" },
	{ "sshd", "`-D`", "leave out ListenAddress" },
	{ "vsftpd", "background=NO in its configuration", "listen_address=0.0.0.0" },
	{ "proftpd", "`--nodaemon`", NULL },
	{ "postfix", "`postfix start-fg`", NULL },
	{ "dovecot", "`-F`", NULL },
	{ "exim4", "`-bdf`", NULL },
	{ "opendkim", "`-f`", NULL },
	{ "freeradius", "`-f`", NULL },
	{ "cron", "`-f`", NULL },
	{ "crond", "`-f`", NULL },
	{ "rsyslogd", "`-n`", NULL },
	{ "chronyd", "`-d`", NULL },
	{ "keepalived", "`-n`", NULL },
	{ "stunnel", "foreground = yes in its configuration", NULL },
	{ "clamd", "`-F`", NULL },
	{ "snmpd", "`-f`", NULL },
};
// clang-format on

const struct service *service_of(const char *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		size_t len = strlen(services[i].program);
		if (!strncmp(program, services[i].program, len) &&
			!program[len + strspn(program + len, "-.0123456789")])
			return &services[i];
	}
	return NULL;
}
