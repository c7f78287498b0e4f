# Fills the work directory of a new pod and ends; the program's container starts only then, and may see it read-only.
# Frames: d(irectory) and f(ile): mode, NUL, path; w(rite): bytes of the file just named; l(ink): path, NUL, target; z: all.
chdir '/work' or die "/work: $!\n";
umask 0;
my ($file, $name, @modes);
while (1) {
  my ($type, $payload) = next_frame();
  if ($type eq 'w') {
    while (length $payload) {
      my $wrote = syswrite $file, $payload;
      die "$name: $!\n" unless $wrote;
      substr $payload, 0, $wrote, '';
    }
    next;
  }
  if ($file) { close $file or die "$name: $!\n"; undef $file }
  last if $type eq 'z';
  my ($first, $second) = split /\0/, $payload, 2;
  if ($type eq 'l') {
    symlink $second, $first or die "$first: $!\n";
  } elsif ($type eq 'd') {
    mkdir $second, 0700 or die "$second: $!\n";
    push @modes, [oct $first, $second];
  } elsif ($type eq 'f') {
    $name = $second;
    open $file, '>', $name or die "$name: $!\n";
    push @modes, [oct $first, $name];
  } else {
    die "unknown frame $type\n";
  }
}
# Last, and what is below first: a directory may be closed to its owner.
for (reverse @modes) { chmod $_->[0], $_->[1] or die "$_->[1]: $!\n" }
exit 0;
