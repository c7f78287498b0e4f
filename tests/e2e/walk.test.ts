import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, output, run, type Stage, says } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

test('a wrong key is refused with a sentence, and the right one opens the page that was asked for', async () => {
  const page = await stage.open('/executors', { signedIn: false })
  await page.getByLabel('API key', { exact: true }).fill('crk_wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').filter({ hasText: 'does not know this key' }).waitFor()
  await page.getByLabel('API key', { exact: true }).fill(stage.key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Executors', level: 1 }).waitFor()
  await page.getByRole('region', { name: /^Executor / }).waitFor()
  await page.close()
})

test('signing out forgets the key, and a reload does not bring it back', async () => {
  const page = await stage.open('/')
  await page.getByRole('button', { name: /default/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  await page.goto(`${stage.product.url}/evaluations`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(stage.key)
  await page.close()
})

test('output appears while the program still runs, and both streams are told apart in words', async () => {
  const page = await stage.open('/')
  await run(
    page,
    `import sys, time
for step in range(40):
    print(f"step {step}", flush=True)
    print(f"warning {step}", file=sys.stderr, flush=True)
    time.sleep(0.1)
print("the end")
`,
  )
  await output(page).getByText('step 1', { exact: true }).waitFor()
  await says(page, 'Running')
  expect(await page.getByRole('button', { name: 'Cancel' }).getAttribute('aria-disabled')).toBe('false')
  await output(page).getByText('the end').waitFor()
  await says(page, 'Accepted')
  await page.getByText('exit code 0', { exact: true }).waitFor()
  await page.getByRole('meter', { name: 'Wall time' }).waitFor()
  await page.getByRole('radio', { name: 'stderr' }).check()
  await output(page).getByText('warning 39').waitFor()
  expect(await output(page).textContent()).not.toContain('step')
  expect(await output(page).textContent()).toContain('err')
  await page.reload()
  await says(page, 'Accepted')
  await output(page).getByText('the end').waitFor()
  await page.close()
})

test('an infinite loop is cancelled, and the button then says why it is of no more use', async () => {
  const page = await stage.open('/')
  await run(page, 'print("turning", flush=True)\nwhile True:\n    pass\n')
  await output(page).getByText('turning').waitFor()
  const cancel = page.getByRole('button', { name: 'Cancel' })
  await cancel.click()
  await says(page, 'Cancelled')
  await expect.poll(() => cancel.getAttribute('aria-disabled')).toBe('true')
  expect(await cancel.textContent()).toContain('nothing left to cancel')
  await page.close()
})

test('a failing test is found on the detail page, with its verdict', async () => {
  const page = await stage.open('/')
  await page.getByRole('tab', { name: 'Tests' }).click()
  await page.getByRole('button', { name: 'Add a test' }).click()
  await page.getByRole('button', { name: 'Add a test' }).click()
  const tests = page.getByRole('group', { name: /^Test \d/ })
  for (const [index, [stdin, expected]] of [
    ['2', '4'],
    ['3', '7'],
  ].entries()) {
    await tests
      .nth(index)
      .getByLabel('Input')
      .fill(stdin ?? '')
    await tests
      .nth(index)
      .getByLabel('Expected output')
      .fill(expected ?? '')
  }
  await run(page, 'print(int(input()) * 2)\n')
  await says(page, 'Partial')
  await page.getByRole('link', { name: 'Everything about this evaluation' }).click()
  await page.getByText('1 of 2').first().waitFor()
  const rows = page.getByRole('tabpanel').getByRole('row')
  expect(await rows.nth(1).textContent()).toContain('Accepted')
  expect(await rows.nth(2).textContent()).toContain('Wrong answer')
  await page.getByRole('tab', { name: 'Source' }).click()
  await page
    .getByRole('textbox', { name: /^Source of / })
    .getByText('print(int(input()) * 2)')
    .waitFor()
  await page.getByRole('tab', { name: 'Environment' }).click()
  await page.getByText('Sandboxed:').waitFor()
  const made = page.getByRole('tabpanel')
  for (const text of ['PYTHONHASHSEED', /^(cold|forked)\b/, /^1 of \d+ slots$/, /^\d+\.\d\d → \d+\.\d\d$/])
    await made.getByText(text).waitFor()
  await page.getByRole('tab', { name: 'Metadata' }).click()
  await made.getByText('at least none').waitFor()
  await page.getByRole('tab', { name: /^Attempts/ }).click()
  await page.getByText('Led to the verdict').waitFor()
  await page.close()
})

test('the list is filtered by what the address says, and the address by what is chosen', async () => {
  const page = await stage.open('/evaluations')
  await page.getByRole('region', { name: 'Evaluations' }).getByRole('row').nth(3).waitFor()
  await page.getByRole('button', { name: 'Status' }).click()
  await page.getByRole('checkbox', { name: 'Cancelled' }).check()
  await page.waitForURL(/status=cancelled/)
  await expect.poll(() => page.getByRole('region', { name: 'Evaluations' }).getByRole('row').count()).toBe(2)
  await page.reload()
  await expect.poll(() => page.getByRole('region', { name: 'Evaluations' }).getByRole('row').count()).toBe(2)
  await page.goto(`${stage.product.url}/evaluations?verdict=security_violation`)
  await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor()
  await page.close()
})

test('a batch is followed to its end', async () => {
  const reply = await fetch(`${stage.product.url}/api/v1/batches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'six small programs',
      evaluations: [0, 0, 0, 0, 1, 1].map((code) => ({
        language: 'python',
        code: `import time; time.sleep(0.5); raise SystemExit(${code})`,
      })),
    }),
  })
  const { id } = (await reply.json()) as { id: string } // the contract's reply, which the API's own tests check
  const page = await stage.open(`/batches/${id}`)
  await page.getByRole('heading', { name: 'six small programs' }).waitFor()
  await page.getByText('6 of 6 finished').waitFor()
  const progress = page.getByRole('region', { name: 'Progress' })
  await progress.getByText(/Accepted\s*4/).waitFor()
  await progress.getByText(/Runtime error\s*2/).waitFor()
  const items = page.getByRole('region', { name: /Evaluations of this batch/ })
  await expect.poll(() => items.getByText('Completed').count(), { timeout: 20_000 }).toBe(6)
  await page.getByRole('link', { name: 'Filter its evaluations' }).click()
  await expect.poll(() => page.getByRole('region', { name: 'Evaluations', exact: true }).getByRole('row').count()).toBe(7)
  await page.close()
})

test('a longer list comes page by page, without a gap or a repetition', async () => {
  const reply = await fetch(`${stage.product.url}/api/v1/batches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'sixty', evaluations: Array.from({ length: 60 }, () => ({ language: 'bash', code: 'true' })) }),
  })
  const { id } = (await reply.json()) as { id: string } // the contract's reply, which the API's own tests check
  const page = await stage.open(`/evaluations?batch=${id}`)
  const rows = page.getByRole('region', { name: 'Evaluations', exact: true }).getByRole('row')
  await expect.poll(() => rows.count()).toBe(51)
  await page.getByRole('button', { name: 'Load more' }).click()
  await expect.poll(() => rows.count()).toBe(61)
  await page.getByText('60 shown, that is all').waitFor()
  const ids = await rows
    .getByRole('link', { name: /^evl_/ })
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
  expect(new Set(ids).size).toBe(60)
  await page.close()
})

test('an evaluation that does not exist, and an id that is none, are said to be so', async () => {
  const page = await stage.open('/evaluations/evl_01m7wctmh2e3r8ytmywq7rgzj2')
  await page.getByRole('alert').filter({ hasText: 'No such evaluation.' }).waitFor()
  await page.goto(`${stage.product.url}/evaluations/evl_nonsense`)
  await page.getByRole('heading', { name: 'This is not the id of an evaluation' }).waitFor()
  await page.close()
})

test('a key that is revoked while one works leads back to the sign-in', async () => {
  const page = await stage.open('/')
  await page.evaluate(() => sessionStorage.setItem('crucible.api-key', 'crk_revoked'))
  await page.goto(`${stage.product.url}/evaluations`)
  await page.getByText('no longer accepted').waitFor()
  await page.getByLabel('API key', { exact: true }).fill(stage.key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Evaluations', level: 1 }).waitFor()
  await page.close()
})

test('nothing of all this broke a script or the policy of the page', () => {
  expect(stage.troubles).toEqual([])
})
