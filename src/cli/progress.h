/* SPDX-License-Identifier: MIT */
/*
 * progress.h - counting along on a terminal
 *
 * One line on standard error, written over and over and wiped at the end; only
 * on a terminal, only when the work has lasted half a second, at most ten
 * times a second.
 */
#ifndef LF_CLI_PROGRESS_H
#define LF_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct lf_progress {
    FILE *file;   /* NULL: say nothing */
    int64_t next; /* not before; lf_sys_monotonic() */
    bool shown;   /* a line stands there */
};

/** Begin now. `file` is NULL for none. */
void lf_progress_start(struct lf_progress *progress, FILE *file);

/** For lf_transaction_options.progress; `arg` is a struct lf_progress. */
void lf_progress_show(void *arg, size_t done, size_t total);

/** Wipe the line, if there is one. */
void lf_progress_end(struct lf_progress *progress);

#endif
