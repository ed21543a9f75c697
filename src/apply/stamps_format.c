/* SPDX-License-Identifier: MIT */
/*
 * stamps_format.c - the lines of stamps
 *
 *     linkfarm-stamps 1
 *     ledger NODE                         the file, with its size
 *     at TIME                             nanoseconds since 1970 UTC
 *     farm NAME GENERATION LINKS DIRS     how many are right
 *     profile NAME                        each that was active
 *     manifest PATH
 *     facts DIGEST
 *     user DIGEST
 *     env NAME DIGEST
 *     file PATH DIGEST
 *     absent PATH 0
 *     passed PATH NODE                    a directory, by identity and rights
 *     looked PATH NODE                    the same, and its times
 *     listed PATH NODE NAMES              the same; NAMES is the digest of all in it
 *     places PATH NODE                    the same; only places of the farm in
 *                                         it matter
 *     made PATH EXACT MODE                one that was made; EXACT 1: MODE counts
 *     end LINES CHECKSUM
 *
 * NODE is DEVICE INODE MOUNT MODE UID GID SIZE MTIME CTIME. Directories stand
 * after those above them.
 */
#include "apply/stamps_format.h"

#include "base/util.h"
#include "platform/sys.h"

const struct lf_checked lf_stamps_checked = {
        .magic = "linkfarm-stamps",
        .version = 1,
        .what = "file of stamps",
        .corrupt = LF_CODE_STATE_UNREADABLE,
        .newer = LF_CODE_STATE_UNREADABLE,
};

const char *const lf_stamps_words[LF_INPUT_KINDS] = {
        [LF_INPUT_FACTS] = "facts",   [LF_INPUT_USER] = "user",
        [LF_INPUT_ENV] = "env",       [LF_INPUT_FILE] = "file",
        [LF_INPUT_ABSENT] = "absent",
};

bool lf_stamps_ledger(struct lf_transaction *t, struct lf_node *ret)
{
    return t->state.fd >= 0 &&
           t->fs->stat(t->fs, t->state.fd, LF_LEDGER_FILE, ret) == 0;
}

bool lf_stamps_is_ledger(struct lf_transaction *t, const struct lf_node *then)
{
    struct lf_node now;
    return lf_stamps_ledger(t, &now) && now.dev == then->dev &&
           now.ino == then->ino && now.size == then->size &&
           now.mtime == then->mtime && now.ctime == then->ctime;
}

/* Times before 1970 are stored as the numbers that they are modulo 2^64. */
static void add_numbers(struct lf_buf *buf, const struct lf_node *node)
{
    const uint64_t numbers[] = {
            node->dev,
            node->ino,
            node->mount,
            node->mode,
            node->uid,
            node->gid,
            node->size,
            (uint64_t)node->mtime,
            (uint64_t)node->ctime,
    };
    for (size_t i = 0; i < LF_COUNT(numbers); i++)
        lf_lines_add_u64(buf, numbers[i]);
}

void lf_stamps_add_node(struct lf_buf *buf, const struct lf_node *node)
{
    add_numbers(buf, node);
    lf_buf_add_char(buf, '\n');
}

bool lf_stamps_get_node(struct lf_lines *lines, unsigned index,
                        struct lf_node *ret)
{
    uint64_t mtime, ctime;
    *ret = (struct lf_node){.kind = LF_NODE_DIR};
    bool ok = lf_lines_u64(lines, index, UINT64_MAX, &ret->dev) &&
              lf_lines_u64(lines, index + 1, UINT64_MAX, &ret->ino) &&
              lf_lines_u64(lines, index + 2, UINT64_MAX, &ret->mount) &&
              lf_lines_u32(lines, index + 3, &ret->mode) &&
              lf_lines_u32(lines, index + 4, &ret->uid) &&
              lf_lines_u32(lines, index + 5, &ret->gid) &&
              lf_lines_u64(lines, index + 6, UINT64_MAX, &ret->size) &&
              lf_lines_u64(lines, index + 7, UINT64_MAX, &mtime) &&
              lf_lines_u64(lines, index + 8, UINT64_MAX, &ctime);
    if (ok) {
        ret->mtime = (int64_t)mtime;
        ret->ctime = (int64_t)ctime;
    }
    return ok;
}

void lf_stamps_add_at(struct lf_buf *buf, int64_t since)
{
    lf_buf_add(buf, LF_STR("at"));
    lf_lines_add_u64(buf, (uint64_t)since);
    lf_buf_add_char(buf, '\n');
}

bool lf_stamps_time_holds(struct lf_lines *lines)
{
    uint64_t at;
    return lf_lines_u64(lines, 1, UINT64_MAX, &at) &&
           lf_sys_realtime() >= (int64_t)at && lf_sys_started() <= (int64_t)at;
}

void lf_stamps_add_dir(struct lf_buf *buf, const struct lf_stamped *stamped)
{
    const struct lf_watched *dir = &stamped->dir;
    bool listed = dir->names > 0;
    const char *word = stamped->made  ? "made"
                       : !dir->looked ? "passed"
                       : listed       ? "listed"
                       : dir->whole   ? "looked"
                                      : "places";
    lf_buf_add(buf, lf_str(word));
    lf_lines_add_text(buf, dir->path);
    if (stamped->made) {
        lf_lines_add_u64(buf, stamped->exact_mode);
        lf_lines_add_u64(buf, dir->node.mode);
    } else {
        add_numbers(buf, &dir->node);
    }
    if (listed)
        lf_lines_add_u64(buf, dir->names);
    lf_buf_add_char(buf, '\n');
}

bool lf_stamps_get_dir(struct lf_lines *lines, struct lf_stamped *ret,
                       bool *ret_ok)
{
    uint64_t exact = 0;
    bool listed = lf_lines_is(lines, "listed");
    *ret = (struct lf_stamped){
            .dir = {.looked = !lf_lines_is(lines, "passed"),
                    .whole = listed || lf_lines_is(lines, "looked")},
            .made = lf_lines_is(lines, "made"),
    };
    if (ret->dir.looked && !ret->dir.whole && !ret->made &&
        !lf_lines_is(lines, "places"))
        return false;
    *ret_ok = lf_lines_text(lines, 1, 0, &ret->dir.path) &&
              ret->dir.path.len > 0 && ret->dir.path.data[0] == '/' &&
              (ret->made ? lf_lines_u64(lines, 2, 1, &exact) &&
                                   lf_lines_u32(lines, 3, &ret->dir.node.mode)
                         : lf_stamps_get_node(lines, 2, &ret->dir.node)) &&
              (!listed || lf_lines_u64(lines, 11, UINT64_MAX, &ret->dir.names));
    ret->exact_mode = exact == 1;
    return true;
}

struct lf_str lf_stamps_line(const struct lf_lines *lines)
{
    struct lf_str last = lines->fields[lines->n_fields - 1];
    const char *from = lines->fields[0].data;
    return lf_str_of(from, (size_t)(last.data + last.len + 1 - from));
}

unsigned lf_stamps_threads(const struct lf_transaction *t, size_t amount,
                           size_t least)
{
    if (t->crew_least > 0)
        least = t->crew_least;
    return amount >= least && t->options.threads > 1 ? t->options.threads : 1;
}
