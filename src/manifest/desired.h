/* SPDX-License-Identifier: MIT */
/*
 * desired.h - the links and directories that a manifest calls for
 *
 * Expanding looks at source trees (which files are there) and at the way to
 * each link path (where it physically is), and writes nothing. The result is a
 * set of physical places; every directory above a link is in it too, up to the
 * root, marked `implied` unless the manifest lists it under `dirs`.
 */
#ifndef LF_MANIFEST_DESIRED_H
#define LF_MANIFEST_DESIRED_H

#include "base/set.h"
#include "manifest/entry.h"
#include "platform/fs.h"
#include "platform/threads.h"
#include "platform/watch.h"
#include "resolve/tell.h"
#include <linkfarm/resolve.h>

enum lf_wish_kind {
    LF_WISH_LINK,
    LF_WISH_DIR,
};

/** What is wished for at a place: one for each link, so it holds nothing twice.
 *  Texts live as long as the desired set, places as the manifest does. */
struct lf_wish {
    const struct lf_entry *entry; /* who asks; of an implied directory, one of
                                     the entries below it */
    const char *text;             /* link text to store, or its rest */
    uint32_t source;   /* of lf_desired.wish_sources, from 1; 0: none, as with
                            `verbatim` */
    uint16_t text_len; /* of what is at `text` */
    uint8_t source_name_len; /* at most LF_NAME_LIMIT */
    uint8_t kind : 1;        /* enum lf_wish_kind */
    uint8_t implied : 1;     /* a directory that only has to exist */
    uint8_t listed : 1;  /* the source's directory was read, and shows a plain
                                file that can be reached in it */
    uint8_t named : 1;   /* the source's name stands behind the NUL of the
                                text, which does not end in it */
    uint8_t claimed : 1; /* of a generation: a link that was there before */
};

/** The name of the source in its directory; empty without one. */
static inline struct lf_str lf_wish_source_name(const struct lf_wish *wish)
{
    size_t len = wish->source_name_len;
    if (len == 0)
        return LF_STR("");
    const char *end = wish->text + wish->text_len;
    return lf_str_of(wish->named ? end + 1 : end - len, len);
}

/** `text` has at most 4,095 bytes, as link texts do, and is followed by a NUL. It is
 *  the whole text unless lf_desired_set_source() says how that starts. */
static inline void lf_wish_set_text(struct lf_wish *wish, struct lf_str text)
{
    wish->text = text.data;
    wish->text_len = (uint16_t)text.len;
}

/** A directory that may become one link to `source` (fold: auto): in this
 *  manifest only one tree contributes below it, and no name below is ignored,
 *  renamed, conditional or overridden. Whether it does is the planner's. */
struct lf_fold_candidate {
    struct lf_str dir;        /* physical directory that would be the link */
    struct lf_str source_dir; /* physical parent of the source directory; a NUL
                                 follows */
    struct lf_str source_name;
    struct lf_str text; /* the link's text */
    const struct lf_entry *entry;
};

/** A link path that cannot be taken, found on the way to it (exit 3). */
struct lf_misplaced {
    enum lf_code code; /* LF_CODE_THROUGH_LINK, LF_CODE_NO_RELATIVE_TEXT, ... */
    struct lf_mark mark;
    struct lf_str path;     /* as spelled */
    struct lf_str blocked;  /* physical place of what is in the way, or "" */
    struct lf_str physical; /* the path to write instead, or "" */
    struct lf_str message;  /* one sentence */
    struct lf_str help;     /* the cure; may be empty */
};

/* A power of two, and so large that malloc(3) gives a piece back to the system. */
enum { LF_WISHES_PIECE = 8192 };

/** A piece of the wishes. */
struct lf_wishes {
    struct lf_wish *wishes; /* NULL once all of them have been released */
    uint32_t capacity;
    uint32_t held; /* that have not been released */
};

struct lf_desired {
    struct lf_set set;        /* item.detail: see lf_desired_wish() */
    struct lf_wishes *pieces; /* each but the last has LF_WISHES_PIECE */
    uint32_t piece_capacity;
    uint32_t n_wishes;
    /* one for wishes that come in a row */
    struct lf_wish_source {
        struct lf_str dir;   /* physical */
        struct lf_str start; /* of the texts; may be empty */
    } * wish_sources;
    uint32_t n_wish_sources, wish_source_capacity;
    struct lf_fold_candidate *folds; /* in the order of lf_path_compare() */
    uint32_t n_folds;
    struct lf_misplaced *misplaced;
    uint32_t n_misplaced;
    const struct lf_str *sources;  /* physical `from` of each tree, sorted,   */
    uint32_t n_sources;            /* each once: no link may resolve into one */
    const struct lf_str *traverse; /* the manifest's, as spelled; of a
                                      generation, physical; sorted */
    uint32_t n_traverse;
    bool adopts; /* an entry that names its source may adopt it */
};

/** The wish with that index, below n_wishes and not released; it may move when
 *  another one is added. */
static inline struct lf_wish *lf_desired_wish(const struct lf_desired *desired,
                                              uint32_t index)
{
    return &desired->pieces[index / LF_WISHES_PIECE]
                    .wishes[index % LF_WISHES_PIECE];
}

/** Add a copy, which gets the index n_wishes. False without memory. */
bool lf_desired_add(struct lf_desired *desired, const struct lf_wish *wish);

/**
 * Set where the source of a wish is; its text is set already, but for how it starts,
 * which is copied once for wishes that come in a row. `dir`, physical, is followed by a
 * NUL and must live as long as the desired set. `name` is one that a directory can
 * hold; where the text does not end in it, both are copied. False without memory.
 */
bool lf_desired_set_source(struct lf_desired *desired, struct lf_wish *wish,
                           struct lf_str start, struct lf_str dir,
                           struct lf_str name);

/** The physical directory of the source; empty without one, as with `verbatim`. */
static inline struct lf_str
lf_desired_source_dir(const struct lf_desired *desired,
                      const struct lf_wish *wish)
{
    return wish->source ? desired->wish_sources[wish->source - 1].dir
                        : LF_STR("");
}

/** The link text; empty for a directory. */
static inline struct lf_pair lf_desired_text(const struct lf_desired *desired,
                                             const struct lf_wish *wish)
{
    return (struct lf_pair){
            wish->source ? desired->wish_sources[wish->source - 1].start
                         : LF_STR(""),
            lf_str_of(wish->text_len ? wish->text : "", wish->text_len)};
}

/** Say, once, that a wish is not asked for any more: its memory is freed with that
 *  of those around it. */
void lf_desired_release(struct lf_desired *desired, uint32_t index);

/** What is known of directories that were listed at some earlier time. */
struct lf_listed {
    /* Tell what is in the directory at a physical path, as a listing would; the node
     * that the directory is. NULL: it is not known, and nothing was told. Asked by
     * several threads at once, each with the watch that takes in what is known, or
     * NULL */
    const struct lf_node *(*tell)(void *arg, struct lf_watch *watch,
                                  struct lf_str path, lf_list_fn *fn,
                                  void *fn_arg);
    void *arg;
};

struct lf_expand_request {
    const struct lf_manifest *manifest; /* without errors */
    struct lf_fs *fs;
    int root_fd; /* "/" or the directory of --root */
    /* over the real view of root_fd; what the farm owns already is hidden, because
     * directories of the farm will take the place of its links, or other links */
    struct lf_resolver *resolver;
    /* whose operations `fs` is; NULL if it is none's: then `fs` is used by
     * several threads at once if there are more than one */
    struct lf_watch *watch;
    const struct lf_listed *listed; /* NULL: nothing is known */
    /* sealed: files that will be in directories of sources; NULL: none */
    const struct lf_set *coming;
    /* physical: a directory of which no tree takes anything; empty: none */
    struct lf_str left_out;
    /* Whether a symlink may be followed on the way to what is to change; NULL: any may.
     * One that `traverse` names is not asked about. */
    bool (*may_follow)(struct lf_follow *follow);
    unsigned threads; /* at most LF_THREADS_MOST; 0 and 1: the calling one */
    uint32_t least;   /* directories worth more than one; 0: the default */
};

/**
 * Expand trees and locate every link path. Two entries that want one place,
 * a source directory that cannot be read and the like are diagnostics (in
 * `diags`; then `*ret_desired` is still set but is not to be planned).
 * The caller frees `*ret_desired` with lf_desired_free(); it borrows the
 * manifest, but not the resolver.
 */
bool lf_desired_make(const struct lf_expand_request *request,
                     struct lf_diags *diags, struct lf_desired **ret_desired,
                     struct lf_error *err);
void lf_desired_free(struct lf_desired *desired);

/** Free what says where the wishes are. They stay, and so do all texts. */
void lf_desired_forget_places(struct lf_desired *desired);

/** Free the wishes; the texts and all else stay. */
void lf_desired_forget(struct lf_desired *desired);

#endif
