import t from 'tap'
import { inBrowser, violations } from './browser.js'
import { ask, LIST, rowOf } from './small-world.js'

/** Clock, faults and stubs, report and worlds, on the page at `/_mock/`; and whether everybody can use it. */

const FOOTER = 'contentinfo'

inBrowser('what nothing serves becomes a stub', '', async (t, { page, mock }) => {
  await page.getByText('live', { exact: true }).waitFor()
  await ask(mock, '/api/v3/events/events/')
  await page.getByText('not served', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Stub this' }).click()
  const form = page.getByRole('region', { name: 'stubs', exact: true })
  t.equal(await form.getByLabel(/^path/).inputValue(), '/api/v3/events/events/')
  t.strictSame([await form.getByLabel(/^base64/).count(), await form.getByLabel(/^file/).count()], [1, 0])
  await form.getByLabel(/^body/).fill('{"stubbed": true}')
  await form.getByLabel(/^status/).fill('99')
  await form.getByRole('button', { name: 'Add stub' }).click()
  await page
    .getByRole(FOOTER)
    .getByText(/status: found 99; allowed:/)
    .waitFor()
  await form.getByLabel(/^status/).fill('201')
  await form.getByRole('button', { name: 'Add stub' }).click()
  await page.getByText('Done: POST /_mock/stubs').waitFor()
  t.match(await ask(mock, '/api/v3/events/events/'), { status: 201, body: /"stubbed": ?true/ })
  t.match(await page.getByRole(FOOTER).innerText(), /curl -X POST http[\s\S]*await mock\.stubs\.add\(/)
  await form
    .getByRole('row', { name: /stubbed/ })
    .getByText('1', { exact: true })
    .first()
    .waitFor()
  await form.getByRole('button', { name: 'Take stub 1 away' }).click()
  await page.getByText('There are no stubs.').waitFor()
})

inBrowser('presets say what they send, and strike', '#plans', async (t, { page, mock }) => {
  const presets = page.getByRole('region', { name: 'presets' })
  await presets.getByText('nginx: 502').click()
  await presets.getByText('502 Bad Gateway').first().waitFor()
  await presets.getByRole('button', { name: 'Strike once: nginx-bad-gateway' }).click()
  await page.getByText('Done: POST /_mock/faults').waitFor()
  t.match(await ask(mock, LIST), { status: 502, body: /nginx/ })
  t.equal((await ask(mock, LIST)).status, 200)
  await presets.getByRole('button', { name: 'Into the form: nginx-bad-gateway' }).click()
  const form = page.getByRole('region', { name: 'faults', exact: true })
  t.equal(await form.getByLabel(/^preset/).inputValue(), 'nginx-bad-gateway')
  await form.getByLabel(/^after/).selectOption('true')
  await form.getByLabel(/^order/).fill('[2, 1]')
  await form.getByRole('button', { name: 'Add fault' }).click()
  await page
    .getByRole(FOOTER)
    .getByText(/order: found/)
    .waitFor()
  await form.getByLabel(/^barrier/).fill('2')
  await form.getByRole('button', { name: 'Add fault' }).click()
  await form.getByRole('button', { name: 'Take fault 2 away' }).waitFor()
  t.match((await mock.faults.list())[1], { preset: 'nginx-bad-gateway', after: true, barrier: 2, order: [2, 1] })
  await form.getByRole('button', { name: 'Take all faults away' }).click()
  await page.getByText('There are no faults.').waitFor()
})

let lookOn = () => {}
const held = new Promise<void>((resolve) => {
  lookOn = resolve
})
inBrowser(
  'while the next expiry is looked for, it does not say that there is none',
  '#clock',
  async (t, { page }) => {
    await page.getByText('Looking for it').waitFor()
    t.equal(await page.getByText('is going to expire').count(), 0)
    lookOn()
    await page.getByText('Refresh token 2').waitFor()
  },
  {
    before: async ({ page }) => {
      await page.route(/ordering=expires/, (route) => held.then(() => route.continue()))
    },
  },
)

inBrowser(
  'the clock goes to the next expiry, beyond it, to a moment, and back',
  '#clock',
  async (t, { page, mock }) => {
    const { expires } = await mock.refreshTokens.get(2)
    const end = Date.parse(String(expires))
    const now = async () => Date.parse((await mock.clock.get()).now)
    const footer = page.getByRole(FOOTER)
    await page.getByRole('button', { name: 'Just before the next expiry' }).click()
    await page.getByText('stands still').waitFor()
    t.match(await footer.innerText(), /await mock\.clock\.stopBefore\(2\)/)
    t.equal(await now(), end - 1000)
    t.equal((await rowOf(mock, 2)).is_expired, false)
    await page.getByRole('button', { name: 'Just after the next expiry' }).click()
    await footer.getByText('await mock.clock.stopAfter(2)').waitFor()
    t.equal((await rowOf(mock, 2)).is_expired, true)
    await page.getByText('Refresh token 1').waitFor()
    await page.getByLabel('A moment').fill('tomorrow')
    await page.getByRole('button', { name: 'Go there' }).click()
    await footer.getByText(/now: found "tomorrow"; allowed:/).waitFor()
    await page.getByLabel('A moment').fill('2031-02-03T04:05:06Z')
    await page.getByRole('button', { name: 'Go there' }).click()
    await page.getByRole('main').getByText('2031-02-03 04:05:06').waitFor()
    await page.getByRole('button', { name: '− days=1' }).click()
    await page.getByRole('main').getByText('2031-02-02 04:05:06').waitFor()
    await page.getByRole('button', { name: 'Let it run' }).click()
    await page.getByText('runs', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Back to the time of the machine' }).click()
    await page.getByText('Refresh token 2').waitFor()
    t.ok((await now()) < end)
  },
)

inBrowser('the report is grouped by rule, and tells what was covered', '#report', async (t, { page, mock }) => {
  await page.getByText('Nothing goes against the contract.').waitFor()
  await ask(mock, `${LIST}?x=1`)
  await ask(mock, `${LIST}?y=1`)
  await ask(mock, `${LIST}2`)
  const rule = page.getByRole('region', { name: 'unknown-parameter', exact: true })
  await rule.getByText('unknown-parameter: 2 found').waitFor()
  t.match(await rule.innerText(), /warning[\s\S]*authentik ignores it[\s\S]*\bx\b[\s\S]*\by\b/)
  t.match(await page.getByRole('region', { name: 'missing-slash', exact: true }).innerText(), /error/)
  const coverage = page.getByRole('region', { name: 'coverage' })
  t.match(await coverage.innerText(), /1 of \d+ operations were called[\s\S]*oauth2_refresh_tokens_list\s+200 × 2/)
  await page.getByRole('button', { name: 'Begin anew' }).click()
  await page.getByText('Nothing goes against the contract.').waitFor()
})

inBrowser('a world is apart, and is reset and deleted', '#worlds', async (t, { page, mock }) => {
  await page.getByText('No world has a name yet.').waitFor()
  await page.getByLabel('Name of a world').fill('a b')
  t.ok(await page.getByRole('button', { name: 'Open' }).isDisabled())
  await page.getByText('A name has 1 to 64 letters, digits').waitFor()
  await page.getByLabel('Name of a world').fill('apart')
  await page.getByRole('button', { name: 'Open' }).click()
  await page.waitForURL('**/@apart/_mock/')
  await page.getByRole('link', { name: 'Rows' }).click()
  await page.getByRole('link', { name: 'Open 1', exact: true }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('2 refresh_tokens').first().waitFor()
  t.equal((await mock.info()).counts['refresh_tokens'], 3)
  t.equal((await mock.world('apart').info()).counts['refresh_tokens'], 2)
  await page.getByRole('link', { name: 'world apart' }).click()
  await page.getByRole('row', { name: /apart/ }).getByText('changed', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'The world without a name' }).click()
  await page.getByRole('link', { name: 'world without a name' }).click()
  await page.getByRole('button', { name: 'Reset world apart' }).click()
  await page.getByRole('row', { name: /apart/ }).getByText('as it began').waitFor()
  t.match(await page.getByRole(FOOTER).innerText(), /await mock\.world\("apart"\)\.reset\(\)/)
  t.equal((await mock.world('apart').info()).counts['refresh_tokens'], 3)
  await page.getByRole('button', { name: 'Delete world apart' }).click()
  await page.getByText('No world has a name yet.').waitFor()
})

inBrowser('the release is another one, and what changes to it is told', '#worlds', async (t, { page, mock }) => {
  const release = page.getByRole('region', { name: 'release' })
  await release.getByLabel('Another release').selectOption('2025.8.6')
  await release.getByText('What changes from 2025.2.4 to 2025.8.6').waitFor()
  t.match(await release.innerText(), /\+ user\.date_joined[\s\S]*page 1 \(was: 404 Invalid page\.\)/)
  await release.getByRole('button', { name: 'Answer as 2025.8.6' }).click()
  await release.getByText('What changes from 2025.8.6 to 2025.8.6').waitFor()
  await release.getByText('Nothing changes on this API.').waitFor()
  t.equal((await mock.info()).release.name, '2025.8.6')
  t.match((await ask(mock, LIST)).body, /"autocomplete"/)
})

const VIEWS = [
  'requests',
  'rows',
  'callers',
  'clock',
  'plans',
  'report',
  'worlds',
  'requests/1',
  'rows/refresh_tokens/2',
]

inBrowser(
  'every view is accessible, in the dark too, on narrow screens and wide ones',
  '',
  async (t, { page, mock }) => {
    await mock.faults.add({ preset: 'throttled', times: 1, path: '/nowhere' })
    await mock.stubs.add({ path: '/api/v3/stubbed/', body: 'x'.repeat(500) })
    await ask(mock, '/api/v3/events/events/?token=x')
    await ask(mock, `${LIST}2`)
    await ask(mock, `/${'x'.repeat(300)}`)
    await mock.world('w').refreshTokens.delete(1)
    for (const view of VIEWS) {
      await page.goto(`${mock.url}/_mock/#${view}`)
      await page
        .getByRole('heading', { level: view.includes('/') ? 3 : 2 })
        .first()
        .waitFor()
      if (view === 'plans')
        for (const word of ['stub', 'fault']) await page.getByText(`Add a ${word}`, { exact: true }).click()
      await page.emulateMedia({ colorScheme: 'light' })
      t.strictSame(await violations(page), [], `${view}, light`)
      await page.emulateMedia({ colorScheme: 'dark' })
      // All that the dark changes are colours.
      t.strictSame(await violations(page, ['color-contrast']), [], `${view}, dark`)
      for (const width of [360, 3840]) {
        await page.setViewportSize({ width, height: 800 })
        t.strictSame(
          await page.evaluate('[document.documentElement.scrollWidth, innerWidth]'),
          [width, width],
          `${view}, ${width} px`,
        )
      }
      await page.setViewportSize({ width: 1280, height: 800 })
    }
  },
)

inBrowser('it is used by the keyboard alone', '', async (t, { page, mock }) => {
  await ask(mock, LIST)
  await page.getByRole('link', { name: `GET ${LIST}` }).waitFor()
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const focused = () => page.evaluate('document.activeElement.innerText ?? ""') as Promise<string>
  const tabTo = async (wanted: RegExp) => {
    for (let i = 0; i < 60 && !wanted.test(await focused()); i++) await press('Tab')
    t.match(await focused(), wanted)
  }
  await press('Tab')
  t.equal(await focused(), 'To the content', 'past the links')
  await press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'main')
  await tabTo(/^GET/)
  await press('Enter')
  await page.locator(':focus', { hasText: /^Request 1$/ }).waitFor()
  await tabTo(/^Close$/)
  await press('Enter')
  await page.getByRole('heading', { name: 'Request 1' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Clock' }).focus()
  await press('Enter')
  await page.getByRole('button', { name: 'Freeze' }).waitFor()
  await tabTo(/^Freeze$/)
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
  t.equal(outline, 'solid', 'one sees where one is')
  await press('Space')
  await page.getByText('stands still').waitFor()
})

t.jobs = 1
