/* SPDX-License-Identifier: MIT */
/*
 * program.c - what holds for the whole process
 */
#include "platform/program.h"

#include <sys/stat.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void lf_program_return_memory(void)
{
#ifdef __GLIBC__
    /* what it is at the start; only saying so keeps it there */
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

void lf_program_keep_owner_rights(void)
{
    mode_t mask = umask(S_IRWXG | S_IRWXO);
    umask(mask & ~(mode_t)S_IRWXU);
}
