# Compiles submission + hidden code, which are one file, with the runner. Raw diagnostics quote no source
# line, so that an error does not print the hidden code; the submission alone is then compiled for a readable one.
javac=$1 entry=$2
shift 2
here=.crucible
compile() {
  "$javac" -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -J-Xshare:auto -J-XX:-UsePerfData -encoding UTF-8 -proc:none \
    -d .crucible-classes "$@"
}
raw=$(compile -XDrawDiagnostics $here/source/Main.java $here/CrucibleRunner.java "$@" 2>&1)
status=$?
rm -rf $here/source # it must not be readable at run time
if [ $status -ne 0 ]; then
  compile "$entry" "$@" >&2 && printf '%s\n' "$raw" >&2
fi
exit $status
