import t from 'tap'
import { inBrowser } from './browser.js'
import { ask, LIST, rowOf } from './small-world.js'

/** Rows and callers, on the page at `/_mock/`. */

const EVIL = '<img src=x onerror="window.hit=1">'

inBrowser('rows are listed as the API lists them: filtered, in order, in pages', '#rows', async (t, { page, mock }) => {
  await page.getByText('3 refresh_tokens, page 1 of 1').waitFor()
  await page.getByLabel('Order').selectOption('-pk')
  await page.getByRole('link', { name: 'Open 3' }).waitFor()
  await page.getByLabel('Where').selectOption('user')
  await page.getByLabel('is', { exact: true }).fill('11')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByText('2 refresh_tokens, page 1 of 1').waitFor()
  await page.getByText('As a script').first().click()
  t.match(
    await page.getByRole('main').innerText(),
    `curl '${mock.url}${LIST}?user=11&ordering=-pk&page=1&page_size=25'`,
  )
  await page.getByRole('button', { name: 'No filter by user' }).click()
  await page.getByText('3 refresh_tokens, page 1 of 1').waitFor()
  await page.getByLabel('is', { exact: true }).fill('999')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByText('The API answers 400.').waitFor()
  t.match(await page.getByRole('main').innerText(), /Select a valid choice/)
  t.equal(await mock.countRequests(), 0, 'to look leaves no trace')
})

inBrowser('a refused list hides no open row, and a filter is of its kind alone', '#rows', async (t, { page, mock }) => {
  await page.getByLabel('is', { exact: true }).fill('nobody')
  await page.getByRole('button', { name: 'Filter' }).click()
  await page.getByText('The API answers 400.').waitFor()
  await page.goto(`${mock.url}/_mock/#rows/refresh_tokens/2`)
  await page.getByRole('heading', { name: 'refresh_tokens 2' }).waitFor()
  await page.getByText('The API answers 400.').waitFor()
  await page.goto(`${mock.url}/_mock/#rows/users`)
  await page
    .getByText(/^\d users, page 1 of 1$/)
    .first()
    .waitFor()
  t.equal(await page.getByLabel('Filters').getByRole('listitem').count(), 0)
})

inBrowser('a caller sees what the API shows to it', '#callers', async (t, { page, mock }) => {
  await page.getByText('3 API tokens').waitFor()
  t.match(
    await page.getByRole('row', { name: /^jane / }).innerText(),
    /its own rows[\s\S]*refresh_tokens 2[\s\S]*users refused[\s\S]*let in/,
  )
  t.match(
    await page.getByRole('row', { name: /^--token / }).innerText(),
    /everything: superuser[\s\S]*refresh_tokens 3/,
  )
  await page.getByRole('button', { name: 'See as jane' }).click()
  await page.getByText('2 refresh_tokens, page 1 of 1').waitFor()
  t.equal(await page.getByRole('link', { name: 'Open 1' }).count(), 0)
  await page.getByRole('link', { name: 'Open 2' }).click()
  await page.getByRole('heading', { name: 'As served to jane' }).waitFor()
  await page.getByLabel('As this caller').selectOption('')
  await page.getByText('The API answers 403.').waitFor()
  t.match(await page.getByRole('main').innerText(), /Authentication credentials were not provided/)
  await mock.tokens.change('jane', { expires: 'days=-1' })
  await page.getByRole('link', { name: 'Callers' }).click()
  await page
    .getByRole('row', { name: /^jane / })
    .getByText('API token "jane" expired at')
    .waitFor()
})

inBrowser('a row is revoked, and the wire says so', '#rows/refresh_tokens/2', async (t, { page, mock }) => {
  const row = page.getByRole('region', { name: 'refresh_tokens 2', exact: true })
  await row.getByText('expires in 24 hours').first().waitFor()
  await row.getByRole('heading', { name: 'Its id_token' }).waitFor()
  t.match(await row.innerText(), /As served to --token[\s\S]*"is_expired": false[\s\S]*Its id_token[\s\S]*"aud": "p"/)
  await row.getByRole('button', { name: 'Revoke', exact: true }).click()
  await row.getByText('revoked', { exact: true }).first().waitFor()
  t.equal((await rowOf(mock, 2)).revoked, true)
  t.match(await page.getByRole('contentinfo').innerText(), /await mock\.refreshTokens\.change\(2, \{"revoked":true\}\)/)
  await row.getByRole('button', { name: 'Take the revocation back' }).click()
  await row.getByRole('button', { name: 'Revoke', exact: true }).waitFor()
  await row.getByRole('button', { name: 'Clock to just after its expiry' }).click()
  await row.getByText('expired 1 second ago').waitFor()
  t.equal((await rowOf(mock, 2)).is_expired, true)
  await row.getByRole('button', { name: 'Delete' }).click()
  await row.getByText('There is no such row, or not any more.').waitFor()
  t.match(
    await row.getByRole('list', { name: 'Its life' }).innerText(),
    /deleted[\s\S]*DELETE \/_mock\/refresh_tokens\/2/,
  )
  t.equal((await ask(mock, `${LIST}2/`)).status, 404)
})

inBrowser('the life of a row tells what it came of and what came of it', '', async (t, { page, mock }) => {
  const { pks, refresh_token: token = '' } = await mock.tokens.issue({ user: 'jane', provider: 'p' })
  const key = String(pks.refresh_token)
  await ask(mock, `${LIST}${key}/`, { method: 'DELETE' })
  await page.getByRole('link', { name: `DELETE ${LIST}${key}/` }).click()
  await page.getByRole('link', { name: `refresh_tokens ${key}` }).click()
  const life = page.getByRole('list', { name: 'Its life' })
  await life.waitFor()
  t.match(await life.innerText(), /issued [\s\S]*POST \/_mock\/tokens\/issue[\s\S]*deleted [\s\S]*DELETE \/api/)
  await life.getByRole('link', { name: `DELETE ${LIST}${key}/` }).click()
  await page.getByRole('heading', { name: /^Request \d/ }).waitFor()
  t.notMatch(await page.content(), token)
})

inBrowser(
  'a row is edited and duplicated as JSON, with the words of the grammar',
  '#rows/refresh_tokens/2',
  async (t, { page, mock }) => {
    const json = page.getByLabel('As fixtures have it, as JSON')
    await json.fill('{"scope": 5, "user": "nobody"}')
    await page.getByRole('button', { name: 'Save' }).click()
    const footer = page.getByRole('contentinfo')
    await footer
      .getByText(/scope: found 5; allowed:/)
      .first()
      .waitFor()
    t.match(await footer.innerText(), /^2 mistakes/)
    await json.fill('{"scpe": [], "usr": "jane"}')
    await page.getByRole('button', { name: 'Save' }).click()
    await footer.getByText('scpe: found an unknown field; did you mean scope?').waitFor()
    await page.goto(`${mock.url}/_mock/#rows/refresh_tokens/1`)
    await page.getByRole('heading', { name: 'refresh_tokens 1' }).waitFor()
    t.notMatch(await footer.innerText(), 'mistake', 'what was wrong elsewhere is not said here')
    await page.goBack()
    for (const [text, said] of [
      ['{"scope": ', 'the row: found what is no JSON ('],
      ['null', 'the row: found null; allowed: an object'],
      ['[1]', 'the row: found [1]; allowed: an object'],
    ] as const) {
      await json.fill(text)
      await page.getByRole('button', { name: 'Save' }).click()
      await footer.getByText(said).waitFor()
    }
    await json.fill('{"scope": ["openid"], "user": "ada"}')
    await page.getByRole('button', { name: 'Save' }).click()
    await footer.getByText('Done: PATCH').waitFor()
    t.match(await mock.refreshTokens.get(2), { scope: ['openid'], user: 10 })
    await page.getByRole('button', { name: 'Duplicate' }).click()
    await page.getByRole('heading', { name: 'refresh_tokens 4' }).waitFor()
    t.match(await mock.refreshTokens.get(4), { scope: ['openid'], user: 10 })
    await json.fill('{"user": "jane", "expires": "days=3"}')
    await page.getByRole('button', { name: 'Create as another row' }).click()
    await page.getByRole('heading', { name: 'refresh_tokens 5' }).waitFor()
    t.match(await mock.refreshTokens.get(5), { user: 11 })
  },
)

inBrowser(
  'every kind of row has a page, and a row that opens and is duplicated',
  '#rows',
  async (t, { page, mock }) => {
    await mock.tokens.issue({ user: 'jane', provider: 'p' })
    await page.reload()
    await page.getByText('4 refresh_tokens, page 1 of 1').waitFor()
    const kinds = await page
      .getByLabel('Kind')
      .locator('option')
      .evaluateAll((options) =>
        options.map((option) => [(option as { value?: string }).value ?? '', option.textContent ?? '']),
      )
    t.ok(kinds.length > 10)
    for (const [kind = '', text = ''] of kinds) {
      await page.getByLabel('Kind').selectOption(kind)
      if (/\(0\)$/.test(text)) {
        await page.getByText(`No ${kind} here.`).waitFor()
        continue
      }
      await page
        .getByText(new RegExp(`^\\d+ ${kind}, page 1 of 1$`))
        .first()
        .waitFor()
      await page
        .getByRole('link', { name: /^Open / })
        .first()
        .click()
      await page
        .getByRole('region', { name: new RegExp(`^${kind} `) })
        .getByRole('button', { name: 'Duplicate' })
        .click()
      await page
        .getByText(new RegExp(`^(?:Done: POST /_mock/${kind}|.*(?:found|there is))`))
        .first()
        .waitFor()
      t.pass(kind)
    }
  },
)

inBrowser(
  'among a million rows it stays quick',
  '#rows',
  async (t, { page, mock }) => {
    await page.getByText('1000000 refresh_tokens, page 1 of 40000').waitFor()
    await page.getByRole('button', { name: 'Last' }).click()
    await page.getByText('1000000 refresh_tokens, page 40000 of 40000').waitFor()
    await page
      .getByRole('link', { name: /^Open / })
      .first()
      .click()
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('Done: PATCH').waitFor()
    await page.getByLabel('Kind').selectOption('users')
    await page.getByText(/^\d+ users, page 1 of/).waitFor()
    await page.getByLabel('Kind').selectOption('groups')
    await page.getByText(/^\d+ groups, page 1 of 1$/).waitFor()
    await page.getByRole('link', { name: 'Callers' }).click()
    await page.getByRole('button', { name: 'refresh_tokens 1000000 as --token' }).waitFor()
    await page.getByRole('link', { name: 'Clock' }).click()
    await page.getByRole('button', { name: 'Just before the next expiry' }).click()
    await page.getByText('stands still').waitFor()
    const {
      rows: [next],
    } = await mock.refreshTokens.list({ ordering: 'expires', page_size: 1 })
    t.ok(
      Date.parse((await mock.clock.get()).now) > Date.parse(String(next?.expires)),
      'past the first, as that has expired',
    )
  },
  { generate: 999_997 },
)

inBrowser('names are texts, whatever stands in them', '#rows/users', async (t, { page, mock }) => {
  await mock.users.create({ username: EVIL, name: EVIL })
  await mock.tokens.change('jane', { user: EVIL })
  await ask(mock, `/${encodeURIComponent(EVIL)}?${encodeURIComponent(EVIL)}`, { key: 'jane-key' })
  await ask(mock, `${LIST}?${encodeURIComponent(EVIL)}=1`)
  await mock.stubs.add({ path: `/${EVIL}`, body: EVIL })
  await page.getByText(EVIL).first().waitFor()
  for (const [view, link] of [
    ['rows', /^Open/],
    ['requests', /^GET/],
    ['callers'],
    ['plans'],
    ['report'],
    ['clock'],
    ['worlds'],
  ] as const) {
    await page.goto(`${mock.url}/_mock/#${view}`)
    await page.getByRole('heading', { level: 2 }).waitFor()
    if (link !== undefined) await page.getByRole('link', { name: link }).first().click()
    if (!['rows', 'clock', 'worlds'].includes(view)) await page.getByText(EVIL).first().waitFor()
  }
  t.equal(await page.evaluate('window.hit'), undefined)
  t.equal(await page.locator('img').count(), 0)
})

t.jobs = 1
