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
#include <sys/resource.h>
#include <sys/stat.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "container/bundle.h"
#include "container/bundle_names.h"
#include "container/hostfile.h"
#include "container/runtimes.h"
#include "container/volumes.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

#define REST "e6f3a5c0d7b84912a3c4d5e6f708192a3b4c5d6e7f8091a2b3c4"
#define BUNDLES "tests/fixtures/bundles/"

static char *read_fixture(const char *name, size_t *len)
{
	_cleanup_free_ char *full = realpath(name, NULL);
	char *text = NULL;

	assert_non_null(full);
	assert_int_equal(host_read("", full, BUNDLE_JSON_MAX, &text, len), 0);
	return text;
}

static struct container *describe(const char *name)
{
	struct container *c = container_new();
	size_t len;
	_cleanup_free_ char *json = read_fixture(name, &len);

	assert_non_null(c);
	assert_int_equal(container_set(&c->bundle, "/run/bundle"), 0);
	assert_int_equal(bundle_describe(c, json, len), 0);
	assert_true(c->described);
	return c;
}

static const struct mount *mount_at(const struct container *c, const char *path)
{
	const struct mount *m = container_mount_of(c, path);

	assert_non_null(m);
	return m;
}

static void check_mount(const struct container *c, const char *path, enum mount_kind kind,
	const char *name, bool read_only, bool subpath)
{
	const struct mount *m = mount_at(c, path);

	assert_int_equal(m->kind, kind);
	assert_string_equal(m->name, name);
	assert_int_equal(m->read_only, read_only);
	assert_int_equal(m->subpath, subpath);
}

static void test_containerd(void **state)
{
	static const char *const files[] = {
		BUNDLES "k8s-containerd-1.6-cgroupfs/orders-7d9c.app.config.json",
		BUNDLES "k8s-containerd-1.6-systemd/orders-7d9c.app.config.json",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct container *c = describe(files[i]);
		assert_string_equal(c->runtime, "containerd");
		assert_string_equal(c->k8s_namespace, "shop");
		assert_string_equal(c->pod, "orders-7d9c");
		assert_int_equal(strlen(c->pod_uid), 36);
		assert_string_equal(c->k8s_container, "app");
		assert_string_equal(c->name, "app");
		assert_string_equal(c->image, "localhost/bb:1");
		assert_int_equal(c->type, CONTAINER_MAIN);
		assert_int_equal(c->restart_count, -1);
		assert_int_equal(c->uid, 1000);
		assert_int_equal(c->n_groups, 1);
		assert_int_equal(c->groups[0], 1000);
		assert_int_equal(c->capabilities, 0);
		assert_true(c->no_new_privileges && c->seccomp && c->root.read_only);
		assert_false(c->host_network || c->host_pid);
		assert_int_equal(c->memory_limit, 33554432);
		assert_string_equal(c->rootfs, "/run/bundle/rootfs");
		assert_int_equal(c->n_args, 2);
		assert_string_equal(c->args[1], "3600");
		assert_string_equal(c->cwd, "/");
		assert_non_null(strstr(c->path_env, "/usr/bin"));

		volumes_resolve_subpaths(c, "/nowhere");
		check_mount(c, "/app-source/main.py", MOUNT_CONFIGMAP, "code", true, false);
		check_mount(c, "/app", MOUNT_EMPTYDIR, "work", false, true);
		check_mount(c, "/etc/app.yaml", MOUNT_CONFIGMAP, "code", true, true);
		check_mount(c, "/scratch/x/y", MOUNT_EMPTYDIR, "work", false, false);
		check_mount(c, "/etc/sec", MOUNT_SECRET, "sec", true, false);
		check_mount(c, "/etc/all", MOUNT_PROJECTED, "all", true, false);
		check_mount(c, "/host-share", MOUNT_HOSTPATH, "", true, false);
		check_mount(c, "/etc/hosts", MOUNT_OTHER, "", false, false);
		check_mount(c, "/dev/null", MOUNT_TMPFS, "", false, false);
		check_mount(c, "/proc/1", MOUNT_OTHER, "", false, false);
		/* a name that only starts like a mount's is not on it */
		assert_ptr_equal(mount_at(c, "/app-sources"), &c->root);
		assert_ptr_equal(mount_at(c, "/"), &c->root);
		container_unref(c);
	}
}

/* podman's list of containers; the one of that name has the id "x", which becomes c's. */
static int describe_podman(struct container *c, const char *name)
{
	char json[512];

	if (name)
		container_set(&c->id, "x");
	snprintf(json, sizeof(json),
		"[{\"id\":\"y\",\"names\":[\"z\"]},{\"id\":\"x\",\"names\":[\"%s\"],"
		"\"metadata\":\"{\\\"image-name\\\":\\\"localhost/bb:1\\\"}\"}]",
		name ?: "");
	return bundle_describe_podman(c, json, strlen(json));
}

static void test_other_runtimes(void **state)
{
	size_t len;

	(void)state;
	struct container *c = describe(BUNDLES "cri-o-1.32/app.config.json");
	assert_string_equal(c->runtime, "cri-o");
	assert_string_equal(c->k8s_container, "app");
	assert_string_equal(c->pod, "orders-7d9c");
	assert_string_equal(c->k8s_namespace, "shop");
	assert_int_equal(c->restart_count, 1);
	assert_true(c->host_network);
	assert_int_equal(c->pids_limit, 0);   /* -1 is none */
	assert_int_equal(c->capabilities, 0); /* what execve() leaves of them to uid 1000 */
	check_mount(c, "/app-source/x", MOUNT_CONFIGMAP, "code", true, false);
	container_unref(c);

	c = describe(BUNDLES "cri-o-1.32/sandbox.config.json");
	assert_int_equal(c->type, CONTAINER_SANDBOX);
	assert_string_equal(c->k8s_container, "");
	assert_string_equal(c->image, "localhost/pause:1");
	assert_int_equal(c->restart_count, -1);
	container_unref(c);

	c = describe(BUNDLES "podman-4.3/kp-app.config.json");
	assert_string_equal(c->runtime, "podman");
	check_mount(c, "/cfg/app.yaml", MOUNT_PVC, "app-config", true, false);
	check_mount(c, "/data", MOUNT_PVC, "data", false, false);
	check_mount(c, "/etc/hosts", MOUNT_OTHER, "", true, false);
	assert_int_equal(describe_podman(c, "kp-app"), 0);
	assert_string_equal(c->name, "kp-app");
	assert_string_equal(c->pod, "kp");
	assert_string_equal(c->k8s_container, "app");
	assert_string_equal(c->image, "localhost/bb:1");
	container_unref(c);

	/* A name that is not the host name's tells of no pod. */
	c = describe(BUNDLES "podman-4.3/kp-app.config.json");
	assert_int_equal(describe_podman(c, "kpapp"), 0);
	assert_string_equal(c->name, "kpapp");
	assert_string_equal(c->pod, "");
	assert_string_equal(c->k8s_container, "");
	container_unref(c);

	c = describe(BUNDLES "podman-4.3/73cc74a9c169-infra.config.json");
	container_set(&c->cgroup_path, "/libpod_parent/73cc74a9c169" REST "/libpod-x");
	assert_int_equal(describe_podman(c, "73cc74a9c169-infra"), 0);
	assert_int_equal(c->type, CONTAINER_SANDBOX);
	container_set(&c->id, "other");
	assert_int_equal(describe_podman(c, NULL), -ENOENT);
	container_unref(c);

	c = describe(BUNDLES "docker-20.10/web.config.json");
	_cleanup_free_ char *json = read_fixture(BUNDLES "docker-20.10/web.config.v2.json", &len);
	assert_int_equal(bundle_describe_docker(c, json, len), 0);
	assert_string_equal(c->runtime, "docker");
	assert_string_equal(c->name, "app");
	assert_string_equal(c->k8s_container, "app");
	assert_string_equal(c->pod, "orders-7d9c");
	assert_string_equal(c->image, "bb");
	assert_int_equal(c->type, CONTAINER_MAIN);
	assert_true(c->host_network);
	container_unref(c);
}

static void test_every_fixture(void **state)
{
	glob_t files;

	(void)state;
	assert_int_equal(glob(BUNDLES "*/*.config.json", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 18);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct container *c = describe(files.gl_pathv[i]);
		bool sandbox = strstr(files.gl_pathv[i], "sandbox");
		bool pod = strstr(files.gl_pathv[i], "k8s-") || strstr(files.gl_pathv[i], "cri-o");
		assert_true(c->n_mounts > 0 && c->n_args > 0 && *c->rootfs);
		if (pod) {
			assert_int_equal(c->type, sandbox ? CONTAINER_SANDBOX : CONTAINER_MAIN);
			assert_true(*c->pod && *c->k8s_namespace && *c->sandbox_id);
			assert_int_equal(*c->k8s_container != '\0', !sandbox);
		}
		container_unref(c);
	}
	globfree(&files);
}

/* Whatever is cut off or overwritten, the description is whole or refused. */
static void test_shapes_of_variables(void **state)
{
	static const char json[] =
		"{\"process\":{\"env\":[\"PATH=/bin\",\"DB_HOST=db\\n\",\"EMPTY=\",\"NO_VALUE\","
		"\"TOKEN=secret\\n\",\"A=x${B}\",\"C=$(D)/\",\"E=${}\",\"F=$5 {x}\",\"G=$(id "
		"-u)\",\"KUBERNETES_PORT=tcp://10.0.0.1:443\",\"KAFKA_PORT=tcp://10.0.0.2:9092\","
		"\"KAFKA_PORT_9092_TCP=tcp://10.0.0.2:9092\",\"WEB_PORT=8080\",\"API_PORT=tcp://"
		"api:80\"]}}";
	struct container *c = container_new();

	(void)state;
	assert_int_equal(bundle_describe(c, json, strlen(json)), 0);
	assert_string_equal(c->env_line_break, "DB_HOST TOKEN");
	assert_string_equal(c->env_host, "db");
	assert_string_equal(c->env_empty, "EMPTY");
	assert_string_equal(c->env_long, "");
	assert_string_equal(c->env_placeholder, "A C");
	assert_string_equal(c->env_service, "KAFKA_PORT");
	container_unref(c);
}

static void test_devices(void **state)
{
	static const char json[] =
		"{\"linux\":{\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},"
		"{\"allow\":true,\"type\":\"c\",\"major\":10,\"minor\":229,\"access\":\"rw\"},"
		"{\"allow\":true,\"type\":\"c\",\"major\":136,\"access\":\"rwmwrwm\"},"
		"{\"allow\":true,\"type\":5,\"major\":-1,\"minor\":\"x\"},7]}}}";
	struct container *c = container_new();

	(void)state;
	assert_int_equal(bundle_describe(c, json, strlen(json)), 0);
	assert_string_equal(
		c->devices, "-a *:* rwm, +c 10:229 rw, +c 136:* rwm, +a *:* rwm, -a *:* rwm");
	container_unref(c);
}

static void test_only_a_host_is_kept_of_a_value(void **state)
{
	static const char *const values[] = { "TOKEN=HOST=secret\\n", "DB_HOST=two words\\n",
		"DB_HOST=p@ss\\n", "DB_HOST=\\n", "HOST_PASSWORD=secret\\n", "DB_HOST=db" };
	char json[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct container *c = container_new();

		snprintf(json, sizeof(json), "{\"process\":{\"env\":[\"%s\"]}}", values[i]);
		assert_int_equal(bundle_describe(c, json, strlen(json)), 0);
		assert_string_equal(c->env_host, "");
		container_unref(c);
	}
}

static void test_damaged(void **state)
{
	size_t len;
	_cleanup_free_ char *json = read_fixture(
		BUNDLES "k8s-containerd-1.6-cgroupfs/orders-7d9c.app.config.json", &len);

	(void)state;
	for (size_t cut = 0; cut < len; cut += 37) {
		struct container *c = container_new();
		assert_int_equal(bundle_describe(c, json, cut), -EBADMSG);
		assert_false(c->described);
		char saved = json[cut];
		json[cut] = '\xff';
		bundle_describe(c, json, len);
		json[cut] = saved;
		container_unref(c);
	}
}

static void test_hostile(void **state)
{
	static const char *const texts[] = {
		"null",
		"[]",
		"\"x\"",
		"{\"mounts\":{\"a\":1},\"process\":[],\"root\":7,\"linux\":\"x\",\"annotations\":["
		"1]}",
		"{\"mounts\":[1,null,\"x\",[],{}],\"process\":{\"args\":[1,{}],\"env\":[1,\"PATH\"]"
		","
		"\"user\":{\"uid\":-5,\"gid\":1e300,\"additionalGids\":[\"x\",-1,1e99]},"
		"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":-1}]}}",
		"{\"root\":{\"path\":\"../../../../../../etc\"},\"mounts\":[{\"destination\":"
		"\"../../x/./y/\",\"type\":\"bind\",\"source\":\"a/../../../b\"}]}",
		"{\"linux\":{\"resources\":{\"memory\":{\"limit\":9223372036854771712},"
		"\"pids\":{\"limit\":1e400}}}}",
		"{\"annotations\":{\"io.kubernetes.cri.container-name\":\"\xff\xfe\\u202e\","
		"\"io.kubernetes.container.restartCount\":\"99999999999999999999\","
		"\"io.kubernetes.cri-o.Metadata\":\"{\\\"attempt\\\":-1}\"}}",
		"{\"mounts\":[{\"destination\":\"/a\",\"type\":\"bind\",\"source\":\"/pods/\"},"
		"{\"destination\":\"/b\",\"type\":\"bind\",\"source\":"
		"\"/pods/dbb8422d-ff57-43e5-b137-3db0cad88d50/volumes/kubernetes.io~csi\"},"
		"{\"destination\":\"/c\",\"type\":\"bind\",\"source\":"
		"\"/pods/dbb8422d-ff57-43e5-b137-3db0cad88d50/volume-subpaths/\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct container *c = container_new();
		container_set(&c->bundle, "/b");
		int rc = bundle_describe(c, texts[i], strlen(texts[i]));
		assert_int_equal(rc, i < 3 ? -EBADMSG : 0);
		volumes_resolve_subpaths(c, "/nowhere");
		assert_true(c->restart_count == -1);
		assert_int_equal(c->memory_limit, 0);
		for (size_t j = 0; j < c->n_mounts; j++)
			assert_true(c->mounts[j].destination[0] == '/');
		container_unref(c);
	}
	/* As deep as one likes. */
	_cleanup_free_ char *deep = malloc(200001);
	memset(deep, '[', 200000);
	deep[200000] = '\0';
	struct container *c = container_new();
	assert_int_equal(bundle_describe(c, deep, 200000), -EBADMSG);
	container_unref(c);
}

/* What a container's owner chose must not take the agent's memory; commas in a text are none of a list. */
static void test_many_values(void **state)
{
	(void)state;
	static const struct {
		const char *head, *each, *tail;
		size_t times;
		int result;
	} cases[] = {
		{ "{\"process\":{\"args\":[\"x\"", ",\"a\"", "]}}", 1000000, -EBADMSG },
		{ "{\"process\":{\"args\":[\"\\\"", ",[", "\"]}}", 1000000, 0 },
		{ "{\"process\":{\"args\":[\"x\"", ",\"a\"", "]}}", 10000, 0 },
		{ "{\"annotations\":{\"io.kubernetes.cri-o.Metadata\":\"{\\\"attempt\\\":7,"
		  "\\\"x\\\":[1",
			",1", "]}\"}}", 1000000, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		struct container *c = container_new();
		struct rusage before, after;

		strbuf_puts(&text, cases[i].head);
		for (size_t n = 0; n < cases[i].times; n++)
			strbuf_puts(&text, cases[i].each);
		strbuf_puts(&text, cases[i].tail);
		container_set(&c->bundle, "/b");
		getrusage(RUSAGE_SELF, &before);
		assert_int_equal(bundle_describe(c, text.data, text.len), cases[i].result);
		getrusage(RUSAGE_SELF, &after);
		assert_true(after.ru_maxrss - before.ru_maxrss < 16 << 10); /* KiB */
		assert_int_equal(c->restart_count, -1);
		container_unref(c);
	}
}

static void test_volume_sources(void **state)
{
#define POD "/tmp/x/var/lib/kubelet/pods/dbb8422d-ff57-43e5-b137-3db0cad88d50"
	static const struct {
		const char *source;
		enum mount_kind kind;
		const char *name;
		bool subpath;
	} cases[] = {
		{ POD "/volumes/kubernetes.io~configmap/app", MOUNT_CONFIGMAP, "app", false },
		{ POD "/volumes/kubernetes.io~configmap/app/key", MOUNT_CONFIGMAP, "app", true },
		{ POD "/volumes/kubernetes.io~csi/pvc-1/mount", MOUNT_PVC, "pvc-1", false },
		{ POD "/volumes/kubernetes.io~csi/pvc-1/mount/sub", MOUNT_PVC, "pvc-1", true },
		{ POD "/volumes/kubernetes.io~nfs/share", MOUNT_PVC, "share", false },
		{ POD "/volumes/vendor~driver/disk", MOUNT_PVC, "disk", false },
		{ POD "/volumes/kubernetes.io~downward-api/info", MOUNT_PROJECTED, "info", false },
		{ POD "/volume-subpaths/conf/app/0", MOUNT_OTHER, "conf", true },
		{ POD "/etc-hosts", MOUNT_OTHER, "", false },
		{ POD "/containers/app/0994dcfe", MOUNT_OTHER, "", false },
		{ "/var/lib/kubelet/pods/0f1e2d3c4b5a69788796a5b4c3d2e1f0/volumes/"
		  "kubernetes.io~secret/s",
			MOUNT_SECRET, "s", false },
		{ "/var/lib/docker/volumes/db/_data", MOUNT_PVC, "db", false },
		{ "/srv/volumes/db", MOUNT_HOSTPATH, "", false },
		{ "/data/pods/x", MOUNT_HOSTPATH, "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mount m = { 0 };
		assert_int_equal(container_set(&m.destination, "/mnt"), 0);
		assert_int_equal(container_set(&m.source, cases[i].source), 0);
		assert_int_equal(container_set(&m.fstype, "bind"), 0);
		assert_int_equal(container_set(&m.name, ""), 0);
		assert_int_equal(volume_classify(&m), 0);
		assert_int_equal(m.kind, cases[i].kind);
		assert_string_equal(m.name, cases[i].name);
		assert_int_equal(m.subpath, cases[i].subpath);
		mount_clear(&m);
	}
}

static void test_names_from_logs(void **state)
{
	struct container *c = container_new();

	(void)state;
	assert_int_equal(names_from_log_path(c, "/var/log/pods/a_b/c"), 0);
	assert_int_equal(names_from_log_path(c, "/var/log/pods/a_b_u/c/x.log/y"), 0);
	assert_int_equal(names_from_log_path(c, ""), 0);
	assert_string_equal(c->pod, "");
	assert_int_equal(
		names_from_log_path(c, "/var/log/pods/shop_orders-7d9c_8fca4b37/app/3.log"), 0);
	assert_string_equal(c->k8s_namespace, "shop");
	assert_string_equal(c->pod, "orders-7d9c");
	assert_string_equal(c->k8s_container, "app");
	assert_int_equal(c->restart_count, 3);
	container_unref(c);
}

static bool parse(struct runtime_call *call, const char *const *args)
{
	uint32_t argc = 0;

	while (args[argc])
		argc++;
	return runtime_call_parse(args, argc, "/work/dir", call);
}

static void test_runtime_calls(void **state)
{
	static const struct {
		const char *args[16], *id, *bundle;
	} calls[] = {
		{ { "runc", "--root", "/run/containerd/runc/k8s.io", "--log", "/l.json",
			  "--log-format", "json", "--systemd-cgroup", "create", "--bundle", "/b",
			  "--pid-file", "/p", "abc" },
			"abc", "/b" },
		{ { "/usr/bin/runc", "--root=/r", "run", "-b", "box", "abc" }, "abc",
			"/work/dir/box" },
		{ { "crun", "--cgroup-manager", "cgroupfs", "run", "--bundle=../b", "-f", "c.json",
			  "x1" },
			"x1", "/work/b" },
		{ { "runc", "--debug", "run", "--detach", "abc" }, "abc", "/work/dir" },
		{ { "youki", "--log-level", "debug", "create", "-b=/b", "abc" }, "abc", "/b" },
	};
	static const char *const others[][6] = {
		{ "runc", "start", "abc" },
		{ "runc", "init" },
		{ "runc" },
		{ "runc", "create" },
		{ "runc", "--root", "create", "abc" },
		{ "runc", "create", "--bundle" },
	};
	struct runtime_call call;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		assert_true(parse(&call, calls[i].args));
		assert_string_equal(call.id, calls[i].id);
		assert_string_equal(call.bundle, calls[i].bundle);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(parse(&call, others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_containerd),
		cmocka_unit_test(test_other_runtimes),
		cmocka_unit_test(test_every_fixture),
		cmocka_unit_test(test_shapes_of_variables),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_only_a_host_is_kept_of_a_value),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_many_values),
		cmocka_unit_test(test_volume_sources),
		cmocka_unit_test(test_names_from_logs),
		cmocka_unit_test(test_runtime_calls),
	};
	return cmocka_run_group_tests_name("container_bundle", tests, NULL, NULL);
}
