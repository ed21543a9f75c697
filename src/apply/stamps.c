/* SPDX-License-Identifier: MIT */
/*
 * stamps.c - that nothing has to be done, remembered
 *
 *     linkfarm-stamps 1
 *     at TIME                             nanoseconds since 1970 UTC
 *     farm NAME GENERATION LINKS DIRS     how many were right
 *     profile NAME                        each that was active
 *     manifest PATH
 *     ledger NODE                         the file, with its size
 *     facts DIGEST
 *     env NAME DIGEST
 *     file PATH DIGEST
 *     absent PATH 0
 *     passed PATH NODE                    a directory, by identity and rights
 *     looked PATH NODE                    the same, and its times
 *     end LINES CHECKSUM
 *
 * NODE is DEVICE INODE MOUNT MODE UID GID SIZE MTIME CTIME. Directories stand
 * after those above them.
 */
#include "apply/stamps.h"

#include "apply/stamps_format.h"
#include "base/digest.h"
#include "base/util.h"

#include <inttypes.h>
#include <stdio.h>

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

struct lf_stamps_name lf_stamps_name(struct lf_str manifest)
{
    struct lf_stamps_name name;
    snprintf(name.text, sizeof(name.text), "stamps.%016" PRIx64,
             lf_digest(0, manifest));
    return name;
}

bool lf_stamps_ledger(struct lf_transaction *t, struct lf_node *ret)
{
    return t->state.fd >= 0 &&
           t->fs->stat(t->fs, t->state.fd, LF_LEDGER_FILE, ret) == 0;
}

static void add_line(struct lf_buf *buf, const char *word, struct lf_str text)
{
    lf_buf_add(buf, lf_str(word));
    lf_lines_add_text(buf, text);
    lf_buf_add_char(buf, '\n');
}

/* Times before 1970 are stored as the numbers that they are modulo 2^64. */
static void add_node(struct lf_buf *buf, const struct lf_node *node)
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
    lf_buf_add_char(buf, '\n');
}

static bool add_input(void *arg, const struct lf_input *input)
{
    struct lf_buf *buf = arg;
    lf_buf_add(buf, lf_str(lf_stamps_words[input->kind]));
    if (input->name.len > 0)
        lf_lines_add_text(buf, input->name);
    lf_lines_add_u64(buf, input->digest);
    lf_buf_add_char(buf, '\n');
    return true;
}

/* What the next run would have to say again is not remembered as nothing. */
static bool is_quiet(const struct lf_plan *plan)
{
    size_t kept = 0;
    for (unsigned is_dir = 0; is_dir < 2; is_dir++)
        kept += plan->counts[LF_ACTION_KEEP][is_dir];
    return kept == plan->n_planned && plan->n_findings == 0 &&
           !plan->ledger_changes;
}

static void add_head(struct lf_buf *buf, const struct lf_plan *plan,
                     int64_t since)
{
    lf_buf_add(buf, LF_STR("at"));
    lf_lines_add_u64(buf, (uint64_t)since);
    lf_buf_add(buf, LF_STR("\nfarm"));
    lf_lines_add_text(buf, plan->farm);
    lf_lines_add_u64(buf, plan->generation);
    lf_lines_add_u64(buf, plan->counts[LF_ACTION_KEEP][0]);
    lf_lines_add_u64(buf, plan->counts[LF_ACTION_KEEP][1]);
    lf_buf_add_char(buf, '\n');
    for (uint32_t i = 0; i < plan->head.n_profiles; i++)
        add_line(buf, "profile", plan->head.profiles[i]);
    add_line(buf, "manifest", plan->head.manifest);
}

void lf_stamps_encode(struct lf_transaction *t,
                      const struct lf_manifest *manifest,
                      const struct lf_plan *plan, struct lf_watch *watch,
                      struct lf_buf *text)
{
    const struct lf_watched *dirs;
    struct lf_node ledger;
    uint32_t count = is_quiet(plan) ? lf_watch_result(watch, &dirs) : 0;
    if (count == 0 || !lf_stamps_ledger(t, &ledger))
        return;
    lf_checked_begin(text, &lf_stamps_checked);
    add_head(text, plan, watch->since);
    lf_buf_add(text, LF_STR("ledger"));
    add_node(text, &ledger);
    bool known = lf_manifest_inputs(manifest, add_input, text);
    for (uint32_t i = 0; i < count; i++) {
        lf_buf_add(text, dirs[i].looked ? LF_STR("looked") : LF_STR("passed"));
        lf_lines_add_text(text, dirs[i].path);
        add_node(text, &dirs[i].node);
    }
    lf_checked_end(text);
    if (!known)
        lf_buf_clear(text);
}
