/* SPDX-License-Identifier: MIT */
/*
 * render_diag.h - faults in the form that compilers made known
 *
 *   linkfarm.yaml:3:1: error[LF012]: unknown key "lnks"
 *   3 | lnks:
 *     | ^^^^
 *   help: did you mean "links"?
 *
 * All that comes from a user is shown escaped (base/escape.h), and widths are
 * those of the escaped form. Of a long line only what is around the mark is
 * shown, so the cost of a fault does not depend on its line; and not on where that
 * is, with a finder (base/source.h), which is for faults without a limit to their
 * number.
 */
#ifndef LF_CLI_RENDER_DIAG_H
#define LF_CLI_RENDER_DIAG_H

#include "base/buf.h"
#include "base/source.h"
#include <linkfarm/error.h>

/** Append a diagnostic; ends with a newline. `finder` may be NULL. */
void lf_render_diag(struct lf_buf *buf, const struct lf_diag *diag,
                    struct lf_source_finder *finder, bool color);

/** Append an error in the same form; where it has no place, after the program's
 *  name. */
void lf_render_error(struct lf_buf *buf, const struct lf_error *err,
                     bool color);

#endif
