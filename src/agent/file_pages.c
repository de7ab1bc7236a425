// SPDX-License-Identifier: MIT
#include "agent/file_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

/* Only what nobody writes: the loader has changed the other segments. A page that two may share is left alone. */
static int trim(struct dl_phdr_info *object, size_t size, void *ctx)
{
	const uintptr_t page = *(const uintptr_t *)ctx;

	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t at = object->dlpi_addr + segment->p_vaddr;
		uintptr_t from = (at + page - 1) & ~(page - 1),
			  to = (at + segment->p_filesz) & ~(page - 1);

		if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W) && from < to)
			madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void file_pages_trim(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	dl_iterate_phdr(trim, &page);
}
