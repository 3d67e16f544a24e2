import t from 'tap'
import { type Mock, startMock } from '../../src/index.js'
import { createKnown } from '../../src/server/masking/known.js'
import { createMasks, maskBody } from '../../src/server/masking.js'
import { tokenForm } from '../../src/world/secret-forms.js'
import { send } from '../http.js'
import { serve } from '../process.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodXNoIn0.aHVzaA'
const json = JSON.stringify
const base64 = (text: string) => Buffer.from(text).toString('base64url')

/** Texts with secrets, which say `hush`, and what is left of them. */
const TEXTS: [name: string, text: string, left: string][] = [
  ['a member of JSON', '{"refresh_token": "hush", "x": 1}', '{"refresh_token": "…", "x": 1}'],
  ['an object below such a name', '{"token": {"value": "hush"}, "x": 1}', '{"token": "…", "x": 1}'],
  ['a list below such a name', '{"tokens": ["hush", "hush"], "x": 1}', '{"tokens": "…", "x": 1}'],
  ['what is nested below it', '{"auth":{"a":[{"b":"}hush"}]},"x":1}', '{"auth":"…","x":1}'],
  ['a number', '{"otp": 123456, "x": 1}', '{"otp": "…", "x": 1}'],
  ['an escaped name', '{"pass\\u0077ord":"hush","x":1}', '{"pass\\u0077ord":"…","x":1}'],
  ['an escaped quote', '{"pwd":"hu\\"hush","x":1}', '{"pwd":"…","x":1}'],
  ['single quotes', "{'password': 'hush', 'x': 1}", "{'password': '…', 'x': 1}"],
  ['names without quotes', '{password: hush, x: 1}', '{password: "…", x: 1}'],
  [
    'JSON in JSON',
    json({ a: json({ password: 'hush', b: 1 }), x: 1 }),
    /^\{"a":"\{\\"password\\":"…",\\"b\\":1\}","x":1\}$/,
  ],
  ['JSON in JSON in JSON', json({ a: json({ b: json({ password: 'hush' }) }), x: 1 }), /"x":1\}$/],
  ['a form in JSON', '{"a":"password=hush","x":1}', '{"a":"password=…","x":1}'],
  ['a form', 'a=b&client_secret=hush&x=1', 'a=b&client_secret=…&x=1'],
  ['an escaped name in a form', 'p%61ssword=hush&x=1', 'p%61ssword=…&x=1'],
  ['brackets', 'a[token]=hush&a%5Btoken%5D=hush&x=1', 'a[token]=…&a%5Btoken%5D=…&x=1'],
  ['a semicolon', 'user=1;token=hush&x=1', 'user=1;token=…&x=1'],
  ['JSON in a form', `a=%22&d=${encodeURIComponent(json({ b: "it's", password: 'hush' }))}&x=1`, /^a=%22&d=.*&x=1$/],
  ['a URL in a form', `next=${encodeURIComponent('/cb?token=hush&y=1')}&x=1`, 'next=%2Fcb%3Ftoken%3D…%26y%3D1&x=1'],
  ['a value without end', 'x=1&token=hush hush\nhush', 'x=1&token=…'],
  [
    'multipart',
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhush\r\nhush\r\n--b\r\n' +
      'Content-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--',
    '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n…\r\n--b\r\n' +
      'Content-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--',
  ],
  ['XML', '<a><password>hush</password><x>1</x></a>', '<a><password>…</password><x>1</x></a>'],
  ['a header', 'Cookie: a=hush; b=hush\nX: 1', 'Cookie: …\nX: 1'],
  ['an indented value', 'x: 1\npassword: |\n  hush\n', 'x: 1\npassword: …'],
  [
    'a name beside its value',
    '{"name":"Authorization","value":"hush","x":1}',
    '{"name":"Authorization","value":"…","x":1}',
  ],
  ['a value beside its name', '{"value":"hush","name":"password","x":1}', '{"value":"…","name":"password","x":1}'],
  ['Bearer', 'it says Bearer hush here', 'it says Bearer … here'],
  ['Bearer in a query', 'q=Bearer%20hush&x=1', 'q=Bearer%20…&x=1'],
  ['Basic in JSON', '{"a":"Basic aHVzaA==","x":1}', '{"a":"Basic …","x":1}'],
  ['Authorization in JSON', '{"a":"Authorization: Token hush","x":1}', '{"a":"Authorization: …","x":1}'],
  ['Digest', 'Digest username="a", response="hush"\nx', 'Digest …\nx'],
  ['a JWT', `it is ${JWT}, says x`, 'it is …, says x'],
  ['a JWT behind a letter', `it is a${JWT}, says x`, 'it is a…, says x'],
  ['a JWT in JSON', json({ a: JWT, x: 1 }), '{"a":"…","x":1}'],
  [
    'a JWT with spaces in its JSON',
    `it is ${base64('{ "alg":"none"}')}.${base64('{\n "sub":"hush"}')}.aHVzaA, says x`,
    'it is …, says x',
  ],
  ['one with line breaks', `${base64('{\r\n"alg":"none"}')}.aHVzaA. x`, '… x'],
  [
    'a private key',
    '{"a":"-----BEGIN RSA PRIVATE KEY-----\\nhush\\n-----END RSA PRIVATE KEY-----","x":1}',
    '{"a":"-----BEGIN RSA PRIVATE KEY-----…-----END RSA PRIVATE KEY-----","x":1}',
  ],
  ['one that is cut', 'x\n-----BEGIN PRIVATE KEY-----\nhush', 'x\n-----BEGIN PRIVATE KEY-----…'],
  ...['PRIV\nATE KEY', '\u001b[1mPRIVATE\u001b[0m KEY', 'RSA  PRIVATE KEY', '\r\nPRIVATE KEY'].map(
    (kind): [string, string, RegExp] => [
      `a private key of which a terminal made ${json(kind)}`,
      json({ a: `-----BEGIN ${kind}-----\nhush\n-----END PRIVATE KEY-----`, x: 1 }),
      /-----…-----END PRIVATE KEY-----","x":1\}$/,
    ],
  ),
  ['the password of a URL', 'see https://user:hush@host/x', 'see https://user:…@host/x'],
  ['JSON that is cut', '{"x":1,"password":"hush', '{"x":1,"password":"…"'],
  ['JSON that is cut within', '{"x":1,"tokens":[{"a":"hush"},{"a":"hu', '{"x":1,"tokens":"…"'],
  ...[
    ...[
      'assertion',
      'client_assertion',
      'credential',
      'credentials',
      'pwd',
      'passwd',
      'pass',
      'sig',
      'signature',
      'jwt',
    ],
    ...['bearer', 'session', 'sessionid', 'cookie', 'apiKey', 'x-api-key', 'userPin', 'SAMLResponse', 'code_verifier'],
    ...['TOKEN', 'Authorization', 'clientSecret', 'passphrase', 'csrf', 'sid'],
  ].map((name): [string, string, string] => [name, `{"${name}":"hush","x":1}`, `{"${name}":"…","x":1}`]),
] as [string, string, string][]

/** Texts in which nothing is secret. */
const PLAIN = [
  'it is xeyJhbGciOiJIUzI1NiJ9.x',
  '{"design": "fine", "assigned_application_slug": "fine", "count": 1, "tonight": [1, {"a": null}]}',
  '{"access_code_validity":"minutes=1","password_change_date":"2024","jwt_federation_sources":[]}',
  'user=11&ordering=-expires&page_size=5&search=it%27s%20%22fine%22',
  "it's a test, isn't it: 100% \\ fine",
  '{"unfinished": "te',
  'Content-Type: text/plain\nX: 1',
  'a new view: eyelashes.x, ewk.a, eyAb &#x & &#; %u 1+1',
  '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----',
  '<a b="c"><d>e</d></a>',
]

t.test('secrets are left out of any text, and nothing else is', async (t) => {
  for (const [name, text, left] of TEXTS) {
    const masked = maskBody(text)
    t.match(masked, left, name)
    if (typeof left === 'string') t.equal(masked, left, name)
    t.notMatch(masked, /hush|aHVzaA|123456|eyJ/, name)
  }
  for (const text of PLAIN) t.equal(maskBody(text), text)
})

/** Everything that a mock remembers of its clients. */
async function remembered(mock: Mock): Promise<string> {
  const journal = await mock.requests({ limit: 1000 })
  return JSON.stringify([journal, await mock.report()])
}

t.test('journal and report leave them out', async (t) => {
  await using mock = await startMock()
  for (const [, body] of TEXTS) await send(mock.url, { method: 'POST', path: LIST, body })
  const bodies = (await mock.requests({ limit: 1000 })).map(({ body }) => body)
  for (const [i, [name, , left]] of TEXTS.entries()) t.match(bodies[i], left, name)
  for (const [, text] of TEXTS.filter(([, text]) => !/[\s\u0080-\uffff]/.test(text)))
    await send(mock.url, { path: `${LIST}?q&${text}` })
  t.notMatch(await remembered(mock), /hush|aHVzaA|123456|eyJ/)
})

const KEY = 'Kx7-plain_key.42'
const ODD_KEY = 'Kz&a=b/c?d"e\\f%41;g'

/** Ways in which a client may send a key where it does not belong. */
const ways = (key: string): { path?: string; body?: string; method?: string; headers?: Record<string, string> }[] => {
  const escaped = encodeURIComponent(key)
  const hex = Array.from(key, (character) => `%${character.charCodeAt(0).toString(16)}`).join('')
  const unicode = Array.from(key, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  const xml = (mark: string, base: number) =>
    Array.from(key, (character) => `&#${mark}${character.charCodeAt(0).toString(base)};`).join('')
  return [
    { path: `/api/v3/x/${escaped}/` },
    { path: `/api/v3/x/${hex}y` },
    { path: `/${hex.replaceAll('%', '%25')}/` },
    { path: `${LIST}${hex}/` },
    { path: `${LIST}?x=${escaped}` },
    { path: `${LIST}?${escaped}` },
    { path: `${LIST}?ordering=${escaped}` },
    { path: `${LIST}?page=${hex}` },
    { path: `${LIST}?x=${escaped.replaceAll('%20', '+')}` },
    { path: LIST, method: 'POST', body: `x=${escaped.replaceAll('%20', '+')}&y` },
    { path: LIST, method: 'POST', body: `<x>${xml('x', 16)}</x><x>${xml('', 10)}</x>` },
    { path: LIST, method: 'POST', body: `x=${unicode.replaceAll('\\\\', '%')}` },
    { path: `${LIST}?x=a${hex.replaceAll('%', '%25')}z` },
    { path: LIST, method: 'POST', body: key },
    {
      path: '/application/o/token/',
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `client_id=${escaped}`,
    },
    { path: LIST, method: 'POST', body: `a ${key}-b` },
    { path: LIST, method: 'POST', body: json({ x: [key, { [key]: `a${key}b` }] }) },
    { path: LIST, method: 'POST', body: `{"x":"${unicode}"}` },
    { path: LIST, method: 'POST', body: json({ x: json({ y: key }) }) },
    { path: LIST, method: 'POST', body: `x=${hex}` },
    { path: LIST, headers: { 'X-Mock-Prefer': escaped } },
    { path: LIST, headers: { 'X-Mock-Prefer': `preset=${escaped}` } },
  ]
}

t.test('a secret of any characters is left out in any encoding', async (t) => {
  await using mock = await startMock()
  for (const secret of ['gé heim+ %41 x', '日本語の秘密鍵', '🔑🔑🔑🔑key', '<tag>&amp;"secret\'']) {
    await mock.providers.create({ name: secret, client_secret: secret })
    await mock.clearRequests()
    const bytes = Buffer.from(`c:${secret}`)
    const entities = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    const bodies = [
      ...(['base64', 'base64url', 'hex'] as const).map((encoding) => bytes.toString(encoding).replace(/=+$/, '')),
      `<a>${entities}</a>`,
      `<a>${entities.replaceAll('"', '&quot;').replaceAll("'", '&apos;')}</a>`,
      `<a>${'x'.repeat(4079)}${entities}</a>`,
    ]
    for (const body of bodies)
      await send(mock.url, { method: 'POST', path: LIST, body: Buffer.from(body).toString('latin1') })
    const shown = (await mock.requests()).map(({ body }) => body)
    const whole = ['…', '…', '…', '<a>…</a>', '<a>…</a>']
    t.strictSame(shown.slice(0, 5), whole, secret)
    t.match(shown[5], /^<a>x+…(?:&am|<\/a)?$/, 'the beginning of it')
  }
})

t.test('a known key is left out wherever it stands', async (t) => {
  const cases: [name: string, key: string, make: (mock: Mock, key: string) => Promise<unknown>][] = [
    ['of an API token that was there', KEY, async () => {}],
    ['an odd one', ODD_KEY, (mock, key) => mock.tokens.create({ name: 'a', key, user: 'akadmin' })],
    [
      'that was changed since',
      KEY.replace('7', '8'),
      async (mock, key) => {
        await mock.tokens.create({ name: 'b', key, user: 'akadmin' })
        await mock.tokens.change('b', { key: 'another-key' })
      },
    ],
    [
      'of a token that is gone',
      KEY.replace('7', '9'),
      async (mock, key) => {
        await mock.tokens.create({ name: 'c', key, user: 'akadmin' })
        await mock.tokens.delete('c')
      },
    ],
    [
      'of another world, which ended',
      KEY.replace('7', '6'),
      async (mock, key) => {
        const world = mock.world()
        await world.fixtures.replace({ users: [{ username: 'x' }], tokens: { x: { key, user: 'x' } } })
        await world.close()
      },
    ],
    [
      'a client secret',
      'Secret of a client: 42',
      (mock, key) => mock.providers.create({ name: 'P', client_secret: key }),
    ],
    ['the key of the control API', 'control-Key-1', async () => {}],
    ['a short one', 'k42x', (mock, key) => mock.tokens.create({ name: 'd', key, user: 'akadmin' })],
  ]
  for (const [name, key, make] of cases) {
    await using mock = await startMock({ token: KEY, controlToken: 'control-Key-1' })
    await make(mock, key)
    const isShort = key.length < 8
    for (const { path = LIST, ...rest } of ways(key)) {
      const answer = await send(mock.url, { path, ...rest })
      if (rest.headers !== undefined) t.notMatch(answer.body, json(key).slice(1, -1), `${name}: X-Mock-Prefer`)
    }
    const text = (await remembered(mock)).replaceAll('\\u2026', '…')
    const shown = [key, encodeURIComponent(key), encodeURIComponent(key).replaceAll('%20', '+'), json(key).slice(1, -1)]
    for (const form of shown) {
      if (isShort) t.notMatch(text, new RegExp(`[^a-z0-9]${form}[^a-z0-9]`, 'i'), `${name}: ${form}`)
      else t.notOk(text.includes(form), `${name}: ${form}`)
    }
    if (isShort) continue
    t.notOk(text.toLowerCase().includes(`%${key.charCodeAt(0).toString(16)}%${key.charCodeAt(1).toString(16)}`), name)
  }
})

t.test('the token of a made-up row is left out, though no list has it', async (t) => {
  const seed = 3
  await using mock = await startMock({ generate: 50, seed, fixtures: [] })
  const token = tokenForm.of(seed, 'refresh_tokens token', 30)
  for (const { path = LIST, ...rest } of ways(token)) await send(mock.url, { path, ...rest })
  await send(mock.url, { path: `/${'-'.repeat(4000)}${token}` })
  await send(mock.url, { path: `/x/${'x'.repeat(128)}/` })
  const text = await remembered(mock)
  t.notOk(text.includes(token.slice(0, 20)))
  t.match(text, 'x'.repeat(128), 'and nothing else is')
})

t.test('a short key is left out as a word, and not of other words', async (t) => {
  await using mock = await startMock({ token: 'jane' })
  await send(mock.url, { path: '/x/jane/janet/birdjane?a=jane&b=janes' })
  t.match(await mock.requests(), [{ path: '/x/…/janet/birdjane', query: '?a=…&b=janes' }])
})

t.test('where a text is cut, the beginning of a secret does not show', async (t) => {
  const key = 'Secret-key-of-somebody'
  await using mock = await startMock({ token: key })
  for (let shown = 4; shown <= key.length; shown++) {
    const fill = 'x'.repeat(4096 - 1 - shown)
    await send(mock.url, { path: `/${fill}${key}/y` })
    await send(mock.url, { path: `/?${fill}${key}/y` })
    await send(mock.url, { method: 'POST', path: '/', body: `-${fill}${key}/y` })
    await send(mock.url, { path: `/api/v3/${'x'.repeat(100 - 8 - shown)}${key}/` })
    await send(mock.url, { path: `/api/v3/${'y'.repeat(500 - 4 - 8 - shown)}${key}/` })
  }
  const escapes = [
    Array.from(key, (character) => `%${character.charCodeAt(0).toString(16)}`).join(''),
    Array.from(key, (character) => `%25${character.charCodeAt(0).toString(16)}`).join(''),
    Array.from(key, (character) => `\\u00${character.charCodeAt(0).toString(16)}`).join(''),
  ]
  for (const escaped of escapes)
    for (let shown = 24; shown <= 60; shown++) {
      const fill = 'z'.repeat(4096 - 1 - shown)
      await send(mock.url, { path: `/?${fill}${escaped}/y` })
      await send(mock.url, { method: 'POST', path: '/', body: `-${fill}${escaped}/y` })
    }
  const text = await remembered(mock)
  t.match(text, /xxx…/)
  t.notMatch(text, /Secr/)
  t.match(text, /zzz…/)
  t.notMatch(text, /53.{1,5}65.{1,5}63.{1,5}72/)
})

t.test('the log leaves them out, and keeps no more than the beginning of a target', async (t) => {
  await using server = await serve(['--token', KEY, '--log-level', 'info'])
  for (const { path = LIST, ...rest } of ways(KEY)) await send(server.url, { path, ...rest })
  await send(server.url, { path: `${LIST}?access_token=hush&x=1` })
  await send(server.url, { path: `/${'x'.repeat(4095 - 8)}${KEY}` })
  await send(server.url, { path: `/${'y'.repeat(500_000)}` })
  await send(server.url, { path: '/last' })
  await server.prints(/"url":"\/last"/)
  const { stdout } = server.printed
  t.match(stdout, 'access_token=…&x=1')
  t.notMatch(stdout, /hush|Kx7-p/)
  t.notOk(stdout.toLowerCase().includes('%4b%78%37'))
  t.ok(Math.max(...stdout.split('\n').map((line) => line.length)) < 10_000)
})

t.test('no text takes long: if time grew with the square of the length, this test would time out', async (t) => {
  const masks = createMasks()
  masks.learn(KEY)
  const parts = [
    ...['?', '"', '\\"', '\'"', '{', '[', '%25', '%22', 'a:', 'a=', '&', ' ', 'a', '//a:', 'eyJ', 'aeyJ', '\\u', '\\'],
    ...['name=token ', 'name=token\n', 'token={', 'token=" ', 'token:\n', 'token:[', 'key:"', 'name:"', '{"value":'],
    ...[
      '<token>',
      '<token ',
      '"<token>"',
      '</token',
      '<token/>',
      'bearer ',
      'digest \n',
      'eyA',
      'eyAaaaaa.',
      'ewogaaaa',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN ',
      'AAAABBBBCCCC',
      'AAAABBBBCCCC\n',
      'A\n',
      '&#',
      '&#x61;',
      '%u',
      '+',
      'a%20:',
      '"value":"name":',
    ],
    ...['data:', '{"value":1', '-eyA', 'name=token\n\n'],
    ...[KEY, KEY.slice(0, 8), '\\\\"', '{"a":"', '%5C"', "=' ", '"name":"token","value":{'],
  ]
  for (const part of parts) {
    const masked = masks.mask(`${part.repeat(300_000 / part.length)}\n&\npassword=hush`)
    t.notMatch(masked.slice(-20), /hush/, json(part))
  }
})

t.test('a known secret is left out where it was escaped before it was encoded', async (t) => {
  const secret = 'a+b/c="d\\e<f>g&h%41'
  const masks = createMasks()
  masks.learn(secret)
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;')
  const cases: [name: string, escaped: string][] = [
    ['by percent signs, as in the Basic credentials of a client', `client:${encodeURIComponent(secret)}`],
    ['in a form', new URLSearchParams({ client_secret: secret }).toString()],
    ['in JSON', json({ secret })],
    ['in HTML', `<p>${html}</p>`],
    ['twice', encodeURIComponent(json({ secret }))],
  ]
  for (const [name, escaped] of cases)
    for (const encoding of ['base64', 'base64url', 'hex'] as const) {
      const encoded = Buffer.from(escaped).toString(encoding).replace(/=+$/, '')
      t.equal(masks.mask(`it was ${encoded}`), 'it was …', `${name}, as ${encoding}`)
    }
  const other = Buffer.from(`client:${encodeURIComponent('a+b/c="d\\e')}`).toString('base64url')
  t.equal(masks.mask(`it was ${other}`), `it was ${other}`, 'another one')
})

t.test('a known secret is left out as base64 and as hexadecimal digits, too', async (t) => {
  const masks = createMasks()
  masks.learn(KEY)
  const bytes = Buffer.from(`client:${KEY}`)
  const [base64, hex] = [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')]
  // In the alphabet for URLs it has `_` where no group of four letters begins.
  const odd = Buffer.from(`8765432101\xff\xff${KEY}`, 'latin1')
  const cases: [text: string, masked: string][] = [
    [base64, '…'],
    [`/x/${bytes.toString('base64url')}/y`, '/x/…/y'],
    [`{"data":"${base64}"}`, '{"data":"…"}'],
    [`{"data":"${odd.toString('base64url')}"}`, '{"data":"…"}'],
    [`a=${encodeURIComponent(base64)}&b=1`, 'a=…&b=1'],
    [`/x/${hex}`, '/x/…'],
    [`/x/${hex.toUpperCase()}?a`, '/x/…?a'],
    [btoa(base64), '…=='],
    [btoa(btoa(base64)), '…='],
    [btoa(hex), '…=='],
    [Buffer.from(base64).toString('hex'), '…'],
    [btoa(`${'x'.repeat(50)}${KEY}${'y'.repeat(50)}`).replace(/(.{76})/g, '$1\r\n'), '…='],
    [json({ data: btoa(`${'x'.repeat(50)}${KEY}${'y'.repeat(50)}`).replace(/(.{64})/g, '$1\n') }), '{"data":"…="}'],
    [btoa(btoa('client:somebody else')), 'WTJ4cFpXNTBPbk52YldWaWIyUjVJR1ZzYzJVPQ=='],
    [Buffer.from('client:somebody else').toString('base64'), 'Y2xpZW50OnNvbWVib2R5IGVsc2U='],
    ['/api/v3/oauth2/refresh_tokens/', '/api/v3/oauth2/refresh_tokens/'],
  ]
  for (const [text, masked] of cases) t.equal(masks.mask(text), masked)
})

t.test('what looks like an escape in a secret does not hide it, whatever is escaped around it', (t) => {
  const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  const codes = [
    (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`,
    (unit: number) => `&#${unit};`,
    (unit: number) => `%${unit.toString(16)}`,
  ]
  for (const secret of [ODD_KEY, 'a<b>c\\u0041de', 'back\\slash&amp', 'p%41ss&lt;word\\n']) {
    const masks = createMasks()
    masks.learn(secret)
    const mixed = Array.from(secret, (_, i) => codes[i % 3]?.(secret.charCodeAt(i))).join('')
    const texts: [text: string, masked: string][] = [
      [secret, '…'],
      [json({ x: secret }), '{"x":"…"}'],
      [`<a>${xml(secret)}</a>`, '<a>…</a>'],
      [json({ x: `<a>${xml(secret)}</a>` }), '{"x":"<a>…</a>"}'],
      [`<a>${xml(json({ x: secret }))}</a>`, '<a>{&quot;x&quot;:&quot;…&quot;}</a>'],
      [`a=${encodeURIComponent(secret)}&b=1`, 'a=…&b=1'],
      [mixed, '…'],
      [`{"x":"${mixed}"}`, '{"x":"…"}'],
    ]
    for (const [text, masked] of texts) t.equal(masks.mask(text), masked, text)
  }
  t.end()
})

t.test('a known secret is left out as UTF-16, too, as it stands and encoded', (t) => {
  const masks = createMasks()
  masks.learn(KEY)
  const little = Buffer.from(KEY, 'utf16le')
  const big = Buffer.from(little).swap16()
  for (const bytes of [little, big, Buffer.from(`\ufeff{"key":"${KEY}"}`, 'utf16le')]) {
    const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    const texts = [
      bytes.toString('utf8'),
      `/x?name=${escaped}`,
      `/x/${escaped}/y`,
      `{"data":"${bytes.toString('base64')}"}`,
      `/${bytes.toString('hex')}`,
      JSON.stringify(bytes.toString('latin1')),
    ]
    for (const text of texts) {
      const plain = unescape(masks.mask(text)).replaceAll(/\0|\\u0000/g, '')
      const letters = Buffer.from(plain.replaceAll(/[^\w+/-]/g, ''), 'base64')
        .toString('latin1')
        .replaceAll('\0', '')
      t.notMatch(`${plain} ${letters}`, KEY.slice(0, 8), text)
    }
  }
  t.equal(masks.mask('a\0b=c\0d'), 'a\0b=c\0d')
  t.end()
})

t.test('what was masked before a secret was learnt is masked anew', async (t) => {
  const masks = createMasks()
  const text = `GET /x/?name=${KEY.slice(0, 9)} and ${KEY}`
  const before = masks.mask(text)
  t.match(before, KEY)
  t.equal(masks.mask(text), before)
  masks.learn(KEY)
  t.notMatch(masks.mask(text), KEY)
  t.notMatch(masks.mask(text, true), KEY)
})

t.test('as many secrets as somebody learns, the latest are known, and found at once', async (t) => {
  const known = createKnown()
  for (let i = 0; i < 200_000; i++) known.learn(`number ${i} of many keys, ${'x'.repeat(100)}`)
  const text = (i: number) => `number ${i} of many keys, ${'x'.repeat(100)} `
  t.equal(known.find(text(199_999).repeat(1000), true).length, 1000)
  t.strictSame(known.find(text(10_000), false), [], 'the oldest made room')
  t.strictSame(known.find('x'.repeat(1_000_000), true), [])
})
