/* SPDX-License-Identifier: MIT */
/*
 * cli.h - what every command is given
 *
 * A command is a function that takes a `struct lf_cli` and returns the exit
 * status, having said on standard error what went wrong. Calling sequence of
 * the program: lf_cli_main(), which parses, runs, and checks at the end that
 * all output was taken.
 */
#ifndef LF_CLI_CLI_H
#define LF_CLI_CLI_H

#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include <linkfarm/transaction.h>

/** Exit statuses that no error code stands for; see linkfarm(1). */
enum lf_exit {
    LF_EXIT_DONE = 0,
    LF_EXIT_FAILED = 1,
    LF_EXIT_PENDING = 2,  /* changes, drift, findings */
    LF_EXIT_CONFLICT = 3, /* or failed proof */
    LF_EXIT_MANIFEST = 65,
    LF_EXIT_SIGNAL = 128, /* plus the signal's number */
};

struct lf_cli {
    struct lf_options options;
    struct lf_stream out, err;
    struct lf_progress progress;
};

/** The whole program: `main` is only this. */
int lf_cli_main(int argc, char **argv);

/**
 * Say an error on standard error, with its place and its cure. Returns the
 * exit status it calls for, for `return lf_cli_fail(cli, &err);`.
 */
int lf_cli_fail(struct lf_cli *cli, const struct lf_error *err);

/**
 * Say diagnostics, from the `first`th on, and how many more there were.
 * Returns the exit status that the first error among them calls for; 0 when
 * there is none.
 */
int lf_cli_diags(struct lf_cli *cli, const struct lf_diags *diags,
                 size_t first);

/** Say `text`, whole lines, on standard error; its memory is freed. */
void lf_cli_say(struct lf_cli *cli, struct lf_buf *text);

/** Say what a report notes: what was left alone, and why. */
void lf_cli_report(struct lf_cli *cli, const struct lf_report *report);

/** "linkfarm: note: ..." on standard error, unless `-q`; in shown form. */
void lf_cli_note(struct lf_cli *cli, const char *format, ...) LF_PRINTF(2, 3);
/** "linkfarm: warning: ...", always. */
void lf_cli_warn(struct lf_cli *cli, const char *format, ...) LF_PRINTF(2, 3);

#endif
