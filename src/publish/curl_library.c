// SPDX-License-Identifier: MIT
#include "publish/curl_library.h"

#include <dlfcn.h>

#include "util/cleanup.h"
#include "util/log.h"

#define LIBRARY \
	"libcurl-gnutls.so.4" /* Debian's, with GnuTLS as Forward; scripts/image looks for it too */

static const char *const names[] = {
#define CURL_CALL(name) "curl_" #name,
	CURL_CALLS(CURL_CALL)
#undef CURL_CALL
};

_Static_assert(sizeof(struct curl_library) == sizeof(names), "a name for each function");

const struct curl_library *curl_library(void)
{
	static struct curl_library library;
	static void *handle;
	void **functions = (void **)&library;

	if (handle)
		return &library;
	handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; handle && i < ARRAY_SIZE(names); i++) {
		functions[i] = dlsym(handle, names[i]);
		if (!functions[i]) {
			dlclose(handle);
			handle = NULL;
		}
	}
	if (!handle) {
		log_error("cannot load %s (%s): install Debian's libcurl3-gnutls, or what holds it "
			  "elsewhere",
			LIBRARY, dlerror());
		return NULL;
	}
	return &library;
}
