# What guard.pl needs where it is root of the sandbox's own kernel: the guest becomes the unprivileged user for good, with
# nothing left that it could gain. The guard stays root, out of the guest's reach: gVisor shows /proc/1/fd to one's own user.
sub step_down {
  our %call;
  my $uid = 65534;
  my ($PR_CAPBSET_DROP, @bounding) = (24, 6, 7, 8); # CAP_SETGID, CAP_SETUID, CAP_SETPCAP: what enter.pl came with
  for my $step (
    (map { ['prctl', $PR_CAPBSET_DROP, $_, 0, 0, 0] } @bounding),
    ['setgroups', 0, 0], ['setresgid', $uid, $uid, $uid], ['setresuid', $uid, $uid, $uid],
  ) {
    my ($name, @arguments) = @$step;
    next if syscall($call{$name}, @arguments) == 0;
    say_status("no-limit $name " . (0 + $!));
    exit 1;
  }
}

1;
