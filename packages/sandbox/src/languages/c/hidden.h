/*
 * Read between submission and hidden code. Macros of the submission are seen by the hidden code, as in one file; but none
 * may give another meaning to a word of the language, nor to assert.
 */
#undef auto
#undef break
#undef case
#undef char
#undef const
#undef continue
#undef default
#undef do
#undef double
#undef else
#undef enum
#undef extern
#undef float
#undef for
#undef goto
#undef if
#undef inline
#undef int
#undef long
#undef return
#undef short
#undef signed
#undef sizeof
#undef static
#undef struct
#undef switch
#undef typedef
#undef union
#undef unsigned
#undef void
#undef volatile
#undef while
#undef _Static_assert
#undef __asm__
#undef __attribute__
#undef main
#undef NDEBUG
#ifdef assert
#include <assert.h>
#endif
#ifdef __cplusplus
#undef bool
#undef catch
#undef class
#undef delete
#undef false
#undef namespace
#undef new
#undef operator
#undef static_assert
#undef static_cast
#undef template
#undef this
#undef throw
#undef true
#undef try
#undef using
#undef virtual
#endif
