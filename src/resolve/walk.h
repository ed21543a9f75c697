/* SPDX-License-Identifier: MIT */
/*
 * walk.h - one walk along one path, the same over every view
 *
 * The walk of path_resolution(7): left to right, a link's text spliced in
 * front of what is left, `..` the physical parent. It looks at nothing but
 * places and answers with places; spelling the result out is its caller's.
 */
#ifndef LF_RESOLVE_WALK_H
#define LF_RESOLVE_WALK_H

#include "base/path.h"
#include "resolve/view.h"

/** Or-ed with enum lf_resolve_flag. */
enum lf_walk_flag {
    LF_WALK_DIR = 1 << 16,     /* it must end at a directory; links followed */
    LF_WALK_TRUSTED = 1 << 17, /* search permission is not asked about */
    LF_WALK_DEPS = 1 << 18,    /* note every place that was passed, in `deps` */
};

/** One link that was followed. Offsets are into lf_scratch.log. */
struct lf_followed {
    struct lf_place *dir; /* holds the link */
    size_t name, name_len;
    size_t rest, rest_len;  /* what followed the link */
    size_t text, text_len;  /* its text, in front of that rest */
    size_t spelled;         /* bytes of the path as asked up to and with the
                                  link; 0 if it was met inside a link's text */
    struct lf_place *start; /* where the spliced path goes on from */
    unsigned flags;         /* enum lf_hop_flag */
};

/** Directories that were walked without meeting a link, in one generation of
 *  the view: the same spelling leads from the same place to the same one. */
struct lf_way {
    struct lf_place *from, *to;
    uint64_t seen;
    struct lf_buf spelling;
};

/** What a walk works with; kept between walks for its memory. Zero-initialise. */
struct lf_scratch {
    struct lf_buf log;     /* the path, and after each link the spliced one */
    struct lf_buf tail;    /* names below `at` */
    struct lf_way ways[2]; /* the latest of a path as asked, and of a text */
    struct lf_place **deps;
    uint32_t n_deps, deps_capacity;
};

void lf_scratch_finish(struct lf_scratch *scratch);

/** Forget the places that were walked to. */
void lf_scratch_forget(struct lf_scratch *scratch);

struct lf_walk {
    /* to be set */
    struct lf_tree *tree;
    struct lf_scratch *scratch;
    struct lf_place *start; /* where a relative path starts */
    struct lf_place *root;  /* where absolute ones do, and `..` stops */
    unsigned flags;
    /* the answer */
    enum lf_outcome outcome;
    int error;                  /* errno; 0 for OK */
    struct lf_place *at;        /* the deepest directory reached */
    const struct lf_node *node; /* what stands at `at` and scratch->tail;
                                   borrowed until the next look */
    unsigned missing;           /* names of the tail that do not exist */
    unsigned n_hops;
    struct lf_followed hops[LF_LINK_LIMIT + 1];
    /* the state: what is left of the path is log[rest..end), and its last
     * `own` bytes are still those of the path as asked, of `asked` bytes */
    size_t rest, end, own, asked;
    unsigned links;
    /* the way that is being walked is log[way..way_end); 0: none to keep */
    size_t way, way_end;
    struct lf_place *way_from;
};

/** Walk `path`, which may not hold NUL. False only when memory runs out. */
bool lf_walk(struct lf_walk *walk, struct lf_str path);

#endif
