import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { buildConsole } from '../../scripts/console.js'
import { type Mock, type MockOptions, startMock } from '../../src/index.js'
import { send } from '../http.js'
import { ask, LIST, rowOf, SMALL } from './small-world.js'

/** The page at `/_mock/`, in a real browser. */

const CHROMIUM = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync)
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const HTML = { Host: 'localhost:9000', Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const MAX_COMPRESSED = 60 * 1024
const EVIL = '<img src=x onerror="window.hit=1">'
/** Whatever a test waits for is there at once, or it is not. */
const TIMEOUT = 5000

t.test('the page is an answer for browsers alone', async (t) => {
  await using mock = await startMock({ fixtures: SMALL, controlToken: 'open-sesame' })
  for (const [name, path, headers, status, type] of [
    ['a browser gets the page, without a key', '/_mock/', HTML, 200, 'text/html; charset=utf-8'],
    ['also in a world', '/@w/_mock/', HTML, 200, 'text/html; charset=utf-8'],
    ['one slash too few leads there', '/_mock', HTML, 302, undefined],
    ['its script', '/_mock/console/console.js', HTML, 200, 'text/javascript; charset=utf-8'],
    ['its style', '/_mock/console/console.css', HTML, 200, 'text/css; charset=utf-8'],
    ['nothing else is there', '/_mock/console/..%2Fapp.js', HTML, 404, 'application/problem+json; charset=utf-8'],
    ['nor what every object has', '/_mock/console/constructor', HTML, 404, 'application/problem+json; charset=utf-8'],
    ['everybody else gets JSON, with a key', '/_mock/', { Accept: '*/*' }, 401, undefined],
    ['as does the API for a browser', '/_mock/requests', HTML, 401, undefined],
    ['and its events', '/_mock/requests/events', HTML, 401, undefined],
    ['who types the address may', '/_mock/', { ...HTML, 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }, 200],
    ['a link of another site does not', '/_mock/', { ...HTML, 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['nor does a name of somebody', '/_mock/', { ...HTML, Host: 'evil.example' }, 403],
  ] as const) {
    const answer = await send(mock.url, { path, headers: { Host: 'localhost:9000', ...headers } })
    t.equal(answer.status, status, name)
    if (type !== undefined) t.equal(answer.headers['content-type'], type, name)
    if (status === 200) {
      t.match(answer.headers['content-security-policy'], /^default-src 'none'; script-src 'self'; style-src 'self';/)
      t.match(answer.headers['content-security-policy'], /frame-ancestors 'none'/)
    }
  }
  const { files } = await buildConsole()
  t.notMatch(files['index.html'], /<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/, 'nothing is inline')
  const bytes = Object.values(files).reduce((sum, text) => sum + gzipSync(text).length, 0)
  t.ok(bytes <= MAX_COMPRESSED, `${bytes} bytes compressed`)
})

t.test('without control there is no page', async (t) => {
  await using mock = await startMock({ fixtures: SMALL, noControl: true } as MockOptions)
  t.equal((await send(mock.url, { path: '/_mock/', headers: HTML })).status, 404)
})

t.test('in a browser', async (t) => {
  if (CHROMIUM === undefined)
    throw new Error('there is no Chromium: apt-get install chromium, or say with CHROMIUM where it is')
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  t.teardown(() => browser.close())
  t.jobs = 1

  t.test('requests come as they are made, and can be filtered', (t) =>
    withPage(t, browser, '', async ({ page, mock }) => {
      await page.getByText('; live').waitFor()
      await ask(mock, LIST)
      await ask(mock, `${LIST}2/`, { key: 'wrong' })
      await page.getByRole('button', { name: `GET ${LIST}2/` }).waitFor()
      t.equal(await page.getByRole('button', { name: /^GET / }).count(), 2)
      await page.getByLabel('Status').fill('403')
      await page.getByText('1 requests, the latest first; live').waitFor()
      await page.getByRole('button', { name: `GET ${LIST}2/` }).click()
      await page.getByRole('heading', { name: `GET ${LIST}2/` }).waitFor()
      t.match(await page.getByRole('region', { name: /^Request \d/ }).innerText(), /curl/)
      await ask(mock, `${LIST}3/`, { key: 'wrong' })
      await page.getByText('2 requests, the latest first; live').waitFor()
    }),
  )

  t.test('what nothing serves becomes a stub', (t) =>
    withPage(t, browser, '', async ({ page, mock }) => {
      await page.getByText('; live').waitFor()
      await ask(mock, '/api/v3/events/events/')
      await page.getByText('nothing serves this path').waitFor()
      await page.getByRole('button', { name: 'Stub this' }).click()
      const form = page.getByRole('region', { name: 'stubs', exact: true })
      await form.locator('label', { hasText: /^body/ }).locator('textarea').fill('{"stubbed": true}')
      await form.getByRole('button', { name: 'Add stub' }).click()
      await page.getByText('Done: POST /_mock/stubs').waitFor()
      t.match(await ask(mock, '/api/v3/events/events/'), { status: 200, body: /"stubbed": ?true/ })
      t.match(await page.getByRole('contentinfo').innerText(), /await mock\.stubs\.add\(/)
      t.match(await page.getByRole('contentinfo').innerText(), /curl -X POST http/)
    }),
  )

  t.test('a row is revoked, and the wire says so', (t) =>
    withPage(t, browser, '#rows', async ({ page, mock }) => {
      await page.getByRole('button', { name: 'Open 2', exact: true }).click()
      await page.getByRole('button', { name: 'Revoke', exact: true }).click()
      await page.getByText('Done: PATCH').waitFor()
      t.equal((await rowOf(mock, 2)).revoked, true)
      await page.getByLabel('All of it, as JSON').fill('{"scope": 5}')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText(/scope: found 5; allowed:/).waitFor()
    }),
  )

  t.test('the clock goes to the next expiry', (t) =>
    withPage(t, browser, '#clock', async ({ page, mock }) => {
      await page.getByRole('button', { name: 'Just before the next expiry' }).click()
      await page.getByText('stands still').waitFor()
      t.match(await page.getByRole('contentinfo').innerText(), /await mock\.clock\.stopBefore\(2\)/)
      const { expires } = await mock.refreshTokens.get(2)
      t.equal(Date.parse((await mock.clock.get()).now), Date.parse(String(expires)) - 1000)
    }),
  )

  t.test('a world is apart', (t) =>
    withPage(t, browser, '#worlds', async ({ page, mock }) => {
      await page.getByLabel('Name of a world').fill('apart')
      await page.getByRole('button', { name: 'Open' }).click()
      await page.waitForURL('**/@apart/_mock/')
      await page.getByText('world apart').waitFor()
      await page.getByRole('link', { name: 'Rows' }).click()
      await page.getByRole('button', { name: 'Open 1', exact: true }).click()
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByText('2 refresh_tokens').waitFor()
      t.equal((await mock.info()).counts['refresh_tokens'], 3)
      t.equal((await mock.world('apart').info()).counts['refresh_tokens'], 2)
    }),
  )

  t.test('names are texts, whatever stands in them', (t) =>
    withPage(t, browser, '#rows', async ({ page, mock }) => {
      await mock.users.create({ username: EVIL, name: EVIL })
      await ask(mock, `/${encodeURIComponent(EVIL)}`)
      await page.getByLabel('Kind').selectOption('users')
      await page.getByText(EVIL).first().waitFor()
      await page.getByRole('link', { name: 'Requests' }).click()
      await page.getByRole('button', { name: EVIL }).waitFor()
      t.equal(await page.evaluate('window.hit'), undefined)
      t.equal(await page.locator('img').count(), 0)
    }),
  )

  t.test('it asks for the key once', (t) =>
    withPage(
      t,
      browser,
      '',
      async ({ page }) => {
        await page.getByLabel('What --control-token was').fill('open-sesame')
        await page.getByRole('button', { name: 'Open' }).click()
        await page.getByText('; live').waitFor()
        await page.reload()
        await page.getByText('; live').waitFor()
      },
      { controlToken: 'open-sesame' },
    ),
  )

  t.test('every view is accessible, in the dark too, on narrow screens', (t) =>
    withPage(t, browser, '', async ({ page, mock }) => {
      await ask(mock, '/api/v3/events/events/?token=x')
      await mock.faults.add({ preset: 'throttled', times: 1, path: '/nowhere' })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        // All that the dark changes are colours.
        const rules = colorScheme === 'dark' ? "{ runOnly: ['color-contrast'] }" : '{}'
        for (const [view, title] of [
          ['requests', 'Requests'],
          ['rows', 'Rows'],
          ['clock', 'Clock'],
          ['plans', 'Faults and stubs'],
          ['report', 'Report'],
          ['worlds', 'Worlds'],
        ]) {
          await page.goto(`${mock.url}/_mock/#${view}`)
          await page.getByRole('heading', { name: title ?? '', level: 2 }).waitFor()
          t.strictSame(await violations(page, rules), [], `${view}, ${colorScheme}`)
        }
      }
      await page.setViewportSize({ width: 360, height: 700 })
      const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')
      t.strictSame(widths, [360, 360], 'nothing but tables scrolls sideways')
    }),
  )
})

interface Opened {
  page: Page
  mock: Mock
}

/** Opens the page of a mock of its own; whatever the console of the browser says is an error. */
async function withPage(
  t: Test,
  browser: Browser,
  hash: string,
  body: (opened: Opened) => Promise<void>,
  options: MockOptions = {},
): Promise<void> {
  await using mock = await startMock({ fixtures: SMALL, ...options })
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(TIMEOUT)
    const errors: string[] = []
    const isExpected = (text: string) => options.controlToken !== undefined && text.includes('401')
    page.on('console', (message) => {
      // A refusal that the page shows is noted by the browser, too.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && !isExpected(message.text()))
        errors.push(message.text())
    })
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(mock.url) && !request.url().startsWith('data:')) errors.push(request.url())
    })
    await page.goto(`${mock.url}/_mock/${hash}`)
    await body({ page, mock })
    t.strictSame(errors, [], 'no error, and no request to elsewhere')
  } finally {
    await context.close()
  }
}

async function violations(page: Page, rules: string): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) {
    const session = await page.context().newCDPSession(page)
    // Past the policy of the page, which takes no script from elsewhere.
    const { readFile } = await import('node:fs/promises')
    await session.send('Runtime.evaluate', { expression: await readFile(AXE, 'utf8') })
  }
  return page.evaluate(
    `axe.run(${rules}).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
  )
}
