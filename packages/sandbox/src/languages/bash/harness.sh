# Sources submission and hidden code in one shell and reports the nonce only when both came to their end with
# status 0. All of it is one compound command: it is parsed before the submission runs, so that aliases and
# options of the submission cannot change how it reads. A shell has no private variables: what a submission that
# knows this file can still do is said in the threat model.
{
  IFS= read -r -d '' __crucible_code <&3
  IFS= read -r __crucible_nonce <&3
  exec 3<&-
  __crucible_entry=$1 __crucible_pid=$BASHPID
  shift
  source "./$__crucible_entry"
  # In POSIX mode special builtins win over functions of the same name; the assignment switches it on without
  # naming any command that the submission could have replaced.
  POSIXLY_CORRECT=1
  unset -f builtin eval printf source command exit shopt unalias test [ diff cmp grep
  trap - DEBUG ERR RETURN
  unset POSIXLY_CORRECT
  builtin shopt -u extdebug expand_aliases # an alias could even stand in front of [[
  builtin eval "$__crucible_code"
  __crucible_status=$?
  if [[ $__crucible_status == 0 && $BASHPID == "$__crucible_pid" ]]; then
    builtin printf %s "$__crucible_nonce" >&4
  fi
  builtin exit "$__crucible_status"
}
