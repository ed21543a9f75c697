/* SPDX-License-Identifier: MIT */
/*
 * diags.h - taking diagnostics back
 */
#ifndef LF_BASE_DIAGS_H
#define LF_BASE_DIAGS_H

#include <linkfarm/error.h>
#include <stdint.h>

/** How much a list held at some time, for lf_diags_back(). */
struct lf_diags_held {
    uint32_t count;
    size_t errors, dropped;
};

struct lf_diags_held lf_diags_held(const struct lf_diags *diags);

/** Whether errors were added since. */
bool lf_diags_worse(const struct lf_diags *diags, struct lf_diags_held held);

/** Forget what was added since. That memory ran out is not forgotten. */
void lf_diags_back(struct lf_diags *diags, struct lf_diags_held held);

#endif
