# Does for the executor what Node cannot: owns a private mount namespace, mounts and unmounts in it, makes FIFOs, and
# starts bwrap as a slot's own user with an empty environment. One per engine; a line comes in, a line goes out.
#
# Everything hangs on this process: when the executor dies, its end of our stdin closes, we exit, every bwrap gets its
# parent-death signal, every sandbox goes with its bwrap, and the last process takes the mount namespace with all files.
#
# Arguments: the system call numbers, then 'slots' (real root: each slot has a host uid) or 'single:OUTER:INNER' (an
# ordinary user: a user namespace of our own gives the right to mount; OUTER is seen as INNER in it, never as root).
# Requests:  id, verb, arguments, separated by tabs.  Replies: id, 'ok' | 'error', text.
# Events:    'ready' | 'broken' | 'exit', key, text.
use strict;
my ($numbers, $identity) = @ARGV;
my %call = map { split /=/ } split / /, $numbers;
$_ += 0 for values %call;
%ENV = ();
umask 0022;

my ($CLONE_NEWNS, $CLONE_NEWUSER) = (0x20000, 0x10000000);
my ($MS_RDONLY, $MS_NOSUID, $MS_NODEV, $MS_REMOUNT, $MS_BIND, $MS_REC) = (1, 2, 4, 0x20, 0x1000, 0x4000);
my ($MS_PRIVATE, $MS_SHARED) = (0x40000, 0x100000);
my ($MNT_DETACH, $SIGCHLD, $AT_FDCWD) = (2, 17, -100);
my ($PR_SET_PDEATHSIG, $SIGKILL) = (1, 9);
my ($SIG_BLOCK, $SIG_SETMASK) = (0, 2);
my ($O_RDONLY, $O_WRONLY, $O_TRUNC) = (0, 1, 0x200);

sub sys { # dies with a sentence; perl's own syscall() needs numbers to be numbers
  my ($name, @arguments) = @_;
  my $result = syscall($call{$name}, @arguments);
  die "$name: $!\n" if $result < 0;
  return $result;
}
sub put { my ($path, $text) = @_; open my $file, '>', $path or die "$path: $!\n"; defined syswrite $file, $text or die "$path: $!\n"; close $file or die "$path: $!\n" }

# A descriptor that our parent's parent forgot to mark would otherwise go straight into the sandbox.
opendir my $listing, '/proc/self/fd' or die "/proc/self/fd: $!\n";
my @inherited = grep { /^\d+$/ && $_ > 2 && $_ != fileno $listing } readdir $listing;
closedir $listing;
syscall($call{close}, 0 + $_) for @inherited;

if ($identity =~ /^single:(\d+):(\d+)$/) {
  my ($outer, $inner) = ($1, $2);
  my ($gid) = split ' ', $);
  sys('unshare', $CLONE_NEWUSER | $CLONE_NEWNS);
  put('/proc/self/setgroups', 'deny');
  put('/proc/self/uid_map', "$inner $outer 1");
  put('/proc/self/gid_map', "$inner $gid 1");
} else {
  sys('unshare', $CLONE_NEWNS);
}
my ($nothing, $slash, $tmpfs, $run) = ("none", "/", "tmpfs", "/run");
sys('mount', $nothing, $slash, $nothing, $MS_REC | $MS_PRIVATE, 0);
# Over /run, because it exists everywhere, is never shown in a sandbox, and its sockets are better out of reach here.
my $run_options = 'size=1g,mode=0755';
sys('mount', $tmpfs, $run, $tmpfs, $MS_NOSUID | $MS_NODEV, $run_options);
# What is mounted here later is to appear in a sandbox that lives longer than one run; bwrap lets nothing come back.
sys('mount', $nothing, $run, $nothing, $MS_SHARED, 0);

# SIGCHLD is read from a descriptor: a handler could run just before the process goes to sleep in select().
my $child_signal = pack 'Q', 1 << ($SIGCHLD - 1);
my $no_signal = pack 'Q', 0;
sys('rt_sigprocmask', $SIG_BLOCK, $child_signal, 0, 8);
my $signals = sys('signalfd4', -1, $child_signal, 8, 0x80000 | 0x800); # SFD_CLOEXEC | SFD_NONBLOCK
open my $signal_handle, '<&=', $signals or die "signalfd: $!\n";

my %key_of; # host pid of an outer bwrap => key
my %pid_of;
my %verbs = (mount => \&mount_work, umount => \&umount_work, fifo => \&make_fifo, bind => \&show, devices => \&make_devices, start => \&start, kill => \&end_of);

# Removing a cgroup waits for a lock of the whole kernel, for milliseconds on a busy machine, during which we could neither
# start nor kill anything. So it is done next door, by a process that ends with its end of the pipe.
pipe my $removals, my $removal_orders or die "pipe: $!\n";
my $janitor = fork;
defined $janitor or die "fork: $!\n";
if ($janitor == 0) {
  close STDIN;
  close $removal_orders;
  while (my $line = <$removals>) {
    chomp $line;
    my ($id, @directories) = split /\t/, $line;
    my @failed = grep { !rmdir $_ and $! != 2 and $_ .= ": $!" } @directories; # 2: gone already
    @failed ? reply($id, 'error', "@failed") : reply($id, 'ok', '');
  }
  syscall($call{exit_group}, 0);
}
close $removals;

sub reply { my $line = join("\t", @_) . "\n"; syswrite STDOUT, $line }
reply('up', $$);

my $pending = '';
while (1) {
  my $wanted = '';
  vec($wanted, 0, 1) = 1;
  vec($wanted, $signals, 1) = 1;
  next if select($wanted, undef, undef, undef) < 0;
  if (vec $wanted, $signals, 1) { 1 while sysread $signal_handle, my $discard, 128 * 16; collect() }
  if (vec $wanted, 0, 1) {
    my $got = sysread STDIN, $pending, 65536, length $pending;
    next if !defined $got && $! == 4;
    exit 0 unless $got;
    while ($pending =~ s/^([^\n]*)\n//) {
      my ($id, $verb, @arguments) = split /\t/, $1, -1;
      if ($verb eq 'remove') { syswrite $removal_orders, join("\t", $id, @arguments) . "\n"; next }
      my $text = eval { $verbs{$verb}->(@arguments) // '' };
      if ($@) { chomp(my $why = $@); reply($id, 'error', $why) } else { reply($id, 'ok', $text) }
    }
  }
}

sub collect {
  while ((my $pid = waitpid -1, 1) > 0) { # WNOHANG
    my $status = $?;
    my $key = delete $key_of{$pid} // next;
    delete $pid_of{$key};
    reply('exit', $key, $status);
  }
}

sub mount_work {
  my ($path, $uid, $gid, $bytes, $inodes) = @_;
  my $options = "size=$bytes,nr_inodes=$inodes,mode=0700,uid=$uid,gid=$gid";
  sys('mount', $tmpfs, $path, $tmpfs, $MS_NOSUID | $MS_NODEV, $options);
  return;
}

sub umount_work { my ($path) = @_; sys('umount2', $path, $MNT_DETACH); return }

sub make_fifo {
  my ($path, $uid, $gid) = @_;
  sys('mknodat', $AT_FDCWD, $path, 0010600, 0);
  sys('fchownat', $AT_FDCWD, $path, 0 + $uid, 0 + $gid, 0);
  return;
}

# Shows a host file or directory at TARGET, which slot users can enter although SOURCE may lie where they cannot.
sub show {
  my ($source, $target) = @_;
  if (-d $source) { mkdir $target, 0755 or die "$target: $!\n" } else { put($target, '') }
  sys('mount', $source, $target, $nothing, $MS_BIND, 0);
  return;
}

# A read-only directory with the host's devices of these names, and mount points for others. Where we are root it is one
# file system with nodes of its own, because every mount costs each sandbox 50 microseconds; elsewhere it is bind mounts.
sub make_devices {
  my ($directory, @names) = @_;
  my $options = 'size=64k,mode=0755';
  sys('mount', $tmpfs, $directory, $tmpfs, $MS_NOSUID, $options);
  for my $name (@names) {
    my $node = (stat "/dev/$name")[6] or die "/dev/$name: $!\n";
    my $target = "$directory/$name";
    if ($identity ne 'slots') { show("/dev/$name", $target); next }
    sys('mknodat', $AT_FDCWD, $target, 0020666, $node);
    chmod 0666, $target or die "$target: $!\n";
  }
  symlink '/proc/self/fd', "$directory/fd" or die "fd: $!\n";
  symlink "fd/$$_[0]", "$directory/$$_[1]" or die "$$_[1]: $!\n" for [0, 'stdin'], [1, 'stdout'], [2, 'stderr'];
  mkdir "$directory/shm" or die "shm: $!\n";
  sys('mount', $nothing, $directory, $nothing, $MS_REMOUNT | $MS_BIND | $MS_RDONLY | $MS_NOSUID, 0);
  return;
}

# DIRECTORY holds the station's files, FURTHER names those that become descriptors 10 and up: 'name:r' or 'name:w'. WORDS
# words are the command; what follows are cgroups to make and join, which may take 10 ms each in the kernel.
sub start {
  my ($key, $uid, $gid, $directory, $filter, $bwrap, $further, $words, @groups) = @_;
  my @command = splice @groups, 0, $words;
  my $parent = $$;
  my $pid = fork;
  defined $pid or die "fork: $!\n";
  if ($pid) { $key_of{$pid} = $key; $pid_of{$key} = $pid; return $pid }

  eval {
    sys('rt_sigprocmask', $SIG_SETMASK, $no_signal, 0, 8);
    for (@groups) { mkdir $_ or die "$_: $!\n"; put("$_/cgroup.procs", "0\n") }
    my $out = sys('fcntl', 1, 1030, 20); # F_DUPFD_CLOEXEC, at least 20
    syscall($call{close}, 0 + $_) for 0 .. 19;
    # bwrap keeps its own 1 and 2 open to its end: with further descriptors, where runs come and go, they must not be theirs.
    my ($first_out, $complaints) = $further
      ? (["$directory/answers", $O_WRONLY], ["$directory/answers", $O_WRONLY])
      : (["$directory/out", $O_WRONLY], ["$directory/diagnosis", $O_WRONLY | $O_TRUNC]);
    # Opened in this order, so each gets the next number: what the guard expects under 0 .. 9.
    my @plan = (
      ["$directory/stdin", $O_RDONLY], $first_out, $complaints,
      ["$directory/given", $O_RDONLY], ["$directory/report", $O_WRONLY], ["$directory/arguments", $O_RDONLY],
      [$filter, $O_RDONLY], ["$directory/err", $O_WRONLY], ["$directory/job", $O_RDONLY], ["$directory/status", $O_WRONLY],
      map { my ($name, $way) = split /:/; ["$directory/$name", $way eq 'r' ? $O_RDONLY : $O_WRONLY] } split / /, $further,
    );
    for my $number (0 .. $#plan) {
      my ($path, $flags) = @{$plan[$number]};
      my $got = syscall($call{openat}, $AT_FDCWD, $path, $flags, 0);
      die "$path: $!\n" if $got < 0;
      die "$path became descriptor $got instead of $number\n" if $got != $number;
    }
    if ($identity eq 'slots') {
      sys('setgroups', 0, 0);
      sys('setresgid', (0 + $gid) x 3);
      sys('setresuid', (0 + $uid) x 3);
    }
    chdir '/' or die "chdir: $!\n";
    sys('prctl', $PR_SET_PDEATHSIG, $SIGKILL, 0, 0, 0);
    exit 1 if getppid() != $parent; # died before the line above
    my $line = "ready\t$key\t\n";
    syscall($call{write}, $out, $line, length $line);
    # When the executor dies, the end of its pipe looks like the end of the arguments. Said here and not there, --as-pid-1 then
    # lacks --unshare-pid, and bwrap gives up before it has made a process that our death would not reach.
    exec { $bwrap } 'bwrap', '--as-pid-1', '--args', '5', '--', @command;
    my $why = "broken\t$key\texec $bwrap: $!\n";
    syscall($call{write}, $out, $why, length $why);
    1;
  } or do {
    chomp(my $why = $@);
    my $line = "broken\t$key\t$why\n";
    syscall($call{write}, 20, $line, length $line) >= 0 or syscall($call{write}, 1, $line, length $line);
  };
  syscall($call{exit_group}, 1);
}

# Kills pid 1 of the sandbox rather than bwrap: bwrap then waits until the kernel has removed every process of the pid
# namespace before it exits itself, so that its exit means that nothing is left. Stopped first, lest it forks meanwhile.
sub end_of {
  my ($key) = @_;
  my $outer = $pid_of{$key} // return;
  kill 'STOP', $outer;
  open my $list, '<', "/proc/$outer/task/$outer/children";
  my @inside = split ' ', ($list ? <$list> // '' : '');
  kill 'KILL', @inside ? @inside : $outer;
  kill 'CONT', $outer;
  return;
}
