/* SPDX-License-Identifier: MIT */
/*
 * coming.h - sources that are not there before the apply
 *
 * A file that an entry adopts becomes its source, and a tree that lists the directory
 * finds it there the next time. So that the next apply has nothing to do, and nothing
 * to find fault with, it counts as there from the start. Which files are adopted is not
 * known before the manifest has been expanded: if there are any, it is expanded again.
 */
#ifndef LF_APPLY_COMING_H
#define LF_APPLY_COMING_H

#include "manifest/desired.h"

/**
 * Add to `coming`, sealed or zeroed, and never less than it was, the sources that an
 * entry of `desired`, sealed, adopts into a directory below the source of a tree.
 * `*ret_any`: whether there was one that was not there. `resolver` is the one that
 * `desired` was made with. LF_CODE_NO_MEMORY.
 */
bool lf_coming_find(struct lf_set *coming, const struct lf_desired *desired,
                    struct lf_resolver *resolver, bool *ret_any,
                    struct lf_error *err);

#endif
