/* SPDX-License-Identifier: MIT */
/*
 * checked.c - the first and the last line of a checked file of lines
 */
#include "ledger/checked.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    TAIL_LIMIT = 64,
    SPILL_LEAST = 1 << 16, /* bytes that are worth a call */
};

static_assert(sizeof(XXH3_state_t) <= sizeof(((struct lf_spill *)0)->hash) &&
                      _Alignof(XXH3_state_t) <= 64,
              "the state of the checksum has room");

static uint64_t count_lines(struct lf_str body)
{
    uint64_t count = 0;
    const char *at = body.data, *end = body.data + body.len;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

static int write_tail(char tail[TAIL_LIMIT], uint64_t lines, uint64_t hash)
{
    return snprintf(tail, TAIL_LIMIT, "end %" PRIu64 " %016" PRIx64 "\n", lines,
                    hash);
}

static uint64_t hash_of(struct lf_str body)
{
    return XXH3_64bits(body.data, body.len);
}

void lf_checked_begin(struct lf_buf *buf, const struct lf_checked *kind)
{
    lf_buf_add_format(buf, "%s %u\n", kind->magic, kind->version);
}

static XXH3_state_t *state_of(struct lf_spill *spill)
{
    return (XXH3_state_t *)(void *)spill->hash;
}

/* What `buf` holds counts as handed over. Of these functions of xxHash none
 * fails but for a NULL. */
static void take_note(struct lf_spill *spill, const struct lf_buf *buf)
{
    if (!spill->begun)
        (void)XXH3_64bits_reset(state_of(spill));
    spill->begun = true;
    spill->lines += count_lines(lf_buf_str(buf));
    (void)XXH3_64bits_update(state_of(spill), buf->data, buf->len);
}

static bool hand_over(struct lf_buf *buf, const struct lf_spill *spill)
{
    bool ok = !lf_buf_failed(buf) && spill->put(spill->arg, lf_buf_str(buf));
    lf_buf_truncate(buf, 0);
    return ok;
}

bool lf_checked_spill(struct lf_buf *buf, struct lf_spill *spill)
{
    if (!spill || buf->len < SPILL_LEAST)
        return true;
    take_note(spill, buf);
    return hand_over(buf, spill);
}

bool lf_checked_end(struct lf_buf *buf, struct lf_spill *spill)
{
    char tail[TAIL_LIMIT];
    int length;
    if (lf_buf_failed(buf))
        return false;
    if (spill) {
        take_note(spill, buf);
        length = write_tail(tail, spill->lines,
                            XXH3_64bits_digest(state_of(spill)));
    } else {
        struct lf_str body = lf_buf_str(buf);
        length = write_tail(tail, count_lines(body), hash_of(body));
    }
    lf_buf_add(buf, lf_str_of(tail, (size_t)length));
    return spill ? hand_over(buf, spill) : !lf_buf_failed(buf);
}

/* The number after the magic word, 0 if the line is not a first line. */
static uint64_t version_of(struct lf_str line, const struct lf_checked *kind)
{
    struct lf_str magic = lf_str(kind->magic);
    uint64_t version;
    if (!lf_str_starts(line, magic) || line.len <= magic.len ||
        line.data[magic.len] != ' ')
        return 0;
    struct lf_str digits =
            lf_str_of(line.data + magic.len + 1, line.len - magic.len - 1);
    return lf_parse_u64(digits, &version) ? version : 0;
}

static bool check_head(struct lf_lines *lines, struct lf_str text,
                       const struct lf_checked *kind, size_t *ret_len)
{
    const char *end = text.len ? memchr(text.data, '\n', text.len) : NULL;
    uint64_t version = 0;
    if (end)
        version = version_of(lf_str_of(text.data, (size_t)(end - text.data)),
                             kind);
    lines->line = 1;
    if (version == 0) {
        char fault[64];
        snprintf(fault, sizeof(fault), "this is not a %s", kind->what);
        return lf_lines_fault(lines, fault);
    }
    if (version > kind->version) {
        lf_error_set(lines->err, kind->newer, 0,
                     "it has version %" PRIu64
                     ", and this program reads up to %u",
                     version, kind->version);
        lf_error_help(lines->err, "use the newer linkfarm that wrote it");
        return false;
    }
    lines->version = (unsigned)version;
    *ret_len = (size_t)(end + 1 - text.data);
    return true;
}

static size_t last_line(struct lf_str text)
{
    size_t at = text.len ? text.len - 1 : 0;
    while (at > 0 && text.data[at - 1] != '\n')
        at--;
    return at;
}

bool lf_checked_open(struct lf_lines *lines, struct lf_str text,
                     const struct lf_checked *kind)
{
    size_t head = 0;
    lines->corrupt = kind->corrupt;
    if (!check_head(lines, text, kind, &head))
        return false;
    size_t at = last_line(text);
    struct lf_str body = lf_str_of(text.data, at);
    struct lf_str tail = lf_str_of(text.data + at, text.len - at);
    char due[TAIL_LIMIT];
    uint64_t n_lines = count_lines(body);
    int length = write_tail(due, n_lines, hash_of(body));
    lines->line = n_lines + 1;
    if (!lf_str_starts(tail, LF_STR("end ")))
        return lf_lines_fault(lines, "the file is cut short");
    if (!lf_str_equal(tail, lf_str_of(due, (size_t)length)))
        return lf_lines_fault(lines,
                              "count and checksum do not match the file");
    lines->text = lf_str_of(text.data + head, at - head);
    lines->line = 1;
    return true;
}
