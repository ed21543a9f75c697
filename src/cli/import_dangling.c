/* SPDX-License-Identifier: MIT */
/*
 * import_dangling.c - links of packages that lead to a symlink that leads nowhere
 *
 * Stow links to what is in a package, whatever it is. A tree may, too, if it says so.
 */
#include "cli/import.h"

#include "base/source.h"

/* Whether the tree in `line` has a link that stands, and leads nowhere. */
static bool find(struct lf_import *import, uint32_t line, bool *ret,
                 struct lf_error *err)
{
    const struct lf_plan *plan = import->session->plan;
    *ret = false;
    for (size_t i = 0; !*ret && i < lf_plan_findings(plan); i++) {
        const struct lf_finding *finding = lf_plan_finding(plan, i);
        struct lf_resolution *walk;
        struct lf_resolve_request request = {.path = finding->path,
                                             .flags = LF_RESOLVE_NOFOLLOW};
        if (finding->code != LF_CODE_DANGLING || finding->mark.line != line)
            continue;
        if (!lf_resolve(import->disk.resolver, &request, &walk, err))
            return false;
        *ret = walk->error == 0 && walk->node.kind == LF_NODE_LINK;
        lf_resolution_free(walk);
    }
    return true;
}

/* Write the manifest again; `*ret_any`: a tree got a word more. */
static bool rewrite(struct lf_import *import, struct lf_buf *text,
                    bool *ret_any, struct lf_error *err)
{
    struct lf_str rest = lf_buf_str(&import->text);
    for (uint32_t number = 1; rest.len > 0; number++) {
        struct lf_source source = {.text = rest};
        struct lf_str line = lf_source_line(&source, 1);
        bool found = false;
        if (lf_str_starts(line, LF_STR("  - {")) &&
            !find(import, number, &found, err))
            return false;
        lf_buf_add(text, lf_str_of(line.data, line.len - found));
        lf_buf_add(text, found ? LF_STR(", dangling: allow}\n") : LF_STR("\n"));
        *ret_any |= found;
        size_t len = line.len < rest.len ? line.len + 1 : line.len;
        rest = lf_str_of(rest.data + len, rest.len - len);
    }
    return !lf_buf_failed(text) || lf_error_oom(err);
}

bool lf_import_dangling(struct lf_import *import, struct lf_error *err)
{
    struct lf_buf text = {0};
    bool any = false;
    if (!rewrite(import, &text, &any, err)) {
        lf_buf_finish(&text);
        return false;
    }
    lf_buf_finish(&import->text);
    import->text = text;
    if (!any)
        return true;
    /* the trees are other ones now */
    import->checked = import->head;
    return lf_import_check(import, err);
}
