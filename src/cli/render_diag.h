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
 * shown, so the cost of a fault does not depend on its line.
 */
#ifndef LF_CLI_RENDER_DIAG_H
#define LF_CLI_RENDER_DIAG_H

#include "base/buf.h"
#include <linkfarm/error.h>

/** Append a diagnostic; ends with a newline. */
void lf_render_diag(struct lf_buf *buf, const struct lf_diag *diag, bool color);

/** Append an error in the same form; where it has no place, after the program's
 *  name. */
void lf_render_error(struct lf_buf *buf, const struct lf_error *err,
                     bool color);

#endif
