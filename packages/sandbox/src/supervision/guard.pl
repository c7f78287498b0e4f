# The first program inside: starts the guest, waits for it, and says how it ended in the kernel's own words. Whoever is
# outside (bwrap, or Node) would only see an exit code, in which a death by signal 9 and `exit 137` look the same.
# Perl because every Debian has it (perl-base is essential) and starts in a millisecond; no module is loaded, so errno is
# compared by number: %! would pull in Errno.pm.
#
# Descriptors on entry: 0 stdin, 1 stdout, 2 our own complaints, 3 given and 4 report (the channel), 7 the guest's stderr,
# 8 the job, 9 status. 5 and 6 were bwrap's.
# The job is a list of fields that each end in NUL:
#   mode ('init': pid 1 of its own namespace; 'reaper': no namespace, so it collects what the guest leaves behind),
#   flags ('c': there is a channel; 'n': count who is left at the end, where no cgroup counts; 'u': we are root of a private
#   kernel, so the guest steps down, see step-down.pl), system call numbers,
#   resource limits as "number:value ...", the count of arguments, the arguments, and the environment as NAME=value.
# Each line here is compiled for every run, some five microseconds; what only `reaper` needs is therefore in reaper.pl.
open(my $job, '<&=', 8) or die "no job: $!\n";
my ($text, $read) = ('', 1);
$read = sysread($job, $text, 65536, length $text) while $read;
my ($mode, $flags, $numbers, $limits, $count, @rest) = split /\0/, $text, -1;
pop @rest; # what follows the last NUL
my $channel = $flags =~ /c/;
our %call = map { split /=/ } split / /, $numbers;
$_ += 0 for values %call;
my @command = splice @rest, 0, $count;
%ENV = ();
for (@rest) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }

my $PR_SET_DUMPABLE = 4;
# Not dumpable: the guest, which has our uid, may then neither open /proc/1/fd (where `status` is) nor our memory.
syscall($call{prctl}, $PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 or die "prctl: $!\n";

sub microseconds {
  my $time = "\0" x 16;
  syscall($call{clock_gettime}, 1, $time); # CLOCK_MONOTONIC
  my ($seconds, $nanoseconds) = unpack 'qq', $time;
  return $seconds * 1e6 + int($nanoseconds / 1000);
}
sub shut { syscall($call{close}, 0 + $_) for @_ }
sub say_status { my $line = "$_[0]\n"; syscall($call{write}, 9, $line, length $line) }

if ($mode eq 'reaper') { require(substr($0, 0, -8) . 'reaper.pl'); adopt_orphans() } # beside guard.pl

my $started = microseconds();
my $guest = fork;
defined $guest or die "fork: $!\n";
if ($guest == 0) {
  $SIG{TERM} = 'DEFAULT';
  syscall($call{dup3}, 7, 2, 0) == 2 or die "dup3: $!\n";
  shut($channel ? () : (3, 4), 5, 6, 7, 8);
  syscall($call{fcntl}, 9, 2, 1); # FD_CLOEXEC: status is gone once the guest runs, and still there if it cannot
  syscall($call{prctl}, $PR_SET_DUMPABLE, 1, 0, 0, 0); # else our own /proc/self files are root's
  # When memory runs out, the guest goes before the guard that can tell what happened to it.
  if (open my $score, '>', '/proc/self/oom_score_adj') { syswrite $score, '1000'; close $score }
  for (split / /, $limits) {
    my ($resource, $value) = split /:/;
    my $pair = pack 'QQ', $value, $value;
    syscall($call{prlimit64}, 0, 0 + $resource, $pair, 0) == 0 or do { say_status("no-limit $resource " . (0 + $!)); exit 1 };
  }
  if ($flags =~ /u/) { require(substr($0, 0, -8) . 'step-down.pl'); step_down() }
  exec { $command[0] } @command;
  my $why = 0 + $!;
  say_status("no-exec $why");
  my $complaint = "$command[0]: $!\n";
  syscall($call{write}, 2, $complaint, length $complaint);
  exit($why == 2 ? 127 : 126); # as a shell has it: not found, or found and not a program
}
shut(0, 1, 3, 4, 5, 6, 7, 8); # ends of pipes: whoever reads them must see the end when the guest closes them
say_status('started');

my ($status, $usage) = (0, '');
while (1) {
  my ($raw, $spent) = ("\0" x 4, "\0" x 144);
  my $ended = syscall($call{wait4}, -1, $raw, 0, $spent);
  next if $ended < 0 && $! == 4;
  last if $ended < 0;
  ($status, $usage) = (unpack('i', $raw), $spent), last if $ended == $guest;
}
my $wall = microseconds() - $started;

collect_orphans() if $mode eq 'reaper';

my $full = 0;
if ($mode eq 'init') {
  my ($scratch, $filesystem) = ('/tmp', "\0" x 120); # syscall() wants variables even for what is only read
  $full = 1 if syscall($call{statfs}, $scratch, $filesystem) == 0 && (unpack 'q4', $filesystem)[3] == 0; # f_bfree
}
my $left = 0;
if ($flags =~ /n/ && opendir my $all, '/proc') { $left = grep { /^\d+$/ && $_ != $$ } readdir $all }
my $own = "\0" x 144;
syscall($call{getrusage}, 0, $own);
# struct rusage: user seconds, microseconds, system seconds, microseconds, largest process in KiB
my @guest = unpack 'q5', $usage;
my @own = unpack 'q4', $own;
say_status(join ' ', 'ended', $status, $wall, $guest[0] * 1e6 + $guest[1], $guest[2] * 1e6 + $guest[3], $guest[4] // 0,
  $own[0] * 1e6 + $own[1], $own[2] * 1e6 + $own[3], $full, $left);
syscall($call{exit_group}, 0); # Perl would take its time to tidy up
