import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { type Fixtures, startMock } from '../../src/index.js'
import { readSources } from '../../src/world/load/files.js'
import type { FixtureSource } from '../../src/world/load/source.js'
import { send } from '../http.js'
import { PROGRAM, run } from '../process.js'

/** What a source holds, or what is wrong with it. */
function said({ json, mistake }: FixtureSource): unknown {
  return mistake === undefined ? json : `${mistake.path}${mistake.path && ': '}${mistake.found}; ${mistake.allowed}`
}

const ROW = '- username: jane\n'

t.test('a mistake in a text is named by line and column, on one line', async (t) => {
  const texts: Record<string, [text: string, said: RegExp | string]> = {
    'blank.json': [
      ' \n',
      'a JSON mistake in line 1, column 1: Unexpected end of JSON input; there is nothing in it; JSON',
    ],
    'end.json': ['{"users": [\n', 'a JSON mistake in line 1, column 12: Unexpected end of JSON input; JSON'],
    'comma.json': [
      '{"users": [\n  {"pk": 1},]}\n',
      /^a JSON mistake in line 2, column 13: Unexpected token "\]"; JSON has no comma after the last one; JSON$/,
    ],
    'colon.json': [
      '{"users":\n [{"pk" 5}]\n}',
      /^a JSON mistake in line 2, column 9: Expected ':' after property name/,
    ],
    'quotes.json': [
      "{'users': []}",
      /^a JSON mistake in line 1, column 2: Expected property name or '}'; JSON has names and texts in double quotes; JSON$/,
    ],
    'escape.json': ['["\\u00e9\\\\\\"\\x"]', /^a JSON mistake in line 1, column 13: Bad escaped character/],
    'line.json': ['["a\nb"]', /^a JSON mistake in line 1, column 4: Bad control character/],
    'text.json': ['["abc]', /^a JSON mistake in line 1, column 2: Unterminated string/],
    'zero.json': ['[01]', /^a JSON mistake in line 1, column 3: Expected ',' or '\]'/],
    'word.json': ['[nul]', /^a JSON mistake in line 1, column 2: Unexpected token "n"/],
    'twice.json': ['{"users": [],\n "users": []}', /line 2, column 2: the name "users" stands twice in one object/],
    'two.json': ['{}\n{}\n', /line 2, column 1: Unexpected non-whitespace .*; jq -s \. makes one list/],
    'page.json': ['<!DOCTYPE html>', /line 1, column 1: .*; it looks like a page of HTML; JSON$/],
    'head.json': ['HTTP/1.1 200 OK\n\n[]', /as curl -i prints it/],
    'comment.json': ['{\n  // mine\n}', /line 2, column 3: .*JSON has no comments, YAML has/],
    'comma-of-object.json': ['{"users": [],}', /line 1, column 14: .*; JSON has no comma after the last one; JSON$/],
    'quoted.json': ['{"user": \'jane\'}', /line 1, column 10: .*; JSON has names and texts in double quotes; JSON$/],
    'bare.json': ['{users: []}', /line 1, column 2: .*; JSON has names and texts in double quotes; JSON$/],
    'infinite.json': ['[1e999]', /line 1, column 2: 1e999 is more than a number can be/],
    'long.json': [`[${'1'.repeat(5000)}]`, /a number of 5000 characters, which is more than 4300/],
    'twice.yaml': ['users: []\nusers: []\n', 'a YAML mistake in line 2, column 1: Map keys must be unique; YAML'],
    'two-lines.yaml': ['users:\n- username: "a\n', /^a YAML mistake in line 2, column 15: Missing closing "quote/],
    'tab.yml': ['users:\n\t- a: 1\n', /^a YAML mistake in line 2, column 1: Tabs are not allowed as indentation/],
    'indent-deeper.yaml': [
      'users:\n- username: jane\n   name: Jane\n',
      'a YAML mistake in line 3, column 4: indented by 3 blanks; the lines that it may belong to, by 2; YAML',
    ],
    'indent-between.yaml': [
      'users:\n- username: jane\n name: Jane\n',
      'a YAML mistake in line 3, column 2: indented by 1 blank; the lines that it may belong to, by 0 or 2; YAML',
    ],
    'indent-item.yaml': [
      'users:\n  - username: jane\n    name: Jane\n   - username: joe\n',
      'a YAML mistake in line 4, column 4: indented by 3 blanks; the lines that it may belong to, by 2 or 4; YAML',
    ],
    'indent-item-left.yaml': [
      'users:\n  - username: jane\n    name: Jane\n - username: joe\n',
      'a YAML mistake in line 4, column 2: indented by 1 blank; the lines that it may belong to, by 0 or 2; YAML',
    ],
    'indent-second-name.yaml': [
      'users:\n  - username: jane\n   name: Jane\n',
      'a YAML mistake in line 3, column 4: indented by 3 blanks; the lines that it may belong to, by 4; YAML',
    ],
    'indent-under-dash.yaml': [
      'users:\n  - username: jane\n  name: Jane\n',
      'a YAML mistake in line 3, column 3: indented by 2 blanks; the lines that it may belong to, by 4; YAML',
    ],
    'indent-first.yaml': [
      '  users: []\ngroups: []\n',
      'a YAML mistake in line 2, column 1: indented by 0 blanks; the lines that it may belong to, by 2; YAML',
    ],
    'indent-inside.yaml': [
      'users:\n  - username: jane # her\n    attributes:\n      a: 1\n\n     b: 2\n',
      'a YAML mistake in line 6, column 6: indented by 5 blanks; the lines that it may belong to, by 4 or 6; YAML',
    ],
    'indent-by-name.yaml': [
      'tokens:\n jane:\n   user: jane\n  key: hush\n',
      'a YAML mistake in line 4, column 3: indented by 2 blanks; the lines that it may belong to, by 1 or 3; YAML',
    ],
    'no-blank.yaml': [
      'users:\n  -username: jane\n    name: Jane\n',
      /^a YAML mistake in line 2, column 14: Nested mappings/,
    ],
    'brackets.yaml': [
      'users: [\n    {username: jane},\n  {username: joe\n]\n',
      /^a YAML mistake in line 4, column 1: Flow map/,
    ],
    'tag.yaml': ['users: !!binary aGk=', /^a YAML mistake in line 1, column 8: Unresolved tag/],
    'own-tag.yaml': ['a: 1\nb: !python/object x', /^a YAML mistake in line 2, column 4: Unresolved tag: !python/],
    'anchor.yaml': ['a: *nobody', /line 1, column 4: there is no anchor &nobody before the alias/],
    'key.yaml': ['? [a]\n: b\n', /line 1, column 3: With stringKeys, all keys must be strings/],
    'infinite.yaml': ['a: .inf', /line 1, column 4: \.inf is a number that JSON cannot hold/],
    'empty.yaml': ['# only a comment\n', 'nothing in it; YAML'],
    'bomb.yaml': [
      `a0: &a0 [x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`)}]`).join('\n')}`,
      'aliases that stand for more than 1000000 values; YAML',
    ],
    'circle.yaml': ['users: &a [*a]', /^users\[0\]\[0\].*…: objects and lists nested more than 100 deep/],
    'anchors.yaml': [
      'a: &a [1]\nb: &b {c: *a}\nd: &a [2]\ne: [*a, *b]\n? &k k\n: *k\nk: 1\n',
      'a YAML mistake in line 7, column 1: Map keys must be unique; YAML',
    ],
    'deep.yaml': ['['.repeat(100_000), /^objects and lists nested more than 100 deep/],
    'dashes.yaml': ['- '.repeat(50_000), /^objects and lists nested more than 100 deep/],
  }
  const folder = t.testdir(Object.fromEntries(Object.entries(texts).map(([name, [text]]) => [name, text])))
  for (const [name, [, wanted]] of Object.entries(texts)) {
    const [source] = await readSources([join(folder, name)])
    const found = said(source as FixtureSource)
    if (typeof wanted === 'string') t.equal(found, wanted, name)
    else t.match(found, wanted, name)
    t.notMatch(found, /\n/, name)
  }
})

t.test('no YAML takes long: if time grew with the square of the length, this test would time out', async (t) => {
  const many = (line: (i: number) => string) => Array.from({ length: 60_000 }, (_, i) => line(i)).join('')
  const folder = t.testdir({
    'keys.yaml': `a:\n${many((i) => `  k${i}: 1\n`)}`,
    'aliases.yaml': `a: &a 1\nb:\n${many(() => '- *a\n')}`,
    'anchors.yaml': `a:\n${many((i) => `- &a${i} 1\n- *a${i}\n`)}`,
  })
  for (const name of ['keys.yaml', 'aliases.yaml', 'anchors.yaml']) {
    const [source] = await readSources([join(folder, name)])
    t.type(said(source as FixtureSource), 'object', name)
  }
})

t.test('YAML says what JSON could say', async (t) => {
  const folder = t.testdir({
    'a.yaml':
      'a: 2030-01-01\nb: yes\nc: 0x1F\nd: ~\n5: &x {e: [1, two]}\nf: *x\n"__proto__": 1\ng: 123456789012345678901\n',
    'b.yml': `users:\n${ROW}---\n---\nrefresh_tokens:\n- user: jane\n`,
    'c.json': '\ufeff[12345678901234567890, 1.5, 1e400000000000000000000000000000000000000000000000]',
  })
  const sources = await readSources([folder])
  t.match(sources[0]?.json, { '5': { e: [1, 'two'] }, f: { e: [1, 'two'] } })
  t.match(sources[0]?.json, { a: '2030-01-01', b: 'yes', c: 31, d: null, g: 123456789012345678901n })
  t.ok(Object.hasOwn(sources[0]?.json as object, '__proto__'), 'a name like others')
  t.strictSame(
    sources.slice(1, 3).map(({ file, json }) => [file.replace(folder, ''), json]),
    [
      ['/b.yml, document 1', { users: [{ username: 'jane' }] }],
      ['/b.yml, document 2', { refresh_tokens: [{ user: 'jane' }] }],
    ],
  )
  await using mock = await startMock({ fixtures: join(folder, 'b.yml') })
  t.equal((await mock.refreshTokens.get(1)).user, 2)
})

t.test('numbers are kept as they were written, or named', async (t) => {
  const attributes =
    '{"large":12345678901234567890,"low":-9007199254740993,"one":1.0,"far":1e3,"minus":-0,"small":0.25}'
  const folder = t.testdir({ 'a.json': `{"users":[{"username":"x","attributes":${attributes}}]}` })
  const [source] = await readSources([folder])
  const at = `${join(folder, 'a.json')}: users[0].attributes`
  t.strictSame(source?.warnings, [
    `${at}.one: 1.0 comes back as 1`,
    `${at}.far: 1e3 comes back as 1000`,
    `${at}.minus: -0 comes back as 0`,
  ])
  await using mock = await startMock({ fixtures: [join(folder, 'a.json'), { refresh_tokens: [{ pk: 1, user: 'x' }] }] })
  const get = async (path: string) =>
    (await send(mock.url, { path, headers: { Authorization: `Bearer ${mock.token}` } })).body
  const served = await get('/api/v3/oauth2/refresh_tokens/1/')
  t.match(served, '"low":-9007199254740993')
  t.match(served, '"large":12345678901234567890')
  const exported = await get('/_mock/fixtures')
  t.match(exported, '12345678901234567890')
  await using again = await startMock({ fixtures: {} })
  const put = await send(again.url, {
    method: 'PUT',
    path: '/_mock/fixtures',
    headers: { 'Content-Type': 'application/json' },
    body: exported,
  })
  t.strictSame([put.status, put.body], [204, ''])
  const user = await again.users.get('x')
  t.equal(user.attributes?.['large'], 12345678901234567890n, 'the library has all digits')
  await again.users.change('x', { attributes: { n: 9007199254740993n } })
  t.match((await again.users.get('x')).attributes, { n: 9007199254740993n })
  await using direct = await startMock({
    fixtures: {
      users: [{ pk: 1, attributes: { n: 9007199254740993n } }],
      refresh_tokens: [{ claims: { n: 2n ** 64n } }],
    },
  })
  t.match((await direct.refreshTokens.get(1)).id_token, '"n": 18446744073709551616')
})

t.test('standard input is JSON or YAML, once', async (t) => {
  const read = (text: string, paths = ['-']) => readSources(paths, Readable.from([Buffer.from(text)]))
  t.strictSame((await read(`users:\n${ROW}`)).map(said), [{ users: [{ username: 'jane' }] }])
  t.strictSame((await read(' \n{"users": []}')).map(said), [{ users: [] }])
  t.strictSame((await read('')).map(said), [
    'a JSON mistake in line 1, column 1: Unexpected end of JSON input; there is nothing in it; JSON',
  ])
  t.match((await read('{}', ['-', '-'])).map(said), [{}, 'it for the second time; - once, as it can be read only once'])
  t.match(await readSources(['-']), [{ mistake: { found: 'nothing there' } }], 'only the program reads it')

  const child = spawn(process.execPath, [PROGRAM, 'validate', '-'])
  child.stdin.end(`users:\n${ROW}refresh_tokens: [{user: jane}]\n`)
  const [printed] = await once(child.stdout, 'data')
  t.match(String(printed), /^fine: 1 refresh token, 2 users/)
  const watch = await run(['--watch', '--fixtures', '-']).ended
  t.strictSame(
    [watch.code, watch.stderr],
    [2, 'authentik-mock: --watch: found --fixtures -, which can be read only once; allowed: files and folders\n'],
  )
})

t.test('answers of the API, as they were saved', async (t) => {
  await using mock = await startMock({ fixtures: { refresh_tokens: [{}, {}, {}] } })
  const answer = async (path: string) =>
    JSON.parse(
      (await send(mock.url, { path, headers: { Authorization: `Bearer ${mock.token}` } })).body,
    ) as unknown as Fixtures
  const list = '/api/v3/oauth2/refresh_tokens/'
  const pages = [await answer(`${list}?page_size=2&page=1`), await answer(`${list}?page_size=2&page=2`)]
  const folder = t.testdir({
    'pages.json': JSON.stringify(pages),
    'lists.json': JSON.stringify(pages.map((page) => (page as { results: unknown }).results)),
    'rows.json': JSON.stringify([await answer(`${list}1/`), pages[1]]),
  })
  for (const [name, count] of Object.entries({ pages: 3, lists: 3, rows: 2 })) {
    await using again = await startMock({ fixtures: join(folder, `${name}.json`) })
    t.equal((await again.info()).counts['refresh_tokens'], count, name)
  }
  for (const refusal of [
    { detail: 'Authentication credentials were not provided.' },
    { user: ['Select a valid choice.'] },
    { error: 'invalid_client', error_description: 'x' },
    [pages[0], { detail: 'Not found.' }],
  ])
    await t.rejects(
      startMock({ fixtures: JSON.parse(JSON.stringify(refusal)) }),
      /found an error answer of the API, not rows: \{.*; allowed: /,
      JSON.stringify(refusal).slice(0, 40),
    )
})
