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

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
    if (!lf_facts_asked(facts, &names, &count, loader->err))
        return false;
    manifest->facts = digest_of_facts(loader->request);
    manifest->asked = lf_arena_alloc_array(&manifest->arena, count + 1,
                                           sizeof(*manifest->asked));
    if (!manifest->asked)
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
        input.digest = lf_digest_long(manifest->documents[i]->source.text);
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

/* As lf_digest_long() has it, with no more than a stride in memory. */
static bool digest_file(struct lf_fs *fs, int fd, uint64_t *ret)
{
    struct lf_node node;
    LF_AUTO_FREE char *stride = malloc(LF_DIGEST_STRIDE);
    if (!stride || fs->stat(fs, fd, "", &node) < 0 ||
        node.kind != LF_NODE_FILE || node.size > LF_MANIFEST_SIZE_LIMIT)
        return false;
    *ret = 0;
    uint64_t left = node.size;
    do {
        size_t len = left < LF_DIGEST_STRIDE ? (size_t)left : LF_DIGEST_STRIDE;
        if (fs->read(fs, fd, stride, len) != (long)len)
            return false;
        *ret = lf_digest(*ret, lf_str_of(stride, len));
        left -= len;
    } while (left > 0);
    return true;
}

/* Whether the file is there with the same bytes, or is not there. */
static bool file_holds(const struct lf_input *input)
{
    struct lf_fs fs;
    struct lf_buf path = {0};
    uint64_t digest;
    int fd = -ENOMEM;
    lf_fs_system(&fs);
    lf_buf_add(&path, input->name);
    if (!lf_buf_failed(&path))
        fd = fs.open_file(&fs, -1, path.data, LF_FILE_READ | LF_FILE_FOLLOW, 0);
    lf_buf_finish(&path);
    if (input->kind == LF_INPUT_ABSENT || fd < 0) {
        if (fd >= 0)
            fs.close(&fs, fd);
        return input->kind == LF_INPUT_ABSENT &&
               (fd == -ENOENT || fd == -ENOTDIR);
    }
    bool same = digest_file(&fs, fd, &digest) && digest == input->digest;
    fs.close(&fs, fd);
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
