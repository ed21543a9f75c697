/* SPDX-License-Identifier: MIT */
/*
 * sibling.c - what the proof of one link says of the next
 */
#include "plan/sibling.h"

/* The text without the source's name at its end; data NULL if it has another
 * end. */
static struct lf_str stem_of(const struct lf_planned *planned)
{
    struct lf_str text = planned->action.text, name = planned->source_name;
    if (name.len == 0 || text.len <= name.len)
        return lf_str(NULL);
    struct lf_str stem = lf_str_of(text.data, text.len - name.len);
    bool ends = stem.data[stem.len - 1] == '/' &&
                lf_str_equal(lf_str_of(stem.data + stem.len, name.len), name);
    return ends ? stem : lf_str(NULL);
}

static bool is_changed(const struct lf_set *places, struct lf_str dir)
{
    uint32_t first, end;
    lf_set_below(places, dir, &first, &end);
    return first < end && lf_str_equal(places->dirs[first].path, dir);
}

void lf_sibling_keep(struct lf_sibling *sibling,
                     const struct lf_planned *planned)
{
    sibling->dir = lf_str(NULL);
    if (!planned->listed || !sibling->places ||
        is_changed(sibling->places, planned->source_dir))
        return;
    sibling->stem = stem_of(planned);
    sibling->source_dir = planned->source_dir;
    if (sibling->stem.data)
        sibling->dir = planned->action.dir;
}

bool lf_sibling_serves(const struct lf_sibling *sibling,
                       const struct lf_planned *planned)
{
    return sibling->dir.data && planned->listed &&
           planned->action.dir.data == sibling->dir.data &&
           lf_str_equal(planned->source_dir, sibling->source_dir) &&
           lf_str_equal(stem_of(planned), sibling->stem);
}
