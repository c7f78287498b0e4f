/*
 * Stands in front of the system's, for hidden programs: a failed assertion ends the process past every function, macro and
 * signal handler that the submission may have put in the place of __assert_fail, abort or exit.
 */
#include_next <assert.h>

#ifndef NDEBUG
#include "system-call.h"

#ifndef CRUCIBLE_ASSERT
#define CRUCIBLE_ASSERT
__attribute__((noreturn, unused)) static void crucible_assertion_failed(const char *where, const char *function, const char *what) {
    const char *parts[5];
    char nothing[32] = {0}; /* as struct sigaction of the kernel: the default action */
    unsigned long every_signal = 0;
    int part;
    long process = crucible_call(CRUCIBLE_GETPID, 0, 0, 0, 0);
    parts[0] = where, parts[1] = function, parts[2] = ": Assertion `", parts[3] = what, parts[4] = "' failed.\n";
    for (part = 0; part < 5; part++) {
        long length = 0;
        while (parts[part][length] != 0) length++;
        crucible_call(CRUCIBLE_WRITE, 2, (long)parts[part], length, 0);
    }
    crucible_call(CRUCIBLE_SIGACTION, 6, (long)nothing, 0, 8);
    crucible_call(CRUCIBLE_SIGPROCMASK, 2, (long)&every_signal, 0, 8);
    crucible_call(CRUCIBLE_KILL, process, 6, 0, 0); /* SIGABRT, as abort() would */
    for (;;) crucible_call(CRUCIBLE_EXIT_GROUP, 134, 0, 0, 0);
}
#endif

#undef CRUCIBLE_TEXT
#undef CRUCIBLE_LINE
#undef crucible_assertion_failed
#define CRUCIBLE_TEXT(line) #line
#define CRUCIBLE_LINE(line) CRUCIBLE_TEXT(line)
#undef assert
#ifdef __cplusplus
#define assert(expression) \
    (static_cast<bool>(expression) ? void(0) : crucible_assertion_failed(__FILE__ ":" CRUCIBLE_LINE(__LINE__) ": ", __func__, #expression))
#else
#define assert(expression) \
    ((expression) ? (void)0 : crucible_assertion_failed(__FILE__ ":" CRUCIBLE_LINE(__LINE__) ": ", __func__, #expression))
#endif
#endif
