/* SPDX-License-Identifier: MIT */
/*
 * notes.c - what was left as it is, and why
 *
 * Notes are made while memory may be short and when nothing may fail any more;
 * one that cannot be kept leaves at least the fact that there was one.
 */
#include "apply/transaction.h"
#include "base/path.h"
#include "base/util.h"
#include <stdlib.h>

static bool add(struct lf_notes *notes, struct lf_str path, struct lf_str text)
{
    if (!lf_array_reserve((void **)&notes->list, notes->n, &notes->capacity,
                          sizeof(*notes->list)))
        return false;
    notes->list[notes->n++] = (struct lf_note){path, text};
    return true;
}

void lf_notes_add(void *arg, struct lf_str dir, struct lf_str name,
                  const char *message)
{
    struct lf_notes *notes = arg;
    struct lf_str path = lf_path_join(&notes->arena, dir, name);
    struct lf_str text = lf_arena_str(&notes->arena, lf_str(message));
    if (!path.data || !text.data || !add(notes, path, text))
        notes->lost = true;
}

void lf_notes_report(struct lf_notes *notes, struct lf_report *report)
{
    if (notes->lost)
        notes->lost = !add(notes, lf_str(""),
                           lf_str("more was left as it is, but memory ran out "
                                  "while it was written down"));
    report->notes = notes->list;
    report->n_notes = notes->n;
}

void lf_notes_clear(struct lf_notes *notes)
{
    lf_arena_finish(&notes->arena);
    free(notes->list);
    *notes = (struct lf_notes){0};
}
