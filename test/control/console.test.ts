import { gzipSync } from 'node:zlib'
import type { Route } from 'playwright-core'
import t from 'tap'
import { buildConsole } from '../../scripts/console.js'
import { type MockOptions, startMock } from '../../src/index.js'
import { send } from '../http.js'
import { inBrowser } from './browser.js'
import { ask, LIST, SMALL } from './small-world.js'

/** The page at `/_mock/`: its files, where it works, and the requests that it shows. */

const HTML = { Host: 'localhost:9000', Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const MAX_COMPRESSED = 60 * 1024

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

const FOOTER = 'contentinfo'

inBrowser('requests come as they are made, and can be filtered', '', async (t, { page, mock }) => {
  await page.getByText('Nobody has asked anything yet.').waitFor()
  t.match(await page.getByRole('main').innerText(), `${mock.url}${LIST}`, 'it says how to begin')
  await page.getByText('live', { exact: true }).waitFor()
  await ask(mock, LIST)
  await ask(mock, `${LIST}2/`, { key: 'wrong' })
  await page.getByRole('link', { name: `GET ${LIST}2/` }).waitFor()
  t.equal(await page.getByRole('link', { name: /^GET / }).count(), 2)
  await page.getByLabel('Status').fill('403')
  await page.getByText('1 request, the latest first').waitFor()
  await page.getByText('As a script').click()
  t.match(await page.getByRole('main').innerText(), `await mock.requests({"status":"403"})`)
  await ask(mock, `${LIST}3/`, { key: 'wrong' })
  await ask(mock, LIST)
  await page.getByText('2 requests, the latest first').waitFor()
  await page.getByLabel('Status').fill('418')
  await page.getByText('No request is like that.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByText('4 requests, the latest first').waitFor()
  await page.getByRole('button', { name: 'Forget all' }).click()
  await page.getByText('Nobody has asked anything yet.').waitFor()
  t.equal(await mock.countRequests(), 0)
})

inBrowser('a filter that the mock does not take is said, and shows no requests', '', async (t, { page, mock }) => {
  await ask(mock, LIST)
  await page.getByText('1 request, the latest first').waitFor()
  const main = page.getByRole('main')
  await page.getByLabel('Path').fill('api')
  await page.getByText('Requests cannot be filtered like that.').waitFor()
  await main.getByText('path: found "api"; allowed: a path').waitFor()
  await page.getByLabel('Status').fill('ok')
  await main.getByText('status: found "ok"').waitFor()
  t.equal(await page.getByText('not connected').count(), 0)
  t.equal(await page.getByText('the latest first').count(), 0)
  t.notMatch(await page.getByRole(FOOTER).innerText(), 'found')
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByText('1 request, the latest first').waitFor()
  await page.getByText('live', { exact: true }).waitFor()
})

inBrowser(
  'where the mock was away, everything is read once it is back',
  '#clock',
  async (t, { page }) => {
    const away = page.getByRole(FOOTER).getByText('the mock does not answer; does it still run?')
    await page.getByText('Refresh token 2').waitFor()
    const refuse = (route: Route) => route.abort()
    await page.route('**/_mock/**', refuse)
    await page.getByRole('link', { name: 'Rows' }).click()
    await away.waitFor()
    t.equal(await page.getByLabel('As this caller').count(), 0)
    await page.unroute('**/_mock/**', refuse)
    await page.getByText('3 refresh_tokens, page 1 of 1').waitFor()
    await page.getByLabel('As this caller').waitFor()
    await away.waitFor({ state: 'detached' })
  },
  { fails: /ERR_FAILED/ },
)

inBrowser(
  'a request shows what was sent, what was answered, why, and what to do about it',
  '',
  async (t, { page, mock }) => {
    await ask(mock, `${LIST}2/?x=1`, { key: 'jane-key' })
    await ask(mock, `${LIST}1/`, { key: 'jane-key' })
    await page.getByRole('link', { name: `GET ${LIST}2/?x=1` }).click()
    const detail = page.getByRole('region', { name: /^Request \d/ })
    await detail.getByText('Authorization: Bearer …').waitFor()
    const text = await detail.innerText()
    for (const part of [
      /GET \/api\/v3\/oauth2\/refresh_tokens\/2\/\?x=1 HTTP\/1\.1/,
      /HTTP\/1\.1 200 OK\n/,
      /"pk": 2,/,
      /unknown-parameter/,
      /authentik ignores it, or may do so in another release/,
      /curl '?http:.*-H "Authorization: Bearer \$KEY"/,
      /await mock\.request\(1\)|As a script/,
    ])
      t.match(text, part)
    t.notMatch(text, 'jane-key')
    await page.getByRole('link', { name: `GET ${LIST}1/` }).click()
    await detail.getByText('row 1 belongs to user 10').waitFor()
    await page.goBack()
    await detail.getByText('unknown-parameter').waitFor()
    await detail.getByRole('link', { name: 'Close' }).click()
    await detail.waitFor({ state: 'detached' })
  },
)

inBrowser(
  'where events do not come through, it asks again and again',
  '',
  async (t, { page, mock }) => {
    await page.getByText('not connected').waitFor()
    // Nothing came, and nothing ended: so long nobody waits.
    await page.clock.runFor(4000)
    await page.getByText('asked for every second').waitFor()
    await ask(mock, LIST)
    await page.clock.runFor(1000)
    await page.getByRole('link', { name: `GET ${LIST}` }).waitFor()
    t.ok((await mock.requests()).length === 1)
  },
  {
    async before({ page }) {
      await page.clock.install()
      await page.route('**/requests/events?*', () => {})
    },
  },
)

inBrowser(
  'also where a proxy refuses them',
  '',
  async (t, { page, mock }) => {
    await page.clock.runFor(200)
    await page.getByText('asked for every second').waitFor()
    await ask(mock, LIST)
    await page.clock.runFor(1000)
    await page.getByRole('link', { name: `GET ${LIST}` }).waitFor()
    t.ok(true)
  },
  {
    fails: /502|ERR_FAILED/,
    async before({ page }) {
      await page.clock.install()
      await page.route('**/requests/events?*', (route) => route.fulfill({ status: 502 }))
    },
  },
)

inBrowser(
  'it asks for the key once, and keeps it for the tab',
  '',
  async (t, { page }) => {
    await page.getByLabel('What --control-token was').waitFor()
    t.equal(await page.getByRole('alert').count(), 0)
    await page.getByLabel('What --control-token was').fill('wrong')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('alert').getByText('It asks for another key than the one that it got.').waitFor()
    await page.getByLabel('What --control-token was').fill('open-sesame')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('live', { exact: true }).waitFor()
    await page.reload()
    await page.getByText('live', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Forget all' }).click()
    const footer = page.getByRole(FOOTER)
    await footer.getByText('Done: DELETE').waitFor()
    t.match(await footer.innerText(), /-H "Authorization: Bearer \$CONTROL_TOKEN"/)
    t.notMatch(await page.content(), 'open-sesame')
  },
  { controlToken: 'open-sesame' },
)

for (const [name, path, opening, client] of [
  ['in compose, by the name of the service', '/_mock/', { host: 'authentik' }, ''],
  ['below a path', '/auth/_mock/', { webPath: '/auth/' }, '/auth'],
  ['beside a path', '/_mock/', { webPath: '/auth/' }, '/auth'],
  ['in a world below a path', '/auth/@w/_mock/', { webPath: '/auth/' }, '/auth/@w'],
  ['in a world in front of a path', '/@w/auth/_mock/', { webPath: '/auth/' }, '/auth/@w'],
] as const)
  inBrowser(
    `it works ${name}`,
    '#worlds',
    async (t, { page, mock }) => {
      const origin = new URL(page.url()).origin
      await page.getByText(`${origin}${client}`, { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Reset this world' }).click()
      await page.getByText('Done: POST').waitFor()
      await page.getByRole('button', { name: 'Copy library' }).click()
      await page.getByText('Copied: library').waitFor()
      const marked = await page.evaluate('isSecureContext ? "await mock.reset()" : getSelection().toString()')
      t.equal(marked, 'await mock.reset()', 'also where browsers have no clipboard')
      await page.getByRole('button', { name: 'Hide' }).click()
      await page.getByLabel('Name of a world').fill('other')
      await page.getByRole('button', { name: 'Open' }).click()
      await page.getByRole('heading', { name: 'Requests' }).waitFor()
      await page.getByRole('link', { name: 'world other' }).click()
      await page.getByText(`${origin}${client.replace('/@w', '')}/@other`, { exact: true }).waitFor()
      const answer = await send(new URL(mock.url).origin, {
        path: `${client.replace('/@w', '')}/@other${LIST}`,
        headers: { Authorization: `Bearer ${mock.token}` },
      })
      t.equal(answer.status, 200, 'clients find it there')
      await page.getByRole('link', { name: 'Requests' }).click()
      await page.getByRole('link', { name: `GET ${LIST}` }).waitFor()
    },
    { path, ...opening },
  )
