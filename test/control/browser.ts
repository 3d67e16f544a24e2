import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { launchChromium } from '../../scripts/chromium.js'
import { type Mock, type MockOptions, startMock } from '../../src/index.js'
import { SMALL } from './small-world.js'

/** The console in a real browser. */

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
/** Whatever a test waits for is there at once, or it is not. */
const TIMEOUT = 10_000
/** Names that the browser looks up at this machine. */
const NAMES = ['authentik']

export interface Opened {
  page: Page
  mock: Mock
}

interface Opening extends MockOptions {
  /** What to open, below the mock; by default `/_mock/`. */
  path?: string
  /** The name of the host; by default what the mock says. */
  host?: string
  /** Before the page is opened. */
  before?: (opened: Opened) => Promise<void>
  /** What the console of the browser may say of requests: they are meant to fail. */
  fails?: RegExp
}

/** One process draws all pages: none sees of another what is kept by origin, as each mock has a port of its own. */
const ARGS = [
  `--host-resolver-rules=${NAMES.map((each) => `MAP ${each} 127.0.0.1`).join()}`,
  '--process-per-site',
  '--renderer-process-limit=1',
]

let context: Promise<BrowserContext> | undefined
t.teardown(async () => (await context)?.browser()?.close())

/** A page of nothing that stays open keeps the process that draws: to start one for each page takes half of the time. */
async function openContext(): Promise<BrowserContext> {
  const context = await (await launchChromium(ARGS)).newContext()
  const kept = await context.newPage()
  await kept.route('**', (route) => route.fulfill({ body: '' }))
  await kept.goto('http://127.0.0.1/')
  return context
}

/** A test in a page of its own, of a mock of its own; whatever the console of the browser says is an error. */
export function inBrowser(
  name: string,
  hash: string,
  body: (t: Test, opened: Opened) => Promise<void>,
  opening: Opening = {},
): void {
  const { path = '/_mock/', host, before, fails, ...options } = opening
  t.test(name, async (t) => {
    context ??= openContext()
    await using mock = await startMock({ fixtures: SMALL, ...options })
    const page = await (await context).newPage()
    try {
      page.setDefaultTimeout(TIMEOUT)
      const errors: string[] = []
      // A refusal that the page shows is noted by the browser, too.
      const isExpected = (text: string) => /status of 4\d\d/.test(text) || (fails?.test(text) ?? false)
      page.on('console', (message) => {
        if (message.type() === 'error' && !isExpected(message.text())) errors.push(message.text())
      })
      page.on('pageerror', (error) => errors.push(String(error)))
      const origin = new URL(mock.url)
      if (host !== undefined) origin.hostname = host
      page.on('request', (request) => {
        if (!request.url().startsWith(origin.origin) && !request.url().startsWith('data:')) errors.push(request.url())
      })
      await before?.({ page, mock })
      await page.goto(`${origin.origin}${path}${hash}`)
      await body(t, { page, mock })
      t.strictSame(errors, [], 'no error, and no request to elsewhere')
    } finally {
      await page.close()
    }
  })
}

/** What axe finds wrong with the page; with `rules`, by these alone. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) {
    const session = await page.context().newCDPSession(page)
    // Past the policy of the page, which takes no script from elsewhere.
    await session.send('Runtime.evaluate', { expression: await readFile(AXE, 'utf8') })
  }
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules })
  return page.evaluate(
    `axe.run(${options}).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
  )
}
