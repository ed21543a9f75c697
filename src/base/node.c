/* SPDX-License-Identifier: MIT */
/*
 * node.c - words for the kinds of nodes
 */
#include <linkfarm/node.h>

const char *lf_node_kind_name(enum lf_node_kind kind)
{
    switch (kind) {
    case LF_NODE_NOTHING:
        return "nothing";
    case LF_NODE_FILE:
        return "file";
    case LF_NODE_DIR:
        return "directory";
    case LF_NODE_LINK:
        return "link";
    case LF_NODE_OTHER:
        return "special file";
    case LF_NODE_UNKNOWN:
        break;
    }
    return "unknown";
}
