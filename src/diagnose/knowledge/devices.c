// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/devices.h"

#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* Documentation/admin-guide/devices.txt of the kernel; a prefix is followed by a digit, a slash or the end. */
static const struct device devices[] = {
	{ "/dev/fuse", "file systems in user space (FUSE)", "SYS_ADMIN", "fuse",
		"let a CSI driver mount it, as a volume", false },
	{ "/dev/net/tun", "network tunnels (tun, tap)", "NET_ADMIN", "tun", NULL, false },
	{ "/dev/kmsg", "the kernel's log", "SYSLOG", NULL,
		"link it to the console in the container (`ln -s /dev/console /dev/kmsg`), for a "
		"kubelet that only writes there",
		false },
	{ "/dev/kvm", "virtual machines (KVM)", NULL, "kvm_intel or kvm_amd",
		"let it emulate (for QEMU: -accel tcg)", false },
	{ "/dev/vhost-net", "networks of virtual machines", NULL, "vhost_net", NULL, false },
	{ "/dev/vhost-vsock", "sockets of virtual machines", NULL, "vhost_vsock", NULL, false },
	{ "/dev/vfio", "devices handed to virtual machines (VFIO)", NULL, "vfio_pci", NULL, false },
	{ "/dev/loop-control", "loop devices", "SYS_ADMIN", "loop", NULL, false },
	{ "/dev/loop", "loop devices", "SYS_ADMIN", "loop", NULL, false },
	{ "/dev/mapper", "mapped block devices", "SYS_ADMIN", "dm_mod", NULL, false },
	{ "/dev/dm-", "mapped block devices", NULL, "dm_mod", NULL, false },
	{ "/dev/sd", "disks", NULL, NULL, "use a volume with volumeMode: Block", false },
	{ "/dev/vd", "disks", NULL, NULL, "use a volume with volumeMode: Block", false },
	{ "/dev/xvd", "disks", NULL, NULL, "use a volume with volumeMode: Block", false },
	{ "/dev/nvme", "disks", NULL, NULL, "use a volume with volumeMode: Block", false },
	{ "/dev/mem", "the machine's memory", "SYS_RAWIO", NULL, NULL, false },
	{ "/dev/port", "the machine's ports", "SYS_RAWIO", NULL, NULL, false },
	{ "/dev/cpu", "the processor's registers", "SYS_RAWIO", "msr", NULL, false },
	{ "/dev/watchdog", "the watchdog", NULL, NULL, NULL, false },
	{ "/dev/rtc", "the hardware clock", "SYS_TIME", NULL, "let the node keep the time", false },
	{ "/dev/hwrng", "the hardware's random numbers", NULL, NULL, "use /dev/urandom", false },
	{ "/dev/snd", "sound", NULL, "snd", NULL, false },
	{ "/dev/video", "cameras", NULL, "uvcvideo", NULL, false },
	{ "/dev/media", "cameras", NULL, NULL, NULL, false },
	{ "/dev/input", "keyboards and mice", NULL, NULL, NULL, false },
	{ "/dev/uinput", "keyboards and mice of its own", NULL, "uinput", NULL, false },
	{ "/dev/bus/usb", "USB devices", NULL, NULL, NULL, false },
	{ "/dev/hidraw", "USB devices", NULL, NULL, NULL, false },
	{ "/dev/ttyUSB", "serial ports", NULL, NULL, NULL, false },
	{ "/dev/ttyACM", "serial ports", NULL, NULL, NULL, false },
	{ "/dev/ttyAMA", "serial ports", NULL, NULL, NULL, false },
	{ "/dev/ttyS", "serial ports", NULL, NULL, NULL, false },
	{ "/dev/serial", "serial ports", NULL, NULL, NULL, false },
	{ "/dev/i2c-", "the I2C bus", NULL, "i2c_dev", NULL, false },
	{ "/dev/spidev", "the SPI bus", NULL, "spidev", NULL, false },
	{ "/dev/gpiochip", "GPIO pins", NULL, NULL, NULL, false },
	{ "/dev/gpiomem", "GPIO pins", NULL, NULL, NULL, false },
	{ "/dev/ppp", "PPP links", "NET_ADMIN", "ppp_generic", NULL, false },
	{ "/dev/infiniband", "RDMA", "IPC_LOCK", "ib_uverbs", NULL, false },
	{ "/dev/apex_", "a Coral accelerator", NULL, "apex", NULL, false },
	{ "/dev/accel", "an accelerator", NULL, NULL, NULL, false },
	{ "/dev/sgx_", "enclaves (SGX)", NULL, NULL, NULL, false },
	{ "/dev/tpm", "the TPM", NULL, NULL, NULL, false },
	{ "/dev/sev", "memory encryption (SEV)", NULL, NULL, NULL, false },
	{ "/dev/userfaultfd", "page faults of its own", "SYS_PTRACE", NULL, NULL, false },
	{ "/dev/binder", "Android's binder", NULL, "binder_linux", NULL, false },
	{ "/dev/ashmem", "Android's shared memory", NULL, "ashmem_linux", NULL, false },
	{ "/dev/nvidia", "a GPU", NULL, NULL, NULL, true },
	{ "/dev/kfd", "a GPU", NULL, NULL, NULL, true },
	{ "/dev/dri", "a GPU", NULL, NULL, NULL, true },
	{ "/dev/dxg", "a GPU", NULL, NULL, NULL, true },
	{ "/dev/mali", "a GPU", NULL, NULL, NULL, true },
};

/* "10" or "*", up to `end`. */
static bool number_fits(const char **s, char end, uint32_t wanted)
{
	char *after;
	bool all = **s == '*';
	unsigned long n = all ? 0 : strtoul(*s, &after, 10);

	*s = all ? *s + 1 : after;
	bool fits = (all || n == wanted) && **s == end;
	*s += **s == end;
	return fits;
}

enum device_right device_right_of(
	const struct container *c, bool block, uint32_t major, uint32_t minor)
{
	enum device_right right = DEVICE_UNKNOWN;

	for (const char *s = c->devices; strlen(s) > 3; s += strspn(s, ", ")) {
		bool allow = *s == '+', type = s[1] == 'a' || s[1] == (block ? 'b' : 'c');
		const char *at = s + 3;
		bool fits = number_fits(&at, ':', major) && number_fits(&at, ' ', minor);
		size_t access = strcspn(at, ",");
		/* A rule about making device files alone is none about using them. */
		if (type && fits && memchr(at, 'r', access))
			right = allow ? DEVICE_ALLOWED : DEVICE_DENIED;
		s += strcspn(s, ",");
	}
	return right;
}

const struct device *device_of(const char *path)
{
	if (strncmp(path, "/dev/", 5) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		const struct device *d = &devices[i];
		size_t len = strlen(d->prefix);
		if (strncmp(path, d->prefix, len))
			continue;
		/* "/dev/sda1", "/dev/cpu_dma_latency": disks go on with a letter, others do not. */
		bool disk = strspn(path + len, "abcdefghijklmnopqrstuvwxyz0123456789") ==
				    strlen(path + len) &&
			    strlen(path + len) <= 4 && !strcmp(d->what, "disks");
		bool whole = !path[len] || path[len] == '/' ||
			     (path[len] >= '0' && path[len] <= '9') || d->gpu ||
			     strchr("-_", d->prefix[len - 1]);
		if (disk || whole)
			return d;
	}
	return NULL;
}
