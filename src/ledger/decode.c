/* SPDX-License-Identifier: MIT */
/*
 * decode.c - the file of lines (encode.c draws it), read back
 *
 * The file may have been damaged, or made to do damage: nothing in it is
 * believed. Every order, number and text that encode.c would write otherwise
 * is refused, so that two files never mean the same.
 */
#include "base/escape.h"
#include "base/farm_name.h"
#include "base/path.h"
#include "base/util.h"
#include "ledger/format.h"
#include "ledger/lines.h"
#include "ledger/record.h"

#include <inttypes.h>

struct manifest_file {
    struct lf_str path;
    bool used;
};

struct decoder {
    struct lf_lines lines;
    struct lf_ledger *ledger;
    struct lf_recorded *farm;    /* the present one */
    bool heads;                  /* pass over the records */
    struct manifest_file *files; /* of the present farm */
    uint32_t n_files, file_capacity;
};

static bool fault(struct decoder *decoder, const char *text)
{
    return lf_lines_fault(&decoder->lines, text);
}

static bool oom(struct decoder *decoder)
{
    return lf_error_oom(decoder->lines.err);
}

/* Whether the present line is `keyword` with `count` fields after it. */
static bool expect(struct decoder *decoder, const char *keyword, unsigned count)
{
    if (!lf_lines_is(&decoder->lines, keyword) ||
        decoder->lines.n_fields != count + 1) {
        lf_error_set(decoder->lines.err, LF_CODE_LEDGER_CORRUPT, 0,
                     "line %" PRIu64 ": a line '%s' with %u field%s is due",
                     decoder->lines.line, keyword, count,
                     count == 1 ? "" : "s");
        return false;
    }
    return true;
}

/* The line `keyword TEXT`, which stays the present one. */
static bool text_line(struct decoder *decoder, const char *keyword,
                      struct lf_str *ret_text)
{
    struct lf_str text;
    if (!expect(decoder, keyword, 1) ||
        !lf_lines_bytes(&decoder->lines, 1, 0, &text))
        return false;
    *ret_text = lf_arena_str(&decoder->ledger->arena, text);
    return ret_text->data || oom(decoder);
}

/* ---- head of a farm ---- */

static bool decode_name(struct decoder *decoder)
{
    struct lf_ledger *ledger = decoder->ledger;
    struct lf_lines *lines = &decoder->lines;
    struct lf_str name;
    if (!expect(decoder, "farm", 3) || !lf_lines_text(lines, 1, 0, &name))
        return false;
    if (!lf_farm_name_valid(name))
        return fault(decoder, "a farm cannot have this name");
    if (ledger->n_farms &&
        lf_str_compare(ledger->farms[ledger->n_farms - 1]->name, name) >= 0)
        return fault(decoder, "farms are not in order");
    return lf_ledger_add(ledger, name, &decoder->farm, lines->err) &&
           lf_lines_u64(lines, 2, UINT64_MAX, &decoder->farm->generation) &&
           lf_lines_i64(lines, 3, &decoder->farm->time) && lf_lines_next(lines);
}

static bool decode_into(struct decoder *decoder)
{
    struct lf_str *into = &decoder->farm->head.into;
    if (!text_line(decoder, "into", into))
        return false;
    if (into->len && !lf_ledger_physical(*into))
        return fault(decoder, "'into' is not a physical path");
    return lf_lines_next(&decoder->lines);
}

/* The lines `keyword TEXT` that follow, in order. */
static bool decode_texts(struct decoder *decoder, const char *keyword,
                         bool physical, const struct lf_str **ret_texts,
                         uint32_t *ret_count)
{
    LF_AUTO_FREE struct lf_str *texts = NULL;
    uint32_t count = 0, capacity = 0;
    while (lf_lines_is(&decoder->lines, keyword)) {
        void *grown = texts;
        if (!lf_array_reserve(&grown, count, &capacity, sizeof(*texts)))
            return oom(decoder);
        texts = grown;
        if (!text_line(decoder, keyword, &texts[count]))
            return false;
        if (physical && !lf_ledger_physical(texts[count]))
            return fault(decoder, "a directory is not a physical path");
        if (count && lf_str_compare(texts[count - 1], texts[count]) >= 0)
            return fault(decoder, "lines of one keyword are not in order");
        count++;
        if (!lf_lines_next(&decoder->lines))
            return false;
    }
    struct lf_str *kept =
            lf_arena_alloc_array(&decoder->ledger->arena, count, sizeof(*kept));
    if (!kept)
        return oom(decoder);
    if (count)
        memcpy(kept, texts, count * sizeof(*texts));
    *ret_texts = kept;
    *ret_count = count;
    return true;
}

static bool decode_head(struct decoder *decoder)
{
    struct lf_recorded_head *head = &decoder->farm->head;
    return text_line(decoder, "manifest", &head->manifest) &&
           lf_lines_next(&decoder->lines) && decode_into(decoder) &&
           decode_texts(decoder, "profile", false, &head->profiles,
                        &head->n_profiles) &&
           decode_texts(decoder, "traverse", true, &head->traverse,
                        &head->n_traverse);
}

static bool decode_files(struct decoder *decoder)
{
    decoder->n_files = 0;
    while (lf_lines_is(&decoder->lines, "file")) {
        void *grown = decoder->files;
        if (!lf_array_reserve(&grown, decoder->n_files, &decoder->file_capacity,
                              sizeof(*decoder->files)))
            return oom(decoder);
        decoder->files = grown;
        struct manifest_file *file = &decoder->files[decoder->n_files];
        *file = (struct manifest_file){0};
        if (!text_line(decoder, "file", &file->path))
            return false;
        if (file->path.len == 0 ||
            (decoder->n_files &&
             lf_path_compare(file[-1].path, file->path) >= 0))
            return fault(decoder, "manifest files are not in order");
        if (!lf_ledger_intern(decoder->ledger, &file->path))
            return oom(decoder);
        decoder->n_files++;
        if (!lf_lines_next(&decoder->lines))
            return false;
    }
    return true;
}

static bool all_files_used(struct decoder *decoder)
{
    for (uint32_t i = 0; i < decoder->n_files; i++) {
        if (!decoder->files[i].used)
            return fault(decoder, "no record of the farm before names one of "
                                  "its manifest files");
    }
    return true;
}

/* ---- records ---- */

/* Whether the present line is a record, and of what. */
static bool is_record(const struct lf_lines *lines, struct lf_record *record)
{
    if (lines->n_fields == 0 || lines->fields[0].len != 2)
        return false;
    const char *letters = lines->fields[0].data;
    enum lf_origin origin;
    if ((letters[0] != 'l' && letters[0] != 'd') ||
        !lf_ledger_letter_origin(letters[1], &origin))
        return false;
    record->kind = letters[0] == 'l' ? LF_RECORD_LINK : LF_RECORD_DIR;
    record->origin = (uint8_t)origin;
    return true;
}

static bool decode_displaced(struct decoder *decoder, unsigned at,
                             struct lf_displaced *displaced)
{
    struct lf_lines *lines = &decoder->lines;
    if (!lf_lines_text(lines, at, 2, &displaced->store) ||
        !lf_lines_u64(lines, at + 1, UINT64_MAX, &displaced->transaction) ||
        !lf_lines_u32(lines, at + 2, &displaced->number) ||
        !lf_lines_u64(lines, at + 4, UINT64_MAX, &displaced->dev) ||
        !lf_lines_u64(lines, at + 5, UINT64_MAX, &displaced->ino))
        return false;
    struct lf_str letter = lines->fields[at + 3];
    displaced->kind = letter.len == 1 ? lf_ledger_letter_node(letter.data[0])
                                      : LF_NODE_UNKNOWN;
    return true;
}

/* The mode of a directory, which few have. */
static bool decode_mode(struct decoder *decoder, unsigned at,
                        struct lf_record *record)
{
    uint64_t mode;
    if (!lf_lines_u64(&decoder->lines, at, 07777, &mode))
        return false;
    record->has_mode = true;
    record->mode = (uint16_t)(mode & 07777);
    return true;
}

static bool decode_file(struct decoder *decoder, unsigned at,
                        struct lf_str *ret_file)
{
    uint32_t number;
    if (!lf_lines_u32(&decoder->lines, at, &number))
        return false;
    if (number > decoder->n_files)
        return fault(decoder, "there is no manifest file with this number");
    if (number == 0)
        return true;
    decoder->files[number - 1].used = true;
    *ret_file = decoder->files[number - 1].path;
    return true;
}

/* The present line, a record in the directory `dir`; goes on to the next. */
static bool decode_record(struct decoder *decoder, uint32_t dir,
                          struct lf_record *record, struct lf_str previous)
{
    struct lf_lines *lines = &decoder->lines;
    struct lf_displaced displaced = {0};
    struct lf_str name;
    unsigned at = 2;
    if (!lf_lines_bytes(lines, 1, 0, &name) ||
        (record->kind == LF_RECORD_LINK &&
         !lf_lines_bytes(lines, at++, 1, &record->text)) ||
        !lf_lines_u64(lines, at, UINT64_MAX, &record->generation) ||
        !decode_file(decoder, at + 1, &record->file) ||
        !lf_lines_u32(lines, at + 2, &record->line) ||
        !lf_lines_u32(lines, at + 3, &record->column))
        return false;
    at += 4;
    if (record->kind == LF_RECORD_DIR &&
        (lines->n_fields == at + 1 || lines->n_fields == at + 7) &&
        !decode_mode(decoder, at++, record))
        return false;
    if (lines->n_fields != at) {
        if (lines->n_fields != at + 6)
            return fault(decoder, "a record has a wrong number of fields");
        if (!decode_displaced(decoder, at, &displaced))
            return false;
        record->displaced = &displaced;
    }
    const char *wrong = lf_record_fault(name, record);
    if (!wrong && previous.len && lf_str_compare(previous, name) >= 0)
        wrong = "names in a directory are not in order";
    bool put = !wrong && lf_recorded_put(decoder->ledger, decoder->farm, dir,
                                         name, record);
    record->displaced = NULL; /* it was copied */
    if (wrong)
        return fault(decoder, wrong);
    return put ? lf_lines_next(lines) : oom(decoder);
}

/* A line `in` and the records that follow it. */
static bool decode_dir(struct decoder *decoder, struct lf_str *path)
{
    struct lf_set *set = &decoder->farm->set;
    struct lf_str previous = *path;
    uint32_t dir;
    if (!text_line(decoder, "in", path))
        return false;
    if (!lf_ledger_physical(*path))
        return fault(decoder, "a directory is not a physical path");
    if (previous.len && lf_path_compare(previous, *path) >= 0)
        return fault(decoder, "directories are not in order");
    if (!lf_set_dir(set, *path, &dir))
        return oom(decoder);
    if (!lf_lines_next(&decoder->lines))
        return false;

    struct lf_record record = {0};
    struct lf_str name = {0};
    if (!is_record(&decoder->lines, &record))
        return fault(decoder, "a record is due");
    do {
        if (!decode_record(decoder, dir, &record, name))
            return false;
        name = lf_item_name(&set->items[set->n_items - 1]);
        record = (struct lf_record){0};
    } while (is_record(&decoder->lines, &record));
    return true;
}

/* ---- the whole ---- */

static bool decode_farm(struct decoder *decoder)
{
    if (!decode_name(decoder) || !decode_head(decoder) ||
        !decode_files(decoder))
        return false;
    if (decoder->heads)
        return lf_lines_is(&decoder->lines, "farm") ||
               lf_lines_seek(&decoder->lines, "farm");
    struct lf_str dir = {0};
    while (lf_lines_is(&decoder->lines, "in")) {
        if (!decode_dir(decoder, &dir))
            return false;
    }
    return all_files_used(decoder) &&
           lf_recorded_seal(decoder->farm, decoder->lines.err);
}

static bool decode_body(struct decoder *decoder)
{
    struct lf_lines *lines = &decoder->lines;
    if (!lf_lines_next(lines) || !expect(decoder, "transaction", 1) ||
        !lf_lines_u64(lines, 1, UINT64_MAX, &decoder->ledger->transaction) ||
        !lf_lines_next(lines))
        return false;
    while (!lines->ended) {
        if (!decode_farm(decoder))
            return false;
    }
    return true;
}

/* "ledger 'NAME'" in front of what is wrong, and the cure. */
static void explain(struct lf_error *err, struct lf_str name)
{
    if (err->code != LF_CODE_LEDGER_CORRUPT &&
        err->code != LF_CODE_LEDGER_VERSION)
        return;
    struct lf_buf shown = {0};
    lf_escape_shown(&shown, name);
    lf_error_prefix(err, "ledger '%s'", lf_buf_str(&shown).data);
    lf_buf_finish(&shown);
    if (err->code == LF_CODE_LEDGER_CORRUPT)
        lf_error_help(err, "put back an intact copy, or the newest file in "
                           "'farms' beside it; or move it away and apply "
                           "again, which claims the links that are right, but "
                           "what was moved aside for them is not put back "
                           "then, and stays in the store");
}

static bool decode(struct lf_str text, struct lf_str name, bool heads,
                   struct lf_ledger **ret_ledger, struct lf_error *err)
{
    struct decoder decoder = {.lines = {.err = err}, .heads = heads};
    bool done = lf_checked_open(&decoder.lines, text, &lf_ledger_checked) &&
                lf_ledger_new(&decoder.ledger, err) && decode_body(&decoder);
    if (done)
        *ret_ledger = decoder.ledger;
    else
        lf_ledger_free(decoder.ledger);
    if (!done)
        explain(err, name);
    free(decoder.files);
    lf_lines_finish(&decoder.lines);
    return done;
}

bool lf_ledger_decode(struct lf_str text, struct lf_str name,
                      struct lf_ledger **ret_ledger, struct lf_error *err)
{
    return decode(text, name, false, ret_ledger, err);
}

bool lf_ledger_decode_heads(struct lf_str text, struct lf_str name,
                            struct lf_ledger **ret_ledger, struct lf_error *err)
{
    return decode(text, name, true, ret_ledger, err);
}
