/* SPDX-License-Identifier: MIT */
/*
 * import_values.c - what a scalar is to dotbot
 *
 * It reads YAML 1.1, and asks its values as Python does: all is true but null,
 * the words for false, zero, and what is empty.
 */
#include "cli/import_dotbot.h"

#include "base/util.h"

static bool is_plain(const struct lf_yaml *node)
{
    return node->kind == LF_YAML_SCALAR && node->style == LF_YAML_PLAIN;
}

static bool is_one_of(const struct lf_yaml *node, const char *const *words,
                      size_t count)
{
    for (size_t i = 0; is_plain(node) && i < count; i++)
        if (lf_str_equal(node->text, lf_str(words[i])))
            return true;
    return false;
}

bool lf_dotbot_null(const struct lf_yaml *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return is_one_of(node, words, LF_COUNT(words));
}

/* The base that the digits of an integer are in, which is taken off. */
static unsigned take_base(struct lf_str *digits)
{
    unsigned base = 10;
    size_t skip = 0;
    if (digits->len > 1 && digits->data[0] == '0') {
        char mark = digits->data[1];
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        skip = base == 8 ? 1 : 2;
    }
    *digits = lf_str_of(digits->data + skip, digits->len - skip);
    return base;
}

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Where it is larger than any mode, only that is known of it. */
bool lf_dotbot_number(const struct lf_yaml *node, uint32_t *ret)
{
    struct lf_str digits = node->text;
    if (!is_plain(node) || digits.len == 0 || *digits.data == '_')
        return false;
    unsigned base = take_base(&digits);
    uint32_t number = 0;
    size_t count = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = digit_of(digits.data[i]);
        if (digits.data[i] == '_')
            continue;
        if (digit >= base)
            return false;
        number = number > UINT16_MAX ? number : number * base + digit;
        count++;
    }
    *ret = number;
    return count > 0;
}

bool lf_dotbot_true(const struct lf_yaml *node)
{
    static const char *const words[] = {"false", "False", "FALSE", "no", "No",
                                        "NO",    "off",   "Off",   "OFF"};
    uint32_t number;
    if (node->kind != LF_YAML_SCALAR)
        return node->count > 0;
    return node->text.len > 0 && !lf_dotbot_null(node) &&
           !is_one_of(node, words, LF_COUNT(words)) &&
           !(lf_dotbot_number(node, &number) && number == 0);
}
