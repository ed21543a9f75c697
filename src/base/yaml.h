/* SPDX-License-Identifier: MIT */
/*
 * yaml.h - writing texts that a manifest reads back as they were
 */
#ifndef LF_BASE_YAML_H
#define LF_BASE_YAML_H

#include "base/buf.h"

/**
 * Append `text` as a scalar, quoted where it has to be, with `$` doubled so
 * that nothing in it is expanded. Returns false, appending nothing, for bytes
 * that are no UTF-8: no manifest can say them.
 */
bool lf_yaml_add(struct lf_buf *buf, struct lf_str text);

/** The same of a pattern, in which nothing is expanded: a `$` stays one. */
bool lf_yaml_add_pattern(struct lf_buf *buf, struct lf_str pattern);

/** The same of an absolute path; below `home` (empty: none) it is "~/...". */
bool lf_yaml_add_path(struct lf_buf *buf, struct lf_str path,
                      struct lf_str home);

#endif
