/* SPDX-License-Identifier: MIT */
/*
 * sibling.c - what the proof of one link says of the next
 */
#include "plan/sibling.h"

#include "base/buf.h"

/* The text without the source's name at its end; data NULL if it has another
 * end. */
static struct lf_str stem_of(const struct lf_planned *planned)
{
    struct lf_pair text = lf_planned_text(planned);
    struct lf_str name = lf_planned_source_name(planned);
    if (name.len == 0 || !lf_str_ends(text.rest, name))
        return lf_str(NULL);
    struct lf_str stem = lf_str_of(text.rest.data, text.rest.len - name.len);
    if (text.start.len > 0 && stem.len > 0)
        return lf_str(NULL);
    if (stem.len == 0)
        stem = text.start;
    return stem.len > 0 && stem.data[stem.len - 1] == '/' ? stem : lf_str(NULL);
}

static bool is_known(const struct lf_sibling *sibling,
                     const struct lf_planned *planned, struct lf_str stem)
{
    return planned->in->dir == sibling->dir &&
           planned->in->source_dir == sibling->source_dir &&
           lf_str_equal(stem, sibling->stem);
}

static bool leads(const struct lf_resolution *found, struct lf_str source_dir)
{
    return found->outcome == LF_OUTCOME_OK && found->links == 0 &&
           found->node.kind == LF_NODE_DIR &&
           lf_str_equal(found->path, source_dir);
}

static bool walk(struct lf_sibling *sibling, struct lf_resolver *resolver,
                 const struct lf_planned *planned, struct lf_str stem,
                 struct lf_error *err)
{
    struct lf_buf way = {0};
    struct lf_resolution *found = NULL;
    if (stem.data[0] != '/') {
        lf_buf_add(&way, *planned->in->dir);
        lf_buf_add_char(&way, '/');
    }
    lf_buf_add(&way, stem);
    struct lf_resolve_request request = {.path = lf_buf_str(&way)};
    bool ok = !lf_buf_failed(&way) ? lf_resolve(resolver, &request, &found, err)
                                   : lf_error_oom(err);
    sibling->right =
            ok && leads(found, *planned->in->source_dir) &&
            !lf_set_find_dir(sibling->places, *planned->in->source_dir);
    sibling->dir = planned->in->dir;
    sibling->stem = stem;
    sibling->source_dir = planned->in->source_dir;
    lf_resolution_free(found);
    lf_buf_finish(&way);
    return ok;
}

bool lf_sibling_ask(struct lf_sibling *sibling, struct lf_resolver *resolver,
                    const struct lf_planned *planned, bool *ret_serves,
                    struct lf_error *err)
{
    *ret_serves = false;
    if (!sibling->places || !planned->listed)
        return true;
    struct lf_str stem = stem_of(planned);
    if (!stem.data)
        return true;
    if (!is_known(sibling, planned, stem) &&
        !walk(sibling, resolver, planned, stem, err))
        return false;
    *ret_serves = sibling->right;
    return true;
}
