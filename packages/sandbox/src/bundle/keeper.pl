# Keeps one sandbox: does for the executor what Node cannot. One process for each open sandbox; a line comes in, a line goes out.
#
# It has a mount namespace of its own, with the sandbox's files, and makes the cell: a process that is pid 1 and root of
# namespaces of its own, where only four host users exist, none of them root. Container runtimes run in the cell and nowhere
# else. A runtime that is taken over is therefore an unprivileged user without a network; and when the cell ends, the kernel
# ends everything that was ever started in it, whatever state the runtime was in.
#
# Everything hangs on the executor: when it dies, this process does, and the cell with it, and then the last mount goes.
#
# Arguments: system call numbers; the first of the four host users; the bytes and inodes of the work directory; the
# directory that becomes /run/base; what the runtime needs done for it, see runtime.ts.
# Requests:  id, verb, arguments, separated by tabs.  Replies: id, 'ok' | 'error', text.  One at a time.
use strict;
my ($numbers, $first, $bytes, $inodes, $base, $needs) = @ARGV;
my %call = map { split /=/ } split / /, $numbers;
$_ += 0 for values %call;
%ENV = (PATH => '/usr/sbin:/usr/bin:/sbin:/bin');
umask 0022;

my ($MS_RDONLY, $MS_NOSUID, $MS_NODEV, $MS_NOEXEC, $MS_REMOUNT, $MS_BIND) = (1, 2, 4, 8, 0x20, 0x1000);
my ($MS_REC, $MS_PRIVATE, $MS_SLAVE, $MS_SHARED) = (0x4000, 0x40000, 0x80000, 0x100000);
my ($NEWNS, $NEWUTS, $NEWIPC, $NEWUSER, $NEWPID, $NEWNET) = (0x20000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000);
my ($NEWCGROUP, $MNT_DETACH) = (0x02000000, 2);
my ($SIGCHLD, $SIGKILL, $PR_SET_PDEATHSIG, $PR_SET_DUMPABLE) = (17, 9, 1, 4);
my ($O_APPEND, $O_CREAT) = (0x400, 0x40);
my ($none, $slash, $tmpfs) = ('none', '/', 'tmpfs');

sub sys { # dies with a sentence; perl's own syscall() needs numbers to be numbers
  my ($name, @arguments) = @_;
  my $result = syscall($call{$name}, @arguments);
  die "$name: $!\n" if $result < 0;
  return $result;
}
sub put { my ($path, $text) = @_; open my $file, '>', $path or die "$path: $!\n"; defined syswrite $file, $text or die "$path: $!\n"; close $file or die "$path: $!\n" }
sub mount_tmpfs { my ($path, $flags, $options) = @_; sys('mount', $tmpfs, $path, $tmpfs, $flags, $options) }
sub bind_at { my ($source, $target) = @_; sys('mount', $source, $target, $none, $MS_BIND, 0) }
sub reply { my $line = join("\t", @_) . "\n"; syswrite STDOUT, $line }
sub end_with_parent { my ($parent) = @_; sys('prctl', $PR_SET_PDEATHSIG, $SIGKILL, 0, 0, 0); exit 1 if getppid() != $parent }

# The executor: should it have ended already, its end of our stdin is closed and the loop below ends at once.
sys('prctl', $PR_SET_PDEATHSIG, $SIGKILL, 0, 0, 0);
# A descriptor that our parent's parent forgot to mark would otherwise go straight into the sandbox.
opendir my $listing, '/proc/self/fd' or die "/proc/self/fd: $!\n";
my @inherited = grep { /^\d+$/ && $_ > 2 && $_ != fileno $listing } readdir $listing;
closedir $listing;
syscall($call{close}, 0 + $_) for @inherited;

my $cell = eval { make_mounts(); make_cell() };
if ($@) { chomp(my $why = $@); reply('up', 'error', $why); exit 1 }
reply('up', 'ok', $cell);

my %verbs = (show => \&show, run => \&run, groups => \&make_groups, join => \&join_groups, kill => \&end_all, remove => \&remove_groups);
while (my $line = <STDIN>) {
  chomp $line;
  my ($id, $verb, @arguments) = split /\t/, $line, -1;
  my $text = eval { $verbs{$verb}->(@arguments) // '' };
  if ($@) { chomp(my $why = $@); reply($id, 'error', $why) } else { reply($id, 'ok', $text) }
}
kill 'KILL', $cell;
waitpid $cell, 0; # pid 1 of the cell ends last: nothing of the sandbox is left then
exit 0;

# Over /run, because it exists everywhere and is never shown in a sandbox.
sub make_mounts {
  sys('unshare', $NEWNS);
  sys('mount', $none, $slash, $none, $MS_REC | $MS_PRIVATE, 0);
  my $run = '/run';
  mount_tmpfs($run, $MS_NOSUID, 'size=64m,nr_inodes=65536,mode=0755');
  sys('mount', $none, $run, $none, $MS_SHARED, 0); # what is shown later arrives in the cell too
  mkdir "/run/$_", 0755 or die "/run/$_: $!\n" for qw(base devices work shown rootfs bundle);
  bind_at($base, '/run/base');
  mount_tmpfs('/run/rootfs', $needs =~ /plain-root/ ? 0 : $MS_NOSUID | $MS_NODEV, 'size=8m,mode=0755');
  mount_tmpfs('/run/work', $MS_NOSUID | $MS_NODEV, "size=$bytes,nr_inodes=$inodes,mode=0700,uid=$first,gid=$first");
  for my $name (qw(null zero full random urandom)) {
    my $node = (stat "/dev/$name")[6] or die "/dev/$name: $!\n";
    my $target = "/run/devices/$name";
    sys('mknodat', -100, $target, 0020666, $node);
    chmod 0666, $target or die "$target: $!\n";
  }
  symlink '/proc/self/fd', '/run/devices/fd' or die "fd: $!\n";
  symlink "fd/$$_[0]", "/run/devices/$$_[1]" or die "$$_[1]: $!\n" for [0, 'stdin'], [1, 'stdout'], [2, 'stderr'];
  # Of this mode because a runtime gives the file system that it mounts there the mode of the directory.
  mkdir '/run/devices/shm' and chmod 01777, '/run/devices/shm' or die "shm: $!\n";
  # The runtime's own: its state, and the ends of the pipes that a program inside a private kernel opens by name.
  for my $directory ('/run/state', '/run/station') {
    mkdir $directory, 0700 or die "$directory: $!\n";
    chown $first + 1, $first + 1, $directory or die "$directory: $!\n";
  }
  for my $pipe (qw(out err report status)) {
    my $path = "/run/station/$pipe";
    sys('mknodat', -100, $path, 0010600, 0);
    # The program's are its own, because it may open /dev/stdout anew; no name leads it to the others.
    chown $first + ($pipe =~ /^(out|err)$/ ? 0 : 1), $first + 1, $path and chmod 0660, $path or die "$path: $!\n";
  }
  put('/run/station/diagnosis', '');
  chown $first + 1, $first + 1, '/run/station/diagnosis' and chmod 0600, '/run/station/diagnosis' or die "diagnosis: $!\n";
}

# In it: 65534 is whom programs run as, 0 as whom the runtime runs, 1 who sets a container up; gVisor's kernel is 65534 as
# well, and 65533 is what it calls root.
sub make_cell {
  my $map = '';
  my $offset = 0;
  $map .= "$_ " . ($first + $offset++) . " 1\n" for 65534, 0, 1, 65533;
  pipe my $go, my $gone or die "pipe: $!\n";
  pipe my $made, my $making or die "pipe: $!\n";
  my $pid = sys('clone', $NEWUSER | $NEWPID | $NEWNS | $NEWNET | $NEWIPC | $NEWUTS | $SIGCHLD, 0, 0, 0, 0);
  if ($pid == 0) { eval { be_cell($go, $gone, $making); 1 } or do { syswrite $making, $@ }; syscall($call{exit_group}, 1) }
  close $go;
  close $making;
  put("/proc/$pid/uid_map", $map);
  put("/proc/$pid/gid_map", $map);
  close $gone; # the word that it may go on
  chomp(my $said = <$made> // 'it ended at once');
  die "the cell: $said\n" unless $said eq 'made';
  return $pid;
}

sub be_cell {
  my ($go, $gone, $making) = @_;
  close $gone;
  sysread $go, my $nothing, 1;
  close $go;
  become_root_of_cell();
  # Not of the executor's making any more, so the kernel would hide our files, through which the executor reaches in.
  sys('prctl', $PR_SET_DUMPABLE, 1, 0, 0, 0);
  sys('prctl', $PR_SET_PDEATHSIG, $SIGKILL, 0, 0, 0);
  sys('mount', $none, $slash, $none, $MS_REC | $MS_SLAVE, 0);
  my ($procfs, $proc, $groups) = ('proc', '/proc', '/sys/fs/cgroup');
  sys('mount', $procfs, $proc, $procfs, $MS_NOSUID | $MS_NODEV | $MS_NOEXEC, 0);
  mount_tmpfs($groups, $MS_NOSUID | $MS_NODEV | $MS_NOEXEC | $MS_RDONLY, 'size=4k') if $needs =~ /hidden-cgroups/;
  close STDIN;
  close STDOUT;
  syswrite $making, "made\n";
  close $making;
  $SIG{CHLD} = 'IGNORE'; # the kernel then buries whom a runtime leaves behind
  sleep 3600 while 1;
}

sub become_root_of_cell { sys('setgroups', 0, 0); sys('setresgid', 0, 0, 0); sys('setresuid', 0, 0, 0) }

# A host file or directory that users of the cell may not be able to reach, under a name where they can.
sub show {
  my ($source, $target) = @_;
  if (-d $source) { mkdir $target, 0755 or die "$target: $!\n" } else { put($target, '') }
  bind_at($source, $target);
  return;
}

# Runs a command in the cell, with these files as its descriptors 0, 1, 2 …, each preceded by how it is opened.
# Answers how it ended, as the kernel says it.
sub run {
  my ($count, @rest) = @_;
  my @files = splice @rest, 0, $count;
  my $parent = $$;
  my $pid = fork;
  defined $pid or die "fork: $!\n";
  if ($pid == 0) {
    eval {
      my @namespaces = map { open my $file, '<', "/proc/$cell/ns/$_" or die "$_: $!\n"; $file } qw(user mnt pid net ipc uts);
      # Out of the way of the numbers that the files shall get.
      my @kept = map { sys('fcntl', 0 + fileno $_, 1030, 20) } @namespaces; # F_DUPFD_CLOEXEC
      close $_ for @namespaces;
      syscall($call{close}, $_) for 0 .. 19;
      for my $number (0 .. $#files) {
        my ($how, $path) = split /:/, $files[$number], 2;
        my $got = sys('openat', -100, $path, {r => 0, w => 1, a => 1 | $O_APPEND | $O_CREAT}->{$how}, 0600);
        die "$path became descriptor $got instead of $number\n" if $got != $number;
      }
      sys('setns', $_, 0) for @kept;
      become_root_of_cell();
      end_with_parent($parent);
      chdir '/' or die "chdir: $!\n";
      my $inner = fork; # the pid namespace is entered by children only
      defined $inner or die "fork: $!\n";
      if ($inner == 0) { exec { $rest[0] } @rest; syswrite STDERR, "$rest[0]: $!\n"; syscall($call{exit_group}, 127) }
      waitpid $inner, 0;
      syscall($call{exit_group}, $? & 0x7f ? 128 + ($? & 0x7f) : $? >> 8);
    };
    my $why = $@;
    syscall($call{write}, 2, $why, length $why);
    syscall($call{exit_group}, 126);
  }
  waitpid $pid, 0;
  return $? >> 8;
}

sub inhabitants { # all that descends from the cell
  my @found;
  my @parents = ($cell);
  while (defined(my $parent = shift @parents)) {
    opendir my $threads, "/proc/$parent/task" or next; # ended meanwhile
    for my $thread (grep { /^\d+$/ } readdir $threads) { # a child belongs to the thread that started it
      open my $file, '<', "/proc/$parent/task/$thread/children" or next;
      my @children = split ' ', <$file> // '';
      push @found, @children;
      push @parents, @children;
    }
  }
  return @found;
}

# Makes the groups, and a cgroup namespace for the container to enter whose root they are: one that was made before it
# joined them would tell their names to it.
sub make_groups {
  my (@groups) = @_;
  for (@groups) { mkdir $_ or die "$_: $!\n" }
  my $name = '/run/cgroup-namespace';
  if (-e $name) { sys('umount2', $name, $MNT_DETACH) } else { put($name, '') }
  pipe my $made, my $making or die "pipe: $!\n";
  pipe my $kept, my $done or die "pipe: $!\n";
  my $pid = fork;
  defined $pid or die "fork: $!\n";
  if ($pid == 0) {
    close $done;
    eval {
      put("$_/cgroup.procs", "0\n") for @groups;
      open my $user, '<', "/proc/$cell/ns/user" or die "user: $!\n";
      sys('setns', 0 + fileno $user, 0);
      sys('unshare', $NEWCGROUP);
      syswrite $making, 'made';
      sysread $kept, my $nothing, 1; # until it is bound
    };
    syswrite $making, $@ if $@;
    syscall($call{exit_group}, 0);
  }
  close $making;
  close $kept;
  sysread $made, my $said, 1024;
  my $bound = $said eq 'made' && eval { bind_at("/proc/$pid/ns/cgroup", $name); 1 };
  $said = $@ if $said eq 'made' && !$bound;
  close $done;
  waitpid $pid, 0;
  die "the cgroup namespace: $said\n" unless $bound;
  return;
}

# Moves everything in the cell into the groups, until nobody is left who was started meanwhile. Joining may take the kernel
# 10 ms each, so not in the executor's event loop.
sub join_groups {
  my (@groups) = @_;
  my %joined;
  for my $round (1 .. 100) {
    my @new = grep { !$joined{$_}++ } inhabitants() or return scalar keys %joined;
    for my $pid (@new) {
      for my $group (@groups) {
        open my $file, '>', "$group/cgroup.procs" or die "$group: $!\n";
        next if defined syswrite $file, "$pid\n" or $! == 3; # ESRCH: ended meanwhile
        die "$group: $!\n";
      }
    }
  }
  die "processes start faster than they can be moved into a group\n";
}

# Stopped first, so that a fork bomb does not outrun us; dead means gone from the cell, not only signalled.
sub end_all {
  for my $round (1 .. 400) {
    my @left = inhabitants() or return;
    kill 'STOP', @left if $round == 1;
    kill 'KILL', @left;
    select undef, undef, undef, $round < 20 ? 0.0005 : 0.01;
  }
  die "processes of an ended run could not be killed\n";
}

sub remove_groups {
  my @failed;
  for my $group (@_) { push @failed, "$group: $!" if !rmdir $group and $! != 2 } # 2: gone already
  die "@failed\n" if @failed;
  return;
}
