import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, output, run, type Stage, says } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

test('markup, escape sequences, bidi controls and NUL reach the page as harmless text', async () => {
  const page = await stage.open('/')
  await run(
    page,
    String.raw`import sys
print("<script>alert('from script')</script><img src=x onerror=alert('from img')>")
print("\x1b[31mred\x1b[0m \x1b]52;c;ZXZpbA==\x07clipboard \x1b]8;;https://attacker.test\x1b\\link\x1b]8;;\x1b\\")
print("\x1b[2J\x1b[Hcleared")
print("access \u202elevel\u202c zero\u200bwidth", file=sys.stderr)
sys.stdout.buffer.write(b"nul \0 bell \x07 invalid \xff end\n")
`,
  )
  await says(page, 'Accepted')
  const region = output(page)
  await region.getByText(`<script>alert('from script')</script><img src=x onerror=alert('from img')>`).waitFor()
  for (const mark of ['ESC ]52;c;ZXZpbA== BEL', 'ESC [2J', 'RLO', 'ZWSP', 'NUL', 'BEL'])
    await region.getByText(mark, { exact: true }).first().waitFor()
  const text = await region.evaluate((element) => element.textContent ?? '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\u202a-\u202e\u200b]/)
  expect(text).toContain('invalid \ufffd end')
  expect(await region.locator('script, img, a, iframe').count()).toBe(0)
  await page.getByRole('link', { name: 'Everything about this evaluation' }).click()
  await output(page).getByText('ESC ]52;c;ZXZpbA== BEL', { exact: true }).waitFor()
  await page.close()
})

test('file names and metadata of a caller are shown with their deceptions marked', async () => {
  const reply = await fetch(`${stage.product.url}/api/v1/evaluations?wait=30`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      language: 'python',
      files: [{ path: 'main\u202egnp.py', content: 'print("ok")\n' }],
      metadata: { '<b>name</b>': '<img src=x onerror=alert(1)> \u202elive' },
    }),
  })
  const { id } = (await reply.json()) as { id: string } // the contract's reply, which the API's own tests check
  const page = await stage.open(`/evaluations/${id}`)
  await page.getByText('RLO', { exact: true }).first().waitFor()
  await page.getByRole('tab', { name: 'Metadata' }).click()
  await page.getByText('<b>name</b>').waitFor()
  await page.getByText('<img src=x onerror=alert(1)>').waitFor()
  await page.close()
})

test('a flood keeps the page small and answering, and the download has what was kept', async () => {
  const page = await stage.open('/')
  await page.getByRole('tab', { name: 'Limits' }).click()
  await page.getByLabel('Output, KiB').fill('8192')
  await run(page, `import sys\nfor n in range(1_000_000):\n    print(f"line {n} of a flood that goes on")\n`)
  await says(page, 'Output limit')
  await page.getByText(/Only the last 2(\.0)? MiB are kept/).waitFor()
  expect(await output(page).evaluate((element) => element.querySelectorAll('*').length)).toBeLessThan(1000)
  await page.getByRole('link', { name: 'Everything about this evaluation' }).click()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  const content = await readFile(await (await saved).path(), 'utf8')
  expect(content.startsWith('line 0 of a flood')).toBe(true)
  expect(content.length).toBeGreaterThan(4 * 1024 * 1024)
  await page.close()
})

test('what was cut out of the middle is marked where it was', async () => {
  const page = await stage.open('/')
  await page.getByRole('tab', { name: 'Limits' }).click()
  await page.getByLabel('Output, KiB').fill('0.5')
  await run(page, 'for n in range(10_000):\n    print(f"line {n}")\n')
  await says(page, 'Output limit')
  const rows = output(page).locator('[data-index]')
  await rows.filter({ hasText: 'of stdout were not kept here' }).waitFor()
  await page.getByRole('link', { name: 'Everything about this evaluation' }).click()
  await rows.filter({ hasText: 'of stdout were not kept here' }).waitFor()
  await rows.first().scrollIntoViewIfNeeded()
  await rows.getByText('line 0', { exact: true }).waitFor()
  await page.close()
})

test('nothing of all this ran, opened a dialog or asked for a foreign host', () => {
  expect(stage.troubles).toEqual([])
})
