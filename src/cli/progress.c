/* SPDX-License-Identifier: MIT */
/*
 * progress.c - counting along on a terminal
 */
#include "cli/progress.h"

#include "platform/sys.h"

static const int64_t patience = 500 * INT64_C(1000000);
static const int64_t interval = 100 * INT64_C(1000000);

void lf_progress_start(struct lf_progress *progress, FILE *file)
{
    *progress = (struct lf_progress){.file = file,
                                     .next = lf_sys_monotonic() + patience};
}

void lf_progress_show(void *arg, size_t done, size_t total)
{
    struct lf_progress *progress = arg;
    if (!progress->file)
        return;
    int64_t now = lf_sys_monotonic();
    if (now < progress->next)
        return;
    progress->next = now + interval;
    progress->shown = true;
    fprintf(progress->file, "\r\033[K%zu of %zu", done, total);
    fflush(progress->file);
}

void lf_progress_end(struct lf_progress *progress)
{
    if (progress->shown)
        fprintf(progress->file, "\r\033[K");
    progress->shown = false;
}
