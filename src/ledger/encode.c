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
 *     dm NAME GENERATION FILE LINE COLUMN [DISPLACED]
 *     end LINES CHECKSUM
 *
 * A record is `l` for a link or `d` for a directory, then `m` for made, `c`
 * for claimed or `a` for adopted. DISPLACED is STORE TRANSACTION NUMBER KIND DEVICE INODE. docs/formats.md
 * says what each field means; decode.c accepts this and nothing else.
 */
#include "ledger/format.h"

#include <assert.h>
#include <inttypes.h>

static void add_line(struct lf_buf *buf, struct lf_str keyword,
                     struct lf_str word)
{
    lf_buf_add(buf, keyword);
    lf_lines_add_text(buf, word);
    lf_buf_add_char(buf, '\n');
}

/*
 * The manifest files that the records name, sorted: the file with number n is
 * the nth directory of the set, and has one item, so that it is kept.
 */
static bool gather_files(struct lf_set *files, const struct lf_recorded *farm)
{
    for (uint32_t i = 0; i < farm->n_records; i++) {
        struct lf_str file = farm->records[i].file;
        uint32_t index;
        if (file.len == 0)
            continue;
        if (!lf_set_dir(files, file, &index))
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
    return (uint64_t)lf_set_find(files, file, LF_STR(""))->dir + 1;
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

static void add_record(struct lf_buf *buf, struct lf_str name,
                       const struct lf_record *record, uint64_t file)
{
    bool link = record->kind == LF_RECORD_LINK;
    lf_buf_add_char(buf, link ? 'l' : 'd');
    lf_buf_add_char(buf, lf_ledger_origin_letter(record->origin));
    lf_lines_add_text(buf, name);
    if (link)
        lf_lines_add_text(buf, record->text);
    lf_lines_add_u64(buf, record->generation);
    lf_lines_add_u64(buf, file);
    lf_lines_add_u64(buf, record->line);
    lf_lines_add_u64(buf, record->column);
    if (record->displaced)
        add_displaced(buf, record->displaced);
    lf_buf_add_char(buf, '\n');
}

static void add_records(struct lf_buf *buf, const struct lf_recorded *farm,
                        const struct lf_set *files)
{
    const struct lf_set *set = &farm->set;
    assert(set->sealed || set->n_items == 0);
    struct lf_str file = {0};
    uint64_t number = 0;
    for (uint32_t d = 0; d < set->n_dirs; d++) {
        const struct lf_dir *dir = &set->dirs[d];
        add_line(buf, LF_STR("in"), dir->path);
        for (uint32_t i = dir->first; i < dir->first + dir->count; i++) {
            const struct lf_item *item = &set->items[i];
            const struct lf_record *record = &farm->records[item->detail];
            /* neighbours mostly come from one file */
            if (!lf_str_equal(record->file, file)) {
                file = record->file;
                number = number_of_file(files, file);
            }
            add_record(buf, item->name, record, number);
        }
    }
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

static void add_farm(struct lf_buf *buf, const struct lf_recorded *farm)
{
    struct lf_set files = {0};
    if (!gather_files(&files, farm)) {
        lf_set_finish(&files);
        buf->failed = true;
        return;
    }
    lf_buf_add_format(buf, "farm %s %" PRIu64 " %" PRId64 "\n", farm->name.data,
                      farm->generation, farm->time);
    add_head(buf, &farm->head);
    for (uint32_t i = 0; i < files.n_dirs; i++)
        add_line(buf, LF_STR("file"), files.dirs[i].path);
    add_records(buf, farm, &files);
    lf_set_finish(&files);
}

void lf_ledger_encode(struct lf_buf *buf, const struct lf_ledger *ledger)
{
    assert(buf->len == 0);
    lf_checked_begin(buf, &lf_ledger_checked);
    lf_buf_add_format(buf, "transaction %" PRIu64 "\n", ledger->transaction);
    for (uint32_t i = 0; i < ledger->n_farms; i++)
        add_farm(buf, ledger->farms[i]);
    lf_checked_end(buf);
}
