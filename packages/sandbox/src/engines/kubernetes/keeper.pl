# Pid 1 of the program's container, and so beyond the reach of the guest's signals: starts one guest after the other, bounds
# and measures it, and says how it ended in the kernel's own words. Frames:
#   a: the guest's job, as the guard of the other engines has it   i, g: more bytes of standard input, of what fd 3 gives
#   f: the seccomp filter   r: wall and CPU milliseconds, output bytes; run   k: kill   x: most bytes; tell the work directory
# Lines: h(ello), o(ut), e(rr), r(eport), z: the end of a run or of an export; x: an entry, b: bytes of the file just named.
my $PR_SET_DUMPABLE = 4;
# Not dumpable: the guest, which has our uid, may then open neither /proc/1/fd nor our memory.
syscall($call{prctl}, $PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 or die "prctl: $!\n";
# A runtime that forgets to close a descriptor of the node would hand it to every guest.
opendir my $inherited, '/proc/self/fd' or die "/proc/self/fd: $!\n";
my @inherited = grep { /^\d+$/ && $_ > 2 && $_ != fileno $inherited } readdir $inherited;
closedir $inherited;
syscall($call{close}, 0 + $_) for @inherited;
$SIG{CHLD} = sub { }; # wakes select()
my %waiting = fresh();
answer('h', "pid=$$ arch=$architecture counters=" . counters() . ' network=' . network());
while (1) {
  my ($type, $payload) = next_frame();
  if ($type eq 'a') { $waiting{job} = $payload }
  elsif ($type eq 'f') { $waiting{filter} = $payload }
  elsif ($type eq 'i') { put($waiting{stdin}, $payload) }
  elsif ($type eq 'g') { put($waiting{given}, $payload) }
  elsif ($type eq 'r') { answer('z', run(split / /, $payload)); shut($waiting{stdin}, $waiting{given}); %waiting = fresh() }
  elsif ($type eq 'x') { answer('z', export($payload)) }
  elsif ($type ne 'k') { die "unknown frame $type\n" } # a kill that comes after the end changes nothing
}

sub shut { syscall($call{close}, 0 + $_) for @_ }
sub content { open my $file, '<', $_[0] or return undef; local $/; return scalar <$file> }
sub microseconds {
  my $time = "\0" x 16;
  syscall($call{clock_gettime}, 1, $time); # CLOCK_MONOTONIC
  my ($seconds, $nanoseconds) = unpack 'qq', $time;
  return $seconds * 1e6 + int($nanoseconds / 1000);
}

# Files without a name: nobody can find or change them.
sub fresh { return (stdin => nameless(), given => nameless()) }
sub nameless {
  my $name = 'input';
  my $made = syscall($call{memfd_create}, $name, 1); # MFD_CLOEXEC
  $made >= 0 or die "memfd_create: $!\n";
  return $made;
}
sub put {
  my ($descriptor, $bytes) = @_;
  while (length $bytes) {
    my $wrote = syscall($call{write}, $descriptor, $bytes, length $bytes);
    die "write: $!\n" if $wrote <= 0;
    substr $bytes, 0, $wrote, '';
  }
}

# Whose counters of the container's cgroup can be read here.
sub counters {
  return 'cgroup-v2' if defined content('/sys/fs/cgroup/cpu.stat') && defined content('/sys/fs/cgroup/memory.events');
  return 'cgroup-v1' if defined content('/sys/fs/cgroup/cpuacct/cpuacct.usage') && defined content('/sys/fs/cgroup/memory/memory.oom_control');
  return 'none';
}
sub field { my ($text, $name) = @_; return ($text // '') =~ /^\Q$name\E (\d+)/m ? $1 : 0 }
sub oom_kills { return field(content('/sys/fs/cgroup/memory.events') // content('/sys/fs/cgroup/memory/memory.oom_control'), 'oom_kill') }
sub memory_peak {
  my $text = content('/sys/fs/cgroup/memory.peak') // content('/sys/fs/cgroup/memory/memory.max_usage_in_bytes') // '';
  return $text =~ /^(\d+)/ ? $1 : 0;
}
sub memory_now {
  my $text = content('/sys/fs/cgroup/memory.current') // content('/sys/fs/cgroup/memory/memory.usage_in_bytes') // '';
  return $text =~ /^(\d+)/ ? $1 : 0;
}
# Microseconds of user and system time: of the whole container, or of who is there where nobody counts.
sub group_time {
  if (defined(my $stat = content('/sys/fs/cgroup/cpu.stat'))) { return (field($stat, 'user_usec'), field($stat, 'system_usec')) }
  if (defined(my $user = content('/sys/fs/cgroup/cpuacct/cpuacct.usage_user'))) {
    return ($user / 1000, (content('/sys/fs/cgroup/cpuacct/cpuacct.usage_sys') // 0) / 1000);
  }
  my ($user, $system) = (0, 0);
  for my $pid (processes()) {
    my $stat = content("/proc/$pid/stat") // next;
    my @fields = split ' ', substr $stat, rindex($stat, ')') + 2;
    $user += ($fields[11] + $fields[13]) * 10_000; # ticks of 10 ms, own and of children waited for
    $system += ($fields[12] + $fields[14]) * 10_000;
  }
  return ($user, $system);
}
sub own_time {
  my $usage = "\0" x 144;
  syscall($call{getrusage}, 0, $usage);
  my @fields = unpack 'q4', $usage;
  return ($fields[0] * 1e6 + $fields[1], $fields[2] * 1e6 + $fields[3]);
}
sub processes { opendir my $all, '/proc' or return (); return grep { /^\d+$/ && $_ != $$ } readdir $all }

# A network policy may take hold a moment after the pod's start. Nothing is run before the cluster's own API is out of reach.
sub network {
  my ($host, $port) = ($ENV{KUBERNETES_SERVICE_HOST}, $ENV{KUBERNETES_SERVICE_PORT});
  return 'unknown' unless defined $host && defined $port;
  for (1 .. 40) {
    return 'closed' unless reaches($host, $port);
    select undef, undef, undef, 0.25;
  }
  return 'open';
}
sub reaches {
  my ($host, $port) = @_;
  require Socket;
  my $six = $host =~ /:/;
  my $address = Socket::inet_pton($six ? Socket::AF_INET6() : Socket::AF_INET(), $host) // return 0;
  my $where = $six ? Socket::pack_sockaddr_in6($port, $address) : Socket::pack_sockaddr_in($port, $address);
  socket my $socket, $six ? Socket::AF_INET6() : Socket::AF_INET(), Socket::SOCK_STREAM(), 0 or return 0;
  fcntl $socket, 4, 0x800; # F_SETFL, O_NONBLOCK
  return 1 if connect $socket, $where;
  return 0 if $! != 115; # EINPROGRESS
  my $mask = '';
  vec($mask, fileno $socket, 1) = 1;
  return 0 unless select undef, $mask, undef, 0.3; # what nobody answers is dropped by the policy
  return unpack('i', getsockopt $socket, Socket::SOL_SOCKET(), Socket::SO_ERROR()) == 0;
}

sub run {
  my ($wall_ms, $cpu_ms, $output_max) = @_;
  my ($mode, $flags, $ignored, $limits, $count, @rest) = split /\0/, $waiting{job}, -1;
  pop @rest; # what follows the last NUL
  my @command = splice @rest, 0, $count;
  my $channel = $flags =~ /c/;
  my (%kind, %writer);
  for my $kind ('o', 'e', 's', $channel ? 'r' : ()) {
    pipe my $reader, $writer{$kind} or die "pipe: $!\n";
    $kind{fileno $reader} = [$kind, $reader];
  }
  for my $descriptor ($waiting{stdin}, $waiting{given}) { syscall($call{lseek}, $descriptor, 0, 0) }
  my $kills_before = oom_kills();
  my $peak_before = memory_peak();
  my $memory_before = memory_now(); # ours, not the guest's
  my @before = group_time();
  my @own_before = own_time();
  my $started = microseconds();
  my $guest = fork;
  defined $guest or die "fork: $!\n";
  guest(\@command, \@rest, $limits, \%writer, $channel) if $guest == 0;
  close $_ for values %writer;

  my ($why, $exec, $status, $usage, $written, $reported, $most, $cpu) = ('', '', undef, "\0" x 144, 0, 0, 1, 0);
  my ($ended, $wall);
  my $stop = sub { $why ||= $_[0]; kill 'KILL', -1 };
  my $looked = 0;
  while (%kind || !defined $status) {
    my $now = microseconds();
    my $pause = $now - $started < 300_000 ? 4_000 : 20_000; # a fork bomb is over soon
    if (!defined $status) {
      $stop->('wall_time') if $now - $started > $wall_ms * 1000;
      if ($now - $looked > $pause) {
        $looked = $now;
        my @present = processes();
        $most = @present if @present > $most;
        my @now = group_time();
        my @own = own_time();
        my $spent = ($now[0] + $now[1] - $before[0] - $before[1]) - ($own[0] + $own[1] - $own_before[0] - $own_before[1]);
        $cpu = $spent if $spent > $cpu;
        $stop->('cpu_time') if $cpu > $cpu_ms * 1000;
        $stop->('memory') if oom_kills() > $kills_before;
      }
    }
    my $mask = '';
    vec($mask, $_, 1) = 1 for keys %kind;
    vec($mask, 0, 1) = 1;
    my $left = ($wall_ms * 1000 - ($now - $started)) / 1e6;
    my $ready = select $mask, undef, undef, defined $status ? 1 : $left < 0.001 ? 0.001 : $left < $pause / 1e6 ? $left : $pause / 1e6;
    if ($ready > 0) {
      if (vec($mask, 0, 1)) {
        hear();
        while (frame_waits()) { my ($type) = next_frame(); $stop->('cancelled') if $type eq 'k' }
      }
      for my $number (keys %kind) {
        next unless vec($mask, $number, 1);
        my ($kind, $reader) = @{$kind{$number}};
        my $got = sysread $reader, my $bytes, 65536;
        if (!$got) { close $reader; delete $kind{$number}; next }
        if ($kind eq 's') { $exec .= $bytes; next }
        if ($kind eq 'r') { answer('r', substr $bytes, 0, 4096 - $reported) if $reported < 4096; $reported += $got; next }
        $written += $got;
        answer($kind, $bytes);
        $stop->('output') if $written > $output_max;
      }
    }
    while (1) {
      my ($raw, $spent) = ("\0" x 4, "\0" x 144);
      my $pid = syscall($call{wait4}, -1, $raw, 1, $spent); # WNOHANG
      last if $pid <= 0;
      next unless $pid == $guest;
      ($status, $usage, $wall) = (unpack('i', $raw), $spent, microseconds() - $started);
    }
    next unless defined $status && !$ended;
    # Whatever the guest left behind goes with it, and only then do its pipes end.
    for (my $gone = 0; !$gone;) {
      kill 'KILL', -1;
      my $raw = "\0" x 4;
      $gone = syscall($call{wait4}, -1, $raw, 0, 0) < 0 && $! != 4;
    }
    $ended = 1;
  }
  my @after = counters() eq 'none' ? @before : group_time();
  my @own = own_time();
  my @guest = unpack 'q5', $usage; # user seconds, microseconds, system seconds, microseconds, largest process in KiB
  my @spent = map { $after[$_] - $before[$_] - ($own[$_] - $own_before[$_]) } 0, 1;
  my @waited = ($guest[0] * 1e6 + $guest[1], $guest[2] * 1e6 + $guest[3]);
  for (0, 1) { $spent[$_] = $waited[$_] if $spent[$_] < $waited[$_] }
  my $peak = memory_peak();
  # Where somebody before had more, the guest's own peak is not known better than from its largest process.
  $peak = $peak > $peak_before && $peak > $memory_before ? $peak - $memory_before : $guest[4] * 1024;
  my %told = (
    status => $status, why => $why || 'none', wall => $wall, user => int $spent[0], system => int $spent[1], cpu => int $cpu, peak => $peak,
    processes => $most, oom => oom_kills() - $kills_before, full => full(), clean => clean(), exec => $exec || 'none',
  );
  return join ' ', map { "$_=$told{$_}" } sort keys %told;
}

sub guest {
  my ($command, $environment, $limits, $writer, $channel) = @_;
  my $keep = sub { my $copy = syscall($call{fcntl}, $_[0], 1030, 30); $copy >= 0 or die "fcntl: $!\n"; return $copy }; # F_DUPFD_CLOEXEC
  my @sources = ($keep->($waiting{stdin}), $keep->(fileno $writer->{o}), $keep->(fileno $writer->{e}));
  push @sources, $keep->($waiting{given}), $keep->(fileno $writer->{r}) if $channel;
  my $status = $keep->(fileno $writer->{s});
  # Every other descriptor is closed by the exec itself.
  for my $number (0 .. $#sources) { syscall($call{dup3}, $sources[$number], $number, 0) == $number or exit 1 }
  my $refuse = sub { my $line = "$_[0]:" . (0 + $!); syscall($call{write}, $status, $line, length $line); syscall($call{exit_group}, 1) };
  $SIG{$_} = 'DEFAULT' for qw(PIPE CHLD);
  syscall($call{setsid});
  syscall($call{prctl}, $PR_SET_DUMPABLE, 1, 0, 0, 0); # else our own /proc/self files are root's
  # When memory runs out, the guest goes before the keeper that can tell what happened to it.
  if (open my $score, '>', '/proc/self/oom_score_adj') { syswrite $score, '1000'; close $score }
  for (split / /, $limits) {
    my ($resource, $value) = split /:/;
    my $pair = pack 'QQ', $value, $value;
    syscall($call{prlimit64}, 0, 0 + $resource, $pair, 0) == 0 or $refuse->("limit-$resource");
  }
  %ENV = ();
  for (@$environment) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
  my $filter = pack 'S x6 P', length($waiting{filter}) / 8, $waiting{filter};
  syscall($call{prctl}, 38, 1, 0, 0, 0) == 0 or $refuse->('no-new-privileges');
  syscall($call{seccomp}, 1, 0, $filter) == 0 or $refuse->('filter');
  exec { $command->[0] } @$command;
  my $errno = 0 + $!;
  my $complaint = "$command->[0]: $!\n";
  my $line = "exec:$errno";
  syscall($call{write}, $status, $line, length $line);
  syscall($call{write}, 2, $complaint, length $complaint);
  syscall($call{exit_group}, $errno == 2 ? 127 : 126); # as a shell has it: not found, or found and not a program
}

# Nothing is left of /tmp, or of a work directory that may be written to.
sub full {
  for my $path ('/tmp', '/work') {
    my $filesystem = "\0" x 120;
    my $name = $path;
    next if syscall($call{statfs}, $name, $filesystem) != 0;
    my @fields = unpack 'q11', $filesystem;
    next if $fields[10] & 1; # ST_RDONLY
    return 1 if $fields[4] == 0 || $fields[5] > 0 && $fields[6] == 0; # f_bavail; f_files and f_ffree
  }
  return 0;
}

# A pod in which a run left something is not used again: throwing it away is simpler to trust than cleaning up after somebody.
sub clean {
  for my $path ('/tmp', '/dev/shm', '/dev/mqueue') {
    opendir my $directory, $path or next;
    return 0 if grep { $_ ne '.' && $_ ne '..' } readdir $directory;
  }
  for my $kind (qw(shm sem msg)) { my @lines = split /\n/, content("/proc/sysvipc/$kind") // ''; return 0 if @lines > 1 }
  return 1;
}

# Only while nobody of the sandbox lives, so what is looked at stays as it is. Links are told, never followed.
sub export {
  my ($left) = @_;
  my @waiting = ('.');
  while (defined(my $path = shift @waiting)) {
    my @stat = lstat $path or next;
    my $mode = sprintf '%o', $stat[2] & 0777;
    (my $shown = $path) =~ s{^\./}{};
    if (-l _) {
      answer('x', "l\0$shown\0" . readlink $path);
    } elsif (-d _) {
      chmod 0700 | $stat[2] & 0777, $path; # its owner, which is us, may have locked itself out
      answer('x', "d\0$shown\0$mode") unless $path eq '.';
      opendir my $directory, $path or return 'left=unreadable';
      push @waiting, map { "$path/$_" } grep { $_ ne '.' && $_ ne '..' } readdir $directory;
    } elsif (-f _) {
      $left -= $stat[7];
      return 'left=large' if $left < 0;
      chmod 0400 | $stat[2] & 0777, $path;
      open my $file, '<', $path or return 'left=unreadable';
      answer('x', "f\0$shown\0$mode");
      while (sysread $file, my $bytes, 65536) { answer('b', $bytes) }
    }
    # Sockets and pipes mean nothing without the process that made them.
  }
  return 'left=none';
}
