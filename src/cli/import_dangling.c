/* SPDX-License-Identifier: MIT */
/*
 * import_dangling.c - links of packages that lead to a symlink that leads nowhere
 *
 * Stow links to what is in a package, whatever it is. A tree may, too, if it says so.
 */
#include "cli/import.h"

#include "base/source.h"

#include <stdlib.h>

/* Whether a link stands at `path`, whatever it leads to. */
static bool is_link(struct lf_import *import, struct lf_str path, bool *ret,
                    struct lf_error *err)
{
    struct lf_resolution *walk;
    struct lf_resolve_request request = {.path = path,
                                         .flags = LF_RESOLVE_NOFOLLOW};
    if (!lf_resolve(import->disk.resolver, &request, &walk, err))
        return false;
    *ret = walk->error == 0 && walk->node.kind == LF_NODE_LINK;
    lf_resolution_free(walk);
    return true;
}

/* Mark the lines, of `n`, from which a link comes that stands, and leads nowhere. */
static bool mark(struct lf_import *import, bool *marked, size_t n,
                 struct lf_error *err)
{
    const struct lf_plan *plan = import->session->plan;
    for (size_t i = 0; i < lf_plan_findings(plan); i++) {
        const struct lf_finding *finding = lf_plan_finding(plan, i);
        uint32_t line = finding->mark.line;
        if (finding->code != LF_CODE_DANGLING || line == 0 || line > n ||
            marked[line - 1])
            continue;
        if (!is_link(import, finding->path, &marked[line - 1], err))
            return false;
    }
    return true;
}

static size_t count_lines(struct lf_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    return n + 1;
}

/* Write the manifest again; a tree whose line is marked gets a word more, and
 * `*ret_any` is true if there is one. */
static bool rewrite(const struct lf_import *import, struct lf_buf *text,
                    const bool *marked, bool *ret_any, struct lf_error *err)
{
    struct lf_str rest = lf_buf_str(&import->text);
    for (size_t i = 0; rest.len > 0; i++) {
        struct lf_source source = {.text = rest};
        struct lf_str line = lf_source_line(&source, 1);
        bool more = marked[i] && lf_str_starts(line, LF_STR("  - {"));
        lf_buf_add(text, lf_str_of(line.data, line.len - more));
        lf_buf_add(text, more ? LF_STR(", dangling: allow}\n") : LF_STR("\n"));
        *ret_any |= more;
        size_t len = line.len < rest.len ? line.len + 1 : line.len;
        rest = lf_str_of(rest.data + len, rest.len - len);
    }
    return !lf_buf_failed(text) || lf_error_oom(err);
}

bool lf_import_dangling(struct lf_import *import, struct lf_error *err)
{
    struct lf_buf text = {0};
    size_t n = count_lines(lf_buf_str(&import->text));
    bool any = false, *marked = calloc(n, sizeof(*marked));
    if (!marked)
        return lf_error_oom(err);
    bool done = mark(import, marked, n, err) &&
                rewrite(import, &text, marked, &any, err);
    free(marked);
    if (!done || !any) {
        lf_buf_finish(&text);
        return done;
    }
    lf_buf_finish(&import->text);
    import->text = text;
    /* the trees are other ones now */
    import->checked = import->head;
    return lf_import_check(import, err);
}
