/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - what must hold of a manifest's bytes before YAML sees them
 *
 * libyaml reports bad UTF-8 and control characters without a line, guesses at
 * UTF-16, and takes quadratic time over directives; so all of that is settled
 * here, at its line and column. Past this check a line ends with LF or CR LF
 * only, which makes our count of lines and libyaml's the same.
 */
#ifndef LF_MANIFEST_BYTES_H
#define LF_MANIFEST_BYTES_H

#include <linkfarm/error.h>

/**
 * Check `source`, adding one diagnostic for the first fault of each kind.
 * Returns whether there was none.
 */
bool lf_bytes_check(const struct lf_source *source, struct lf_diags *diags);

#endif
