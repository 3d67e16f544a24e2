import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { type Mock, type RefreshTokenBody, startMock } from '../../src/index.js'
import { avatarOf } from '../../src/world/computed-fields.js'
import { send } from '../http.js'
import { runHere } from '../process.js'
import { captured, serveAs } from './captured.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const RECORDED = join(import.meta.dirname, '..', 'conformance')

async function bodyOf(mock: Mock, pk: number): Promise<string> {
  return (await send(mock.url, { path: `${LIST}${pk}/`, headers: { Authorization: `Bearer ${mock.token}` } })).body
}

async function servedAgain(text: string, release: string): Promise<string[]> {
  const rows: RefreshTokenBody[] = JSON.parse(text)
  await using mock = await startMock({ release, fixtures: rows })
  return await Promise.all(rows.map(({ pk }) => bodyOf(mock, pk)))
}

for (const release of ['2024.10.0', '2024.12.3', '2025.2.4', '2025.8.6', '2025.12.4', '2026.2.2', '2026.5.0']) {
  t.test(`${release}: what was captured comes back byte for byte`, async (t) => {
    await using mock = await startMock({ release, fixtures: join(RECORDED, '2025.2.4', 'world.json') })
    const plain = await captured(mock.url, mock.token, '--no-scrub')
    t.match(plain.said, /^read 13 of 13 refresh tokens of http/)
    t.match(plain.said, /warning: --no-scrub: client secrets/)
    t.match(plain.said, /all of it comes back byte for byte/)
    const pks = (JSON.parse(plain.text) as RefreshTokenBody[]).map(({ pk }) => pk)
    t.strictSame(plain.rows, await Promise.all(pks.map((pk) => bodyOf(mock, pk))), 'the file holds what was answered')
    t.strictSame(await servedAgain(plain.text, release), plain.rows, 'and it is answered again')
    const scrubbed = await captured(mock.url, mock.token)
    t.match(scrubbed.said, /all of it comes back byte for byte/)
    t.strictSame(await servedAgain(scrubbed.text, release), scrubbed.rows, 'replaced, too')
  })
}

t.test('numbers and escapes are kept as they were written', async (t) => {
  await using mock = await startMock({ fixtures: { users: [{ attributes: { ratio: 7 } }], refresh_tokens: [{}] } })
  const row = (await bodyOf(mock, 1)).replace('"ratio":7', '"ratio":7.0,"\\u00e9":"a\\"b]}"')
  const pagination = { next: 0, previous: 0, count: 1, current: 1, total_pages: 1, start_index: 1, end_index: 1 }
  await using target = await serveAs(`{"pagination": ${JSON.stringify(pagination)}, "results": [ ${row} ]}`)
  const { rows, said } = await captured(target.url, 'k', '--no-scrub')
  t.strictSame(rows, [row])
  t.match(said, /warning: with --release .*, 1 of 1 rows come back otherwise than they are in the file: 1$/m)
})

/** One person in all the ways in which a row can say so. */
const SECRETS = {
  username: 'zaphod.quuxington',
  name: 'Zaphod Quuxington',
  email: 'zq@betelgeuse-corp.test',
  upn: 'ZQ@upn.betelgeuse-corp.test',
  phone: '+49 171 5551234',
  employee: 48151623,
  boss: 'Trillian Mäcmillan',
  secret: 'HushHushClientSecret0123456789',
  nonce: 'NonceOfBetelgeuse',
  sid: 'feedc0de'.repeat(8),
  at_hash: 'AtHashOfBetelgeuse-x',
  group: 'Betelgeuse Crew',
  parent: 'Betelgeuse Owners',
  provider: 'Betelgeuse Login',
  application: { slug: 'betelgeuse-portal', name: 'Betelgeuse Portal' },
  client: 'betelgeuse-client',
  redirect: 'sso.betelgeuse-corp.test',
}

const SECRET_WORLD = {
  base_url: 'https://auth.betelgeuse-corp.test',
  groups: [
    { name: SECRETS.parent },
    { name: SECRETS.group, parent: SECRETS.parent, attributes: { lead: SECRETS.boss } },
  ],
  users: [
    {
      pk: 7,
      username: SECRETS.username,
      name: SECRETS.name,
      email: SECRETS.email,
      path: 'users/betelgeuse',
      groups: [SECRETS.group],
      attributes: { upn: SECRETS.upn, [SECRETS.email]: [SECRETS.phone, { n: SECRETS.employee }], on: true },
    },
    { pk: 8, username: 'trillian', name: SECRETS.boss, attributes: { reports: [SECRETS.username, SECRETS.email] } },
  ],
  providers: (['user_username', 'user_email', 'user_upn', 'hashed_user_id'] as const).map((sub_mode, i) => ({
    pk: i + 1,
    name: `${SECRETS.provider} ${i}`,
    application: { slug: `${SECRETS.application.slug}-${i}`, name: `${SECRETS.application.name} ${i}` },
    client_id: `${SECRETS.client}-${i}`,
    client_secret: SECRETS.secret,
    sub_mode,
    property_mappings: ['08841680-83fb-4ae4-9d47-28316306fa16'],
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    redirect_uris: [{ matching_mode: 'strict' as const, url: `https://${SECRETS.redirect}/cb?u=${SECRETS.username}` }],
  })),
  refresh_tokens: [1, 2, 3, 4].flatMap((provider) => [
    { user: 7, provider, nonce: SECRETS.nonce, sid: SECRETS.sid, at_hash: SECRETS.at_hash },
    { user: 8, provider, claims: { given_name: 'Trillian', team: { of: SECRETS.name, mail: `to ${SECRETS.email}` } } },
  ]),
}

const WITH = ['--with', 'users,providers,applications']

t.test('nothing that tells of people and places is left', async (t) => {
  await using mock = await startMock({ fixtures: SECRET_WORLD, installId: '5f1d7c0e-8f8a-4e0b-9a44-2b8d0f6e7c11' })
  for (const more of [[], WITH]) {
    const before = await captured(mock.url, mock.token, '--no-scrub', ...more)
    const { text, said } = await captured(mock.url, mock.token, ...more)
    const words = Object.values(SECRETS).flatMap((value) => (typeof value === 'object' ? Object.values(value) : value))
    const parts = ['betelgeuse', 'quuxington', 'zaphod', 'trillian', 'mäcmillan', '5551234']
    for (const word of [...words.map(String), ...parts]) {
      t.match(before.text.toLowerCase(), formsOf(word), `${word} was there`)
      t.notMatch(text.toLowerCase(), formsOf(word), `${word} is not there`)
    }
    for (const kind of ['client secrets', 'e-mail addresses', 'names', 'user names', 'avatars', 'nonces', 'attributes'])
      t.match(
        said,
        new RegExp(`\\b(?:\\d{2,}|[2-9]) ${kind}\\b|\\b1 ${kind.replace(/(?:(?<=ss)es|s)$/, '')}(?!s|es)`),
        kind,
      )
  }
})

/** Plain, base64 in any alignment, percent-encoded, escaped. */
function formsOf(word: string): RegExp {
  const aligned = [0, 1, 2].map((offset) => {
    const bytes = Buffer.from(' '.repeat(offset) + word)
    return bytes.toString('base64').slice(offset === 0 ? 0 : 4, Math.floor(bytes.length / 3) * 4)
  })
  const escaped = word.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const all = [word, encodeURIComponent(word), escaped, ...aligned.filter((form) => form.length > 5)]
  return new RegExp(all.map((form) => form.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'))
}

t.test('what follows from what still does', async (t) => {
  await using mock = await startMock({ fixtures: SECRET_WORLD })
  const rows: RefreshTokenBody[] = JSON.parse((await captured(mock.url, mock.token)).text)
  for (const { user, provider, id_token } of rows) {
    const claims = JSON.parse(id_token)
    t.equal(user.avatar, avatarOf(user.name, user.username))
    t.equal(claims.aud, provider.client_id)
    t.match(
      claims.iss,
      new RegExp(`^https://[a-z]+-[0-9a-f]{6}\\.example\\.com/application/o/${provider.assigned_application_slug}/$`),
    )
    const { upn } = user.attributes as { upn?: string }
    const subject = {
      user_username: user.username,
      user_email: user.email,
      user_upn: upn ?? user.uid,
      hashed_user_id: user.uid,
    }
    t.equal(claims.sub, subject[provider.sub_mode as keyof typeof subject], String(provider.sub_mode))
    if (user.pk !== 7) continue
    t.strictSame(
      [claims.email, claims.name, claims.preferred_username, claims.groups],
      [user.email, user.name, user.username, user.groups_obj?.map(({ name }) => name)],
    )
  }
  const [person, boss] = [rows.find(({ user }) => user.pk === 7)?.user, rows.find(({ user }) => user.pk === 8)]
  const [reports] = Object.values(boss?.user.attributes ?? {})
  t.strictSame(reports, [person?.username, person?.email], 'the same in what others say')
  const { given_name, ...others } = JSON.parse(boss?.id_token ?? '')
  t.equal(Object.values(Object.values(others).at(-1) as object)[0], person?.name)
  t.equal(given_name, boss?.user.name.split(' ')[0])
  t.equal(new Set(rows.map(({ user }) => user.username)).size, 2)
  t.equal(Object.values(person?.groups_obj?.[0]?.attributes ?? {})[0], boss?.user.name)
})

t.test('the same salt replaces by the same, another one does not', async (t) => {
  await using mock = await startMock()
  const texts = await Promise.all(
    [['--salt', 'a'], ['--salt', 'a'], ['--salt', 'b'], [], []].map((args) => captured(mock.url, mock.token, ...args)),
  )
  t.equal(texts[0]?.text, texts[1]?.text)
  t.equal(new Set(texts.map(({ text }) => text)).size, 4)
  t.notMatch(texts.map(({ text, said }) => text + said).join(), /salt/)
})

t.test('which rows are read, and how', async (t) => {
  await using mock = await startMock({ generate: 250, seed: 3 })
  const count = async (...args: string[]) => (await captured(mock.url, mock.token, ...args)).rows.length
  t.equal(await count(), 250)
  t.equal(await count('--page-size', '7', '--limit', '20'), 20)
  const { user, provider } = JSON.parse(await bodyOf(mock, 9)) as RefreshTokenBody
  const some = await Promise.all([count('--user', String(user.pk)), count('--provider', String(provider.pk))])
  t.ok(
    some.every((n) => n > 0 && n < 250),
    String(some),
  )
  for (const status of [502, 503, 429])
    await mock.faults.add({ path: LIST, times: 1, status, headers: { 'Retry-After': '0' } })
  t.equal(await count(), 250, 'after a pause it is asked again')
  const said = (await captured(mock.url, mock.token, '--limit', '1', '--insecure')).said
  t.match(said, /^warning: --insecure: the certificate is not checked/)
})

t.test('what goes wrong is one line, and leaves no file', async (t) => {
  await using mock = await startMock({ generate: 250 })
  await using html = await serveAs('<html></html>', 'text/html')
  await using json = await serveAs('{"pagination": 1}')
  await using half = await serveAs('{"pagination": {"next": 0, "count": 1}, "results": [{"pk"')
  await using moved = await serveAs((_, response) => response.writeHead(301, { Location: 'https://elsewhere/' }).end())
  await using dropping = await serveAs((_, response) =>
    response.writeHead(200, { 'Content-Length': 99 }).write('{"', () => response.destroy()),
  )
  const list = (count: number, next: number) => `{"pagination": {"next": ${next}, "count": ${count}}, "results": []}`
  await using short = await serveAs(list(5, 0))
  await using circling = await serveAs(list(5, 1))
  const folder = t.testdir({ 'there.json': 'as it was' })
  const there = join(folder, 'there.json')
  const at = (url: string, ...args: string[]) => [
    '--target',
    url,
    '--token',
    'SeCrEt-KeY',
    '--retries',
    '0',
    '--out',
    there,
    ...args,
  ]
  const good = (...args: string[]) => ['--target', mock.url, '--token', mock.token, '--rate', '10000', ...args]
  const runs: [string, string[], number, RegExp][] = [
    ['nobody listens', at('http://127.0.0.1:1'), 3, /127\.0\.0\.1:1: nothing listens there$/],
    ['no such host', at('http://no.such.host.invalid'), 3, /invalid: no such host is known$/],
    ['wrong token', at(mock.url), 2, /--token: .* answers 403: Token invalid\/expired$/],
    [
      'another server',
      at(html.url),
      2,
      /--target: .* answers 200 with text\/html, which is not JSON.*; allowed: an authentik$/,
    ],
    [
      'its API',
      at(`${mock.url}/api/v3/`),
      2,
      /answers 404 .*; allowed: an authentik, by its address without \/api\/v3$/,
    ],
    ['another API', at(json.url), 2, /--target: found .*; allowed: an authentik$/],
    ['half a list', at(half.url), 2, /which is not JSON, or was cut off; allowed: an authentik$/],
    ['the list ends early', at(short.url), 2, /the list ended with page 1 after 0 of 5 rows$/],
    ['a list without end', at(circling.url), 2, /page 1 says that page 1 comes next$/],
    ['a redirect', at(moved.url), 2, /leads to https:\/\/elsewhere\/; allowed: the address itself$/],
    ['half an answer', at(dropping.url), 3, /: .*(?:cut in the middle|broken off)$/],
    [
      'out of time',
      at(mock.url, '--rate', '1', '--max-time', '1', '--token', mock.token, '--page-size', '1'),
      3,
      /not done within --max-time 1 s$/,
    ],
    ['no such user', good('--user', '424242', '--out', there), 2, /answers 400: no user 424242 there$/],
    [
      'no such folder',
      good('--out', join(folder, 'no', 'x.json')),
      2,
      /--out: found .*: there is no such folder; allowed: a file that can be written$/,
    ],
    ['a folder', good('--out', folder), 2, /--out: found .*: it is a folder; allowed/],
    [
      'no certificates',
      at('https://127.0.0.1:1', '--ca', there),
      2,
      /--ca: found .*, no certificate in it; allowed: a PEM file/,
    ],
  ]
  await Promise.all(
    runs.map(async ([name, args, code, line]) => {
      const ended = await runHere(['capture', ...args])
      const last = ended.stderr.trimEnd().split('\n').at(-1) ?? ''
      t.match([ended.code, ended.stdout, last], [code, '', line], name)
      t.notMatch(ended.stderr, /SeCrEt-KeY|\n\s+at /, `${name}: no key, no stack`)
    }),
  )
  t.equal(readFileSync(there, 'utf8'), 'as it was')
  t.strictSame(readdirSync(folder), ['there.json'])
  await mock.faults.add({ path: LIST, preset: 'backend-down' })
  t.match(
    await runHere(['capture', ...good('--retries', '0')]),
    { code: 3, stdout: '', stderr: /answers 50[23]\n$/ },
    'it stays away',
  )
})

t.test('a file under its name is a whole one', async (t) => {
  await using mock = await startMock()
  const folder = t.testdir({})
  const out = join(folder, 'rows.json')
  const args = ['capture', '--target', mock.url, '--token', mock.token, '--rate', '10000']
  const ended = await runHere([...args, '--out', out])
  t.match(ended, { code: 0, stdout: '', stderr: new RegExp(`\nwritten to ${out}\n$`) })
  t.notMatch(ended.stderr + readFileSync(out), mock.token)
  t.match(await runHere(['validate', out]), { code: 0, stdout: /^fine: 14 refresh tokens/ })
  const { stdout } = await runHere([...args, '--salt', 'a'])
  t.equal(JSON.parse(stdout).length, 14, 'or standard output holds it, and nothing else')
})

t.test('rows that change while they are read are told of', async (t) => {
  await using mock = await startMock({ generate: 3 })
  const rows = await Promise.all([1, 2, 3].map((pk) => bodyOf(mock, pk)))
  const pages: Record<string, string> = {
    1: `{"pagination": {"next": 2, "count": 3}, "results": [${rows[0]}, ${rows[1]}]}`,
    2: `{"pagination": {"next": 0, "count": 4}, "results": [${rows[1]}, ${rows[2]}]}`,
  }
  await using target = await serveAs((request, response) => {
    const page = new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? ''
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(pages[page] ?? pages[1])
  })
  const { rows: got, said } = await captured(target.url, 'k')
  t.equal(got.length, 3)
  t.match(
    said,
    /warning: the rows changed while they were read \(their number went 3, 4; 1 came twice\): some may be missing/,
  )
})

t.test('over TLS', { skip: existsSync('/usr/bin/openssl') ? false : 'no openssl here' }, async (t) => {
  const folder = t.testdir({})
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30']
  execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  await using mock = await startMock()
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, async (request, response) => {
    const headers = { Authorization: String(request.headers.authorization) }
    const answer = await send(mock.url, { path: request.url ?? '', headers })
    response.writeHead(answer.status, answer.rawHeaders.flat()).end(answer.bytes)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const read = (...args: string[]) => captured(url, mock.token, '--retries', '0', ...args)
  await t.rejects(read(), {
    name: 'UnreachableError',
    message: /its certificate is not known; --ca FILE vouches for it$/,
  })
  t.equal((await read('--ca', cert)).rows.length, 14)
  t.equal((await read('--insecure')).rows.length, 14)
})
