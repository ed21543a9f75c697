/* SPDX-License-Identifier: MIT */
/*
 * source.c - finding a line of a user's file again
 */
#include "base/source.h"

#include "base/escape.h"
#include "base/util.h"

/* How many of the eight bytes of `word` are LF: after the xor an LF is a zero
 * byte, and the two steps set the top bit of exactly the zero bytes. */
static unsigned count_line_ends(uint64_t word)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    word ^= UINT64_C(0x0a0a0a0a0a0a0a0a);
    uint64_t zero = ~(((word & low) + low) | word | low);
    return (unsigned)((zero >> 7) * UINT64_C(0x0101010101010101) >> 56);
}

/* The offset behind `ends` line ends, or the length if there are fewer. */
static size_t skip_lines(struct lf_str text, uint32_t ends)
{
    size_t at = 0;
    while (ends && text.len - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text.data + at, sizeof(word));
        unsigned here = count_line_ends(word);
        if (here >= ends)
            break;
        ends -= here;
        at += sizeof(word);
    }
    while (ends && at < text.len)
        ends -= text.data[at++] == '\n';
    return ends ? text.len : at;
}

uint32_t lf_source_lines(struct lf_str text)
{
    uint32_t lines = 1;
    const char *at = text.len ? text.data : "", *end = at + text.len;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        lines++;
        at++;
    }
    return lines;
}

struct lf_str lf_source_line(const struct lf_source *source, uint32_t line)
{
    struct lf_str text = source->text;
    size_t start = line > 1 ? skip_lines(text, line - 1) : 0;
    struct lf_str rest = lf_str_of(text.data + start, text.len - start);
    const char *end = rest.len ? memchr(rest.data, '\n', rest.len) : NULL;
    if (end)
        rest.len = (size_t)(end - rest.data);
    if (rest.len && rest.data[rest.len - 1] == '\r')
        rest.len--;
    return rest;
}

size_t lf_source_next(struct lf_str text, size_t at)
{
    size_t len = lf_utf8_next(lf_str_of(text.data + at, text.len - at), NULL);
    return at + (len ? len : 1);
}

size_t lf_source_offset(struct lf_str line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < column && at < line.len; i++)
        at = lf_source_next(line, at);
    return at;
}

uint32_t lf_source_columns(struct lf_str text)
{
    uint32_t columns = 0;
    for (size_t at = 0; at < text.len; columns++)
        at = lf_source_next(text, at);
    return columns;
}

bool lf_source_ends_line(struct lf_str text, size_t at)
{
    if (at < text.len && text.data[at] == '\r')
        at++;
    return at >= text.len || text.data[at] == '\n';
}

/* ---- many places ---- */

enum { STRIDE = 1024 }; /* bytes between two steps, at least */

/* Whether `at` is behind a CR that is of the end of its line. */
static bool splits_end(struct lf_str text, size_t at)
{
    return at > 0 && text.data[at - 1] == '\r' &&
           (at == text.len || text.data[at] == '\n');
}

/* Where `line` and `column` are, which are not before `from`. */
static size_t walk_to(struct lf_str text, struct lf_source_step from,
                      uint32_t line, uint32_t column)
{
    if (line == from.line && splits_end(text, from.at))
        return from.at - 1;
    struct lf_str rest = lf_str_of(text.data + from.at, text.len - from.at);
    size_t at = from.at;
    if (line > from.line) {
        at += skip_lines(rest, line - from.line);
        from.column = 1;
    }
    for (uint32_t i = from.column; i < column && !lf_source_ends_line(text, at);
         i++)
        at = lf_source_next(text, at);
    return at;
}

/* The step behind `from`: at a character, and not further than the text goes. */
static struct lf_source_step next_step(struct lf_str text,
                                       struct lf_source_step from)
{
    size_t end = text.len - from.at > STRIDE ? from.at + STRIDE : text.len;
    size_t line = end; /* where the last line that begins by then does */
    while (line > from.at && text.data[line - 1] != '\n')
        line--;
    if (line > from.at) {
        from.line += lf_source_lines(
                             lf_str_of(text.data + from.at, line - from.at)) -
                     1;
        from.column = 1;
        from.at = line;
    }
    for (; from.at < end; from.column++)
        from.at = lf_source_next(text, from.at);
    return from;
}

static struct lf_source_way *way_through(struct lf_source_finder *finder,
                                         const struct lf_source *source)
{
    for (uint32_t i = 0; i < finder->count; i++) {
        if (finder->ways[i].source == source)
            return &finder->ways[i];
    }
    if (!lf_array_reserve((void **)&finder->ways, finder->count,
                          &finder->capacity, sizeof(*finder->ways)))
        return NULL;
    struct lf_source_way *way = &finder->ways[finder->count++];
    *way = (struct lf_source_way){.source = source};
    return way;
}

static bool is_behind(struct lf_source_step step, const struct lf_mark *mark)
{
    return step.line > mark->line ||
           (step.line == mark->line && step.column > mark->column);
}

/* The last step that is not behind `mark`; the beginning, without memory. */
static struct lf_source_step step_before(struct lf_source_way *way,
                                         const struct lf_mark *mark)
{
    static const struct lf_source_step first = {0, 1, 1};
    struct lf_str text = way->source->text;
    struct lf_source_step last =
            way->count ? way->steps[way->count - 1] : first;
    while (last.at < text.len && !is_behind(last, mark)) {
        last = next_step(text, last);
        if (!lf_array_reserve((void **)&way->steps, way->count, &way->capacity,
                              sizeof(*way->steps)))
            return first;
        way->steps[way->count++] = last;
    }
    uint32_t low = 0, high = way->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_behind(way->steps[middle], mark))
            high = middle;
        else
            low = middle + 1;
    }
    return low ? way->steps[low - 1] : first;
}

size_t lf_source_find(struct lf_source_finder *finder,
                      const struct lf_mark *mark)
{
    struct lf_source_step from = {0, 1, 1};
    struct lf_source_way *way =
            finder ? way_through(finder, mark->source) : NULL;
    if (way)
        from = step_before(way, mark);
    return walk_to(mark->source->text, from, mark->line, mark->column);
}

void lf_source_finder_finish(struct lf_source_finder *finder)
{
    for (uint32_t i = 0; i < finder->count; i++)
        free(finder->ways[i].steps);
    free(finder->ways);
    *finder = (struct lf_source_finder){0};
}
