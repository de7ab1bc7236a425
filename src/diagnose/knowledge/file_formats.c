// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/file_formats.h"

#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"

#define DOWNLOAD \
	"Correct the address that the image's build downloads {path} from, and let the build end " \
	"there when the server answers with an error: `curl -fL`, and a check of its checksum."
#define UNPACK \
	"Unpack {path} when the image is built, and run the program that is in it: it is an " \
	"archive itself."
#define LINUX \
	"Build {path} for Linux and {value} (GOOS=linux for Go, or in the Dockerfile itself), or " \
	"take the download for Linux."

static const struct file_format formats[] = {
	{ "git-lfs", "a Git LFS pointer, which stands for the file and is not the file",
		"Fetch the file itself before the image is built: `git lfs pull`, or `lfs: true` "
		"for the CI's checkout." },
	{ "html", "a web page (HTML)", DOWNLOAD },
	{ "xml", "an XML document", DOWNLOAD },
	{ "json", "a JSON document", DOWNLOAD },
	{ "gzip", "an archive (gzip)", UNPACK },
	{ "xz", "an archive (xz)", UNPACK },
	{ "bzip2", "an archive (bzip2)", UNPACK },
	{ "zstd", "an archive (zstd)", UNPACK },
	{ "tar", "an archive (tar)", UNPACK },
	{ "zip", "an archive (zip or jar)",
		"Run it with Java where it is a jar (`java -jar {path}`); else unpack it when the "
		"image is built, and run the program that is in it." },
	{ "deb", "a Debian package",
		"Install the package when the image is built: `dpkg -i {path}`." },
	{ "rpm", "an RPM package",
		"Install the package when the image is built: `rpm -i {path}`." },
	{ "windows", "a program for Windows", LINUX },
	{ "macos", "a program for macOS", LINUX },
	{ "java-class", "a class file of Java",
		"Run the class with `java`: the kernel knows no class files." },
	{ "wasm", "a WebAssembly module",
		"Run it with a WebAssembly runtime (wasmtime), or on nodes that have a runtime "
		"class for it." },
};

const struct file_format *file_format_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}
