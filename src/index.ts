import { camel } from './cli/command-line.js'
import { readSettings } from './cli/invocation.js'
import type { LogLevel } from './cli/options.js'
import { openCertificates } from './cli/tls-options.js'
import { UsageError } from './cli/usage-error.js'
import { createClient, type Mock } from './control/client/client.js'
import { visible } from './format/visible.js'
import type { RefreshTokenBody, RefreshTokenListBody } from './routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { createLog } from './server/log.js'
import { openLogOutput } from './server/log-output.js'
import { openMock } from './server/mock.js'
import { jsonText } from './world/json.js'
import { refuseTooDeep } from './world/load/depth.js'
import { readSources } from './world/load/files.js'
import { parseJson } from './world/load/json-text.js'
import { quote } from './world/load/mistakes.js'
import type { Seeds } from './world/load/sections.js'
import { SHIPPED_WORLD } from './world/load/shipped.js'
import type { FixtureSource } from './world/load/source.js'

/** The library face. */

export {
  ErrorDetail,
  FilterErrors,
  NullCharacters,
  PaginationBody,
  ValidationError,
  ViewMetadata,
} from './authentik/wire-types.js'
export { UsageError } from './cli/usage-error.js'
export type {
  ClockState,
  Fault,
  FaultSeed,
  Finding,
  Info,
  JournalAnswer,
  JournalDetail,
  JournalEntry,
  JournalQuery,
  Problem,
  ReleaseState,
  Report,
  Stub,
  StubSeed,
  WorldState,
} from './control/bodies.js'
export {
  type ClockClient,
  type ConnectOptions,
  connectMock,
  type FaultsClient,
  type Mock,
  MockError,
  type StubsClient,
  type Test,
  worldFor,
} from './control/client/client.js'
export type { RowClients, RowsClient } from './control/client/rows-client.js'
export type { SecretRowsClient, SignedIn, TokenClients, TokenRowsClient } from './control/client/token-clients.js'
export type {
  CleanUp,
  CodeIssue,
  DeviceState,
  IssuedCode,
  IssuedTokens,
  RowHistory,
  TokenIssue,
} from './control/issue-bodies.js'
export type { ApiList, Caller, Look, Preset, ReleaseChanges, ReleaseName } from './control/look-bodies.js'
export type { GroupBody } from './routes/api/v3/components/group.js'
export { groupFields } from './routes/api/v3/components/group.js'
export type { ProviderBody } from './routes/api/v3/components/provider.js'
export { providerFields, RedirectUri } from './routes/api/v3/components/provider.js'
export type { UserBody } from './routes/api/v3/components/user.js'
export { Role, userFields } from './routes/api/v3/components/user.js'
export * from './routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
export type { AccessTokenSeed } from './world/kinds/access-tokens.js'
export type { TokenSeed } from './world/kinds/api-tokens.js'
export type { ApplicationSeed } from './world/kinds/applications.js'
export type { AuthorizationCodeSeed } from './world/kinds/authorization-codes.js'
export type { DeviceCodeSeed } from './world/kinds/device-codes.js'
export type { GroupSeed } from './world/kinds/groups.js'
export type { ProviderSeed } from './world/kinds/providers.js'
export type { RefreshTokenSeed } from './world/kinds/refresh-tokens.js'
export type { SessionSeed } from './world/kinds/sessions.js'
export type { UserSeed } from './world/kinds/users.js'
export { FixtureError, type Mistake } from './world/load/mistakes.js'
export type { Seeds } from './world/load/sections.js'

/** Rows to serve: the path of a file or folder, seeds, bodies as the API answers them, or a list answer. */
export type Fixtures = string | Seeds | RefreshTokenBody[] | RefreshTokenListBody

/** What `startMock` takes; the flags of the command line say the same. */
export interface MockOptions {
  /** The authentik release to answer as: `2025.2` (the default), `2025.2.4`, `latest`. */
  release?: string
  /** What to serve, merged in the order given. Without it and `generate`, the small company that ships with the mock. */
  fixtures?: Fixtures | Fixtures[]
  /** How many refresh tokens to make up, 0 to 1,000,000; by default 0. */
  generate?: number
  /** Everything made up is a function of it; by default 1. */
  seed?: number
  /** The API token of the superuser akadmin; by default `authentik-mock-token`. */
  token?: string
  /** Where authentik would be reached: the start of `iss` in id_tokens. */
  baseUrl?: string
  /** The path that it is served below, such as `/auth/`; `/_mock/` and `/@name/` stay at the root too. By default `/`. */
  webPath?: string
  /** The install id of authentik: the salt of `uid` and `sub`. */
  installId?: string
  /** A username: a browser without a session is signed in as this user when it asks for authorization. */
  signedIn?: string
  /** By default 0, any free port. */
  port?: number
  /** By default 127.0.0.1. */
  host?: string
  /** Serves by https, too, on any free port: `httpsUrl` and `ca` of the mock say where, and what to trust. By default false. */
  https?: boolean
  /** Serves by https, too, on this port; 0 is any free one. */
  httpsPort?: number
  /** By default `host`. */
  httpsHost?: string
  /** The file of a certificate for https, as PEM, with those that vouch for it; by default one is made. */
  tlsCert?: string
  /** The file of its private key, as PEM. */
  tlsKey?: string
  /** Further names of hosts in the certificate that is made. */
  tlsName?: string | string[]
  /** By default nothing is logged but warnings, as lines on standard error; `silent`: nothing at all. */
  logLevel?: LogLevel
  /** Serves nothing under `/_mock/` and no worlds; then this object can only be closed. By default false. */
  noControl?: boolean
  /** The key that control requests must show; this object shows it. By default none is asked for. */
  controlToken?: string
  /**
   * Names of hosts that the mock may be driven under, beside addresses, names without a dot, and those under .localhost,
   * .local, .internal, .test and .svc.
   */
  allowHost?: string | string[]
  /**
   * The URL of a Valkey or Redis server that makes any number of mocks one: `redis://`, `rediss://` or `unix://`; by
   * default none.
   */
  store?: string
  /** What a read waits for: `current` (the default), `available` or `local`; see docs/replicas.md. */
  storeReads?: 'current' | 'available' | 'local'
  /** After how many seconds without any use the store forgets a world; by default 86,400. */
  storeExpiry?: number
  /** The URL of a server that answers what neither the mock nor a stub serves; by default none. */
  forward?: string
  /** Whether `Authorization`, `Cookie` and other headers with secrets go along to it; by default false. */
  forwardCredentials?: boolean
  /** How many seconds it may be silent before the answer is 504; by default 30. */
  forwardTimeout?: number
  /** How many seconds begun answers may take to finish when the mock is closed; by default 1.5. */
  stopGrace?: number
  /** How many requests the journal of a world remembers; by default 1,000. */
  journal?: number
  /** How many bytes the journals of all worlds may take; by default 64 MiB. */
  journalBytes?: number
  /** How many bytes kept answers may take, and as many kept orders of rows; by default 64 MiB. */
  cacheBytes?: number
  /**
   * How many codes, tokens, sessions and other rows clients may have made by their requests, in all worlds together, before
   * the oldest go; by default 200,000.
   */
  issuedRows?: number
  /** How many worlds there may be under `/@name/`; by default 1,000. */
  worlds?: number
}

/** What the command line takes, and a caller of the library does by itself. */
const ONLY_OF_PROGRAM = ['watch', 'report', 'failOn', 'logFormat']

/**
 * Starts a mock in this process. Any number may run side by side; they share nothing.
 *
 * @throws UsageError for an option that is not allowed
 * @throws FixtureError for fixtures with mistakes: all of them, each with its JSON path
 * @throws Error with the name `StoreAway` or `StoreMismatch` where the store cannot be used, or is that of other mocks
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  if (typeof options !== 'object' || options === null)
    throw new UsageError(`startMock: found ${quote(options)}; allowed: an object of options, or nothing`)
  for (const name of ONLY_OF_PROGRAM)
    if ((options as Record<string, unknown>)[name] !== undefined)
      throw new UsageError(`${name}: an option of the command line alone, not of startMock`)
  const { fixtures, https = false, ...rest } = options
  const httpsPort = https ? (rest.httpsPort ?? 0) : rest.httpsPort
  const settings = readSettings({ port: 0, ...rest, httpsPort, logLevel: rest.logLevel ?? 'warn' })
  const tls = await openCertificates(settings, camel)
  const sources = await sourcesOf(fixtures, settings.generate)
  const mock = await openMock({ ...settings, sources, tls, log: openLog(rest.logLevel) }, settings)
  const { token, controlToken } = settings
  return createClient(mock.url, { token, controlToken, ca: tls?.ca, httpsUrl: mock.httpsUrl }, mock.close)
}

/** Who asks for no log still hears what is odd. */
function openLog(level: LogLevel | undefined) {
  if (level === undefined) return createLog('warn', { write: warn })
  if (level === 'silent') return createLog(level, { write() {} })
  const fail = (error: Error) => process.emitWarning(`the log of authentik-mock cannot be written: ${error.message}`)
  return createLog(
    level,
    openLogOutput((line) => line, fail),
  )
}

function warn(line: string): void {
  process.stderr.write(`authentik-mock: ${visible(JSON.parse(line).msg)}\n`)
}

async function sourcesOf(fixtures: MockOptions['fixtures'], generate: number): Promise<FixtureSource[]> {
  if (fixtures === undefined) return generate === 0 ? [SHIPPED_WORLD] : []
  const inputs = Array.isArray(fixtures) && !fixtures.every(isBody) ? (fixtures as Fixtures[]) : [fixtures as Fixtures]
  const sources: FixtureSource[] = []
  for (const [i, input] of inputs.entries()) {
    const file = inputs.length === 1 ? 'fixtures' : `fixtures[${i}]`
    if (typeof input === 'string') sources.push(...(await readSources([input])))
    else sources.push(sourceOf(input, file))
  }
  return sources
}

/** @throws FixtureError for what is nested too deep, or holds itself */
function sourceOf(input: object, file: string): FixtureSource {
  refuseTooDeep(input, { file, path: '' })
  return { file, json: parseJson(jsonText(input), file) }
}

function isBody(input: unknown): boolean {
  return input !== null && typeof input === 'object' && 'id_token' in input
}
