/* SPDX-License-Identifier: MIT */
/*
 * alloc_preload.c - memory that runs out at the nth allocation of any program
 *
 * For LD_PRELOAD, and so for the allocations of the C library and of all other
 * libraries as well; alloc_fail.h is for those of our own code. $LF_ALLOC_AT is
 * the allocation that fails (0: the first), $LF_ALLOC_ALL, if set, lets all
 * after it fail too, and $LF_ALLOC_FD is a descriptor to which a byte is
 * written when that happens. For the GNU C library.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static atomic_size_t count;

static bool fails_now(void)
{
    static atomic_bool told;
    const char *at = getenv("LF_ALLOC_AT"), *fd = getenv("LF_ALLOC_FD");
    size_t now = count++;
    if (!at)
        return false;
    size_t first = strtoul(at, NULL, 10);
    if (now < first || (now > first && !getenv("LF_ALLOC_ALL")))
        return false;
    if (fd && !atomic_exchange(&told, true) &&
        write((int)strtol(fd, NULL, 10), "", 1) != 1)
        abort();
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails_now() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails_now() ? NULL : __libc_realloc(old, size);
}
