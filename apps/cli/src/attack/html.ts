import { plain } from '../control-sequences.ts'
import { xml } from './junit.ts'
import { type AttackReport, verdictOf } from './report.ts'

// No script and nothing from elsewhere: the details quote hostile output.
const style = `
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --odd: #9a6700 }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #f85149; --odd: #d29922 } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
.verdict { font-size: 1.25rem; font-weight: 600; padding: .75rem 1rem; border-left: 4px solid currentColor }
.stopped, .seen { color: var(--good) } .escaped, .blind { color: var(--bad) } .skipped, .incomplete { color: var(--odd) }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
code, .detail { font-family: ui-monospace, monospace; font-size: .85em; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dt { opacity: .7 } dd { margin: 0 }
`

const text = (value: string) => xml(plain(value))
const row = (cells: readonly string[]) => `<tr>${cells.join('')}</tr>`
const cell = (value: string, name = '') => `<td${name === '' ? '' : ` class="${name}"`}>${text(value)}</td>`

/** One file that can be kept, sent and opened anywhere. */
export function htmlOf(report: AttackReport): string {
  const { engine, machine, results, families, controls, counts } = report
  const counted = (name: string, each: typeof counts) =>
    row([
      cell(name),
      ...(['stopped', 'escaped', 'skipped'] as const).map((outcome) =>
        cell(String(each[outcome]), `number ${each[outcome] > 0 ? outcome : ''}`.trim()),
      ),
    ])
  const sections = families.map(({ family }) => {
    const rows = results
      .filter((each) => each.family === family)
      .map(({ id, tries, outcome, detail, wallMs }) =>
        row([
          `<td><code>${text(id)}</code></td>`,
          `<td>${text(tries)}${detail === '' ? '' : `<div class="detail ${outcome}">${text(detail)}</div>`}</td>`,
          cell(outcome, outcome),
          cell(`${wallMs} ms`, 'number'),
        ]),
      )
    return `<h2 id="${family}">${family}</h2>\n<table><thead><tr><th>Attack</th><th>What it tries</th><th>Outcome</th><th class="number">Took</th></tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`
  })
  const controlRows = (controls ?? []).map(({ id, outcome, detail }) =>
    row([`<td><code>${text(id)}</code></td>`, cell(outcome, outcome), cell(detail, 'detail')]),
  )
  const facts = [
    ['Engine', `${engine.name}, ${engine.version}`],
    ['Isolation', engine.isolation],
    ['Kernel', machine.kernel],
    ['Processor', machine.cpu],
    ['Run by', machine.asRoot ? 'root' : 'an ordinary user'],
    ['Languages', report.runtimes.join(', ')],
    ...report.unavailable.map(({ language, reason }) => ['Not offered', `${language}: ${reason}`]),
    ['Started', report.startedAt],
    ['Finished', report.finishedAt],
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(`Attacks on ${engine.name}: ${report.outcome}`)}</title><style>${style}</style></head><body>
<h1>Attacks on ${text(engine.name)}</h1>
<p class="verdict ${report.outcome}">${text(verdictOf(report))}</p>
<dl>${facts.map(([name = '', value = '']) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`).join('\n')}</dl>
<table><thead><tr><th>Family</th><th class="number">Stopped</th><th class="number">Escaped</th><th class="number">Skipped</th></tr></thead><tbody>
${families.map((each) => counted(each.family, each)).join('\n')}
${counted('all', counts)}
</tbody></table>
${sections.join('\n')}
${controls === null ? '' : `<h2>Controls</h2>\n<p>Each attack where nothing stops it: seen to succeed there, or else it would say nothing here.</p>\n<table><thead><tr><th>Attack</th><th>Outcome</th><th>What was seen</th></tr></thead><tbody>\n${controlRows.join('\n')}\n</tbody></table>`}
<h2>What this engine cannot</h2>
<ul>${engine.cannot.map((each) => `<li>${text(each)}</li>`).join('')}</ul>
</body></html>
`
}
