# Runs inside a container when the engine starts, and tries what must not work. One line for each promise that does not
# hold. Arguments: the user, 1 where the kernel is the host's, system call numbers. A kernel of its own has its own /proc
# and /sys, in which nothing of the host is, and guards pid 1 less well: run.ts does not rely on that.
my ($user, $shared, $numbers) = @ARGV;
my %call = map { split /=/ } split / /, $numbers;
$_ += 0 for values %call;
sub broken { print "$_[0]\n" }
sub content { open my $file, '<', $_[0] or return undef; local $/; return scalar <$file> }

for my $place ('/work', '/tmp', '/dev/shm') { open my $mark, '>', "$place/self-test" or broken("$place cannot be written") }
for my $path ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/sys/kernel/hostname', '/new', '/dev/new', '/dev/mqueue/new', '/usr/new', '/etc/hosts') {
  broken("$path can be opened for writing") if open my $file, '>>', $path;
}
for my $path ('/proc/1/mem', '/etc/shadow', '/proc/kcore', '/var/run/docker.sock', '/run/docker.sock', $shared ? ('/proc/1/environ', '/sys/kernel/notes', '/sys/devices/system') : ()) {
  broken("$path can be seen") if defined content($path) && length content($path) or -d $path or -S $path;
}
for my $device ('/dev/null', '/dev/zero', '/dev/full', '/dev/urandom') { open my $file, '+<', $device or broken("$device cannot be used: $!") }
broken('the descriptors of the guard can be listed') if $shared && opendir my $descriptors, '/proc/1/fd';

my $status = content('/proc/self/status');
for my $set (qw(CapInh CapPrm CapEff CapBnd)) { broken("the capability set $set is not empty") unless $status =~ /^$set:\s+0+$/m }
broken('new privileges are possible') if $status =~ /^NoNewPrivs:\s+0$/m;
broken('no seccomp filter is in force') if $shared && $status !~ /^Seccomp:\s+2$/m;
broken("the program does not run as user $user") unless $status =~ /^Uid:\s+$user\s+$user\s+$user\s+$user$/m;
my @interfaces = (content('/proc/self/net/dev') // '') =~ /^\s*([^\s:|]+):/mg;
broken("there are network interfaces besides lo: @interfaces") if grep { $_ ne 'lo' } @interfaces;
opendir my $processes, '/proc' or broken('/proc cannot be listed');
my @others = grep { /^\d+$/ && $_ != 1 && $_ != $$ } readdir $processes;
broken('other processes can be seen') if @others;
for my $pair ([mount => 0], [unshare => 0x10000000], [ptrace => 0], [bpf => 0], [keyctl => 0], [io_uring_setup => 1], [userfaultfd => 1], [chroot => 0]) {
  my ($name, $first) = @$pair;
  my ($text, $zeros) = ("/tmp\0", "\0" x 128);
  broken("the system call $name is possible") if syscall($call{$name}, $name eq 'chroot' ? $text : $first, $zeros, 0, -1, 0) >= 0;
}
for my $family ([AF_NETLINK => 16], [AF_PACKET => 17], [AF_VSOCK => 40], [AF_ALG => 38]) {
  broken("a socket of $family->[0] is possible") if syscall($call{socket}, $family->[1], 3, 0) >= 0 || syscall($call{socket}, $family->[1], 1, 0) >= 0;
}
print "done\n";
