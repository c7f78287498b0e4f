# What guard.pl needs where no pid namespace takes the guest's descendants with it.

# Whoever loses its parent becomes our child. SIGTERM ends the guest and all of them; the guard then reports as ever.
sub adopt_orphans {
  my ($PR_SET_CHILD_SUBREAPER) = 36;
  syscall($call{prctl}, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 or die "prctl: $!\n";
  # A descriptor that our parent's parent forgot to mark would otherwise go straight to the guest.
  opendir my $listing, '/proc/self/fd' or die "/proc/self/fd: $!\n";
  my @inherited = grep { /^\d+$/ && $_ > 9 && $_ != fileno $listing } readdir $listing;
  closedir $listing;
  shut(@inherited);
  $SIG{TERM} = sub { kill 'KILL', descendants() };
}

# A process may fork while we look, so look until nobody is left to wait for.
sub collect_orphans {
  while (1) {
    kill 'KILL', descendants();
    my $raw = "\0" x 4;
    my $ended = syscall($call{wait4}, -1, $raw, 0, 0);
    last if $ended < 0 && $! != 4;
  }
}

sub descendants {
  my @found;
  my @parents = ($$);
  while (defined(my $parent = shift @parents)) {
    open my $list, '<', "/proc/$parent/task/$parent/children" or next;
    my @children = split ' ', (<$list> // '');
    push @found, @children;
    push @parents, @children;
  }
  return @found;
}

1;
