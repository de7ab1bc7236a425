// SPDX-License-Identifier: MIT
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/cgroup_path.h"
#include "container/hierarchy.h"
#include "container/hostfile.h"
#include "util/cleanup.h"

#define ID "337f64a0302298446035f4167713fa68192ebc84c896ef38036a19c173da7432"
#define NODE "7a56a18e2f253f49e37e91ea70ed737ccf02e5b05dabb04d65674735c8dd99af"
#define UID "dbb8422d-ff57-43e5-b137-3db0cad88d50"
#define UID_ "dbb8422d_ff57_43e5_b137_3db0cad88d50"
#define STATIC "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

static const struct {
	const char *path, *id, *uid, *runtime;
} containers[] = {
	{ "/kubepods/pod" UID "/" ID, ID, UID, "" },
	{ "/kubepods/burstable/pod" UID "/" ID, ID, UID, "" },
	{ "/kubepods/besteffort/pod" UID "/crio-" ID, ID, UID, "cri-o" },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope", ID, UID,
		"containerd" },
	{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/crio-" ID
	  ".scope",
		ID, UID, "cri-o" },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" STATIC
	  ".slice/cri-containerd-" ID ".scope",
		ID, STATIC, "containerd" },
	{ "/system.slice/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" ID, ID, UID,
		"containerd" },
	{ "/system.slice/k3s.service/kubepods/burstable/pod" UID "/" ID, ID, UID, "" },
	/* kind, as the agent in the node sees it */
	{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_
	  ".slice/cri-containerd-" ID ".scope",
		ID, UID, "containerd" },
	{ "/docker/" ID, ID, "", "docker" },
	{ "/system.slice/docker-" ID ".scope", ID, "", "docker" },
	{ "/machine.slice/libpod-" ID ".scope", ID, "", "podman" },
	{ "/libpod_parent/" NODE "/libpod-" ID, ID, "", "podman" },
	/* rootless podman, in its user's session; k3s --rootless; RKE2's static pods */
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope", ID, "",
		"podman" },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/k3s-rootless.service/kubepods/"
	  "besteffort/pod" UID "/" ID,
		ID, UID, "" },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" STATIC
	  ".slice/cri-containerd-" ID ".scope",
		ID, STATIC, "containerd" },
	{ "/default/" ID, ID, "", "" },
};

static void test_containers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(containers); i++) {
		struct cgroup_path p;
		assert_int_equal(
			cgroup_path_parse(containers[i].path, &p), strlen(containers[i].path));
		assert_string_equal(p.id, containers[i].id);
		assert_string_equal(p.pod_uid, containers[i].uid);
		assert_string_equal(p.runtime, containers[i].runtime);
	}
}

static void test_no_containers(void **state)
{
	static const char *const paths[] = { "", "/", "//", "/kubepods/burstable/pod" UID,
		"/kubepods/pod" UID "/crio-conmon-" ID, "/machine.slice/libpod-conmon-" ID ".scope",
		"/libpod_parent/" NODE, "/machine.slice/machine-libpod_pod_" NODE ".slice",
		"/user.slice/session-1.scope", "/machine.slice/machine-web.scope/payload",
		"/machine.slice/systemd-nspawn@web.service/payload", "/x" ID, "/" ID "0",
		"/system.slice/" ID ".service",
		"/kubepods/337F64A0302298446035f4167713fa68192ebc84c896ef38036a19c173da7432" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct cgroup_path p = { .runtime = "untouched" };
		assert_int_equal(cgroup_path_parse(paths[i], &p), 0);
		assert_string_equal(p.runtime, "untouched");
	}
}

static void test_nested(void **state)
{
	static const char own[] = "/kubepods/pod" UID "/" ID;
	struct cgroup_path p;

	(void)state;
	assert_int_equal(
		cgroup_path_parse("/kubepods/pod" UID "/" ID "/init.scope", &p), strlen(own));
	assert_string_equal(p.id, ID);
	assert_string_equal(p.pod_uid, UID);
	assert_int_equal(cgroup_path_parse("/kubepods/pod" UID "/" ID "/a/b/c", &p), strlen(own));
	/* what a container makes below its own belongs to it, also when it is called as another one */
	assert_int_equal(
		cgroup_path_parse("/docker/" NODE "/kubepods/pod" UID "/crio-" ID "/x", &p),
		strlen("/docker/" NODE));
	assert_string_equal(p.id, NODE);
	assert_string_equal(p.pod_uid, "");
}

/* Names that a runtime may have been asked for. */
static void test_plain_names(void **state)
{
	static const struct {
		const char *path;
		const char *names[PLAIN_NAMES_MAX];
	} rows[] = {
		{ "/web", { "web" } }, { "/a/b/web-1", { "web-1" } },
		{ "/system.slice/web.scope", { "web" } },
		{ "/system.slice/runc-my-web.scope", { "runc-my-web", "my-web" } },
		{ "/system.slice/web.service", { "web.service" } },
		{ "/system.slice/-.scope", { "-" } }, { "/.scope", { NULL } }, { "/", { NULL } },
		{ "", { NULL } },
		{ "/" ID ID, { NULL } }, /* longer than what the kernel side keeps */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char names[PLAIN_NAMES_MAX][CONTAINER_NAME_SIZE];
		int n = cgroup_path_plain_names(rows[i].path, names);
		for (int j = 0; j < n; j++)
			assert_string_equal(names[j], rows[i].names[j]);
		assert_true(n == PLAIN_NAMES_MAX || !rows[i].names[n]);
	}
}

/* Every /proc/PID/cgroup of the fixtures names the container in both kinds of hierarchy. */
static void test_fixtures(void **state)
{
	glob_t files;

	(void)state;
	assert_int_equal(glob("tests/fixtures/bundles/*/*.cgroup", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 16);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		for (int v1 = 0; v1 < 2; v1++) {
			_cleanup_free_ char *text = NULL, *full = realpath(files.gl_pathv[i], NULL);
			char path[4096];
			struct cgroup_path p;
			assert_int_equal(host_read("", full, 65536, &text, NULL), 0);
			assert_int_equal(
				hierarchy_path_of_process(text, v1, path, sizeof(path)), 0);
			assert_int_equal(cgroup_path_parse(path, &p), strlen(path));
			assert_int_equal(strlen(p.id), 64);
			bool pod = strstr(full, "/k8s-") || strstr(full, "/cri-o");
			assert_int_equal(strlen(p.pod_uid), pod ? 36 : 0);
		}
	}
	globfree(&files);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_layouts(void **state)
{
	static const struct {
		const char *mountinfo, *root;
		enum hierarchy_layout layout;
	} cases[] = {
		{ "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 "
		  "rw,nsdelegate\n",
			"/sys/fs/cgroup", HIERARCHY_V2 },
		{ "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
		  "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		  "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
			"/sys/fs/cgroup/unified", HIERARCHY_HYBRID },
		{ "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
		  "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
			"/sys/fs/cgroup/memory", HIERARCHY_V1 },
	};
	char name[] = "/tmp/ktrace-test-XXXXXX";
	int fd = mkstemp(name);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hierarchy h;
		write_text(name, cases[i].mountinfo);
		assert_int_equal(hierarchy_find(name, &h), 0);
		assert_int_equal(h.layout, cases[i].layout);
		assert_string_equal(h.root, cases[i].root);
	}
	struct hierarchy h = { .root = "untouched" };
	write_text(name, "broken\n1 2 3\n - \n1 2 0:1 / /x rw - ext4 /dev/sda rw\n");
	assert_int_equal(hierarchy_find(name, &h), -ENOENT);
	assert_string_equal(h.root, "untouched");
	unlink(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_no_containers),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_plain_names),
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_layouts),
	};
	return cmocka_run_group_tests_name("container_cgroup_path", tests, NULL, NULL);
}
