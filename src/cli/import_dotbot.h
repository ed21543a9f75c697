/* SPDX-License-Identifier: MIT */
/*
 * import_dotbot.h - what dotbot makes of a path
 */
#ifndef LF_CLI_IMPORT_DOTBOT_H
#define LF_CLI_IMPORT_DOTBOT_H

#include "base/buf.h"

/**
 * Append `text` as dotbot expands it: `~/` by `home`, `$NAME` and `${NAME}` by
 * the environment. False where that is not known.
 */
bool lf_dotbot_expand(struct lf_buf *buf, struct lf_str text,
                      struct lf_str home);

#endif
