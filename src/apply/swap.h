/* SPDX-License-Identifier: MIT */
/*
 * swap.h - exchanging two names, with a way where the file system has none
 */
#ifndef LF_APPLY_SWAP_H
#define LF_APPLY_SWAP_H

#include "apply/spare.h"
#include "apply/step.h"

/**
 * Exchange the step's place with its spare name in directory `fd`. Where the
 * file system cannot (EINVAL, ENOSYS; EXDEV on overlay), by three renames over
 * a third name, none of which replaces anything; lf_swap_repair() undoes an
 * interrupted one. Nothing is ever renamed over.
 */
int lf_swap(struct lf_runner *runner, const struct lf_step *step, int fd);

/**
 * Take back a swap by renames that was interrupted, or go on with one that was
 * interrupted while it was taken back: what stands under the third name goes
 * where it belongs, also when a rename came only half of its way and the node
 * has two names. `ret_third` is that name. 0 also if nothing stood there, or what
 * somebody else has put there; -EEXIST when something new stands in the way.
 */
int lf_swap_repair(struct lf_runner *runner, const struct lf_step *step, int fd,
                   char ret_third[LF_SPARE_LIMIT]);

#endif
