/* SPDX-License-Identifier: MIT */
/*
 * store_way.h - ways to the store that only root can have laid
 *
 * What is put into the store comes back by its place and inode, and what gc
 * finds there is removed. So who works as root goes only to a store that is
 * root's alone, by a way on which nobody else can put another one. Users know
 * what they do in their own directories: for them any way is good.
 */
#ifndef LF_APPLY_STORE_WAY_H
#define LF_APPLY_STORE_WAY_H

#include "ledger/ledger.h"
#include "platform/fs.h"

/** Whether a directory of a step, or a store, is a physical one; else it is one of the
 *  state directory's. */
static inline bool lf_dir_is_physical(struct lf_str dir)
{
    return dir.len > 0 && dir.data[0] == '/';
}

#define LF_STORE_NAME ".linkfarm-displaced"

/** Where ways begin. */
struct lf_store_roots {
    struct lf_fs *fs;
    int root_fd;  /* of physical paths, */
    int state_fd; /* and of those relative to the state directory */
};

/** A directory on a way that others than root may change. */
struct lf_store_alien {
    bool met;
    size_t upto; /* bytes of the path; 0: the root directory */
    uint32_t owner, mode;
};

/** The path of a store: of the state's too, which is empty in a ledger. */
struct lf_str lf_store_path(struct lf_str store);

/** Open the directory `dir`, in which a store may stand: nobody but root may
 *  rename what is root's, there and above. -EPERM with `ret->met` where somebody
 *  else may; or what else failed. */
int lf_store_open_above(const struct lf_store_roots *roots, struct lf_str dir,
                        unsigned how, struct lf_store_alien *ret);

/** Open the store, or with a `folder` that folder of it, in the same way; it has
 *  to be root's alone. */
int lf_store_open(const struct lf_store_roots *roots, struct lf_str store,
                  struct lf_str folder, unsigned how,
                  struct lf_store_alien *ret);

/** Whether this process is root's, so that ways are asked about. */
bool lf_store_is_guarded(void);

/** Whether the node is a directory that no one but root may change; of others
 *  than root, that it is a directory of theirs. */
bool lf_store_is_alone(const struct lf_node *node);

#endif
