/* SPDX-License-Identifier: MIT */
/*
 * program.h - what holds for the whole process
 *
 * For programs, not for the library, which leaves the process as it is.
 */
#ifndef LF_PLATFORM_PROGRAM_H
#define LF_PLATFORM_PROGRAM_H

/**
 * Let large pieces of the heap go back to the system when they are freed. The C
 * library keeps more and more of them where it may (mallopt(3), on
 * M_MMAP_THRESHOLD), and so the memory of one stage would be added to that of the
 * next.
 */
void lf_program_return_memory(void);

/**
 * Let the umask take none of its owner's rights from what is made: who makes a directory
 * has to put something in it, as POSIX says of those that mkdir -p makes.
 */
void lf_program_keep_owner_rights(void);

#endif
