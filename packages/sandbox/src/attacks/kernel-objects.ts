/** What a program can leave in the kernel where no directory shows it: System V objects by their key, and POSIX queues. */
import { spawnSync } from 'node:child_process'

const perl = '/usr/bin/perl'
const script = `
my ($nonce, $key, $unlink) = @ARGV;
my $segment = shmget $key, 0, 0; print "a segment of shared memory\\n" if defined $segment && shmctl $segment, 0, 0;
my $queue = msgget $key, 0; print "a message queue\\n" if defined $queue && msgctl $queue, 0, 0;
my $semaphores = semget $key, 0, 0; print "semaphores\\n" if defined $semaphores && semctl $semaphores, 0, 0, 0;
print "a POSIX message queue\\n" if syscall($unlink, $nonce) == 0;
`

/** Attacks make them under the key or name that comes from their nonce. Removes them, and says which there were. */
export function removeKernelObjects(nonce: string): string[] {
  const key = Number.parseInt(nonce.slice(0, 8), 16) & 0x7fff_ffff
  const unlink = process.arch === 'x64' ? 240 : 180 // mq_unlink
  const { stdout } = spawnSync(perl, ['-e', script, nonce, String(key), String(unlink)], {
    env: {},
    encoding: 'utf8',
    timeout: 5000,
  })
  return stdout.split('\n').flatMap((what) => (what === '' ? [] : [`it left ${what} in the kernel of the host`]))
}
