import { isIP } from 'node:net'
import { DEFAULT_RELEASE, findRelease, nearestRelease, RELEASES } from '../authentik/releases.js'
import { readStoreAddress, STORE_ALLOWED } from '../store/address.js'
import { NEIGHBOURS, type Neighbour } from '../upstream/neighbours.js'
import {
  integer,
  list,
  matching,
  type OptionTable,
  one,
  oneOf,
  optional,
  type Reader,
  required,
  seconds,
  text,
  toggle,
  type Values,
} from './command-line.js'
import type { Warn } from './environment.js'
import { UsageError } from './usage-error.js'

/** Every command and its options: the table of each yields flags, variables, defaults, help and a table in docs/. */

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const MAX_GENERATED = 1_000_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const BASE_URL = /^https?:\/\/[^/?#\s]+(?:\/[^?#\s]*)?$/
/** What authentik may be served below; the rest is what a mock adds to it. */
const WEB_PATH = /^\/(?:(?!\.{1,2}\/|_mock\/)[\w.~-]+\/)*$/
/** `host:port` as authentik writes it; without a host, every address. */
const ADDRESS = /^\[?([^\]]*?)\]?:(\d+)$/

/** Where an authentik is reached; it may live below a path. */
const ADDRESS_OF_TARGET = /^https?:\/\/[^/?#\s@]+(?:\/[^?#\s]*)?$/

/** A pattern does not know which ports and hosts there are. */
function url(pattern: RegExp, allowed: string): Reader<string> {
  return { read: (value) => (pattern.test(value) && URL.canParse(value) ? value : undefined), allowed }
}

export const RELEASE = {
  read: findRelease,
  allowed: (found: string) => {
    const near = nearestRelease(found)
    const nearestOne = near === undefined ? '' : `; the nearest is ${near.name}`
    const known = `latest, or a release from ${RELEASES[0]?.name} to ${RELEASES.at(-1)?.name}`
    return `${known}${nearestOne} (authentik-mock releases lists all of them)`
  },
}

/** Newer releases of authentik take several addresses with commas between them; the mock listens on one. */
function firstOf(addresses: string, warn: Warn): string {
  const [first = '', ...others] = addresses.split(',').map((address) => address.trim())
  if (others.length > 0) warn(`of the addresses ${addresses}, authentik-mock listens on the first`)
  return first
}

/** @throws UsageError for what names no port */
function addressIn(variable: string, addresses: string, warn: Warn): { host: string; port: string } {
  const address = firstOf(addresses, warn)
  if (/^\d+$/.test(address)) return { host: EVERY_ADDRESS, port: address }
  const [, host = '', port] = ADDRESS.exec(address) ?? []
  if (port !== undefined) return { host: host || EVERY_ADDRESS, port }
  throw new UsageError(
    `${variable}: found ${JSON.stringify(address)}; allowed: a host and a port, such as 0.0.0.0:9000`,
  )
}

const EVERY_ADDRESS = '0.0.0.0'

const portIn = (variable: string) => ({
  [variable]: (addresses: string, warn: Warn) => addressIn(variable, addresses, warn).port,
})
const hostIn = (variable: string) => ({
  [variable]: (addresses: string, warn: Warn) => addressIn(variable, addresses, warn).host,
})

/** A host to listen on; whether there is such a one, the system knows. */
const host: Reader<string> = {
  read: (text) => (isIP(text) !== 0 || /^[^\s/:*[\]@]+$/.test(text) ? text : undefined),
  allowed: 'an address of this machine such as 127.0.0.1 or ::1, or its name, without a port',
}

const key = matching(/^[!-~]+$/, 'a text of visible ASCII characters without spaces')

const MAX_GRACE = 3600
const MIB = 1024 * 1024
const MAX_BYTES = 1024 * 1024 * MIB

const PYTHON_LEVELS: Record<string, LogLevel> = {
  notset: 'trace',
  warning: 'warn',
  critical: 'error',
  fatal: 'error',
}

const LOG_LEVEL = one(oneOf(...LOG_LEVELS), {
  value: 'LEVEL',
  default: 'info',
  help: `${LOG_LEVELS.join(', ')}; debug also shows the stack of an unexpected error`,
  also: { AUTHENTIK_LOG_LEVEL: levelOf },
})

/** authentik takes the names of Python's levels, in any case. */
function levelOf(level: string, warn: Warn): LogLevel | undefined {
  const name = level.toLowerCase()
  const known = LOG_LEVELS.find((own) => own === name) ?? PYTHON_LEVELS[name]
  if (known === undefined)
    warn(`AUTHENTIK_LOG_LEVEL: found ${JSON.stringify(level)}, which is not a log level of authentik and is ignored`)
  return known
}

const MAX_EXPIRY = 365 * 24 * 3600

const hostName = matching(/^[\w-]+(?:\.[\w-]+)*\.?$/, 'the name of a host, such as mock.example.com, without a port')

const SERVE = {
  port: one(integer(0, 65535), {
    short: 'p',
    value: 'N',
    default: '9000',
    help: 'port to listen on; 0 takes any free one',
    also: portIn('AUTHENTIK_LISTEN__HTTP'),
  }),
  host: one(host, {
    value: 'ADDRESS',
    default: '127.0.0.1',
    help: 'address to listen on',
    also: hostIn('AUTHENTIK_LISTEN__HTTP'),
  }),
  'https-port': optional(integer(0, 65535), {
    value: 'N',
    help: 'port to listen on for https, which is off without it; 0 takes any free one',
    also: portIn('AUTHENTIK_LISTEN__HTTPS'),
  }),
  'https-host': optional(host, {
    value: 'ADDRESS',
    help: 'address to listen on for https; else that of --host',
    also: hostIn('AUTHENTIK_LISTEN__HTTPS'),
  }),
  'tls-cert': optional(text, {
    value: 'FILE',
    help: 'certificate for https, as PEM, with those that vouch for it; else one is made, which /_mock/ca.pem vouches for',
  }),
  'tls-key': optional(text, { value: 'FILE', help: 'private key of --tls-cert, as PEM' }),
  'tls-name': list(hostName, {
    value: 'NAME',
    help: 'further name of a host in the certificate that is made; repeatable',
  }),
  release: one(RELEASE, {
    value: 'RELEASE',
    default: DEFAULT_RELEASE,
    help: 'authentik release to answer as, such as 2025.2 (its last patch) or 2025.2.4; or latest',
  }),
  fixtures: list(text, {
    value: 'PATH',
    help: 'JSON or YAML file with the rows to serve, a folder of them, or - for standard input; repeatable',
  }),
  generate: one(integer(0, MAX_GENERATED), {
    value: 'N',
    default: '0',
    help: 'number of refresh tokens to make up',
  }),
  seed: one(integer(0, 2 ** 31 - 1), {
    value: 'N',
    default: '1',
    help: 'everything made up is a function of it',
  }),
  token: one(key, {
    value: 'KEY',
    default: 'authentik-mock-token',
    help: 'API token of the superuser akadmin',
    secret: true,
    also: { AUTHENTIK_BOOTSTRAP_TOKEN: (key) => key },
  }),
  'base-url': optional(url(BASE_URL, 'an http or https URL'), {
    value: 'URL',
    help: 'where authentik would be reached: the start of iss in id_tokens',
  }),
  'web-path': one(matching(WEB_PATH, 'a path such as /auth/, with a slash at both ends'), {
    value: 'PATH',
    default: '/',
    help: 'path that authentik is served below; /_mock/ and /@name/ stay at the root too',
    also: { AUTHENTIK_WEB__PATH: (path) => path },
  }),
  'install-id': optional(matching(UUID, 'a UUID'), {
    value: 'UUID',
    help: 'install id of authentik: the salt of uid and sub',
  }),
  'signed-in': optional(text, {
    value: 'USER',
    help: 'username: a browser without a session is signed in as this user when it asks for authorization',
  }),
  watch: toggle('read the fixtures again when they change'),
  'log-level': LOG_LEVEL,
  'no-control': toggle('nothing under /_mock/, no worlds under /@name/'),
  'control-token': optional(text, {
    value: 'KEY',
    help: 'key that requests under /_mock/ must show as a bearer token',
    secret: true,
  }),
  'allow-host': list(hostName, {
    value: 'NAME',
    help: 'name under which the mock may be driven, beside addresses, names without a dot, and those under .localhost, .local, .internal, .test, .svc; repeatable',
  }),
  journal: one(integer(0, 100_000), {
    value: 'N',
    default: '1000',
    help: 'how many requests the journal of a world remembers',
  }),
  'journal-bytes': one(integer(0, MAX_BYTES), {
    value: 'N',
    default: String(64 * MIB),
    help: 'how many bytes the journals of all worlds may take; the largest forgets its oldest requests',
  }),
  'cache-bytes': one(integer(1, MAX_BYTES), {
    value: 'N',
    default: String(64 * MIB),
    help: 'how many bytes kept answers may take, of all worlds together, and as many kept orders of rows',
  }),
  'issued-rows': one(integer(1, 10_000_000), {
    value: 'N',
    default: '200000',
    help: 'how many codes, tokens, sessions and the like clients may have made, in all worlds together; the oldest go',
  }),
  worlds: one(integer(0, 10_000), {
    value: 'N',
    default: '1000',
    help: 'how many worlds there may be under /@name/',
  }),
  store: optional(
    { read: readStoreAddress, allowed: STORE_ALLOWED },
    {
      value: 'URL',
      help: 'Valkey or Redis server that makes any number of mocks one: redis://, rediss:// or unix://; see docs/replicas.md',
      secret: true,
    },
  ),
  'store-reads': one(oneOf('current', 'available', 'local'), {
    value: 'HOW',
    default: 'current',
    help: 'what a read waits for: current (all changes, else 503), available (all changes as long as the store is there), local (nothing)',
  }),
  'store-expiry': one(integer(60, MAX_EXPIRY), {
    value: 'SECONDS',
    default: '86400',
    help: 'after how long without any use the store forgets a world',
  }),
  forward: optional(url(ADDRESS_OF_TARGET, 'an http or https URL without user, query or fragment'), {
    value: 'URL',
    help: 'server that answers what neither the mock nor a stub serves: a real authentik, or another mock',
  }),
  'forward-credentials': toggle('let Authorization, Cookie and other secret headers go along to --forward'),
  'forward-timeout': one(seconds(MAX_GRACE), {
    value: 'SECONDS',
    default: '30',
    help: 'how long the server of --forward may be silent; then the answer is 504',
  }),
  report: optional(text, {
    value: 'FILE',
    help: 'where the report about the client is written at the end: .json, .xml (JUnit) or .md',
  }),
  'fail-on': optional(oneOf('warning', 'error'), {
    value: 'SEVERITY',
    help: 'end with exit code 4 if the report has findings as severe as that: warning, error',
  }),
  'stop-grace': one(seconds(MAX_GRACE), {
    value: 'SECONDS',
    default: '1.5',
    help: 'how long begun answers may take to finish when the server is asked to stop',
  }),
  'log-format': one(oneOf('auto', 'pretty', 'json'), {
    value: 'FORMAT',
    default: 'auto',
    help: 'auto (pretty on a terminal, else json), pretty, json',
  }),
}

const OPENAPI = {
  release: SERVE.release,
  format: one(oneOf('yaml', 'json'), { value: 'FORMAT', default: 'yaml', help: 'yaml, json' }),
  'log-level': LOG_LEVEL,
}

/** How a real authentik is reached, and how gently. */
const TARGET = {
  target: required(url(ADDRESS_OF_TARGET, 'an http or https URL'), {
    value: 'URL',
    help: 'where the authentik is reached',
    also: { AUTHENTIK_URL: (url) => url },
  }),
  token: required(key, {
    value: 'KEY',
    help: 'API token for it; one of a superuser sees every row',
    secret: true,
    also: { AUTHENTIK_TOKEN: (token) => token },
  }),
  rate: one(integer(1, 10_000), { value: 'N', default: '10', help: 'requests a second, at the most' }),
  retries: one(integer(0, 20), {
    value: 'N',
    default: '4',
    help: 'how often a request is sent again after no answer, 429, 502, 503 or 504',
  }),
  timeout: one(integer(1, 3600), { value: 'SECONDS', default: '30', help: 'how long one answer may take' }),
  'max-time': one(integer(1, 86_400), { value: 'SECONDS', default: '600', help: 'how long all of it may take' }),
  'max-answer': one(integer(1, 500), {
    value: 'MIB',
    default: '64',
    help: 'how large one answer may be, in MiB, also once it is unpacked',
  }),
  ca: optional(text, { value: 'FILE', help: 'certificates, as PEM, that vouch for the target beside the known ones' }),
  insecure: toggle('do not check the certificate of the target'),
  'log-level': LOG_LEVEL,
}

const MAX_PK = 2 ** 31 - 1

/** What stands next to the refresh tokens, with commas between. */
const neighbours = {
  read(text: string): Neighbour[] | undefined {
    const names = text.split(',').map((name) => name.trim())
    return names.every((name): name is Neighbour => (NEIGHBOURS as readonly string[]).includes(name))
      ? names
      : undefined
  },
  allowed: `any of ${NEIGHBOURS.join(', ')}, with commas between`,
}

const CAPTURE = {
  ...TARGET,
  with: optional(neighbours, {
    value: 'LIST',
    help: 'what else is read, as far as the token may: users,providers,applications',
  }),
  user: optional(integer(1, MAX_PK), { value: 'PK', help: 'only the rows of this user' }),
  provider: optional(integer(1, MAX_PK), { value: 'PK', help: 'only the rows of this provider' }),
  limit: optional(integer(1, MAX_GENERATED), { value: 'N', help: 'the first N rows, by primary key' }),
  'page-size': one(integer(1, 1000), { value: 'N', default: '100', help: 'rows asked for at a time' }),
  out: optional(text, { value: 'FILE', help: 'where the rows are written, once all are read; else standard output' }),
  salt: optional(text, {
    value: 'TEXT',
    help: 'the same salt replaces the same person by the same one again; drawn at random where none is given',
    secret: true,
  }),
  'no-scrub': toggle('keep secrets, names and e-mail addresses as they are'),
}

const VERIFY = {
  ...TARGET,
  release: optional(RELEASE, { value: 'RELEASE', help: 'release to hold it against; else found out' }),
  limit: one(integer(1, MAX_GENERATED), { value: 'N', default: '10000', help: 'rows of the target, at the most' }),
  with: optional(neighbours, {
    value: 'LIST',
    help: 'what else is compared, as far as the token may see it: users,providers,applications',
  }),
  only: list(text, { value: 'CLASS', help: 'only requests of this class, as the report names them; repeatable' }),
  'allow-delete': optional(integer(1, MAX_PK), {
    value: 'PK',
    help: 'delete this refresh token of the target, to compare that too',
  }),
  format: one(oneOf('text', 'json', 'junit', 'markdown'), {
    value: 'FORMAT',
    default: 'text',
    help: 'text, json, junit, markdown',
  }),
}

export type ServeOptions = Values<typeof SERVE>
export type CaptureOptions = Values<typeof CAPTURE>
export type VerifyOptions = Values<typeof VERIFY>

interface CommandWords {
  help: string
  /** What follows the command, and how often; without it, nothing. */
  words?: { name: string; counts: (count: number) => boolean }
  options: OptionTable
  /** The options that it uses, where it accepts the others only so that one list of flags serves all commands. */
  used?: string[]
}

export const COMMANDS = {
  serve: { help: 'answer as authentik; a bare command does this', options: SERVE },
  validate: {
    help: 'check fixtures: every mistake with file and JSON path',
    words: { name: 'PATH…', counts: (count) => count > 0 },
    options: SERVE,
  },
  healthcheck: {
    help: 'ask the server on this machine whether it is ready',
    options: SERVE,
    used: ['port', 'host', 'https-port', 'https-host', 'web-path'],
  },
  worker: {
    help: 'do nothing until asked to stop, in the place of a worker of authentik',
    options: SERVE,
    used: [],
  },
  schema: { help: 'print the JSON Schema of fixture files', options: { 'log-level': LOG_LEVEL } },
  openapi: {
    help: "print authentik's OpenAPI document of a release, as far as it is served",
    options: OPENAPI,
  },
  releases: {
    help: 'print the known releases; of two, what changes from one to the other',
    words: { name: '[FROM TO]', counts: (count) => count === 0 || count === 2 },
    options: { 'log-level': LOG_LEVEL },
  },
  capture: { help: 'read the rows of a real authentik into a fixture', options: CAPTURE },
  verify: { help: 'hold the mock against a real authentik', options: VERIFY },
} satisfies Record<string, CommandWords>

export type Commands = typeof COMMANDS
export type Command = keyof Commands
