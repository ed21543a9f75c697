/* SPDX-License-Identifier: MIT */
/*
 * inputs.h - what a manifest's meaning came from
 *
 * The bytes of its files, the facts, and the names of the environment that
 * were asked for. As long as all of these are the same, reading the manifest
 * again would give the same entries.
 */
#ifndef LF_MANIFEST_INPUTS_H
#define LF_MANIFEST_INPUTS_H

#include <linkfarm/manifest.h>

enum lf_input_kind {
    LF_INPUT_FACTS,  /* all that facts say, and the program's version */
    LF_INPUT_USER,   /* the fact "user", if it was asked for: no part of that */
    LF_INPUT_ENV,    /* a name of the environment */
    LF_INPUT_FILE,   /* an absolute path; its bytes */
    LF_INPUT_ABSENT, /* an absolute path at which no file was */
};
#define LF_INPUT_KINDS ((unsigned)LF_INPUT_ABSENT + 1)

struct lf_input {
    enum lf_input_kind kind;
    struct lf_str name; /* of ENV, FILE, ABSENT; borrowed */
    uint64_t digest;
};

/**
 * Call `fn` for each input of a manifest, until it returns false. Returns
 * false as well when not all inputs are known: it was read from standard input,
 * or a condition, or telling where it lies, took a look at the disk.
 */
bool lf_manifest_inputs(const struct lf_manifest *manifest,
                        bool (*fn)(void *arg, const struct lf_input *input),
                        void *arg);

/** Whether an input is the same for `request`. What cannot be told is not. */
bool lf_input_holds(const struct lf_input *input,
                    const struct lf_manifest_request *request);

/**
 * The absolute path that a manifest's file will have, as lf_manifest_file()
 * gives it, into `buf` of LF_PATH_LIMIT + 1 bytes. False where that takes more
 * than looking at the text: standard input, a path with `..`.
 */
bool lf_manifest_path(const char *file, char *buf, struct lf_str *ret_path);

#endif
