/* SPDX-License-Identifier: MIT */
/*
 * tell.h - what a caller that goes from directory to directory knows better
 *
 * What it has seen by itself, so that a resolver need not look, and what it will not
 * ask about again.
 */
#ifndef LF_RESOLVE_TELL_H
#define LF_RESOLVE_TELL_H

#include <linkfarm/resolve.h>

/**
 * `node` is the directory at `path`, which is absolute and physical: whoever asks
 * has opened it from the root of the resolver's view, with no link on the way, and
 * looked at what was open. That answers as a look at its name would (statx(2)), and
 * saves it. Nothing is kept of a view that knows more of a directory than a look
 * tells, nor where the directory above was not asked about before. False: no memory.
 */
bool lf_resolver_tell(struct lf_resolver *resolver, struct lf_str path,
                      const struct lf_node *node, struct lf_error *err);

/** A symlink that is followed on the way to a directory. Valid until the resolver is
 *  asked again. */
struct lf_follow {
    struct lf_str path; /* physical, of the link */
    /* up to and with it; empty where another link led there */
    struct lf_str spelled;
    const struct lf_place *dir; /* the directory that it stands in, */
    /* and its node. Who is called may put that of a directory further up there, if that
     * one decides, and say so */
    const struct lf_node *above;
    bool further;
    const struct lf_node *link; /* NULL: it cannot be looked at any more */
    /* the directory that it leads to in the end, by way of others; NULL: to none */
    const struct lf_node *end;
};

/**
 * Call `each` for the links on the way to the directory that is spelled so, in order,
 * until it returns false. False with `err` set: no memory, or the path is no absolute
 * one.
 */
bool lf_followed_links(struct lf_resolver *resolver, struct lf_str dir,
                       bool (*each)(void *arg, struct lf_follow *follow),
                       void *arg, struct lf_error *err);

/**
 * Answer from now on as if nothing stood where `hides` says so of the symlink `link`
 * at `name` in the physical directory `dir`; NULL: as it is. What was told of paths
 * before is forgotten.
 */
void lf_resolver_hide(struct lf_resolver *resolver,
                      bool (*hides)(void *arg, struct lf_str dir,
                                    struct lf_str name,
                                    const struct lf_node *link),
                      void *arg);

/**
 * Forget what spelled directories led to, and of an overlay what stands where. What
 * has cost system calls stays, so that asking again costs none. What was borrowed
 * from the resolver is void.
 */
void lf_resolver_forget(struct lf_resolver *resolver);

/** The same once those have come to be many (128, or what is set): for who asks
 *  about many directories, and about each for a while. */
void lf_resolver_trim(struct lf_resolver *resolver);

#endif
