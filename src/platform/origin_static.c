/* SPDX-License-Identifier: MIT */
/*
 * origin_static.c - a wholly static program does not ask where it lies
 *
 * Before main, a program that is linked with glibc's libc.a reads
 * /proc/self/exe, for the $ORIGIN of objects that it might load. The kernel has
 * to make the process's directory in /proc for that, and take it away again,
 * which is a fifteenth of a small run. This program loads no objects, so it answers
 * as glibc itself does where /proc is not mounted: the place is not known. The
 * linker takes this definition instead of the archive's (glibc,
 * elf/dl-origin.c); meson.build sees whether it can.
 */
const char *_dl_get_origin(void); /* NOLINT(bugprone-reserved-identifier) */

const char *_dl_get_origin(void) /* NOLINT(bugprone-reserved-identifier) */
{
    return (const char *)-1; /* NOLINT(performance-no-int-to-ptr) */
}
