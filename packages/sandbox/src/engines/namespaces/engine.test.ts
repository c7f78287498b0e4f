import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EngineFault } from '../../engine.ts'
import { namespacesEngine } from './index.ts'
import { limits, MiB, run, shell, tryEngine } from './trial.ts'

const { engine, inSandbox, bash, py } = tryEngine(1_941_000_000)

describe('how a program ended', () => {
  test('an exit code above 128 is not mistaken for a signal', async () => {
    expect(await bash('exit 137')).toMatchObject({ exitCode: 137, signal: null, reason: 'exited' })
  })
  test('a death by signal is told as that signal', async () => {
    expect(await bash('kill -9 $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL', reason: 'signalled' })
    expect(await bash('kill -SEGV $$')).toMatchObject({ exitCode: null, signal: 'SIGSEGV', reason: 'signalled' })
    expect(await bash('kill -ABRT $$')).toMatchObject({ exitCode: null, signal: 'SIGABRT', reason: 'signalled' })
  })
  test('a program that kills everything it can reach kills only itself', async () => {
    expect(await bash('kill -9 -1; exit 3')).toMatchObject({ exitCode: 3 }) // bash's own kill spares the caller
    expect(await py('import os; os.kill(1, 9); os.kill(1, 19); print("alive")')).toMatchObject({ exitCode: 0, stdout: 'alive\n' })
  })
  test('a program of less than a millisecond keeps its output and its code', async () => {
    expect(await bash('echo a; echo b >&2; exit 42')).toMatchObject({ exitCode: 42, stdout: 'a\n', stderr: 'b\n' })
  })
  test('a program that is not there is a failed program when it lies in the work directory, else a fault of ours', async () => {
    await inSandbox(async (sandbox) => {
      expect(await run(sandbox, ['/work/program'])).toMatchObject({ exitCode: 127, reason: 'exited' })
      await sandbox.put([{ path: 'program', content: Buffer.from('not a program'), mode: 0o644 }])
      expect(await run(sandbox, ['/work/program'])).toMatchObject({ exitCode: 126, reason: 'exited' })
      await expect(run(sandbox, ['/usr/bin/there-is-no-such-tool'])).rejects.toThrow(EngineFault)
    })
  })
})

describe('what is shown', () => {
  test('a host file that sandbox users could not reach is shown where the run wants it', async () => {
    const ran = await inSandbox((sandbox) =>
      run(sandbox, ['/opt/node/bin/node', '-e', 'console.log(process.execPath, require("fs").readdirSync("/opt"))'], {
        show: [{ host: process.execPath, inside: '/opt/node/bin/node' }],
        limits: { memoryBytes: 512 * MiB },
      }),
    )
    expect(ran).toMatchObject({ exitCode: 0, stdout: "/opt/node/bin/node [ 'node' ]\n" })
  })
  test('a program sees the files that it needs and no others', async () => {
    const { stdout } = await bash('echo /* /etc/* /usr/* /home/* /root/*', { show: ['/bin/bash'] })
    expect(stdout).not.toMatch(/shadow|\/home\/[^*]|\/root\/[^*]|\/usr\/share|\/var|\/run|\/sys/)
  })
  test('a missing file is a fault that names it', async () => {
    await expect(bash('exit', { show: ['/usr/lib/there-is-no-such-thing'] })).rejects.toThrow('/usr/lib/there-is-no-such-thing')
  })
})

describe('streams', () => {
  test('the standard streams can be opened by name', async () => {
    expect(await bash('echo x > /dev/stderr; echo y > /dev/stdout; cat < /dev/stdin', { stdin: 'z' })).toMatchObject({
      stdout: 'y\nz',
      stderr: 'x\n',
      exitCode: 0,
    })
  })
  test('a program with its streams closed still ends as it likes', async () => {
    expect(await bash('exec >&- 2>&- <&-; exit 5')).toMatchObject({ exitCode: 5, stdout: '' })
  })
  test('no descriptor but the standard ones is open', async () => {
    const { stdout } = await py('import os; print(sorted(int(n) for n in os.listdir("/proc/self/fd")))')
    expect(stdout).toBe('[0, 1, 2, 3]\n') // 3 is the directory being listed
  })
  test('the channel carries a secret in and a report out, and is closed to those who come after', async () => {
    expect(await bash('read -r secret <&3; echo "got $secret" >&4', { given: 'nonce\n' })).toMatchObject({ exitCode: 0 })
    const { report } = await bash('cat <&3 >&4', { given: 'nonce' })
    expect(Buffer.from(report).toString()).toBe('nonce')
  })
  test('a report longer than 4 KiB is cut and does not stop the program', async () => {
    const { report, exitCode } = await py('import os; os.write(4, b"x" * 1000000)', { given: '' })
    expect([report.length, exitCode]).toEqual([4096, 0])
  })
})

describe('what is left behind', () => {
  test('a daemon in a session of its own ends with its program', async () => {
    const mark = `crucible-daemon-${process.pid}`
    await bash(`setsid bash -c 'exec -a ${mark} sleep 1000' > /dev/null 2>&1 & sleep 0.1; echo started`)
    expect(processesNamed(mark)).toEqual([])
  })
  test('a daemon that holds the output open does not hold the result', async () => {
    expect(await bash('sleep 1000 & echo done')).toMatchObject({ exitCode: 0, stdout: 'done\n', reason: 'exited' })
  })
  test('files stay between the runs of a sandbox and are gone with it; scratch is new for each run', async () => {
    await inSandbox(async (sandbox) => {
      await run(sandbox, ['/bin/bash', '-c', 'echo 1 > kept; echo 2 > /tmp/gone; echo 3 > /dev/shm/gone'])
      expect(await run(sandbox, ['/bin/bash', '-c', 'ls /work /tmp /dev/shm'])).toMatchObject({
        stdout: '/dev/shm:\n\n/tmp:\n\n/work:\nkept\n',
      })
    })
    expect(await bash('ls -A /work /tmp /dev/shm')).toMatchObject({ stdout: '/dev/shm:\n\n/tmp:\n\n/work:\n' })
  })
  test('a sealed work directory cannot be changed, /tmp still can', async () => {
    await inSandbox(async (sandbox) => {
      await sandbox.put([{ path: 'a/main', content: Buffer.from('artifact') }])
      await sandbox.seal()
      const ran = await run(sandbox, [
        '/bin/bash',
        '-c',
        'echo x > a/main; rm -f a/main; chmod 777 .; echo y > /tmp/y; cat a/main /tmp/y',
      ])
      expect(ran.stdout).toBe('artifacty\n')
    })
  })
  test('a link planted by a program does not lead a later write outside', async () => {
    await inSandbox(async (sandbox) => {
      await run(sandbox, ['/bin/bash', '-c', 'ln -s /etc dir; ln -s /etc/crucible-escape file; mkdir -p deep; chmod 000 deep'])
      await sandbox.put([
        { path: 'dir/crucible-escape', content: Buffer.from('a') },
        { path: 'file', content: Buffer.from('b') },
        { path: 'deep/c', content: Buffer.from('c') },
      ])
      expect(await run(sandbox, ['/bin/bash', '-c', 'chmod 700 deep; cat dir/crucible-escape file deep/c'])).toMatchObject({
        stdout: 'abc',
      })
      expect(readdirSync('/etc')).not.toContain('crucible-escape')
    })
  })
  test('closing the engine leaves no process, mount or cgroup', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'crucible-engine-'))
    const second = await namespacesEngine({
      slots: 2,
      stateDir: directory,
      uidBase: process.geteuid?.() === 0 ? 1_910_000_000 : null,
    })
    const sandbox = await second.open({ diskBytes: MiB })
    const running = sandbox.run(
      { command: ['/bin/bash', '-c', 'sleep 100'], env: {}, stdin: Buffer.alloc(0), limits, show: shell },
      () => {},
      new AbortController().signal,
    )
    const groups: string[] = JSON.parse(readFileSync(join(directory, 'engine.json'), 'utf8')).directories
    await second.close()
    expect((await running).reason).toBe('cancelled')
    expect(groups.filter((group) => exists(group))).toEqual([])
    expect(readdirSync(directory)).toEqual([])
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('/run/slots')
    await rm(directory, { recursive: true })
  })
})

describe('several at once', () => {
  test('eight sandboxes run at once, each in its own world', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        bash(`echo ${index} > mine; sleep 0.2; cat mine; echo *; set -- /proc/[0-9]*; echo $#`),
      ),
    )
    for (const [index, ran] of all.entries()) expect(ran).toMatchObject({ exitCode: 0, stdout: `${index}\nmine\n2\n` })
  })
  test('a ninth is refused while eight are open', async () => {
    const open = await Promise.all(Array.from({ length: 8 }, () => engine().open({ diskBytes: MiB })))
    await expect(engine().open({ diskBytes: MiB })).rejects.toThrow('All 8 sandboxes are open.')
    await Promise.all(open.map((sandbox) => sandbox.destroy()))
  })
  test('fifty runs in a row in one sandbox all end properly', async () => {
    await inSandbox(async (sandbox) => {
      for (let n = 0; n < 50; n++)
        expect(await run(sandbox, ['/bin/bash', '-c', `echo ${n}`])).toMatchObject({ stdout: `${n}\n`, exitCode: 0 })
    })
  })
})

function processesNamed(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0] === name
    } catch {
      return false // ended while we looked
    }
  })
}

function exists(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}
