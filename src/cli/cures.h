/* SPDX-License-Identifier: MIT */
/*
 * cures.h - commands that can be copied
 *
 * The library names commands in its cures, and knows not by which options the program
 * was told of another root, or state. Without them a copied command would be about
 * the farms of another system: `linkfarm remove` would take away the wrong one.
 */
#ifndef LF_CLI_CURES_H
#define LF_CLI_CURES_H

#include "base/buf.h"
#include "cli/options.h"

/** Append --root and --state-dir as they were given, each after a blank. */
void lf_cure_options_add(struct lf_buf *buf, const struct lf_options *options);

/** Append `cure`, with these options behind each command that takes them. */
void lf_cure_add(struct lf_buf *buf, const struct lf_options *options,
                 struct lf_str cure);

/** The same as lf_help_add() writes it. */
void lf_cure_help_add(struct lf_buf *buf, bool color,
                      const struct lf_options *options, struct lf_str help);

#endif
