/* SPDX-License-Identifier: MIT */
/*
 * inputs.c - what a manifest's meaning came from
 */
#include "manifest/inputs.h"

#include "base/digest.h"
#include "base/path.h"
#include "base/util.h"
#include "manifest/loader.h"
#include "platform/sys.h"
#include <linkfarm/linkfarm.h>

#include <stdio.h>
#include <string.h>

static uint64_t digest_of_facts(const struct lf_manifest_request *request)
{
    const struct lf_facts *facts = request->facts;
    uint32_t uid = lf_sys_uid();
    uint64_t digest = lf_digest(0, lf_str(lf_version()));
    digest = lf_digest(digest, lf_str_of((const char *)&uid, sizeof(uid)));
    digest = lf_digest(digest,
                       request->root ? lf_str(request->root) : lf_str(NULL));
    for (size_t i = 0; lf_fact_name(i); i++)
        if (strcmp(lf_fact_name(i), "user") != 0)
            digest = lf_digest(digest, lf_facts_get(facts, lf_fact_name(i)));
    return lf_digest(lf_facts_given(facts),
                     lf_str_of((const char *)&digest, sizeof(digest)));
}

static uint64_t digest_of_user(const struct lf_facts *facts)
{
    return lf_digest(0, lf_facts_get(facts, "user"));
}

static uint64_t digest_of_env(const struct lf_facts *facts, struct lf_str name)
{
    return lf_digest(0, lf_facts_env(facts, name));
}

bool lf_note_inputs(struct lf_loader *loader)
{
    struct lf_manifest *manifest = loader->manifest;
    const struct lf_facts *facts = loader->request->facts;
    const struct lf_str *names;
    size_t count;
    bool known = lf_facts_asked(facts, &names, &count);
    manifest->facts = digest_of_facts(loader->request);
    manifest->asked = lf_arena_alloc_array(&manifest->arena, count + 1,
                                           sizeof(*manifest->asked));
    if (!known || !manifest->asked)
        return lf_error_oom(loader->err);
    if (lf_facts_user_asked(facts))
        manifest->asked[manifest->n_asked++] =
                (struct lf_input){.kind = LF_INPUT_USER,
                                  .name = lf_str(""),
                                  .digest = digest_of_user(facts)};
    for (size_t i = 0; i < count; i++) {
        struct lf_input *input = &manifest->asked[manifest->n_asked];
        *input = (struct lf_input){
                .kind = LF_INPUT_ENV,
                .name = lf_arena_str(&manifest->arena, names[i]),
                .digest = digest_of_env(facts, names[i])};
        if (!input->name.data)
            return lf_error_oom(loader->err);
        manifest->n_asked++;
    }
    return true;
}

bool lf_manifest_inputs(const struct lf_manifest *manifest,
                        bool (*fn)(void *arg, const struct lf_input *input),
                        void *arg)
{
    struct lf_input input = {.kind = LF_INPUT_FACTS,
                             .name = lf_str(""),
                             .digest = manifest->facts};
    if (manifest->asked_disk || lf_str_equal(manifest->file, LF_STR("-")) ||
        !fn(arg, &input))
        return false;
    for (uint32_t i = 0; i < manifest->n_asked; i++)
        if (!fn(arg, &manifest->asked[i]))
            return false;
    input.kind = LF_INPUT_FILE;
    for (uint32_t i = 0; i < manifest->n_documents; i++) {
        input.name = manifest->documents[i]->source.path;
        input.digest = lf_digest(0, manifest->documents[i]->source.text);
        if (!fn(arg, &input))
            return false;
    }
    input.kind = LF_INPUT_ABSENT;
    input.digest = 0;
    for (uint32_t i = 0; i < manifest->n_absent; i++) {
        input.name = manifest->absent[i];
        if (!fn(arg, &input))
            return false;
    }
    return true;
}

/* Whether the file is there with the same bytes, or is not there. */
static bool file_holds(const struct lf_input *input)
{
    struct lf_fs fs;
    struct lf_str text;
    struct lf_node node;
    struct lf_error err;
    struct lf_buf path = {0};
    bool there = false, same = false;
    lf_fs_system(&fs);
    lf_buf_add(&path, input->name);
    if (!lf_buf_failed(&path))
        there = lf_read_manifest(&fs, lf_buf_str(&path), &text, &node, &err);
    else
        lf_error_oom(&err);
    if (there) {
        same = input->kind == LF_INPUT_FILE &&
               lf_digest(0, text) == input->digest;
        lf_free_const(text.data);
    } else {
        same = input->kind == LF_INPUT_ABSENT &&
               err.code == LF_CODE_MANIFEST_MISSING;
    }
    lf_buf_finish(&path);
    return same;
}

bool lf_input_holds(const struct lf_input *input,
                    const struct lf_manifest_request *request)
{
    switch (input->kind) {
    case LF_INPUT_FACTS:
        return digest_of_facts(request) == input->digest;
    case LF_INPUT_USER:
        return digest_of_user(request->facts) == input->digest;
    case LF_INPUT_ENV:
        return digest_of_env(request->facts, input->name) == input->digest;
    case LF_INPUT_FILE:
    case LF_INPUT_ABSENT:
        return file_holds(input);
    }
    return false;
}

bool lf_manifest_path(const char *file, char *buf, struct lf_str *ret_path)
{
    char cwd[LF_PATH_LIMIT + 1];
    int len;
    if (strcmp(file, "-") == 0 || lf_path_has_dots(lf_str(file)))
        return false;
    if (file[0] == '/')
        len = snprintf(buf, LF_PATH_LIMIT + 1, "%s", file);
    else if (lf_sys_cwd(cwd, sizeof(cwd)) < 0)
        return false;
    else
        len = snprintf(buf, LF_PATH_LIMIT + 1, "%s%s%s", cwd, cwd[1] ? "/" : "",
                       file);
    if (len <= 0 || len > LF_PATH_LIMIT)
        return false;
    *ret_path = lf_str_of(buf, (size_t)len);
    return true;
}
