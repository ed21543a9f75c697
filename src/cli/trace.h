/* SPDX-License-Identifier: MIT */
/*
 * trace.h - how a path is followed, told to somebody who has never asked
 */
#ifndef LF_CLI_TRACE_H
#define LF_CLI_TRACE_H

#include "cli/json.h"
#include "cli/words.h"
#include <linkfarm/resolve_windows.h>

/** Append the steps and the end of a walk that began with `path`, as lines. */
void lf_trace_add(struct lf_buf *buf, bool color, struct lf_str path,
                  const struct lf_resolution *resolution);

/** Put path, error, links, kind, mount and trace into `object`. */
void lf_trace_put(struct lf_json *object,
                  const struct lf_resolution *resolution);

/** The same of a Windows path; `mount` is its volume. */
void lf_win_trace_add(struct lf_buf *buf, bool color, struct lf_str path,
                      const struct lf_win_resolution *resolution);
void lf_win_trace_put(struct lf_json *object,
                      const struct lf_win_resolution *resolution);

/** "flags" of a step, if it has any: enum lf_hop_flag. */
void lf_trace_put_flags(struct lf_json *step, unsigned flags);

#endif
