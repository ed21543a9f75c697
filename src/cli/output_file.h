/* SPDX-License-Identifier: MIT */
/*
 * output_file.h - the file that --output names
 *
 * It may be there already if it is of the same kind: a plan that was saved
 * before, a report, or nothing at all (an empty file). No other file is
 * overwritten, and no link is followed to one. The new one is written beside
 * it and takes its place when it is complete.
 */
#ifndef LF_CLI_OUTPUT_FILE_H
#define LF_CLI_OUTPUT_FILE_H

#include "cli/options.h"
#include "cli/output.h"

/** What is written. */
struct lf_output_kind {
    const char *name; /* "plan", for messages */
    /* whether a file that begins with `text` is one; NULL-ended */
    bool (*is_one)(struct lf_str text);
    void (*write)(struct lf_stream *stream, void *arg);
};

/** Whether `--output` is standard output. */
bool lf_output_is_stdout(const struct lf_options *options);

/** LF_CODE_OPTION_CONFLICT for a dry run, which writes no file. */
bool lf_output_allowed(const struct lf_options *options, struct lf_error *err);

/** What can be done about a file that cannot be written, for the errno in `err`; `how`:
 *  to name another one. */
void lf_output_cure(struct lf_error *err, const char *how);

/** Write it to `file`. LF_CODE_FILE_EXISTS, LF_CODE_FILE_UNWRITABLE. */
bool lf_output_file_write(const char *file, const struct lf_output_kind *kind,
                          void *arg, struct lf_error *err);

#endif
