/* SPDX-License-Identifier: MIT */
/*
 * fold.h - which directories become one link, seen from the disk
 */
#ifndef LF_PLAN_FOLD_H
#define LF_PLAN_FOLD_H

#include "ledger/ledger.h"
#include "manifest/desired.h"
#include "platform/fs.h"

/** Borrowed by lf_plan_fold(), all of it. */
struct lf_fold_request {
    struct lf_fs *fs;
    int root_fd;
    struct lf_str farm;
    const struct lf_ledger *ledger;
    const struct lf_recorded *recorded; /* NULL: nothing is recorded */
};

/**
 * Put one link in place of each of `desired->folds` that may be one: where
 * nothing stands, or a link, or a directory that holds only what the farm
 * recorded there and still looks so. The outermost goes first, and those inside
 * it go with it. Looks at the candidates only, and writes nothing. False: err
 * is set.
 */
bool lf_plan_fold(const struct lf_fold_request *request,
                  struct lf_desired *desired, struct lf_error *err);

#endif
