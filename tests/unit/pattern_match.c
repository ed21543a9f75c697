/* SPDX-License-Identifier: MIT */
/*
 * pattern_match.c - our side of pattern_oracle.py
 *
 * Reads records that end with NUL: `n` begins a new list, `pTEXT` adds a
 * pattern, `fPATH` and `dPATH` ask about a file or a directory. Answers each
 * question with the number of the pattern that decides (from 1), or 0.
 */
#include "base/util.h"
#include "manifest/pattern.h"

#include <stdio.h>

struct state {
    struct lf_arena arena;
    struct lf_patterns list;
    unsigned asked;       /* patterns given, good or not */
    unsigned number[512]; /* of each pattern in the list */
};

static bool begin(struct state *state)
{
    lf_patterns_finish(&state->list);
    lf_arena_finish(&state->arena);
    state->asked = 0;
    return true;
}

static bool add(struct state *state, struct lf_str text)
{
    const char *fault;
    uint32_t count = state->list.count;
    if (count == LF_COUNT(state->number) ||
        !lf_patterns_add(&state->list, &state->arena, text, &fault))
        return false;
    state->asked++;
    if (!fault)
        state->number[count] = state->asked;
    return true;
}

static bool ask(struct state *state, struct lf_str path, bool is_dir)
{
    uint32_t found = lf_patterns_decide(&state->list, path, is_dir);
    return printf("%u\n", found == LF_NO_PATTERN ? 0 : state->number[found]) >
           0;
}

static bool answer(struct state *state, struct lf_str record)
{
    struct lf_str text = lf_str_of(record.data + 1, record.len - 1);
    switch (record.data[0]) {
    case 'n':
        return begin(state);
    case 'p':
        return add(state, text);
    case 'f':
        return ask(state, text, false);
    case 'd':
        return ask(state, text, true);
    default:
        return false;
    }
}

int main(void)
{
    struct state state = {0};
    char *record = NULL;
    size_t size = 0;
    ssize_t len;
    bool good = true;
    while (good && (len = getdelim(&record, &size, '\0', stdin)) > 1)
        good = answer(&state, lf_str_of(record, (size_t)len - 1));
    free(record);
    begin(&state);
    return good ? 0 : 1;
}
