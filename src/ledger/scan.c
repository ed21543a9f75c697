/* SPDX-License-Identifier: MIT */
/*
 * scan.c - one farm's records, straight from the file form of a ledger
 */
#include "ledger/scan.h"

#include "ledger/format.h"

#include <string.h>

bool lf_scan_farm(struct lf_lines *lines, struct lf_str text,
                  struct lf_str farm, uint64_t *ret_generation)
{
    struct lf_str name;
    if (!lf_checked_open(lines, text, &lf_ledger_checked) ||
        !lf_lines_seek(lines, "farm"))
        return false;
    while (!lines->ended) {
        if (!lf_lines_text(lines, 1, 0, &name))
            return false;
        if (lf_str_equal(name, farm))
            return lf_lines_u64(lines, 2, UINT64_MAX, ret_generation);
        if (!lf_lines_seek(lines, "farm"))
            return false;
    }
    lf_error_set(lines->err, LF_CODE_NO_FARM, 0,
                 "there is no farm named '%.*s'", (int)farm.len, farm.data);
    return false;
}

/* Records begin with two letters, and no other line does. */
static bool is_record(struct lf_str text)
{
    return text.len > 2 && text.data[2] == ' ' &&
           (text.data[0] == 'l' || text.data[0] == 'd');
}

/* Take the lines of records off the front. */
static struct lf_str take_records(struct lf_lines *lines)
{
    struct lf_str *text = &lines->text;
    const char *from = text->data;
    while (is_record(*text)) {
        const char *end = memchr(text->data, '\n', text->len);
        size_t len = end ? (size_t)(end + 1 - text->data) : text->len;
        text->data += len;
        text->len -= len;
        lines->line++;
    }
    return lf_str_of(from, (size_t)(text->data - from));
}

/* The lines between the farm's own and the first directory are passed over. */
bool lf_scan_dir(struct lf_lines *lines, struct lf_scanned *ret, bool *ret_ok)
{
    do {
        *ret_ok = lf_lines_next(lines);
        if (!*ret_ok || lines->ended || lf_lines_is(lines, "farm"))
            return false;
    } while (!lf_lines_is(lines, "in"));
    *ret_ok = lf_lines_bytes(lines, 1, 0, &ret->dir);
    ret->records = take_records(lines);
    return *ret_ok;
}

bool lf_scan_record(struct lf_lines *lines, struct lf_scanned_record *ret,
                    bool *ret_ok)
{
    *ret_ok = lf_lines_next_part(lines, 3);
    if (!*ret_ok || lines->ended)
        return false;
    *ret = (struct lf_scanned_record){.kind = lines->fields[0].data[0] == 'l'
                                                      ? LF_RECORD_LINK
                                                      : LF_RECORD_DIR};
    *ret_ok = lf_lines_text(lines, 1, 0, &ret->name) &&
              (ret->kind == LF_RECORD_DIR ||
               lf_lines_text(lines, 2, 1, &ret->text));
    return *ret_ok;
}
