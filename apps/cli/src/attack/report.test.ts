import { expect, test } from 'vitest'
import type { AttackResult, ControlResult, Started } from './events.ts'
import { htmlOf } from './html.ts'
import { junitOf } from './junit.ts'
import { reportOf, verdictOf } from './report.ts'
import { reportText } from './text.ts'

const started: Started = {
  engine: { name: 'namespaces', version: '1', isolation: 'kernel-shared', cannot: ['hide <the> kernel'] },
  machine: { kernel: '6', cpu: 'one', asRoot: false },
  slots: 4,
  runtimes: ['python@3.11'],
  unavailable: [],
  attacks: 2,
}
const result = (id: string, outcome: AttackResult['outcome'], detail = ''): AttackResult => ({
  id: `escape/${id}`,
  family: 'escape',
  tries: 'Tries it.',
  outcome,
  detail,
  wallMs: 12,
})
const control = (outcome: ControlResult['outcome']): ControlResult => ({ id: 'escape/a', family: 'escape', outcome, detail: '' })

const report = (results: readonly AttackResult[], controls: readonly ControlResult[] | null = null, maySkip = false) =>
  reportOf({ started, results, controls, maySkip, startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:00:31.000Z' })

test('it is stopped only when every attack was tried and stopped', () => {
  expect(report([result('a', 'stopped'), result('b', 'stopped')]).outcome).toBe('stopped')
  expect(report([result('a', 'stopped')]).outcome).toBe('incomplete')
  expect(report([result('a', 'stopped'), result('b', 'skipped')]).outcome).toBe('incomplete')
  expect(report([result('a', 'stopped'), result('b', 'skipped')], null, true).outcome).toBe('stopped')
  expect(report([result('a', 'escaped'), result('b', 'skipped')], null, true).outcome).toBe('escaped')
})

test('a control that was not seen to succeed takes the proof away, one that there is not does not', () => {
  const stopped = [result('a', 'stopped'), result('b', 'stopped')]
  expect(report(stopped, [control('blind')]).outcome).toBe('incomplete')
  expect(report(stopped, [control('seen'), control('skipped')]).outcome).toBe('stopped')
})

test('the verdict is one line that says how many, of what, and what is left open', () => {
  expect(verdictOf(report([result('a', 'stopped'), result('b', 'stopped')]))).toBe(
    'Stopped: 2 of 2 attacks on namespaces, and none got out.',
  )
  expect(verdictOf(report([result('a', 'escaped'), result('b', 'stopped')]))).toMatch(/^ESCAPED: 1 of 2 attacks/)
  expect(verdictOf(report([result('a', 'stopped'), result('b', 'skipped')], [control('blind')]))).toMatch(
    /^Incomplete: .* 1 were skipped and 1 controls were blind/,
  )
})

// What attacks write is hostile, and a detail quotes it.
const hostile = '<script>alert(1)</script> & "quoted"\u001b[31m\u0000\ud800 ]]>'

test('the page quotes hostile output as text', () => {
  const page = htmlOf(
    report([result('a', 'escaped', hostile), result('b', 'stopped')], [{ ...control('blind'), detail: hostile }]),
  )
  expect(page).not.toContain('<script')
  expect(page).toContain('&lt;script&gt;')
  expect(page).toContain('hide &lt;the&gt; kernel')
  expect(page).not.toContain('\u001b')
})

test('JUnit counts failures and skips, and holds nothing that XML cannot', () => {
  const xml = junitOf(
    report([result('a', 'escaped', hostile), result('b', 'skipped', 'no java')], [control('blind'), control('seen')]),
  )
  expect(xml).toContain('tests="4" failures="2" skipped="1"')
  expect(xml).toContain('<skipped message="no java"/>')
  expect(xml.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cs}/u)
  expect(xml).not.toContain('<script')
})

test('a terminal is told of whatever was not stopped, and not taken over by it', () => {
  const text = reportText(report([result('a', 'escaped', hostile), result('b', 'skipped', 'no java')]))
  expect(text).toContain('ESCAPED  escape/a: Tries it.')
  expect(text).toContain('SKIPPED  escape/b')
  expect(text).not.toContain('\u001b')
})
