# The first program in a gVisor sandbox. runsc hands over three descriptors and no more, so it opens the others by name, as
# root of the sandbox's own kernel, which is nobody on the host; no name leads the program there. Then the guard takes its place.
# Arguments: system call numbers, the directory of the names, and the command that goes on.
use strict;
my ($numbers, $station, @command) = @ARGV;
my %call = map { split /=/ } split / /, $numbers;
$_ += 0 for values %call;
my ($O_RDONLY, $O_WRONLY, $O_APPEND) = (0, 1, 0x400);

syscall($call{close}, $_) for 0, 1, 3 .. 9; # 2 last, because complaints go there
# What the guard expects under 0 to 9.
my @plan = (
  ['stdin', $O_RDONLY], ['out', $O_WRONLY], ['diagnosis', $O_WRONLY | $O_APPEND], ['given', $O_RDONLY], ['report', $O_WRONLY],
  ['stdin', $O_RDONLY], ['stdin', $O_RDONLY], ['err', $O_WRONLY], ['job', $O_RDONLY], ['status', $O_WRONLY],
);
for my $number (0, 1, 3 .. $#plan, 2) {
  syscall($call{close}, 2) if $number == 2;
  my ($name, $flags) = @{$plan[$number]};
  my $path = "$station/$name";
  my $got = syscall($call{openat}, -100, $path, $flags, 0);
  die "$path: $!\n" if $got < 0;
  die "$path became descriptor $got instead of $number\n" if $got != $number;
}
%ENV = (); # of the guard, which anybody may read here
exec { $command[0] } @command;
die "$command[0]: $!\n";
