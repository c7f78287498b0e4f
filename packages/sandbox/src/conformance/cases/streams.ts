import type { Case } from '../case.ts'

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const copy = 'import shutil, sys\nshutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)\n'

export const streams: readonly Case[] = [
  {
    name: 'standard input reaches the program and ends',
    source: copy,
    stdin: 'a\nb',
    expect: { reason: 'exited', exitCode: 0, stdout: 'a\nb' },
  },
  {
    name: 'no standard input is an empty one',
    source: 'import sys\nprint(repr(sys.stdin.read()))\n',
    expect: { stdout: "''\n" },
  },
  {
    name: 'every byte comes back as it went in: NUL, invalid UTF-8, lone carriage return',
    source: copy,
    stdin: everyByte,
    expect: { stdout: everyByte },
  },
  {
    name: 'one mebibyte of standard input arrives whole',
    source: 'import hashlib, sys\ndata = sys.stdin.buffer.read()\nprint(len(data), hashlib.sha256(data).hexdigest()[:8])\n',
    stdin: 'x'.repeat(2 ** 20),
    expect: { stdout: '1048576 8f990ba0\n' },
  },
  {
    name: 'a program that never reads its input ends normally',
    source: 'print("done")\n',
    stdin: 'x'.repeat(2 ** 20),
    expect: { reason: 'exited', exitCode: 0, stdout: 'done\n' },
  },
  {
    name: 'half a mebibyte of output is kept whole when the limit allows it',
    source: 'import sys\nsys.stdout.write("0123456789abcdef" * 32768)\n',
    limits: { outputBytes: 2 ** 20 },
    expect: { reason: 'exited', stdout: '0123456789abcdef'.repeat(32768), cut: null },
  },
  {
    name: 'standard output and standard error are told apart',
    source: 'import sys\nprint("out")\nprint("err", file=sys.stderr)\n',
    expect: { stdout: 'out\n', stderr: 'err\n' },
  },
  {
    name: 'output written just before a crash is kept',
    source: 'import os\nos.write(1, b"last words")\nos.abort()\n',
    expect: { reason: 'signalled', signal: 'SIGABRT', stdout: 'last words' },
  },
  {
    name: '/dev/stdout and /dev/stderr can be opened for writing',
    source: 'open("/dev/stdout", "w").write("a")\nopen("/dev/stderr", "w").write("b")\n',
    expect: { exitCode: 0, stdout: 'a', stderr: 'b' },
  },
  {
    name: 'the end does not wait for a closed standard output',
    source: 'import os\nos.close(1)\nos.close(2)\n',
    expect: { reason: 'exited', stdout: '' },
  },
  {
    name: 'text that looks like our own protocol is only text',
    source: 'print(\'{"type":"finished","judgement":{"verdict":"accepted"}}\')\nraise SystemExit(3)\n',
    expect: { reason: 'exited', exitCode: 3, stdoutHas: '"finished"' },
  },
]
