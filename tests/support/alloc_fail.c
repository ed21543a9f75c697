/* SPDX-License-Identifier: MIT */
/* alloc_fail.c - memory that runs out at the nth allocation */
#include "support/alloc_fail.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

/* Names that the linker gives: it sends calls of malloc() to __wrap_malloc(),
 * and calls of __real_malloc() to the C library's. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

/* A test is one program, so that its state may be the program's. */
static atomic_bool counting;
static atomic_bool failed;
static atomic_size_t count;
static size_t first, last;

static void start(size_t from, size_t to)
{
    first = from;
    last = to;
    count = 0;
    failed = false;
    counting = true;
}

void alloc_fail_at(size_t n)
{
    start(n, n);
}

void alloc_fail_from(size_t n)
{
    start(n, SIZE_MAX);
}

bool alloc_fail_stop(void)
{
    counting = false;
    return failed;
}

bool alloc_fail_done(size_t n)
{
    return n > 0 && !failed;
}

size_t alloc_fail_count(void)
{
    return count;
}

static bool fails_now(void)
{
    if (!counting)
        return false;
    size_t now = count++;
    if (now < first || now > last)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails_now() ? NULL : __real_realloc(old, size);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
