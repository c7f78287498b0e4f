/*
 * Runs the main of submission + hidden code and reports the nonce only when it RETURNS 0. The nonce is read
 * before any constructor of the submission.
 */
#include "system-call.h"

static char nonce[65];
static long nonce_length;
static long pid;

static void take_nonce(int argc, char **argv, char **envp) {
    (void)argc, (void)argv, (void)envp;
    while (nonce_length < 64) {
        long got = crucible_call(CRUCIBLE_READ, 3, (long)(nonce + nonce_length), 64 - nonce_length, 0);
        if (got <= 0) break;
        nonce_length += got;
    }
    crucible_call(CRUCIBLE_CLOSE, 3, 0, 0, 0);
    pid = crucible_call(CRUCIBLE_GETPID, 0, 0, 0, 0);
}

__attribute__((section(".preinit_array"), used)) static void (*const take_nonce_first)(int, char **, char **) = take_nonce;

int CRUCIBLE_MAIN(int, char **, char **);

int main(int argc, char **argv, char **envp) {
    int status = CRUCIBLE_MAIN(argc, argv, envp);
    /* A forked child that comes back here is not the run. */
    if (status == 0 && crucible_call(CRUCIBLE_GETPID, 0, 0, 0, 0) == pid) crucible_call(CRUCIBLE_WRITE, 4, (long)nonce, nonce_length, 0);
    return status;
}
