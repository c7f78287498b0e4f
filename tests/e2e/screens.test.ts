import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage, violations } from './stage.ts'

let stage: Stage
let evaluation = ''
let batch = ''

beforeAll(async () => {
  stage = await openStage()
  const submit = async (path: string, body: unknown) => {
    const reply = await fetch(`${stage.product.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return ((await reply.json()) as { id: string }).id // the contract's reply, which the API's own tests check
  }
  const program = {
    language: 'python',
    code: 'import sys\nprint(int(input()) * 2)\nprint("warning", file=sys.stderr)\n',
    tests: [
      { stdin: '1', expectedStdout: '2' },
      { stdin: '2', expectedStdout: '5' },
    ],
  }
  evaluation = await submit('/evaluations?wait=30', program)
  batch = await submit('/batches', { name: 'screens', evaluations: [program, { ...program, code: '(' }] })
})
afterAll(() => stage.close())

/** Each with what is only there once the screen is full. */
const screens: [name: string, path: () => string, heading: string | RegExp, full: RegExp][] = [
  ['run', () => `/?evaluation=${evaluation}`, 'Run a program', /1 of 2/],
  ['list', () => '/evaluations', 'Evaluations', /that is all/],
  ['empty list', () => '/evaluations?verdict=security_violation', 'Evaluations', /Nothing matches these filters/],
  ['detail', () => `/evaluations/${evaluation}`, /Evaluations/, /1 of 2/],
  ['missing', () => '/evaluations/evl_01m7wctmh2e3r8ytmywq7rgzj2', /Evaluations/, /No such evaluation/],
  ['batch', () => `/batches/${batch}`, 'screens', /2 of 2 finished/],
  ['executors', () => '/executors', 'Executors', /Runtimes/i],
]

for (const scheme of ['dark', 'light'] as const) {
  test.for(screens)(`the %s screen breaks no accessibility rule in ${scheme} colours`, async ([, path, heading, full]) => {
    const page = await stage.open(path())
    await page.emulateMedia({ colorScheme: scheme })
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor({ state: 'attached' })
    await page.getByText(full).first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.close()
  })

  test(`the sign-in screen breaks no accessibility rule in ${scheme} colours`, async () => {
    const page = await stage.open('/sign-in', { signedIn: false })
    await page.emulateMedia({ colorScheme: scheme })
    await page.getByRole('heading', { name: 'Crucible' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.close()
  })
}

test('the form is worked by keyboard alone: each tab of it, and out of the editor again', async () => {
  const page = await stage.open('/')
  await page.getByRole('textbox', { name: 'Source code' }).focus()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  await expect.poll(() => page.evaluate('document.activeElement?.getAttribute("role")')).toBe('tab')
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tab', { name: 'Tests', selected: true }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tab', { name: 'Limits', selected: true }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.close()
})
