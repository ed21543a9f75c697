/* SPDX-License-Identifier: MIT */
/*
 * bytes.c - what must hold of a manifest's bytes before YAML sees them
 */
#include "manifest/bytes.h"

#include "base/escape.h"
#include "base/source.h"

struct check {
    const struct lf_source *source;
    struct lf_diags *diags;
    size_t line_start;
    uint32_t line;
    bool content; /* something other than comments and directives was seen */
    bool utf8_told, control_told, directive_told;
    bool good;
};

static struct lf_mark mark_at(const struct check *check, size_t offset)
{
    const char *line = check->source->text.data + check->line_start;
    struct lf_str before = lf_str_of(line, offset - check->line_start);
    return (struct lf_mark){check->source, check->line,
                            lf_source_columns(before) + 1, 1};
}

static void bad_utf8(struct check *check, size_t offset)
{
    check->good = false;
    if (check->utf8_told)
        return;
    check->utf8_told = true;
    unsigned byte = (unsigned char)check->source->text.data[offset];
    lf_diags_add(check->diags, LF_CODE_NOT_UTF8, LF_SEVERITY_ERROR,
                 mark_at(check, offset),
                 "save the manifest as UTF-8; a file whose name is not UTF-8 "
                 "can be linked by a tree",
                 "byte 0x%02x is not UTF-8 here", byte);
}

static const char *control_help(uint32_t rune)
{
    if (rune == '\r')
        return "end lines with LF or CR LF";
    if (rune == 0)
        return "is this a text file?";
    return "in a double-quoted text it can be written as an escape, "
           "such as \"\\x1b\" or \"\\u2028\"";
}

static void bad_control(struct check *check, size_t offset, uint32_t rune)
{
    check->good = false;
    if (check->control_told)
        return;
    check->control_told = true;
    const char *what = rune == '\r' ? "carriage return without a line feed"
                       : rune == 0  ? "NUL byte"
                                    : NULL;
    struct lf_mark mark = mark_at(check, offset);
    if (what)
        lf_diags_add(check->diags, LF_CODE_CONTROL_BYTE, LF_SEVERITY_ERROR,
                     mark, control_help(rune), "%s", what);
    else
        lf_diags_add(check->diags, LF_CODE_CONTROL_BYTE, LF_SEVERITY_ERROR,
                     mark, control_help(rune),
                     "character U+%04X may not stand in a manifest",
                     (unsigned)rune);
}

/* NEL, LS and PS are line ends for libyaml and for nobody else. */
static bool is_allowed(uint32_t rune)
{
    if (rune < 0xa0)
        return rune >= 0x20 && rune < 0x7f;
    return rune != 0x2028 && rune != 0x2029 && rune != 0xfeff &&
           (rune & 0xfffe) != 0xfffe;
}

/* The length of what stands at `offset`, which is no plain ASCII byte. */
static size_t check_rune(struct check *check, size_t offset)
{
    struct lf_str text = check->source->text;
    struct lf_str rest = lf_str_of(text.data + offset, text.len - offset);
    if (rest.data[0] == '\r' && rest.len > 1 && rest.data[1] == '\n')
        return 1;
    uint32_t rune = 0;
    size_t len = lf_utf8_next(rest, &rune);
    if (len == 0)
        bad_utf8(check, offset);
    else if (!is_allowed(rune))
        bad_control(check, offset, rune);
    return len ? len : 1;
}

static bool is_version_directive(struct lf_str line)
{
    return lf_str_starts(line, LF_STR("%YAML 1.1")) ||
           lf_str_starts(line, LF_STR("%YAML 1.2"));
}

/*
 * A line that begins with % is a directive to libyaml wherever it stands. The
 * one that says the version of YAML is harmless, once, before the document.
 */
static void check_directive(struct check *check, struct lf_str line)
{
    if (!check->content && is_version_directive(line)) {
        check->content = true;
        return;
    }
    check->good = false;
    if (check->directive_told)
        return;
    check->directive_told = true;
    struct lf_mark mark = {check->source, check->line, 1, 1};
    lf_diags_add(check->diags, LF_CODE_DIRECTIVE, LF_SEVERITY_ERROR, mark,
                 "a text that begins with % needs quotes: \"%h\"", "%s",
                 "a line that begins with % is a YAML directive");
}

static void check_line_start(struct check *check, size_t offset)
{
    struct lf_str text = check->source->text;
    check->line_start = offset;
    check->line++;
    if (offset == text.len)
        return;
    char first = text.data[offset];
    if (first == '%')
        check_directive(
                check,
                lf_source_line(&(struct lf_source){.text = lf_str_of(
                                                           text.data + offset,
                                                           text.len - offset)},
                               1));
    else if (first != '#' && first != '\n' && first != '\r')
        check->content = true;
}

/* Byte order marks, and the zeros that UTF-16 and UTF-32 leave at the start. */
static bool check_encoding(const struct check *check)
{
    struct lf_str text = check->source->text;
    const char *data = text.data;
    const char *found = NULL;
    if (lf_str_starts(text, LF_STR("\xef\xbb\xbf")))
        found = "a byte order mark";
    else if (text.len >= 4 && (memcmp(data, "\xff\xfe\0\0", 4) == 0 ||
                               memcmp(data, "\0\0\xfe\xff", 4) == 0))
        found = "UTF-32";
    else if (lf_str_starts(text, LF_STR("\xff\xfe")) ||
             lf_str_starts(text, LF_STR("\xfe\xff")) ||
             (text.len >= 2 && !data[0] != !data[1]))
        found = "UTF-16";
    if (!found)
        return true;
    struct lf_mark mark = {check->source, 1, 1, 1};
    lf_diags_add(check->diags, LF_CODE_BYTE_ORDER_MARK, LF_SEVERITY_ERROR, mark,
                 "save the manifest as UTF-8 without a byte order mark",
                 "the manifest begins with %s", found);
    return false;
}

/* How many of the bytes from `at` on are certainly printable ASCII: eight are looked
 * at together, by the borrow that a subtraction leaves in the highest bit of each
 * byte that is too small (Warren, Hacker's Delight, 6-1). */
static size_t count_plain(const char *at, size_t left)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    size_t count = 0;
    for (uint64_t word; left - count >= sizeof(word); count += sizeof(word)) {
        memcpy(&word, at + count, sizeof(word));
        uint64_t delete = word ^ ones * 0x7f;
        uint64_t below = (word - ones * 0x20) & ~word;
        if ((word | below | ((delete - ones) & ~delete)) & high)
            break;
    }
    return count;
}

bool lf_bytes_check(const struct lf_source *source, struct lf_diags *diags)
{
    struct check check = {.source = source, .diags = diags, .good = true};
    if (!check_encoding(&check))
        return false;
    struct lf_str text = source->text;
    check_line_start(&check, 0);
    for (size_t i = 0; i < text.len;) {
        i += count_plain(text.data + i, text.len - i);
        if (i == text.len)
            break;
        unsigned char c = (unsigned char)text.data[i];
        if ((c >= 0x20 && c < 0x7f) || c == '\t') {
            i++;
        } else if (c == '\n') {
            i++;
            check_line_start(&check, i);
        } else {
            i += check_rune(&check, i);
        }
    }
    return check.good;
}
