/* SPDX-License-Identifier: MIT */
/*
 * import_check.c - whether a manifest holds what was written to it
 *
 * Each entry is one line. One that no manifest can have, for a reason that is
 * found only when all of them are read, is taken out again and named.
 */
#include "cli/import.h"

#include "base/util.h"
#include "cli/places.h"

#include <stdlib.h>

enum { DIAGS_LIMIT = 1000 };

/* ---- lines ---- */

/* The next line, without its end, which is taken off `*rest`. */
static struct lf_str take_line(struct lf_str *rest)
{
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    struct lf_str line = lf_str_of(rest->data, len);
    *rest = lf_str_of(rest->data + len, rest->len - len);
    if (end)
        *rest = lf_str_of(rest->data + 1, rest->len - 1);
    return line;
}

static bool is_entry(struct lf_str line)
{
    return lf_str_starts(line, LF_STR("  "));
}

/* A section without an entry is an empty one, not null. */
static void end_section(struct lf_buf *text, struct lf_str head,
                        struct lf_str rest)
{
    if (lf_str_ends(head, LF_STR(":")) && !is_entry(head) && !is_entry(rest))
        lf_buf_add(text, lf_str_equal(head, LF_STR("trees:")) ? LF_STR(" []")
                                                              : LF_STR(" {}"));
}

/* Write the manifest again, without the lines that `out` holds; NULL: all. */
static void rewrite(struct lf_import *import, const bool *out)
{
    struct lf_buf all = {0}, text = {0};
    lf_buf_add(&all, lf_buf_str(&import->text));
    struct lf_str rest = lf_buf_str(&all);
    for (size_t i = 0; rest.len > 0; i++) {
        struct lf_str line = take_line(&rest);
        if (out && out[i])
            continue;
        lf_buf_add(&text, line);
        if (!out)
            end_section(&text, line, rest);
        lf_buf_add_char(&text, '\n');
    }
    text.failed |= lf_buf_failed(&import->text) || lf_buf_failed(&all);
    lf_buf_finish(&import->text);
    lf_buf_finish(&all);
    import->text = text;
}

/* ---- what is taken out ---- */

/* The first fault of line `number`, from 1; NULL where there is none. */
static const struct lf_diag *fault_of(const struct lf_diags *diags,
                                      size_t number)
{
    for (size_t i = 0; i < lf_diags_count(diags); i++) {
        const struct lf_diag *diag = lf_diags_at(diags, i);
        if (diag->severity == LF_SEVERITY_ERROR && diag->mark.line == number)
            return diag;
    }
    return NULL;
}

static void tell_fault(struct lf_import *import, struct lf_str line,
                       const struct lf_diag *fault)
{
    size_t skip = lf_str_starts(line, LF_STR("  - ")) ? 4 : 2;
    struct lf_str entry = lf_str_of(line.data + skip, line.len - skip);
    if (fault)
        lf_import_untold(import, "left out: %.*s: %.*s", (int)entry.len,
                         entry.data, (int)fault->message.len,
                         fault->message.data);
    else
        lf_import_untold(import, "left out: %.*s", (int)entry.len, entry.data);
}

/* The entries at fault behind those that were found to be right; where there is
 * none, `all` of them. How many there are. */
static size_t choose(struct lf_import *import, bool all, bool *out)
{
    struct lf_str rest = lf_buf_str(&import->text);
    const char *begin = rest.data;
    size_t count = 0;
    for (size_t i = 0; rest.len > 0; i++) {
        size_t offset = (size_t)(rest.data - begin);
        struct lf_str line = take_line(&rest);
        const struct lf_diag *fault = fault_of(import->session->diags, i + 1);
        out[i] = offset >= import->checked && is_entry(line) && (fault || all);
        count += out[i];
        if (out[i])
            tell_fault(import, line, fault);
    }
    return count;
}

static bool take_out(struct lf_import *import, bool *ret_done,
                     struct lf_error *err)
{
    struct lf_str text = lf_buf_str(&import->text);
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    LF_AUTO_FREE bool *out = calloc(lines, sizeof(*out));
    if (!out)
        return lf_error_oom(err);
    *ret_done = choose(import, false, out) > 0 || choose(import, true, out) > 0;
    rewrite(import, out);
    return !lf_buf_failed(&import->text) || lf_error_oom(err);
}

/* ---- reading it back ---- */

static void forget(struct lf_session *session)
{
    lf_plan_free(session->plan);
    lf_diags_free(session->diags);
    lf_manifest_free(session->manifest);
    session->plan = NULL;
    session->diags = NULL;
    session->manifest = NULL;
}

/* All that is written is absolute, so that it does not matter where we are, or
 * whether that is known. */
static const char *name_of_text(void)
{
    struct lf_error err;
    LF_AUTO_FREE char *cwd = NULL;
    return lf_place_absolute(".", &cwd, &err) ? "linkfarm.yaml"
                                              : "/linkfarm.yaml";
}

static bool read_back(struct lf_import *import, struct lf_error *err)
{
    struct lf_session *session = import->session;
    struct lf_manifest_request request = {
            .file = name_of_text(),
            .text = lf_buf_str(&import->text),
            .facts = session->facts,
            .root = session->root,
    };
    forget(session);
    session->diags = lf_diags_new(DIAGS_LIMIT);
    if (!session->diags)
        return lf_error_oom(err);
    if (!lf_manifest_load(&request, session->diags, &session->manifest, err))
        return false;
    return lf_diags_errors(session->diags) > 0 ||
           lf_transaction_plan(session->transaction, session->manifest,
                               session->diags, &session->plan, err);
}

bool lf_import_check(struct lf_import *import, struct lf_error *err)
{
    bool again = true;
    while (again) {
        rewrite(import, NULL);
        if (lf_buf_failed(&import->text))
            return lf_error_oom(err);
        if (!read_back(import, err))
            return false;
        /* what is not known cannot be taken out */
        if (lf_diags_failed(import->session->diags))
            return lf_error_oom(err);
        again = false;
        if (lf_diags_errors(import->session->diags) > 0 &&
            !take_out(import, &again, err))
            return false;
    }
    import->checked = import->text.len;
    return true;
}
