/* SPDX-License-Identifier: MIT */
/*
 * spare.c - names for what nobody is to see yet, or any more
 */
#include "apply/spare.h"

#include <string.h>

#define PREFIX LF_STR(".lf-")

enum { TAG_DIGITS = 16, NUMBER_DIGITS = 10 };

void lf_spares_init(struct lf_spares *spares, uint64_t tag)
{
    static const char digits[] = "0123456789abcdef";
    char *to = spares->stem;
    spares->tag = tag;
    memcpy(to, PREFIX.data, PREFIX.len);
    to += PREFIX.len;
    for (unsigned i = 0; i < TAG_DIGITS; i++)
        to[i] = digits[tag >> 4 * (TAG_DIGITS - 1 - i) & 0xf];
    to[TAG_DIGITS] = '-';
}

struct lf_str lf_spare_name(const struct lf_spares *spares, uint32_t number,
                            struct lf_spare_room *room)
{
    char digits[NUMBER_DIGITS];
    size_t n = 0, len = LF_SPARE_STEM;
    memcpy(room->text, spares->stem, len);
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (n > 0)
        room->text[len++] = digits[--n];
    room->text[len++] = '~';
    room->text[len] = '\0';
    return lf_str_of(room->text, len);
}

bool lf_spare_number(const struct lf_spares *spares, struct lf_str name,
                     uint32_t *ret_number)
{
    size_t at = LF_SPARE_STEM;
    if (name.len < at + 2 || name.len > at + NUMBER_DIGITS + 1 ||
        memcmp(name.data, spares->stem, at) != 0 ||
        name.data[name.len - 1] != '~' ||
        (name.data[at] == '0' && name.len > at + 2))
        return false;
    uint64_t number = 0;
    for (; at < name.len - 1; at++) {
        if (name.data[at] < '0' || name.data[at] > '9')
            return false;
        number = number * 10 + (uint64_t)(name.data[at] - '0');
    }
    *ret_number = (uint32_t)number;
    return number <= UINT32_MAX;
}

bool lf_is_spare(struct lf_str name)
{
    return lf_str_starts(name, PREFIX);
}
