import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mockCommand } from './mock-command.js'
import { get, OPERATION_NAMES, OPERATIONS, type Operation, type OperationName, ROWS, WORLD } from './operations.js'
import { ask, startServer, works } from './server.js'

/** The files that peers are started with: the same rows and the same bodies for all, as the mock has them. */
export interface Setup extends AsyncDisposable {
  folder: string
  /** The fixture file of the mock. */
  world: string
  bodyOf(operation: OperationName): { path: string; status: number }
  /** json-server writes into its file: a fresh copy for each start. */
  database(): string
  routes: string
  mockoon(operation: OperationName): string
  wireMock(operation: OperationName): string
  wireMockJar: string | undefined
}

const WIREMOCK = '3.13.2'
const JARS = join(import.meta.dirname, 'jars')

/** Asks the mock for the bodies, and writes what the other peers are started with. */
export async function prepare(): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), 'authentik-mock-bench-'))
  const world = join(folder, 'world.json')
  await writeFile(world, JSON.stringify(WORLD))
  const bodies = await bodiesOf(world)
  const file = (name: string) => join(folder, name)
  const rows = JSON.parse(bodies.get('all') ?? '').results
  await writeFile(file('database.json'), JSON.stringify({ refresh_tokens: rows }))
  await writeFile(file('routes.json'), JSON.stringify(JSON_SERVER_ROUTES))
  for (const name of OPERATION_NAMES) {
    const operation: Operation = OPERATIONS[name]
    const body = bodies.get(name) ?? ''
    await writeFile(file(`${name}.json`), body)
    await writeFile(file(`${name}.mockoon.json`), JSON.stringify(mockoonEnvironment(operation, body, rows)))
    await mkdir(file(`${name}.wiremock/mappings`), { recursive: true })
    await writeFile(file(`${name}.wiremock/mappings/one.json`), JSON.stringify(wireMockMapping(operation, body)))
  }
  let copies = 0
  return {
    folder,
    world,
    bodyOf: (name) => ({ path: file(`${name}.json`), status: OPERATIONS[name].status }),
    database() {
      const copy = file(`database-${++copies}.json`)
      execFileSync('cp', [file('database.json'), copy])
      return copy
    },
    routes: file('routes.json'),
    mockoon: (name) => file(`${name}.mockoon.json`),
    wireMock: (name) => file(`${name}.wiremock`),
    wireMockJar: wireMockJar(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

const JSON_SERVER_ROUTES = {
  [`${ROWS}\\?page_size=:n`]: '/refresh_tokens?_page=1&_limit=:n',
  [`${ROWS}\\?provider=:pk&page_size=:n`]: '/refresh_tokens?provider.pk=:pk&_page=1&_limit=:n',
  [`${ROWS}:pk/`]: '/refresh_tokens/:pk',
  [ROWS]: '/refresh_tokens',
}

async function bodiesOf(world: string): Promise<Map<string, string>> {
  await using server = await startServer({
    name: 'authentik-mock',
    command: (port) => mockCommand(world, 1000, port),
    probe: get(`${ROWS}7/`),
    status: 200,
    pin: false,
  })
  const bodies = new Map([['all', (await ask(server.url, get(`${ROWS}?page_size=1000`))).text]])
  for (const [name, operation] of Object.entries<Operation>(OPERATIONS)) {
    const { status, text } = await ask(server.url, get(operation.path, operation.key))
    const rows = operation.rows === undefined ? undefined : JSON.parse(text).results.length
    if ((status !== operation.status && operation.recreates !== true) || rows !== operation.rows)
      throw new Error(`${name}: the mock answers ${status} with ${rows} rows: ${text.slice(0, 200)}`)
    bodies.set(name, text)
  }
  return bodies
}

function mockoonEnvironment({ path, status, recreates }: Operation, body: string, rows: unknown[]): object {
  const bucket = { id: 'rows', uuid: '00000000-0000-4000-8000-000000000001', name: 'rows', value: JSON.stringify(rows) }
  const constant = { body, statusCode: status, bodyType: 'INLINE', disableTemplating: true }
  const stored = { body: '', statusCode: 200, bodyType: 'DATABUCKET', databucketID: 'rows', crudKey: 'pk' }
  const [endpoint] = path.slice(1).split('?')
  const route = {
    uuid: '00000000-0000-4000-8000-000000000002',
    type: recreates === true ? 'crud' : 'http',
    method: recreates === true ? '' : 'get',
    endpoint: recreates === true ? ROWS.slice(1, -1) : endpoint,
    responses: [
      {
        uuid: '00000000-0000-4000-8000-000000000003',
        default: true,
        headers: [{ key: 'Content-Type', value: 'application/json' }],
        ...(recreates === true ? stored : constant),
      },
    ],
  }
  return {
    lastMigration: 33,
    name: 'bench',
    routes: [route],
    rootChildren: [{ type: 'route', uuid: route.uuid }],
    data: [bucket],
  }
}

function wireMockMapping({ path, status }: Operation, body: string): object {
  return {
    request: { method: 'GET', url: path },
    response: { status, body, headers: { 'Content-Type': 'application/json' } },
  }
}

/** The jar, fetched once by Maven; undefined where there is no Java, or no Maven to fetch it. */
function wireMockJar(): string | undefined {
  const jar = join(JARS, `wiremock-standalone-${WIREMOCK}.jar`)
  if (!works('java', '-version')) return undefined
  if (existsSync(jar)) return jar
  const artifact = `org.wiremock:wiremock-standalone:${WIREMOCK}`
  return works(
    'mvn',
    '--quiet',
    '--batch-mode',
    'dependency:copy',
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${JARS}`,
  )
    ? jar
    : undefined
}
