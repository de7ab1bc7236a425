// SPDX-License-Identifier: MIT
/*
 * Any bytes as the memory's file, and as a workload in one with the right checksum: it opens, keeps what is whole, the next
 * one to open its file finds the same, and a start is compared with what is there and kept beside it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/line_file.h"
#include "agent/memory.h"
#include "fuzz/fuzz.h"
#include "util/cleanup.h"
#include "util/log.h"

#define NOW 1790000000000000000ULL
#define SALT "{\"salt\":\"000102030405060708090a0b0c0d0e0f\"}"

static char path[64], aside[80];

static void put(const char *data, size_t size)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static struct memory *open_memory(void)
{
	const struct memory_options options = { .path = path };
	struct memory *m = NULL;

	check(memory_new(&options, &m) == 0);
	return m;
}

/* Of the workload that the first inputs are about. */
static struct container *a_start(const struct memory *m)
{
	struct container *c = container_new();

	check(c && !container_set(&c->k8s_namespace, "shop") &&
		!container_set(&c->pod, "orders-7d9c") && !container_set(&c->workload, "orders") &&
		!container_set(&c->k8s_container, "app") && !container_set(&c->id, "fresh"));
	c->workload_kind = WORKLOAD_DEPLOYMENT;
	c->start = snapshot_new(memory_salt(m));
	check(c->start && !snapshot_add(c->start, FACT_IMAGE, "", "orders:1.5.0"));
	snapshot_sort(c->start);
	return c;
}

static void start_once(struct memory *m)
{
	struct container *c = a_start(m);
	const struct healthy_start start = { .container = c, .time = NOW };

	remembered_free(memory_recall(m, c));
	memory_keep(m, &start);
	struct remembered *r = memory_recall(m, c);
	check(r && r->healthy_at == NOW && r->starts && !r->changes.n);
	remembered_free(r);
	container_unref(c);
}

static void settle(const char *data, size_t size)
{
	struct memory_stats once, twice;

	put(data, size);
	struct memory *m = open_memory();
	memory_stats(m, &once);
	memory_free(m);
	m = open_memory();
	memory_stats(m, &twice);
	check(once.workloads == twice.workloads && once.bytes == twice.bytes);
	start_once(m);
	memory_free(m);
	m = open_memory();
	start_once(m);
	memory_free(m);
	unlink(aside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_strbuf_ struct strbuf file = STRBUF_INIT, text = STRBUF_INIT;
	const struct file_line salt = { 0, 0, SALT, strlen(SALT) };

	if (!*path) {
		snprintf(path, sizeof(path), "/dev/shm/ktrace-fuzz-%d", (int)getpid());
		snprintf(aside, sizeof(aside), "%s.damaged", path);
		log_set_level(LOG_ERROR);
	}
	strbuf_append(&text, (const char *)data, size);
	const struct file_line line = { 1, NOW, text.data ? text.data : "", text.len };

	settle((const char *)data, size);
	strbuf_puts(&file, "ktrace-memory 1\n");
	line_file_format(&file, &salt);
	line_file_format(&file, &line);
	settle(file.data, file.len);
	return 0;
}
