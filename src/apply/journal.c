/* SPDX-License-Identifier: MIT */
/*
 * journal.c - the open transaction as a file
 *
 *     linkfarm-journal 2
 *     transaction NUMBER TAG ROOT-DEVICE ROOT-INODE POSITION
 *     farm NAME INTO
 *     in DIRECTORY DEVICE INODE    of the steps that follow, until the next
 *     OP PHASE NAME FIELD...       a step; which fields, `forms` says
 *     end LINES CHECKSUM
 *
 * A node is four fields: KIND (- f d l o) TEXT DEVICE INODE. Texts are in the
 * stored form of base/escape.h. Steps stand in the order in which they run.
 * Version 1 has no devices and inodes of directories.
 */
#include "apply/journal.h"

#include "base/path.h"
#include "ledger/checked.h"
#include <inttypes.h>

enum field {
    HAS_NAME2 = 1 << 0,
    HAS_DIR2 = 1 << 1,
    HAS_FLAGS = 1 << 2,
    HAS_MODE = 1 << 3,
    HAS_OLD_MODE = 1 << 4,
    HAS_COUNT = 1 << 5,
    HAS_BEFORE = 1 << 6,
    HAS_AFTER = 1 << 7,
};

static const struct form {
    const char *word;
    unsigned fields;
} forms[LF_OPS] = {
        [LF_OP_LINK] = {"link",     HAS_NAME2 | HAS_AFTER               },
        [LF_OP_MKDIR] = {"mkdir",    HAS_FLAGS | HAS_MODE | HAS_AFTER    },
        [LF_OP_EXCHANGE] = {"exchange", HAS_NAME2 | HAS_BEFORE | HAS_AFTER  },
        [LF_OP_COUNT] = {"count",    HAS_COUNT                           },
        [LF_OP_TAKE] = {"take",     HAS_NAME2 | HAS_BEFORE              },
        [LF_OP_MOVE] = {"move",     HAS_NAME2 | HAS_DIR2 | HAS_BEFORE   },
        [LF_OP_CHMOD] = {"chmod",    HAS_MODE | HAS_OLD_MODE | HAS_BEFORE},
        [LF_OP_DROP] = {"drop",     HAS_BEFORE                          },
        [LF_OP_RMDIR] = {"rmdir",    HAS_NAME2 | HAS_FLAGS | HAS_BEFORE  },
};

static const struct lf_checked kinds[] = {
        {.magic = "linkfarm-journal",        .version = 1},
        { .magic = "linkfarm-journal",
         .version = 2,
         .what = "journal",
         .corrupt = LF_CODE_JOURNAL_CORRUPT,
         .newer = LF_CODE_JOURNAL_VERSION},
};

/* KIND letters, in the order of enum lf_node_kind */
static const char letters[] = "-fdlo";

/* ---- writing ---- */

static void add_image(struct lf_buf *buf, const struct lf_image *image)
{
    lf_buf_add_char(buf, ' ');
    lf_buf_add_char(buf, letters[image->kind]);
    lf_lines_add_pair(buf, image->text);
    lf_lines_add_u64(buf, image->dev);
    lf_lines_add_u64(buf, image->ino);
}

static void add_dir(struct lf_buf *buf, const struct lf_steps *steps,
                    struct lf_str dir, struct lf_dir_id id)
{
    lf_lines_add_text(buf, dir);
    if (steps->no_ids)
        return;
    lf_lines_add_u64(buf, id.dev);
    lf_lines_add_u64(buf, id.ino);
}

static void add_step(struct lf_buf *buf, const struct lf_steps *steps,
                     const struct lf_step *step)
{
    const struct form *form = &forms[step->op];
    lf_buf_add(buf, lf_str(form->word));
    lf_lines_add_u64(buf, step->phase);
    lf_lines_add_text(buf, step->name);
    if (form->fields & HAS_NAME2)
        lf_lines_add_text(buf, step->name2);
    if (form->fields & HAS_DIR2)
        add_dir(buf, steps, step->dir2, step->id2);
    if (form->fields & HAS_FLAGS)
        lf_lines_add_u64(buf, step->flags);
    if (form->fields & HAS_MODE)
        lf_lines_add_u64(buf, step->mode);
    if (form->fields & HAS_OLD_MODE)
        lf_lines_add_u64(buf, step->old_mode);
    if (form->fields & HAS_COUNT)
        lf_lines_add_u64(buf, step->count);
    if (form->fields & HAS_BEFORE)
        add_image(buf, &step->before);
    if (form->fields & HAS_AFTER)
        add_image(buf, &step->after);
    lf_buf_add_char(buf, '\n');
}

bool lf_journal_encode(struct lf_buf *buf, struct lf_spill *spill,
                       const struct lf_steps *steps)
{
    lf_checked_begin(buf, &kinds[!steps->no_ids]);
    lf_buf_add_format(
            buf, "transaction %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
            steps->transaction, steps->spares.tag, steps->root_dev,
            steps->root_ino);
    lf_lines_add_text(buf, steps->position);
    lf_buf_add(buf, LF_STR("\nfarm"));
    lf_lines_add_text(buf, steps->farm);
    lf_lines_add_text(buf, steps->into);
    lf_buf_add_char(buf, '\n');
    for (uint32_t i = 0; i < steps->n; i++) {
        struct lf_spare_room room;
        struct lf_step step = lf_steps_get(steps, i, &room);
        if (!lf_steps_stays(steps, i)) {
            lf_buf_add(buf, LF_STR("in"));
            add_dir(buf, steps, step.dir, step.id);
            lf_buf_add_char(buf, '\n');
        }
        add_step(buf, steps, &step);
        if (!lf_checked_spill(buf, spill))
            return false;
    }
    return lf_checked_end(buf, spill);
}

/* ---- reading ---- */

struct reader {
    struct lf_lines lines;
    struct lf_steps *steps;
    unsigned at; /* field to read next */
};

static bool get_text(struct reader *reader, struct lf_str *ret)
{
    struct lf_str text;
    if (!lf_lines_bytes(&reader->lines, reader->at++, 0, &text))
        return false;
    *ret = lf_arena_str(&reader->steps->arena, text);
    return ret->data || lf_error_oom(reader->lines.err);
}

static bool get_number(struct reader *reader, uint64_t *ret)
{
    return lf_lines_u64(&reader->lines, reader->at++, UINT64_MAX, ret);
}

static bool get_dir(struct reader *reader, struct lf_str *ret,
                    struct lf_dir_id *ret_id)
{
    *ret_id = (struct lf_dir_id){0};
    return get_text(reader, ret) &&
           (reader->steps->no_ids || (get_number(reader, &ret_id->dev) &&
                                      get_number(reader, &ret_id->ino)));
}

static bool get_u32(struct reader *reader, uint32_t *ret)
{
    return lf_lines_u32(&reader->lines, reader->at++, ret);
}

static bool get_name(struct reader *reader, bool may_be_empty,
                     struct lf_str *ret)
{
    if (!get_text(reader, ret))
        return false;
    bool ok = ret->len > 0 ? !memchr(ret->data, '/', ret->len) &&
                                     !memchr(ret->data, '\0', ret->len) &&
                                     !lf_str_equal(*ret, LF_STR(".")) &&
                                     !lf_str_equal(*ret, LF_STR("..")) &&
                                     ret->len <= LF_NAME_LIMIT
                           : may_be_empty;
    return ok || lf_lines_fault(&reader->lines, "a name is not one");
}

static bool get_image(struct reader *reader, struct lf_image *ret)
{
    struct lf_str word, text;
    if (!get_text(reader, &word) || !get_text(reader, &text) ||
        !get_number(reader, &ret->dev) || !get_number(reader, &ret->ino))
        return false;
    const char *letter = word.len == 1 && word.data[0]
                                 ? strchr(letters, word.data[0])
                                 : NULL;
    if (!letter)
        return lf_lines_fault(&reader->lines, "a kind of node is not one");
    ret->kind = (enum lf_node_kind)(letter - letters);
    ret->text = lf_pair_of(text);
    return true;
}

static bool get_op(struct reader *reader, enum lf_op *ret)
{
    for (unsigned op = 0; op < LF_OPS; op++)
        if (lf_lines_is(&reader->lines, forms[op].word)) {
            *ret = (enum lf_op)op;
            return true;
        }
    return lf_lines_fault(&reader->lines, "there is no such step");
}

static bool get_fields(struct reader *reader, struct lf_step *step)
{
    unsigned fields = forms[step->op].fields;
    bool spare_may_miss = step->op == LF_OP_LINK || step->op == LF_OP_RMDIR;
    return (!(fields & HAS_NAME2) ||
            get_name(reader, spare_may_miss, &step->name2)) &&
           (!(fields & HAS_DIR2) || get_dir(reader, &step->dir2, &step->id2)) &&
           (!(fields & HAS_FLAGS) || get_u32(reader, &step->flags)) &&
           (!(fields & HAS_MODE) || get_u32(reader, &step->mode)) &&
           (!(fields & HAS_OLD_MODE) || get_u32(reader, &step->old_mode)) &&
           (!(fields & HAS_COUNT) || get_u32(reader, &step->count)) &&
           (!(fields & HAS_BEFORE) || get_image(reader, &step->before)) &&
           (!(fields & HAS_AFTER) || get_image(reader, &step->after));
}

static bool read_step(struct reader *reader, struct lf_str dir,
                      struct lf_dir_id id)
{
    struct lf_step step = {.dir = dir, .id = id};
    uint32_t phase;
    reader->at = 1;
    if (!get_op(reader, &step.op) || !get_u32(reader, &phase) ||
        !get_name(reader, false, &step.name) || !get_fields(reader, &step))
        return false;
    bool clean = step.op == LF_OP_DROP || step.op == LF_OP_RMDIR;
    bool any = step.op == LF_OP_MOVE || step.op == LF_OP_CHMOD;
    if (phase > LF_PHASE_CLEAN || (clean && phase != LF_PHASE_CLEAN) ||
        (!clean && !any && phase == LF_PHASE_CLEAN))
        return lf_lines_fault(&reader->lines, "a phase is not right");
    if (reader->lines.n_fields != reader->at)
        return lf_lines_fault(&reader->lines, "there are too many fields");
    step.phase = (enum lf_phase)phase;
    return lf_steps_add(reader->steps, &step) ||
           lf_error_oom(reader->lines.err);
}

static bool read_head(struct reader *reader)
{
    struct lf_lines *lines = &reader->lines;
    struct lf_steps *steps = reader->steps;
    if (!lf_lines_next(lines))
        return false;
    reader->at = 1;
    if (!lf_lines_is(lines, "transaction") || lines->n_fields != 6)
        return lf_lines_fault(lines, "the transaction is due");
    uint64_t tag;
    if (!get_number(reader, &steps->transaction) || !get_number(reader, &tag) ||
        !get_number(reader, &steps->root_dev) ||
        !get_number(reader, &steps->root_ino) ||
        !get_text(reader, &steps->position) || !lf_lines_next(lines))
        return false;
    reader->at = 1;
    if (!lf_lines_is(lines, "farm") || lines->n_fields != 3)
        return lf_lines_fault(lines, "the farm is due");
    lf_spares_init(&steps->spares, tag);
    return get_text(reader, &steps->farm) && get_text(reader, &steps->into) &&
           lf_lines_next(lines);
}

/* The directory of the steps that follow, of which there is one at least. */
static bool read_dir(struct reader *reader, struct lf_str *dir,
                     struct lf_dir_id *id)
{
    struct lf_lines *lines = &reader->lines;
    struct lf_str before = *dir;
    unsigned due = reader->steps->no_ids ? 2 : 4;
    if (!lf_lines_is(lines, "in") || lines->n_fields != due)
        return lf_lines_fault(lines, "a directory is due");
    reader->at = 1;
    if (!get_dir(reader, dir, id))
        return false;
    if (before.data && lf_str_equal(before, *dir))
        return lf_lines_fault(lines, "a directory is named twice");
    return lf_lines_next(lines) &&
           (!lines->ended || lf_lines_fault(lines, "a step is due"));
}

static bool read_body(struct reader *reader)
{
    struct lf_lines *lines = &reader->lines;
    struct lf_str dir = {0};
    struct lf_dir_id id = {0};
    reader->steps->no_ids = lines->version < 2;
    if (!read_head(reader))
        return false;
    while (!lines->ended) {
        bool other = !dir.data || lf_lines_is(lines, "in");
        if ((other && !read_dir(reader, &dir, &id)) ||
            !read_step(reader, dir, id) || !lf_lines_next(lines))
            return false;
    }
    return true;
}

bool lf_journal_decode(struct lf_str text, struct lf_steps *ret_steps,
                       struct lf_error *err)
{
    struct lf_steps steps = {0};
    struct reader reader = {.lines = {.err = err}, .steps = &steps};
    bool ok = lf_checked_open(&reader.lines, text, &kinds[1]) &&
              read_body(&reader);
    lf_lines_finish(&reader.lines);
    if (!ok) {
        lf_steps_finish(&steps);
        return false;
    }
    *ret_steps = steps;
    return true;
}
