// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "util/find.h"

static bool of_a_gpu(const char *path)
{
	static const char *const names[] = { "/dev/nvidia", "libcuda.so", "libnvidia-",
		"libnvcuvid", "/dev/kfd", "/dev/dri/", "/proc/driver/nvidia", "libamdhip64" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strstr(path, names[i]))
			return true;
	return false;
}

static bool gpu_failure(const struct context *q, const struct failure *f)
{
	(void)q;
	return f->event && of_a_gpu(f->path);
}

static bool speaks_of_a_gpu(const char *line)
{
	static const char *const signs[] = { "libcuda.so", "libnvidia-ml", "no NVIDIA driver",
		"NVIDIA-SMI has failed", "no CUDA-capable device", "No CUDA GPUs are available",
		"CUDA driver version is insufficient", "CUDA_ERROR_NO_DEVICE",
		"Torch not compiled with CUDA", "could not select device driver",
		"failed call to cuInit", "CUDA unknown error", "no ROCm-capable device",
		"cudaErrorNoDevice", "NVML: Driver Not Loaded", "Failed to initialize NVML" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (find_folded(line, signs[i]))
			return true;
	return false;
}

static bool driver_not_found(const struct context *q, struct verdict *v)
{
	struct verdict found = { 0 };

	if (!rule_silent_loader(q, &found) || !of_a_gpu(found.name))
		return false;
	*v = found;
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	if (rule_log_line(q, v, speaks_of_a_gpu)) {
		v->failure = heaviest(q, gpu_failure);
		return true;
	}
	return driver_not_found(q, v) || rule_failure(q, v, gpu_failure);
}

/* The device file is there, and its cgroup does not let it through: lost to a reload of systemd, mostly. */
static void explain_lost(
	const struct process *p, const struct event *tried, const char *line, struct report *r)
{
	report_title(r, "The container lost its GPU: %s may not open %s",
		phrase_process_name(p).text, tried->path);
	report_sentence(r,
		"%s could not open %s: the device file is there, but the container's device cgroup "
		"refuses the device (EPERM), whatever its owner and mode are.",
		phrase_process(p).text, tried->path);
	report_sentence(r, "That happens when systemd on the node reloads its units (`systemctl "
			   "daemon-reload`) "
			   "and sets the cgroup anew, or when the file was made by hand.");
	report_culprit(r, tried);
	report_path(r, tried->path);
	report_event(r, tried, "%s could not open %s: %s", phrase_process(p).text, tried->path,
		errno_text(tried->error));
	report_quote(r, p, line);
	report_recommend(r, "Delete the pod, so that a new one is handed the device anew.");
	report_recommend(r,
		"To keep it from coming back: let the NVIDIA runtime use CDI, or create the links "
		"that systemd looks for on the node (`nvidia-ctk system create-dev-char-symlinks "
		"--create-all`).");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate ? v->candidate->process : v->failure->process;
	const struct event *tried = NULL;

	for (size_t i = 0; i < q->n_entries; i++)
		if (q->entries[i].event->error && of_a_gpu(q->entries[i].event->path))
			tried = q->entries[i].event;
	if (tried && tried->error == EPERM && !strncmp(tried->path, "/dev/", 5)) {
		explain_lost(p, tried, v->line, r);
		return;
	}
	report_title(r, "No GPU in the container: %s found none", phrase_process_name(p).text);
	report_sentence(r, "%s asked for a GPU, but the container has %s.", phrase_process(p).text,
		tried && strstr(tried->path, ".so")
			? "no driver library, which the NVIDIA runtime mounts into it"
			: "no GPU device");
	report_sentence(r,
		"That is so when the pod requests none, or runs without the NVIDIA runtime class.");
	report_culprit(r, tried ? tried : p->exit);
	report_path(r, tried ? tried->path : NULL);
	if (tried)
		report_event(r, tried, "%s looked for %s and did not find it",
			phrase_process(p).text, tried->path);
	report_quote(r, p, v->line);
	report_recommend(r, "Request a GPU, so that the device plugin hands one to the container.");
	manifest_container(r, "    resources:\n      limits:\n        nvidia.com/gpu: 1\n");
	report_recommend(
		r, "Name the runtime class where nvidia is not the node's default runtime.");
	report_manifest(r, "runtimeClassName: nvidia\n");
}

const struct rule rule_gpu_unavailable = {
	.match = match,
	.explain = explain,
};
