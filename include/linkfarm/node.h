/* SPDX-License-Identifier: MIT */
/*
 * node.h - what stands at a place in a file system
 */
#ifndef LINKFARM_NODE_H
#define LINKFARM_NODE_H

#include <linkfarm/str.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lf_node_kind {
    LF_NODE_NOTHING, /* the name is free */
    LF_NODE_FILE,
    LF_NODE_DIR,
    LF_NODE_LINK,
    LF_NODE_OTHER,   /* FIFO, socket, device */
    LF_NODE_UNKNOWN, /* a listing did not say; never the result of a look */
};

/** A look at one name, itself and not what it leads to (lstat(2), statx(2)). */
struct lf_node {
    enum lf_node_kind kind;
    uint32_t mode; /* permission bits, 07777 */
    uint32_t uid, gid;
    uint32_t links; /* names that it has */
    uint64_t dev, ino;
    uint64_t mount; /* mount id (statx(2)), the unique one if the system has it;
                       0 where it does not tell */
    uint64_t size;  /* bytes */
    int64_t mtime, ctime; /* nanoseconds since 1970-01-01 UTC */
    struct lf_str text;   /* of a link, where the caller read it */
};

/** Whether two looks saw one and the same node (not only an equal one). */
static inline bool lf_node_same(const struct lf_node *a,
                                const struct lf_node *b)
{
    return a->kind == b->kind && a->dev == b->dev && a->ino == b->ino;
}

/** "file", "directory", "link", ... for messages. Static. */
LF_PUBLIC const char *lf_node_kind_name(enum lf_node_kind kind);

#ifdef __cplusplus
}
#endif

#endif
