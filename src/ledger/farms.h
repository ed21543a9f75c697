/* SPDX-License-Identifier: MIT */
/*
 * farms.h - the reading side of the ledger over any file system
 *
 * Private; <linkfarm/farm.h> is for everyone.
 */
#ifndef LF_LEDGER_FARMS_H
#define LF_LEDGER_FARMS_H

#include "ledger/state.h"
#include <linkfarm/farm.h>

/** As lf_farms_open() over `fs`, which is borrowed; NULL: the system's. */
bool lf_farms_open_in(struct lf_fs *fs, struct lf_str root,
                      struct lf_str state_dir, struct lf_farms **ret_farms,
                      struct lf_error *err);

#endif
