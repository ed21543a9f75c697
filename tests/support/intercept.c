/* SPDX-License-Identifier: MIT */
/* intercept.c - system calls answered by a signal handler (SECCOMP_RET_TRAP) */
#define _GNU_SOURCE
#include "support/intercept.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* In the sixth argument, which none of the calls uses: let it through. */
enum { PASS = 0x4c464c46 };

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
static void read_call(const ucontext_t *at, long *number, long args[6])
{
    const greg_t *r = at->uc_mcontext.gregs;
    *number = r[REG_RAX];
    args[0] = r[REG_RDI];
    args[1] = r[REG_RSI];
    args[2] = r[REG_RDX];
    args[3] = r[REG_R10];
    args[4] = r[REG_R8];
    args[5] = r[REG_R9];
}
static void write_result(ucontext_t *at, long result)
{
    at->uc_mcontext.gregs[REG_RAX] = result;
}
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
static void read_call(const ucontext_t *at, long *number, long args[6])
{
    *number = (long)at->uc_mcontext.regs[8];
    for (int i = 0; i < 6; i++)
        args[i] = (long)at->uc_mcontext.regs[i];
}
static void write_result(ucontext_t *at, long result)
{
    at->uc_mcontext.regs[0] = (unsigned long)result;
}
#endif

#ifdef ARCH

static intercept_fn *answer_with;

static void on_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    long number, args[6];
    read_call(context, &number, args);
    number = info->si_syscall;
    int kept = errno;
    long result = answer_with(number, args);
    errno = kept;
    write_result(context, result);
}

static void require_done(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        _exit(2);
    }
}

void intercept_calls(intercept_fn *answer, const long *numbers, size_t n)
{
    enum { ARG5 = offsetof(struct seccomp_data, args) + 5 * sizeof(uint64_t) };
    struct sock_filter code[24] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                     offsetof(struct seccomp_data, arch)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG5),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PASS, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                     offsetof(struct seccomp_data, nr)),
    };
    size_t len = 7;
    for (size_t i = 0; i < n && i < 8; i++) {
        code[len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                   (uint32_t)numbers[i], 0, 1);
        code[len++] =
                (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    }
    code[len++] =
            (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_NODEFER};
    action.sa_sigaction = on_trap;
    struct sock_fprog program = {(unsigned short)len, code};
    answer_with = answer;
    require_done(sigaction(SIGSYS, &action, NULL), "sigaction");
    require_done(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
    require_done(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0),
                 "seccomp");
}

bool intercept_works(void)
{
    /* valgrind makes the calls itself, and takes the signal for one of its own */
    return !getenv("LF_UNDER_VALGRIND") &&
           prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

#else

void intercept_calls(intercept_fn *answer, const long *numbers, size_t n)
{
    (void)answer;
    (void)numbers;
    (void)n;
    _exit(2);
}

bool intercept_works(void)
{
    return false;
}

#endif

long intercept_pass(long number, const long args[6])
{
    long result = syscall(number, args[0], args[1], args[2], args[3], args[4],
                          (long)PASS);
    return result < 0 ? -errno : result;
}

bool intercept_run(bool (*body)(void *arg), void *arg)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return false;
    }
    if (child == 0)
        _exit(body(arg) ? 0 : 1);
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    if (WIFSIGNALED(status))
        fprintf(stderr, "child ended by signal %d\n", WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
