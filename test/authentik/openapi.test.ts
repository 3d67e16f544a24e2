import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { RELEASES } from '../../src/authentik/releases.js'
import { startMock } from '../../src/index.js'
import { memoizeLast } from '../../src/world/memoize.js'
import { send } from '../http.js'
import { runHere } from '../process.js'

const SCHEMA = '/api/v3/schema/'
const CONTRACTS = [...new Set(RELEASES.map(({ contract }) => contract))]

function contractText(contract: string): string {
  return readFileSync(join(import.meta.dirname, '..', 'contract', `${contract}.json`), 'utf8')
}

/** Without descriptions, which the contracts do not hold, and with keywords sorted; properties keep their order. */
function comparable(node: unknown, isNamed = false): unknown {
  if (Array.isArray(node)) return node.map((item) => comparable(item))
  if (node === null || typeof node !== 'object') return node
  const entries = Object.entries(node)
    .filter(([key, value]) => isNamed || key !== 'description' || typeof value !== 'string')
    .map(([key, value]) => [key, comparable(value, key === 'properties')] as const)
  return Object.fromEntries(isNamed ? entries : entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Of what recordings alone tell of, authentik's document is not at hand. */
function withoutDerived({ paths, components, ...rest }: Document) {
  const known = Object.entries(paths).filter(([, operations]) =>
    Object.values(operations).every((operation) => !operation['x-derived'] && !operation['x-recorded']),
  )
  return { paths: Object.fromEntries(known), components: reachable(components, known), ...rest }
}

/** The components that something refers to, or that are referred to by them. */
function reachable(components: Document['components'], from: unknown): Document['components'] {
  const found: Document['components'] = { ...components, schemas: {}, parameters: {}, responses: {} }
  const follow = (node: unknown): void => {
    for (const [, kind = '', name = ''] of JSON.stringify(node).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      const named = found[kind] as Record<string, unknown>
      if (named[name] !== undefined) continue
      named[name] = components[kind]?.[name]
      follow(named[name])
    }
  }
  follow(from)
  return Object.fromEntries(
    Object.entries(found)
      .filter(([, named]) => Object.keys(named).length > 0)
      .map(([kind, named]) => [kind, Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)))]),
  )
}

interface Document {
  paths: Record<string, Record<string, { 'x-derived'?: true; 'x-recorded'?: true }>>
  components: Record<string, Record<string, unknown>>
}

for (const contract of CONTRACTS) {
  t.test(`the document served as ${contract} is authentik's own, as far as it goes`, async (t) => {
    const text = contractText(contract)
    const { info, ...real } = JSON.parse(text)
    await using mock = await startMock({ release: info.version })
    const { status, body } = await send(mock.url, { path: `${SCHEMA}?format=json` })
    const { info: served, ...document } = JSON.parse(body)
    t.equal(status, 200)
    t.equal(served.version, info.version)
    t.equal(JSON.stringify(comparable(withoutDerived(document)), null, 1), JSON.stringify(comparable(real), null, 1))
  })
}

t.test('what recordings alone tell of is in the document, and marked', async (t) => {
  await using mock = await startMock()
  const { body } = await send(mock.url, { path: `${SCHEMA}?format=json` })
  const { paths, components } = JSON.parse(body)
  for (const name of ['access_tokens', 'authorization_codes'])
    for (const [path, method, operation] of [
      ['', 'get', 'list'],
      ['{id}/', 'get', 'retrieve'],
      ['{id}/', 'delete', 'destroy'],
      ['{id}/used_by/', 'get', 'used_by_list'],
    ] as const)
      t.match(paths[`/oauth2/${name}/${path}`][method], {
        operationId: `oauth2_${name}_${operation}`,
        'x-recorded': true,
      })
  const keys = ['pk', 'provider', 'user', 'is_expired', 'expires', 'scope']
  t.strictSame(Object.keys(components.schemas.ExpiringBaseGrantModel.properties), keys)
})

t.test('at releases without such recordings, it is there in their own shape', async (t) => {
  const nested = [
    '/core/groups/',
    '/core/users/{id}/',
    '/oauth2/access_tokens/',
    '/providers/all/',
    '/providers/oauth2/{id}/',
  ]
  const alone = ['/admin/version/', '/core/applications/{slug}/', '/core/tokens/', '/core/users/me/', '/root/config/']
  const cases: [release: string, mark: string, later: boolean][] = [
    ['2025.2', 'x-recorded', false],
    ['2024.10.0', 'x-derived', false],
    ['2026.8', 'x-derived', true],
  ]
  const added = {
    Application: 'pbm_uuid',
    CurrentBrand: 'flags',
    Group: 'children',
    User: 'date_joined',
    UserSelf: 'roles',
  }
  for (const [release, mark, later] of cases) {
    await using mock = await startMock({ release })
    const { paths, components } = JSON.parse((await send(mock.url, { path: `${SCHEMA}?format=json` })).body)
    const marks = (path: string) => Object.keys(paths[path]?.get ?? {}).filter((key) => key.startsWith('x-'))
    for (const path of [...nested, ...alone]) t.strictSame(marks(path), [mark], `${release} ${path}`)
    for (const [component, key] of Object.entries(added))
      t.equal(key in components.schemas[component].properties, later, `${release} ${component}.${key}`)
    const { derived } = (await mock.info()).release
    for (const path of [...nested, ...alone])
      t.equal(derived.includes(`/api/v3${path}`), mark === 'x-derived', `${release} ${path}`)
    t.notOk(derived.some((path) => path.startsWith('/api/v3/oauth2/refresh_tokens/')))
  }
})

t.test('the form of the document is what is asked for', async (t) => {
  await using mock = await startMock()
  const yaml = 'application/vnd.oai.openapi; charset=utf-8'
  const json = 'application/vnd.oai.openapi+json'
  const forms: [query: string, accept: string | null, status: number, type: string][] = [
    ['', null, 200, yaml],
    ['', '*/*', 200, yaml],
    ['', 'application/json', 200, 'application/json'],
    ['', 'application/yaml', 200, 'application/yaml; charset=utf-8'],
    ['', 'application/vnd.oai.openapi+json', 200, json],
    ['', 'text/html', 406, yaml],
    ['?format=json', '*/*', 200, json],
    ['?format=json', 'application/json', 200, 'application/json'],
    ['?format=yaml', '*/*', 200, yaml],
    ['?format=yaml', 'application/json', 406, yaml],
    ['?format=', 'application/json', 200, 'application/json'],
    ['?format=xml', '*/*', 404, yaml],
  ]
  const readYaml = memoizeLast((text: string) => parse(text))
  for (const [query, accept, status, type] of forms) {
    const answer = await send(mock.url, { path: SCHEMA + query, headers: { Accept: accept } })
    t.match(answer, { status, headers: { 'content-type': type } }, `${query} ${accept}`)
    if (status !== 200) continue
    const document = type.includes('json') ? JSON.parse(answer.body) : readYaml(answer.body)
    t.equal(document.info.version, '2025.2.4')
    const file = `inline; filename="authentik.${type.includes('json') ? 'json' : 'yaml'}"`
    t.match(answer.headers, { 'content-disposition': file, 'cache-control': 'max-age=86400' })
  }
})

t.test('YAML and JSON say the same', async (t) => {
  await using mock = await startMock({ release: 'latest' })
  const [yaml, json] = await Promise.all(
    ['yaml', 'json'].map((format) =>
      send(mock.url, { path: `${SCHEMA}?format=${format}`, headers: { Accept: '*/*' } }),
    ),
  )
  t.strictSame(parse(yaml?.body ?? ''), JSON.parse(json?.body ?? ''))
})

t.test('other methods, and callers without or with useless credentials', async (t) => {
  await using mock = await startMock()
  const allow = 'GET, HEAD, OPTIONS'
  const methods: [method: string, status: number][] = [
    ['HEAD', 200],
    ['OPTIONS', 200],
    ['POST', 405],
    ['DELETE', 405],
  ]
  for (const [method, status] of methods)
    t.match(await send(mock.url, { method, path: SCHEMA }), { status, headers: { allow } }, method)
  const headers = { Authorization: 'Bearer nobody-knows-this-token' }
  t.equal((await send(mock.url, { path: SCHEMA, headers })).status, 200)
})

t.test('authentik-mock openapi prints the document of a release', async (t) => {
  const { code, stdout, stderr } = await runHere(['openapi', '--release', '2024.10.2'])
  t.strictSame([code, stderr], [0, ''])
  const { paths } = withoutDerived(parse(stdout))
  t.strictSame(Object.keys(paths), Object.keys(JSON.parse(contractText('2024.10.2')).paths))
  t.match(await runHere(['openapi', '--release', '2023.1']), {
    code: 2,
    stdout: '',
    stderr: /the nearest is 2024\.10\.0/,
  })
})

/** What official clients of a release can ask for next to the tokens, since it last changed. */
const PARAMETERS: Record<string, Record<string, string>> = JSON.parse(contractText('neighbour-parameters'))
/** Roles are no rows of this mock; redirect URIs were one text once. */
const UNREAD = ['roles_by_name', 'roles_by_pk', 'redirect_uris']
const OF_ALL_LISTS = ['ordering', 'page', 'page_size', 'search']

t.test('lists read every parameter that clients of a release know', async (t) => {
  const known: Record<string, string> = {}
  await using mock = await startMock({ logLevel: 'silent' })
  for (const release of RELEASES) {
    Object.assign(known, PARAMETERS[release.name])
    await mock.serveAs(release.name)
    const { paths, components } = JSON.parse((await send(mock.url, { path: `${SCHEMA}?format=json` })).body)
    const nameOf = ({ $ref, name }: { $ref?: string; name?: string }) =>
      $ref === undefined ? name : components.parameters[$ref.split('/').at(-1) as string].name
    for (const [path, { get }] of Object.entries<Document['paths'][string]>(paths)) {
      const { operationId, parameters = [] } = (get ?? {}) as { operationId: string; parameters?: object[] }
      const wanted = known[operationId]?.split(' ').filter((name) => !UNREAD.includes(name))
      if (wanted === undefined) continue
      const named = parameters.map(nameOf).filter((name) => !OF_ALL_LISTS.includes(name as string))
      const asked = named.filter((name) => !path.includes(`{${name}}`)).sort()
      t.strictSame(asked, wanted, `${release.name} ${operationId}`)
    }
  }
})
