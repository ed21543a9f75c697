/* SPDX-License-Identifier: MIT */
/*
 * trace.h - how a path is followed, told to somebody who has never asked
 */
#ifndef LF_CLI_TRACE_H
#define LF_CLI_TRACE_H

#include "cli/json.h"
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

/* What the two have in common. */

/** A step; `flags` are of enum lf_hop_flag. */
struct lf_json lf_trace_step(struct lf_str at, struct lf_str text,
                             struct lf_str becomes, unsigned flags);

/** The end of the object. `error` is NULL, and `mount` empty, for none; `trace`
 *  is taken. */
void lf_trace_put_end(struct lf_json *object, const char *error, unsigned links,
                      const char *kind, struct lf_str mount,
                      struct lf_json trace);

#endif
