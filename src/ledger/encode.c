/* SPDX-License-Identifier: MIT */
/*
 * encode.c - the ledger as a file of lines
 *
 *     linkfarm-ledger 1
 *     transaction NUMBER
 *     farm NAME GENERATION TIME          for each farm, by name
 *     manifest PATH
 *     into PATH
 *     profile NAME                       each once, sorted
 *     traverse DIRECTORY                 each once, sorted
 *     file PATH                          each once, sorted; numbered from 1
 *     in DIRECTORY                       sorted, a directory before its insides
 *     lm NAME TEXT GENERATION FILE LINE COLUMN [DISPLACED]
 *     dm NAME GENERATION FILE LINE COLUMN [MODE] [DISPLACED]
 *     end LINES CHECKSUM
 *
 * A record is `l` for a link or `d` for a directory, then `m` for made, `c`
 * for claimed or `a` for adopted. DISPLACED is STORE TRANSACTION NUMBER KIND
 * DEVICE INODE. docs/formats.md says what each field means; decode.c accepts
 * this and nothing else.
 */
#include "base/path.h"
#include "base/util.h"
#include "ledger/format.h"
#include "ledger/record.h"

#include <assert.h>
#include <inttypes.h>

static void add_line(struct lf_buf *buf, struct lf_str keyword,
                     struct lf_str word)
{
    lf_buf_add(buf, keyword);
    lf_lines_add_text(buf, word);
    lf_buf_add_char(buf, '\n');
}

/* The record with that index, held or fed; false if there is none. */
static bool tell(const struct lf_recorded *farm, uint32_t index,
                 struct lf_str *ret_dir, struct lf_str *ret_name,
                 struct lf_record *ret_record)
{
    const struct lf_record_feed *feed = &farm->feed;
    if (feed->tell)
        return feed->tell(feed->arg, index, ret_dir, ret_name, ret_record);
    const struct lf_item *item = &farm->set.items[index];
    *ret_dir = farm->set.dirs[lf_item_dir(item)].path;
    *ret_name = lf_item_name(item);
    *ret_record = farm->records[item->detail];
    return true;
}

static uint32_t count_of(const struct lf_recorded *farm)
{
    return farm->feed.tell ? farm->feed.count : farm->set.n_items;
}

/*
 * The manifest files that the records name, sorted: the file with number n is
 * the nth directory of the set, and has one item, so that it is kept.
 */
static bool gather_files(struct lf_set *files, const struct lf_recorded *farm)
{
    struct lf_str dir, name, last = {0};
    struct lf_record record;
    uint32_t index, count = count_of(farm);
    for (uint32_t i = 0; i < count; i++) {
        if (!tell(farm, i, &dir, &name, &record) || record.file.len == 0 ||
            lf_str_equal(record.file, last))
            continue;
        last = record.file;
        if (!lf_set_dir(files, last, &index))
            return false;
        if (index == files->n_items &&
            !lf_set_add(files, index, LF_STR(""), index))
            return false;
    }
    return lf_set_seal(files);
}

static uint64_t number_of_file(const struct lf_set *files, struct lf_str file)
{
    if (file.len == 0)
        return 0;
    return (uint64_t)lf_item_dir(lf_set_find(files, file, LF_STR(""))) + 1;
}

static void add_displaced(struct lf_buf *buf,
                          const struct lf_displaced *displaced)
{
    lf_lines_add_text(buf, displaced->store);
    lf_lines_add_u64(buf, displaced->transaction);
    lf_lines_add_u64(buf, displaced->number);
    lf_buf_add_char(buf, ' ');
    lf_buf_add_char(buf, lf_ledger_node_letter(displaced->kind));
    lf_lines_add_u64(buf, displaced->dev);
    lf_lines_add_u64(buf, displaced->ino);
}

/* The record before: its place, its file's number, and the numbers that it ends
 * with, as they are written: those of a tree are all alike. */
struct before {
    struct lf_str dir, name, file;
    uint64_t numbers[4];
    char written[96];
    size_t n_written; /* 0: none yet */
};

static void add_numbers(struct lf_buf *buf, struct before *before,
                        const uint64_t numbers[4])
{
    if (before->n_written > 0 &&
        memcmp(numbers, before->numbers, sizeof(before->numbers)) == 0) {
        lf_buf_add(buf, lf_str_of(before->written, before->n_written));
        return;
    }
    size_t begin = buf->len;
    for (size_t i = 0; i < LF_COUNT(before->numbers); i++)
        lf_lines_add_u64(buf, numbers[i]);
    if (lf_buf_failed(buf))
        return;
    before->n_written = buf->len - begin;
    assert(before->n_written <= sizeof(before->written));
    memcpy(before->written, buf->data + begin, before->n_written);
    memcpy(before->numbers, numbers, sizeof(before->numbers));
}

static void add_record(struct lf_buf *buf, struct before *before,
                       struct lf_str name, const struct lf_record *record,
                       uint64_t file)
{
    bool link = record->kind == LF_RECORD_LINK;
    const uint64_t numbers[] = {record->generation, file, record->line,
                                record->column};
    lf_buf_add_char(buf, link ? 'l' : 'd');
    lf_buf_add_char(buf,
                    lf_ledger_origin_letter((enum lf_origin)record->origin));
    lf_lines_add_text(buf, name);
    if (link)
        lf_lines_add_text(buf, record->text);
    add_numbers(buf, before, numbers);
    if (record->has_mode)
        lf_lines_add_u64(buf, record->mode);
    if (record->displaced)
        add_displaced(buf, record->displaced);
    lf_buf_add_char(buf, '\n');
}

/* What is held was asked when it was added. */
static const char *fault_of(const struct before *before, struct lf_str dir,
                            struct lf_str name, const struct lf_record *record)
{
    bool next = !before->dir.data || !lf_str_equal(before->dir, dir);
    if (next && !lf_ledger_physical(dir))
        return "a directory is not a physical path";
    if (before->dir.data && (next ? lf_path_compare(before->dir, dir)
                                  : lf_str_compare(before->name, name)) >= 0)
        return "its place does not come behind the one before";
    return lf_record_fault(name, record);
}

static bool add_records(struct lf_buf *buf, struct lf_spill *spill,
                        const struct lf_recorded *farm,
                        const struct lf_set *files, struct lf_error *err)
{
    struct before before = {0};
    struct lf_str dir, name;
    struct lf_record record;
    uint64_t file = 0;
    uint32_t count = count_of(farm);
    for (uint32_t i = 0; i < count; i++) {
        if (!tell(farm, i, &dir, &name, &record))
            continue;
        const char *fault =
                farm->feed.tell ? fault_of(&before, dir, name, &record) : NULL;
        if (fault)
            return lf_record_refuse(fault, err);
        if (!before.dir.data || !lf_str_equal(before.dir, dir))
            add_line(buf, LF_STR("in"), dir);
        /* neighbours mostly come from one file */
        if (!lf_str_equal(record.file, before.file))
            file = number_of_file(files, record.file);
        add_record(buf, &before, name, &record, file);
        if (!lf_checked_spill(buf, spill))
            return lf_buf_failed(buf) ? lf_error_oom(err) : false;
        before.dir = dir;
        before.name = name;
        before.file = record.file;
    }
    return true;
}

static void add_head(struct lf_buf *buf, const struct lf_recorded_head *head)
{
    add_line(buf, LF_STR("manifest"), head->manifest);
    add_line(buf, LF_STR("into"), head->into);
    for (uint32_t i = 0; i < head->n_profiles; i++)
        add_line(buf, LF_STR("profile"), head->profiles[i]);
    for (uint32_t i = 0; i < head->n_traverse; i++)
        add_line(buf, LF_STR("traverse"), head->traverse[i]);
}

static bool add_farm(struct lf_buf *buf, struct lf_spill *spill,
                     const struct lf_recorded *farm, struct lf_error *err)
{
    struct lf_set files = {0};
    assert(farm->set.sealed || farm->set.n_items == 0);
    bool ok = gather_files(&files, farm) || lf_error_oom(err);
    if (ok) {
        lf_buf_add_format(buf, "farm %s %" PRIu64 " %" PRId64 "\n",
                          farm->name.data, farm->generation, farm->time);
        add_head(buf, &farm->head);
        for (uint32_t i = 0; i < files.n_dirs; i++)
            add_line(buf, LF_STR("file"), files.dirs[i].path);
        ok = add_records(buf, spill, farm, &files, err);
    }
    lf_set_finish(&files);
    return ok;
}

bool lf_ledger_encode(struct lf_buf *buf, struct lf_spill *spill,
                      const struct lf_ledger *ledger, struct lf_error *err)
{
    assert(buf->len == 0);
    lf_checked_begin(buf, &lf_ledger_checked);
    lf_buf_add_format(buf, "transaction %" PRIu64 "\n", ledger->transaction);
    for (uint32_t i = 0; i < ledger->n_farms; i++)
        if (!add_farm(buf, spill, ledger->farms[i], err))
            return false;
    if (lf_checked_end(buf, spill))
        return true;
    return lf_buf_failed(buf) ? lf_error_oom(err) : false;
}
