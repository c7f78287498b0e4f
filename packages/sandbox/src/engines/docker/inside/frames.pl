# How the executor and the first process of a container talk, over the container's own standard streams: a kind of one
# byte, a length of four, and that many bytes. Read by the executor and joined in front of guard.pl or keeper.pl.
# Without the executor nothing here may live on: the end of standard input ends this process, and with it all others.
$SIG{PIPE} = 'IGNORE';

sub take {
  my ($count) = @_;
  my $bytes = '';
  while (length $bytes < $count) {
    my $read = sysread STDIN, $bytes, $count - length $bytes, length $bytes;
    next if !defined $read && $! == 4;
    exit 9 unless $read;
  }
  return $bytes;
}

sub hear {
  my ($kind, $length) = unpack 'aN', take(5);
  return ($kind, $length ? take($length) : '');
}

sub tell_executor {
  my ($kind, $bytes) = @_;
  my $all = pack('aN', $kind, length $bytes) . $bytes;
  my $at = 0;
  while ($at < length $all) {
    my $written = syswrite STDOUT, $all, length($all) - $at, $at;
    next if !defined $written && $! == 4;
    exit 9 unless $written;
    $at += $written;
  }
}
