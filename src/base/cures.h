/* SPDX-License-Identifier: MIT */
/*
 * cures.h - what helps where a limit was met that any call may meet
 */
#ifndef LF_BASE_CURES_H
#define LF_BASE_CURES_H

#include <errno.h>
#include <stdbool.h>

/** Against the limit of open files, of the process or of the system. */
#define LF_CURE_OPEN_FILES "let more files be open at a time: ulimit -n"

/** Whether an errno (positive) says that it was met. */
static inline bool lf_met_open_files(int error)
{
    return error == EMFILE || error == ENFILE;
}

#endif
