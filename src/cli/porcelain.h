/* SPDX-License-Identifier: MIT */
/*
 * porcelain.h - lines for scripts: XY<TAB>path<TAB>text
 *
 * X is the drift of the disk from the ledger (only `status` knows it), Y what
 * apply would do, each a sign or a space. Paths and texts are escaped as in the
 * ledger, so that neither has a tab or a line feed; with `-z` they are as they
 * are, and NUL ends the line.
 */
#ifndef LF_CLI_PORCELAIN_H
#define LF_CLI_PORCELAIN_H

#include "cli/output.h"
#include <linkfarm/plan.h>

/** One line. A directory's path ends with a slash. */
void lf_porcelain_line(struct lf_stream *out, bool nul, char drift, char change,
                       const struct lf_action *action);

/** One line about a place that is not of a plan. */
void lf_porcelain_place(struct lf_stream *out, bool nul, const char signs[2],
                        struct lf_str path, bool is_dir, struct lf_str text);

/** The lines of a plan; what stays as it is has none. */
void lf_porcelain_plan(struct lf_stream *out, bool nul,
                       const struct lf_plan *plan);

#endif
