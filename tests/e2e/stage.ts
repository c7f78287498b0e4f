import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { type Product, startProduct } from '../../packages/testkit/src/product.ts'

/** The real product and a real browser, for one test file. The web app is the built one: `npm test` builds it when it is stale. */
export type Stage = {
  readonly product: Product
  readonly key: string
  readonly browser: BrowserContext
  /** A tab of its own, signed in unless told otherwise. */
  readonly open: (path: string, options?: { signedIn?: boolean }) => Promise<Page>
  /** What no page may ever have: script errors, and refusals of the page's own security policy. */
  readonly troubles: string[]
  readonly close: () => Promise<void>
}

const root = join(import.meta.dirname, '../..')
const chromiumPath = '/usr/bin/chromium'
const axeSource = await readFile(createRequire(join(root, 'apps/web/package.json')).resolve('axe-core/axe.min.js'), 'utf8')

export async function openStage(): Promise<Stage> {
  const product = await startProduct()
  const profile = await mkdtemp(join(tmpdir(), 'crucible-browser-'))
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium's own sandbox refuses root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const key = (await readFile(product.keyFile, 'utf8')).trim()
  const troubles: string[] = []
  await browser.exposeBinding('crucibleReport', (_, text: string) => void troubles.push(text))
  await browser.addInitScript(
    `document.addEventListener('securitypolicyviolation', (event) => crucibleReport('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' at ' + event.sourceFile + ':' + event.lineNumber))`,
  )
  return {
    product,
    key,
    browser,
    troubles,
    async open(path, { signedIn = true } = {}) {
      const page = await browser.newPage()
      page.on('pageerror', (error) => troubles.push(`script: ${error.message}`))
      page.on('dialog', (dialog) => {
        troubles.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      await page.goto(`${product.url}${signedIn ? '/sign-in' : path}`)
      if (signedIn) {
        await signIn(page, key)
        await page.goto(`${product.url}${path}`)
      }
      return page
    },
    async close() {
      await browser.close()
      await product.stop()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key', { exact: true }).fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Run a program' }).waitFor({ state: 'attached' })
}

/** Puts a program into the editor, as one paste, and runs it by keyboard. */
export async function run(page: Page, code: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Source code' })
  await editor.focus()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(code)
  await page.keyboard.press('ControlOrMeta+Enter')
}

export const output = (page: Page) => page.getByRole('region', { name: 'What the program wrote' })

/** Waits until the headline says this. */
export const says = (page: Page, word: string) => page.getByRole('status').filter({ hasText: word }).first().waitFor()

type Violation = { id: string; nodes: { target: unknown; failureSummary?: string }[] }

/** Every accessibility rule that the page breaks, in a form that a failed test can print. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  const { violations: found } = await page.evaluate<{ violations: Violation[] }>('axe.run()')
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${String(node.target)} ${node.failureSummary ?? ''}`))
}
