import type { AttackReport } from './report.ts'

/** A test suite for each family, as CI systems read it. A blind control is a failure: it says nothing about its attack. */
export function junitOf({ engine, families, results, controls, counts, startedAt }: AttackReport): string {
  const cases = (family: string) => results.filter((each) => each.family === family)
  const suites = families.map(({ family, escaped, skipped }) => {
    const own = cases(family)
    const body = own.map((each) =>
      testCase(
        `attack.${engine.name}.${family}`,
        each.id,
        each.wallMs,
        each.outcome === 'escaped',
        each.outcome === 'skipped',
        each.detail,
      ),
    )
    const seconds = (own.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1000).toFixed(3)
    return `  <testsuite name="${family}" tests="${own.length}" failures="${escaped}" skipped="${skipped}" time="${seconds}" timestamp="${startedAt}">\n${body.join('')}  </testsuite>\n`
  })
  const blind = (controls ?? []).filter(({ outcome }) => outcome === 'blind').length
  const unlearned = (controls ?? []).filter(({ outcome }) => outcome === 'skipped').length
  if (controls !== null) {
    const body = controls.map(({ id, outcome, detail }) =>
      testCase(`control.${engine.name}`, id, 0, outcome === 'blind', outcome === 'skipped', detail),
    )
    suites.push(
      `  <testsuite name="controls" tests="${controls.length}" failures="${blind}" skipped="${unlearned}" timestamp="${startedAt}">\n${body.join('')}  </testsuite>\n`,
    )
  }
  const total = results.length + (controls?.length ?? 0)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="crucible attack ${xml(engine.name)}" tests="${total}" failures="${counts.escaped + blind}" skipped="${counts.skipped + unlearned}">\n${suites.join('')}</testsuites>\n`
}

function testCase(className: string, id: string, wallMs: number, isFailed: boolean, isSkipped: boolean, detail: string): string {
  const open = `    <testcase classname="${xml(className)}" name="${xml(id)}" time="${(wallMs / 1000).toFixed(3)}"`
  if (isFailed) return `${open}>\n      <failure message="${xml(detail)}"/>\n    </testcase>\n`
  if (isSkipped) return `${open}>\n      <skipped message="${xml(detail)}"/>\n    </testcase>\n`
  return `${open}/>\n`
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Details quote hostile output: what XML cannot hold at all is shown as a question mark. */
export const xml = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '?')
    .replaceAll(/[&<>"']/g, (character) => named[character] ?? character)
