# The first process of the container that keeps a sandbox's work directory between its runs, and writes files into it. No
# program ever runs here, and what programs left in the directory can lead nowhere but into this container's own read-only
# root. No process of the sandbox lives while it writes: what is checked stays so until it is used.
#
# Heard: f starts a file (mode, NUL, path below the work directory), d more of its content, e its end.
# Told: r ready, d done with a file, x why one could not be written.
chdir '/work' or die "/work: $!\n";
$| = 1;
umask 0;
$SIG{TERM} = sub { exit 0 }; # the daemon is shutting down

sub remove { # of what is in the way of a file; never follows a link
  my ($path) = @_;
  if (-l $path || !-d _) { unlink $path or die "$path: $!\n"; return }
  chmod 0700, $path;
  opendir my $all, $path or die "$path: $!\n";
  remove("$path/$_") for grep { $_ ne '.' && $_ ne '..' } readdir $all;
  rmdir $path or die "$path: $!\n";
}
sub make_parents {
  my @names = split m{/}, $_[0];
  pop @names;
  my $here = '.';
  for my $name (@names) {
    $here .= "/$name";
    if (!-l $here && -d $here) { chmod 0700 | ((stat _)[2] & 07777), $here; next } # a program may have locked us out
    unlink $here or die "$here: $!\n" if -l $here || -e $here;
    mkdir $here, 0755 or die "$here: $!\n";
  }
}

tell_executor('r', '');
my ($file, $mode, $path, $failed);
while (1) {
  my ($kind, $bytes) = hear();
  if ($kind eq 'f') {
    ($mode, $path) = split /\0/, $bytes, 2;
    undef $failed;
    eval {
      make_parents($path);
      remove("./$path") if -l "./$path" || -e "./$path";
      sysopen $file, "./$path", 0301, 0600 or die "$path: $!\n"; # O_WRONLY, O_CREAT, O_EXCL
      1;
    } or $failed = $@;
  }
  elsif ($failed) { tell_executor('x', $failed) if $kind eq 'e' }
  elsif ($kind eq 'd') {
    my $at = 0;
    while ($at < length $bytes) {
      my $written = syswrite $file, $bytes, length($bytes) - $at, $at;
      unless (defined $written) { $failed = "$path: $!\n"; last }
      $at += $written;
    }
  }
  elsif ($kind eq 'e') {
    if (close($file) && chmod($mode & 0777, "./$path")) { tell_executor('d', '') } else { tell_executor('x', "$path: $!\n") }
  }
}
