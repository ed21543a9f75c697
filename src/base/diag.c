/* SPDX-License-Identifier: MIT */
/*
 * diag.c - a list of diagnostics that keeps the first and counts the rest
 */
#include "base/diags.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/util.h"

struct lf_diags {
    struct lf_arena arena;
    struct lf_diag *kept;
    uint32_t count, capacity;
    size_t limit, errors, dropped;
    bool failed;
};

struct lf_diags *lf_diags_new(size_t limit)
{
    struct lf_diags *diags = calloc(1, sizeof(*diags));
    if (diags)
        diags->limit = limit;
    return diags;
}

void lf_diags_free(struct lf_diags *diags)
{
    if (!diags)
        return;
    lf_arena_finish(&diags->arena);
    free(diags->kept);
    free(diags);
}

/* Borrows the texts of `diag`. False: no memory. */
static bool keep(struct lf_diags *diags, const struct lf_diag *diag)
{
    struct lf_diag copy = *diag;
    copy.message = lf_arena_str(&diags->arena, diag->message);
    copy.help = lf_arena_str(&diags->arena, diag->help);
    void *kept = diags->kept;
    if (!copy.message.data || !copy.help.data ||
        !lf_array_reserve(&kept, diags->count, &diags->capacity, sizeof(copy)))
        return false;
    diags->kept = kept;
    diags->kept[diags->count++] = copy;
    return true;
}

void lf_diags_add(struct lf_diags *diags, enum lf_code code,
                  enum lf_severity severity, struct lf_mark mark,
                  const char *help, const char *format, ...)
{
    if (severity == LF_SEVERITY_ERROR)
        diags->errors++;
    if (diags->count >= diags->limit || diags->failed) {
        diags->dropped++;
        return;
    }
    struct lf_buf message = {0};
    va_list args;
    va_start(args, format);
    lf_buf_add_vformat(&message, format, args);
    va_end(args);
    struct lf_diag diag = {code, severity, mark, lf_buf_str(&message),
                           lf_str(help)};
    if (lf_buf_failed(&message) || !keep(diags, &diag)) {
        diags->failed = true;
        diags->dropped++;
    }
    lf_buf_finish(&message);
}

size_t lf_diags_count(const struct lf_diags *diags)
{
    return diags->count;
}

size_t lf_diags_errors(const struct lf_diags *diags)
{
    return diags->errors;
}

size_t lf_diags_dropped(const struct lf_diags *diags)
{
    return diags->dropped;
}

const struct lf_diag *lf_diags_at(const struct lf_diags *diags, size_t index)
{
    return index < diags->count ? &diags->kept[index] : NULL;
}

bool lf_diags_failed(const struct lf_diags *diags)
{
    return diags->failed;
}

struct lf_diags_held lf_diags_held(const struct lf_diags *diags)
{
    return (struct lf_diags_held){diags->count, diags->errors, diags->dropped};
}

bool lf_diags_worse(const struct lf_diags *diags, struct lf_diags_held held)
{
    return diags->errors > held.errors;
}

void lf_diags_back(struct lf_diags *diags, struct lf_diags_held held)
{
    diags->count = held.count;
    diags->errors = held.errors;
    diags->dropped = held.dropped;
}
