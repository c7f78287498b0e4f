# The first process of a pod's sandbox: starts containers in it, one nested bubblewrap each, and says how they end.
# In: "start NAME IN OUT ARGUMENTS CGROUPS" (descriptors; words in hexadecimal, joined by
# commas; files in which to enter oneself), "kill NAME". Out: "ready", "exit NAME STATUS".
use strict;
use POSIX ();
$| = 1;
print "ready\n";
my (%pid, %name);
my $buffer = '';
while (1) {
  my $mask = '';
  vec($mask, 0, 1) = 1;
  if (select($mask, undef, undef, 0.005) > 0) {
    sysread(STDIN, $buffer, 65536, length $buffer) or exit 0;
    while ($buffer =~ s/^([^\n]*)\n//) {
      my ($verb, $name, @rest) = split / /, $1;
      if ($verb eq 'kill') { kill 'KILL', $pid{$name} if $pid{$name}; next }
      my ($in, $out, $words, $cgroups) = @rest;
      my $pid = fork;
      if ($pid == 0) {
        for (split /,/, $cgroups // '') { open my $file, ">", $_ or POSIX::_exit(126); syswrite $file, $$ or POSIX::_exit(126) }
        POSIX::dup2($in, 0);
        POSIX::dup2($out, 1);
        POSIX::dup2($out, 2);
        POSIX::close($_) for 3 .. 20;
        exec map { pack 'H*', $_ } split /,/, $words;
        POSIX::_exit(127);
      }
      POSIX::close($_) for $in, $out; # the container's alone now: its log ends with it
      ($pid{$name}, $name{$pid}) = ($pid, $name);
    }
  }
  while ((my $ended = waitpid -1, 1) > 0) {
    my $name = delete $name{$ended} // next;
    delete $pid{$name};
    print "exit $name ", ($? & 127 ? 128 + ($? & 127) : $? >> 8), "\n";
  }
}
