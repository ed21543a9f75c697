/* SPDX-License-Identifier: MIT */
/*
 * compiler.c - names, places and images of the steps that are compiled
 */
#include "apply/compiler.h"

#include "apply/journal.h"
#include "base/path.h"

bool lf_compiler_add(struct lf_compiler *c, struct lf_step step)
{
    return lf_steps_add(&c->out->steps, &step) || lf_error_oom(c->err);
}

struct lf_str lf_compiler_new_spare(struct lf_compiler *c,
                                    struct lf_spare_room *room)
{
    return lf_spare_name(&c->out->steps.spares,
                         c->plan->n_planned + c->n_spares++, room);
}

struct lf_str lf_compiler_spare(const struct lf_compiler *c, uint32_t index,
                                struct lf_spare_room *room)
{
    return lf_spare_name(&c->out->steps.spares, index, room);
}

bool lf_compiler_is_whole(const struct lf_compiler *c, uint32_t index)
{
    return c->whole && c->whole[index];
}

const struct lf_node *lf_compiler_seen(const struct lf_compiler *c,
                                       const struct lf_node *dir)
{
    return dir && dir->kind == LF_NODE_DIR &&
                           lf_watch_tells(dir->ctime, c->plan->since)
                   ? dir
                   : NULL;
}

uint32_t lf_compiler_inside(const struct lf_compiler *c,
                            const struct lf_planned *planned)
{
    uint32_t inside = planned->in->inside;
    if (inside == LF_NO_ACTION ||
        c->plan->planned[inside].kind != LF_ACTION_RMDIR)
        return inside;
    return lf_compiler_is_whole(c, inside) ? inside : LF_NO_ACTION;
}

bool lf_compiler_dir(struct lf_compiler *c, const struct lf_planned *planned,
                     struct lf_str *ret)
{
    uint32_t inside = lf_compiler_inside(c, planned);
    *ret = *planned->in->dir;
    if (inside == LF_NO_ACTION)
        return true;
    if (c->last_dir == planned->in->dir) {
        *ret = c->swapped;
        return true;
    }
    const struct lf_planned *above = &c->plan->planned[inside];
    size_t len = lf_planned_len(above->in->dir, above->name_len);
    struct lf_spare_room room;
    struct lf_buf buf = {0};
    lf_path_add(&buf, *above->in->dir, lf_compiler_spare(c, inside, &room));
    lf_buf_add(&buf, lf_str_of(planned->in->dir->data + len,
                               planned->in->dir->len - len));
    *ret = (struct lf_str){0};
    if (!lf_buf_failed(&buf))
        *ret = lf_arena_str(&c->out->steps.arena, lf_buf_str(&buf));
    lf_buf_finish(&buf);
    c->last_dir = planned->in->dir;
    c->swapped = *ret;
    return ret->data || lf_error_oom(c->err);
}

struct lf_image lf_compiler_image(const struct lf_planned *planned)
{
    const struct lf_node *node = lf_planned_node(planned);
    if (node)
        return (struct lf_image){node->kind, lf_pair_of(node->text), node->dev,
                                 node->ino};
    if (planned->is_free)
        return (struct lf_image){.kind = LF_NODE_NOTHING};
    return (struct lf_image){.kind = LF_NODE_LINK,
                             .text = lf_planned_known_text(planned)};
}
