# The first process of a container in which one program runs: starts it, carries its streams, holds the limits that the
# kernel does not hold by itself, ends all that it leaves behind and says how it ended, in the words of supervision/guard.pl.
# As pid 1 it cannot be killed or stopped from inside. Perl, because every Debian image has it; no module is loaded.
#
# Heard before the start: j job (as encodeGuardJob has it), p paths that must be here, f a seccomp filter to load where the
# runtime loads none, c what fd 3 shall hold, w limits to watch, t a secret, i standard input, z its end, g go.
# Heard afterwards: k kill, i and z.
# Told: s status lines, until the program starts; then o and e output, r report, n send more standard input; and when no
# process but this is left, f the secret and the last status lines. On gVisor a program can open our standard output in
# /proc/1/fd and write what it likes there; it cannot know the secret, which nobody says while it lives.
my %got = map { $_ => '' } qw(j p f c w t i);
my $last_words = '';
my $input_ended = 0;
while (1) {
  my ($kind, $bytes) = hear();
  last if $kind eq 'g';
  if ($kind eq 'z') { $input_ended = 1 } else { $got{$kind} .= $bytes }
}
sub say_status { tell_executor('s', "$_[0]\n") }
sub say_last { tell_executor('f', "$got{t}\n$last_words$_[0]\n"); syscall($call{exit_group}, 0) } # Perl would take its time to tidy up

our %call;
my (undef, $flags, $numbers, $limits, $count, @rest) = split /\0/, $got{j}, -1;
pop @rest; # what follows the last NUL
my $channel = $flags =~ /c/;
%call = map { split /=/ } split / /, $numbers;
$_ += 0 for values %call;
my @command = splice @rest, 0, $count;
my ($wall_limit, $cpu_limit, $processors) = map { $_ * 1000 } split / /, $got{w}; # milliseconds to microseconds
$processors /= 1000;

my $PR_SET_DUMPABLE = 4;
# Not dumpable: the program, which has our uid, may then neither open /proc/1/fd nor read our memory or environment.
syscall($call{prctl}, $PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 or die "prctl: $!\n";
for my $path (split /\0/, $got{p}) { -e $path or do { say_status("missing $path"); exit 0 } }

sub microseconds {
  my $time = "\0" x 16;
  syscall($call{clock_gettime}, 1, $time); # CLOCK_MONOTONIC
  my ($seconds, $nanoseconds) = unpack 'qq', $time;
  return $seconds * 1e6 + int($nanoseconds / 1000);
}
sub content { open my $file, '<', $_[0] or return undef; sysread $file, my $text, 4096; return $text }

# Where this container's own control group can be read: directories by controller, one for all in version 2.
my $groups = '/sys/fs/cgroup';
my %group;
if (-e "$groups/cgroup.controllers") { %group = map { $_ => $groups } qw(cpu memory pids) }
elsif (opendir my $all, $groups) {
  for my $name (readdir $all) { # 'cpu,cpuacct' on most machines of version 1, 'cpuacct' on some
    $group{memory} = "$groups/$name" if -r "$groups/$name/memory.oom_control";
    $group{pids} = "$groups/$name" if -r "$groups/$name/pids.current";
    $group{cpu} = "$groups/$name" if -r "$groups/$name/cpuacct.usage_user";
  }
}
say_status(join ' ', 'groups', !%group ? 0 : -e "$groups/cgroup.controllers" ? 2 : 1, sort keys %group);
sub number { my ($group, @names) = @_; for (@names) { my $text = content("$group/$_"); return $1 + 0 if defined $text && $text =~ /^(\d+)/ } return undef }
sub field { my ($group, $name, @files) = @_; for (@files) { my $text = content("$group/$_"); return $1 + 0 if defined $text && $text =~ /^$name (\d+)/m } return undef }
sub cpu { # user and system, microseconds; undef where no group tells
  my $group = $group{cpu} // return;
  my ($user, $system) = map { number($group, "cpuacct.usage_$_") } qw(user sys);
  return ($user / 1000, $system / 1000) if defined $user && defined $system;
  ($user, $system) = map { field($group, "${_}_usec", 'cpu.stat') } qw(user system);
  return defined $user && defined $system ? ($user, $system) : ();
}
sub memory { my $group = $group{memory} // return undef; return number($group, $_[0] eq 'peak' ? ('memory.max_usage_in_bytes', 'memory.peak') : ('memory.usage_in_bytes', 'memory.current')) }
sub killed { my $group = $group{memory} // return 0; return field($group, 'oom_kill', 'memory.oom_control', 'memory.events') // 0 }
sub pids { my $group = $group{pids} // return undef; return number($group, "pids.$_[0]") }
sub refused { my $group = $group{pids} // return 0; return field($group, 'max', 'pids.events') // 0 }
sub own { # our own processor time, microseconds
  my $usage = "\0" x 144;
  syscall($call{getrusage}, 0, $usage);
  my @own = unpack 'q4', $usage;
  return ($own[0] * 1e6 + $own[1], $own[2] * 1e6 + $own[3]);
}
sub others { opendir my $all, '/proc' or return 0; return scalar grep { /^\d+$/ && $_ != 1 } readdir $all }

pipe my $input_out, my $input or die "pipe: $!\n";
pipe my $out, my $out_in or die "pipe: $!\n";
pipe my $err, my $err_in or die "pipe: $!\n";
pipe my $report, my $report_in or die "pipe: $!\n";
pipe my $given_out, my $given or die "pipe: $!\n";
pipe my $failure, my $failure_in or die "pipe: $!\n";
# Our ends must never make us wait for the program.
for ($input, $given) { fcntl $_, 4, 04000 or die "fcntl: $!\n" } # F_SETFL O_NONBLOCK
# Both signals that concern us are read from a descriptor, which tells who sent them and is waited for like any other: a
# handler could run just before we go to sleep, and a program could pose as the daemon that wants us to end.
my ($CHLD, $TERM) = (17, 15);
my ($set, $none) = (pack('Q', 1 << ($CHLD - 1) | 1 << ($TERM - 1)), pack('Q', 0));
syscall($call{rt_sigprocmask}, 2, $set, 0, 8) == 0 or die "rt_sigprocmask: $!\n"; # SIG_SETMASK
my $signals = syscall($call{signalfd4}, -1, $set, 8, 02004000); # SFD_CLOEXEC, SFD_NONBLOCK
$signals >= 0 or die "signalfd: $!\n";
open my $signalled, '<&=', $signals or die "signalfd: $!\n";

# What was spent and used up to here is ours and the runtime's, not the program's.
my @cpu_before = cpu();
my @own_before = own();
my $memory_before = memory('peak');
my $pids_before = pids('peak');

say_status('started');
my $started = microseconds();
my $guest = fork;
defined $guest or die "fork: $!\n";
if ($guest == 0) {
  $SIG{PIPE} = 'DEFAULT';
  syscall($call{rt_sigprocmask}, 2, $none, 0, 8);
  %ENV = ();
  for (@rest) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
  syscall($call{setsid});
  my $fail = sub { syswrite $failure_in, "$_[0]\n"; exit($_[1] // 1) };
  # Up first, so that none is closed before it is copied. All above 2 close by themselves at exec; a copy made by dup3 does not.
  my @ends = map { fcntl($_, 1030, 32) // $fail->("no-limit fd " . (0 + $!)) } $input_out, $out_in, $err_in, $channel ? ($given_out, $report_in) : (); # F_DUPFD_CLOEXEC
  my $kept = fcntl $failure_in, 1030, 32;
  open $failure_in, '>&=', $kept;
  for my $to (0 .. $#ends) { syscall($call{dup3}, 0 + $ends[$to], 0 + $to, 0) == $to or $fail->("no-limit dup " . (0 + $!)) }
  syscall($call{prctl}, $PR_SET_DUMPABLE, 1, 0, 0, 0); # else our own /proc/self files are root's
  # When memory runs out, the program goes before the guard that can tell what happened to it.
  if (open my $score, '>', '/proc/self/oom_score_adj') { syswrite $score, '1000'; close $score }
  for (split / /, $limits) {
    my ($resource, $value) = split /:/;
    my $pair = pack 'QQ', $value, $value;
    syscall($call{prlimit64}, 0, 0 + $resource, $pair, 0) == 0 or $fail->("no-limit $resource " . (0 + $!));
  }
  if (length $got{f}) {
    my $program = pack 'Sx6P', length($got{f}) / 8, $got{f}; # struct sock_fprog
    syscall($call{prctl}, 38, 1, 0, 0, 0) == 0 or $fail->('no-limit privileges ' . (0 + $!)); # PR_SET_NO_NEW_PRIVS
    syscall($call{prctl}, 22, 2, $program, 0, 0) == 0 or $fail->('no-limit filter ' . (0 + $!)); # PR_SET_SECCOMP
  }
  exec { $command[0] } @command;
  my $why = 0 + $!;
  syswrite STDERR, "$command[0]: $!\n";
  $fail->("no-exec $why", $why == 2 ? 127 : 126); # as a shell has it: not found, or found and not a program
}
close $_ for $input_out, $out_in, $err_in, $report_in, $given_out, $failure_in;
close $given unless $channel;
my %source = map { fileno $_->[0] => $_ } [$out, 'o'], [$err, 'e'], [$report, 'r'], [$failure, 's'];
my ($input_left, $given_left, $asked) = ($got{i}, $got{c}, 0);
my ($why, $ended, $usage, $wall) = ('', undef, '', 0);
my ($memory_seen, $pids_seen, $cpu_seen) = (0, 0, 0);
my $report_left = 4096;

sub stop { $why ||= $_[0]; kill "KILL", -1; return 1 } # everybody in this namespace but us
sub carry {
  my ($number) = @_;
  my ($from, $kind) = @{$source{$number}};
  my $read = sysread $from, my $bytes, 65536;
  return 1 if !defined $read && $! == 4;
  unless ($read) { delete $source{$number}; close $from; return 0 }
  if ($kind eq 's') { $last_words = "$1\n" if $bytes =~ /^(no-(?:exec|limit) [\w ]{1,40})$/m; return 1 } # why there is no program
  if ($kind eq 'r') { $bytes = substr $bytes, 0, $report_left; $report_left -= length $bytes }
  tell_executor($kind, $bytes) if length $bytes;
  return 1;
}
sub feed { # as much as the pipe takes; false when nothing more is to be written to it
  my ($to, $left) = @_;
  my $written = syswrite $to, $$left;
  if (!defined $written) { return $! == 11 || $! == 4 } # EAGAIN; else the program does not read any more
  substr $$left, 0, $written, '';
  return 1;
}
sub look { # returns microseconds until the next look
  my $now = microseconds() - $started;
  my $memory = memory('now') // 0;
  $memory_seen = $memory if $memory > $memory_seen;
  my $pids = pids('current') // others() + 1;
  $pids_seen = $pids if $pids > $pids_seen;
  return stop('wall_time') && 1e5 if $now >= $wall_limit;
  return stop('memory') && 1e5 if killed() > 0;
  my @cpu = cpu();
  if (@cpu) { $cpu_seen = $cpu[0] + $cpu[1] - $cpu_before[0] - $cpu_before[1] } else { $cpu_seen = sampled_cpu() }
  return stop('cpu_time') && 1e5 if $cpu_seen > $cpu_limit;
  my $next = ($cpu_limit - $cpu_seen) / $processors; # nothing can use more than all processors at once
  $next = @cpu ? 1e5 : 2e4 if $next > (@cpu ? 1e5 : 2e4);
  $next = $wall_limit - $now if $wall_limit - $now < $next;
  return $next < 5000 ? 5000 : $next;
}
my %ticks; # of each process ever seen, where no group counts: what ends between two looks counts with what was last seen of it
sub sampled_cpu {
  opendir my $all, '/proc' or return 0;
  for my $pid (grep { /^\d+$/ && $_ != 1 } readdir $all) {
    my $stat = content("/proc/$pid/stat") // next;
    my @fields = split ' ', substr $stat, rindex($stat, ')') + 2;
    $ticks{"$pid $fields[19]"} = ($fields[11] + $fields[12]) * 1e4; # USER_HZ is 100
  }
  my $sum = 0;
  $sum += $_ for values %ticks;
  return $sum;
}

sub end_all {
  kill 'KILL', -1;
  while (1) { # orphans are ours now; a process that forks at this moment is reached as well, the kernel signals all at once
    my $raw = "\0" x 4;
    my $pid = syscall($call{wait4}, -1, $raw, 0, 0);
    last if $pid < 0 && $! != 4;
  }
}
sub heed {
  while (sysread $signalled, my $signal, 128) {
    my ($number, $sender) = (unpack 'L4', $signal)[0, 3]; # struct signalfd_siginfo
    next if $number != $TERM || $sender != 0; # whoever sends from outside of our namespace has no number in it
    end_all();
    say_last('terminated'); # the daemon is about to kill us: this run is nobody's verdict
  }
}

my $look_at = 0;
until (defined $ended) {
  if (microseconds() >= $look_at) { $look_at = look() + microseconds() }
  my ($readable, $writable) = ('', '');
  vec($readable, $_, 1) = 1 for 0, $signals, keys %source;
  vec($writable, fileno $input, 1) = 1 if $input && length $input_left;
  vec($writable, fileno $given, 1) = 1 if $channel && $given && length $given_left;
  my $pause = ($look_at - microseconds()) / 1e6;
  my $ready = select $readable, $writable, undef, $pause > 0 ? $pause : 0;
  if ($ready > 0) {
    if (vec $readable, 0, 1) {
      my ($kind, $bytes) = hear();
      stop('asked') if $kind eq 'k';
      if ($kind eq 'i') { $input_left .= $bytes; $asked = 0 }
      $input_ended = 1 if $kind eq 'z';
    }
    if (vec $readable, $signals, 1) { heed() }
    for my $number (keys %source) { carry($number) if vec $readable, $number, 1 }
    if ($input && vec $writable, fileno $input, 1) { feed($input, \$input_left) or do { close $input; undef $input } }
    if ($channel && $given && vec $writable, fileno $given, 1) { feed($given, \$given_left) or do { close $given; undef $given } }
  }
  if ($input && !length $input_left) {
    if ($input_ended) { close $input; undef $input }
    elsif (!$asked) { $asked = 1; tell_executor('n', '') }
  }
  if ($channel && $given && !length $given_left) { close $given; undef $given }
  while (1) {
    my ($raw, $spent) = ("\0" x 4, "\0" x 144);
    my $pid = syscall($call{wait4}, -1, $raw, 1, $spent); # WNOHANG
    last if $pid <= 0;
    next if $pid != $guest;
    ($ended, $usage, $wall) = (unpack('i', $raw), $spent, microseconds() - $started);
    last;
  }
}
my $left = others();
end_all();
for my $number (keys %source) { 1 while $source{$number} && carry($number) } # nobody writes any more, so each comes to its end

my @cpu_after = cpu();
my @own_after = own();
my @guest = unpack 'q5', $usage; # user seconds, microseconds, system seconds, microseconds, largest process in KiB
my ($user, $system) = ($guest[0] * 1e6 + $guest[1], $guest[2] * 1e6 + $guest[3]);
my @spent = map { @cpu_after ? $cpu_after[$_] - $cpu_before[$_] - ($own_after[$_] - $own_before[$_]) : 0 } 0, 1;
$spent[0] = $cpu_seen - $spent[1] if !@cpu_after && $cpu_seen > $user + $system;
# A peak of the group counts for the program only when it is above what the runtime had reached before.
my $memory_peak = memory('peak');
if (defined $memory_peak && $memory_peak <= ($memory_before // 0)) {
  $memory_peak = $memory_seen > $guest[4] * 1024 ? $memory_seen : $guest[4] * 1024;
}
my $pids_peak = pids('peak');
$pids_peak = defined $pids_peak && $pids_peak > ($pids_before // 0) ? $pids_peak - 1 : $pids_seen > 1 ? $pids_seen - 1 : 1;
$pids_peak = $left + 1 if $left + 1 > $pids_peak;
sub full {
  my ($path, $filesystem) = ($_[0], "\0" x 120); # syscall() wants variables even for what is only read
  return 0 if syscall($call{statfs}, $path, $filesystem) != 0;
  my @fields = unpack 'q7', $filesystem;
  return ($fields[2] && !$fields[4]) || ($fields[5] && !$fields[6]) ? 1 : 0; # blocks and inodes, where they are counted
}
$last_words .= join(' ', 'group', $why || '-', map({ int } map { $_ < 0 ? 0 : $_ } @spent), defined $memory_peak ? int $memory_peak : '-', $pids_peak, killed(), refused(), full('/work') || full('/tmp') ? 1 : 0) . "\n";
say_last(join ' ', 'ended', $ended, $wall, $user, $system, $guest[4] // 0, $own_after[0] - $own_before[0], $own_after[1] - $own_before[1], 0, $left);
