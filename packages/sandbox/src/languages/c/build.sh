# Builds submission and hidden code as one translation unit, and wraps its main in the runner's.
# `-include` rather than one joined file: an open comment or #if at the end of the submission is then an
# error and cannot swallow the hidden code. Benchmarks published their verdicts at -O0, and so are judged at it;
# programs over standard input have time limits to meet and are built with -O2.
set -e
compiler=$1 objcopy=$2 flags=$3 entry=$4
shift 4
here=.crucible
code=$(echo $here/harness.c*)
# The hidden main is called through a function whose name no submission can know: another main, a weak one, or one under
# an assembler name of the submission's choice is then never called. It keeps its meaning for the compiler (the implied
# `return 0`) because its name is changed in the object file alone.
random=$(od -An -N8 -tx8 /dev/urandom)
main=crucible_main_${random# }
cat >> "$code" <<END
#undef main
#undef int
#undef char
#undef return
#line 1 "runner"
#ifdef __cplusplus
extern "C" int $main(int ${main}_a, char **${main}_b, char **${main}_c);
#endif
int $main(int ${main}_a, char **${main}_b, char **${main}_c) {
    int (*${main}_hidden)(int, char **, char **) = (int (*)(int, char **, char **))main;
    return ${main}_hidden(${main}_a, ${main}_b, ${main}_c);
}
END
# -iquote and not -I: a file of the submission must not stand in front of <assert.h>. Ours does.
search="-iquote . -I $here"
# shellcheck disable=SC2086 # flags are several words on purpose
"$compiler" $flags $search -include "$entry" -include $here/hidden.h -c "$code" -o $here/unit.o
rm -f "$code" # it must not be readable at run time
"$objcopy" --redefine-sym main=${main}_body $here/unit.o
"$compiler" -x c -DCRUCIBLE_MAIN=$main -c $here/runner.c -o $here/runner.o
# The runner comes first: its .preinit_array entry runs before anything of the submission.
# shellcheck disable=SC2086
"$compiler" $flags $search -o .crucible-program $here/runner.o $here/unit.o "$@" -lm
rm -f $here/unit.o
# But for functions that choose themselves while the program is loaded: those could read the nonce.
relocations=$(readelf -rW .crucible-program)
case $relocations in *_IRELATIV*)
  echo 'Functions with the attribute "ifunc" cannot be judged by a hidden program.' >&2
  exit 1
  ;;
esac
