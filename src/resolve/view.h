/* SPDX-License-Identifier: MIT */
/*
 * view.h - what a view must answer, for those who implement or test one
 */
#ifndef LF_RESOLVE_VIEW_H
#define LF_RESOLVE_VIEW_H

#include "platform/fs.h"
#include <linkfarm/resolve.h>

/**
 * The real file system seen from the directory `root_fd`, through `fs`. Both
 * are borrowed and must live longer than the view.
 */
bool lf_view_real_new(struct lf_fs *fs, int root_fd, struct lf_view **ret_view,
                      struct lf_error *err);

#endif
