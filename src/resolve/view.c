/* SPDX-License-Identifier: MIT */
/*
 * view.c - what all views have in common
 */
#include "resolve/view.h"

uint64_t lf_view_lookups(const struct lf_view *view)
{
    return view->lookups;
}

void lf_view_free(struct lf_view *view)
{
    if (view)
        view->ops->free(view);
}
