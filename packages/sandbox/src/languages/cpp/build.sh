# Builds submission and hidden code as one translation unit, and wraps its main in the runner's.
# `-include` rather than one joined file: an open comment or #if at the end of the submission is then an
# error and cannot swallow the hidden code. main is renamed after compiling, so that it keeps its meaning
# (the implied `return 0`) for the compiler. Benchmarks published their verdicts at -O0, and so are judged at it;
# programs over standard input have time limits to meet and are built with -O2.
set -e
compiler=$1 objcopy=$2 flags=$3 entry=$4
shift 4
here=.crucible
code=$(echo $here/harness.c*)
# shellcheck disable=SC2086 # flags are several words on purpose
"$compiler" $flags -I. -include "$entry" -c "$code" -o $here/unit.o
rm -f "$code" # it must not be readable at run time
"$objcopy" --redefine-sym main=crucible_submission_main $here/unit.o
"$compiler" -x c -c $here/runner.c -o $here/runner.o
# The runner comes first: its .preinit_array entry runs before anything of the submission.
# shellcheck disable=SC2086
"$compiler" $flags -I. -o .crucible-program $here/runner.o $here/unit.o "$@" -lm
rm -f $here/unit.o
