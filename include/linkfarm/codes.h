/* SPDX-License-Identifier: MIT */
/*
 * codes.h - every stable code: LF_CODE_ENUM(number, name, exit, meaning)
 *
 * Included by error.h with LF_CODE_ENUM defined; has no include guard because
 * it is read more than once. docs/errors.md explains each, and a test holds
 * the two equal. Ranges: 1-99 manifest; 100-199 resolving and proof; 200-299
 * state, ledger and journal; 300-399 applying; 400-499 command line.
 */

/* general */
LF_CODE_ENUM(900, NO_MEMORY, 1, "out of memory")
LF_CODE_ENUM(901, SYSTEM, 1, "a system call failed")
LF_CODE_ENUM(902, INTERNAL, 1, "an invariant of linkfarm does not hold")
