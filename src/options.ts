import { DEFAULT_RELEASE, findRelease, nearestRelease, RELEASES } from './authentik/releases.js'
import {
  camel,
  checkVariables,
  type Environment,
  integer,
  list,
  matching,
  one,
  oneOf,
  optional,
  readArguments,
  readValues,
  text,
  toggle,
  UsageError,
  unknownWord,
  type Values,
} from './command-line.js'

/** Every command and option: one table yields flags, variables, defaults, help and the README's table. */

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const MAX_GENERATED = 1_000_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const ORIGIN = /^https?:\/\/[^/?#\s]+\/?$/
/** `host:port` as authentik writes it; without a host, every address. */
const ADDRESS = /^\[?([^\]]*?)\]?:(\d+)$/

const MINORS = [...new Set(RELEASES.map(({ name }) => name.replace(/\.\d+$/, '')))]

const release = {
  read: findRelease,
  allowed: (found: string) => {
    const near = nearestRelease(found)
    const known = `${MINORS.join(', ')}, each also with its patch, and latest`
    return near === undefined ? known : `${near.name} is the nearest of ${known}`
  },
}

export const OPTIONS = {
  port: one(integer(0, 65535), {
    short: 'p',
    value: 'N',
    default: '9000',
    help: 'port to listen on; 0 takes any free one',
    also: { AUTHENTIK_LISTEN__HTTP: (address) => ADDRESS.exec(address)?.[2] ?? address },
  }),
  host: one(text, {
    value: 'ADDRESS',
    default: '127.0.0.1',
    help: 'address to listen on',
    also: { AUTHENTIK_LISTEN__HTTP: (address) => ADDRESS.exec(address)?.[1] || '0.0.0.0' },
  }),
  release: one(release, {
    value: 'RELEASE',
    default: DEFAULT_RELEASE,
    help: 'authentik release to answer as: 2025.2, 2025.2.4 or latest',
  }),
  fixtures: list(text, {
    value: 'PATH',
    help: 'JSON file, or folder of them, with the rows to serve; repeatable',
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
  token: one(matching(/^[!-~]+$/, 'a text of visible ASCII characters without spaces'), {
    value: 'KEY',
    default: 'authentik-mock-token',
    help: 'API token of the superuser akadmin',
    also: { AUTHENTIK_BOOTSTRAP_TOKEN: (key) => key },
  }),
  'base-url': optional(matching(ORIGIN, 'an http or https URL without a path'), {
    value: 'URL',
    help: 'where authentik would be reached: the start of iss in id_tokens',
  }),
  'install-id': optional(matching(UUID, 'a UUID'), {
    value: 'UUID',
    help: 'install id of authentik: the salt of uid and sub',
  }),
  watch: toggle('read the fixtures again when they change'),
  'log-level': one(oneOf(...LOG_LEVELS), {
    value: 'LEVEL',
    default: 'info',
    help: LOG_LEVELS.join(', '),
    also: { AUTHENTIK_LOG_LEVEL: (level) => (level === 'warning' ? 'warn' : level) },
  }),
  'no-control': toggle('nothing under /_mock/, no worlds under /@name/'),
  'control-token': optional(text, {
    value: 'KEY',
    help: 'key that requests under /_mock/ must show as a bearer token',
  }),
  journal: one(integer(0, 100_000), {
    value: 'N',
    default: '1000',
    help: 'how many requests the journal of a world remembers',
  }),
  worlds: one(integer(0, 10_000), {
    value: 'N',
    default: '1000',
    help: 'how many worlds there may be under /@name/',
  }),
  'log-format': one(oneOf('auto', 'pretty', 'json'), {
    value: 'FORMAT',
    default: 'auto',
    help: 'auto (pretty on a terminal, else json), pretty, json',
  }),
}

export type ServeOptions = Values<typeof OPTIONS>

interface CommandWords {
  help: string
  /** What follows the command, and how often; without it, nothing. */
  words?: { name: string; counts: (count: number) => boolean }
}

export const COMMANDS = {
  serve: { help: 'answer as authentik; a bare command does this' },
  validate: {
    help: 'check fixtures: every mistake with file and JSON path',
    words: { name: 'PATH…', counts: (count) => count > 0 },
  },
  healthcheck: { help: 'ask the server on this machine whether it is ready' },
  schema: { help: 'print the JSON Schema of fixture files' },
  openapi: { help: "print authentik's OpenAPI document of a release, as far as it is served" },
  releases: {
    help: 'print the known releases; of two, what changes from one to the other',
    words: { name: '[FROM TO]', counts: (count) => count === 0 || count === 2 },
  },
} satisfies Record<string, CommandWords>

export type Command = keyof typeof COMMANDS

export interface CommandLine {
  command: Command | 'help' | 'version'
  words: string[]
  options: ServeOptions
}

const HELP = { ...toggle('print this'), short: 'h' }
const VERSION = toggle('print the version')

/**
 * Reads a command line over its environment over the defaults.
 *
 * @throws UsageError
 */
export function readCommandLine(args: string[], environment: Environment): CommandLine {
  checkVariables(OPTIONS, environment)
  const { words, flags } = readArguments(args, { ...OPTIONS, help: HELP, version: VERSION })
  const [word = 'serve', ...rest] = words
  // authentik's own image is started with `server`, so that a compose file works with only the image swapped.
  const first = word === 'server' ? 'serve' : word
  if (!isCommand(first)) throw new UsageError(unknownWord(first, 'command', Object.keys(COMMANDS)))
  const command = flags.has('help') ? 'help' : flags.has('version') ? 'version' : first
  const known: CommandWords = COMMANDS[first]
  if (known.words === undefined && rest.length > 0)
    throw new UsageError(`${first}: found ${rest[0]}; allowed: options only`)
  if (command === first && known.words?.counts(rest.length) === false)
    throw new UsageError(`${first}: found ${rest.join(' ') || 'nothing'}; allowed: ${known.words.name}`)
  return { command, words: rest, options: readValues(OPTIONS, flags, environment) }
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(COMMANDS, word)
}

/**
 * Reads the options of the library: the same table, under names in camel case.
 *
 * @throws UsageError
 */
export function readSettings(given: Record<string, unknown>): ServeOptions {
  const flagOf = new Map(Object.keys(OPTIONS).map((flag) => [camel(flag), flag]))
  const flags = new Map<string, string[]>()
  for (const [name, value] of Object.entries(given)) {
    const flag = flagOf.get(name)
    if (flag === undefined) throw new UsageError(unknownWord(name, 'option', [...flagOf.keys()]))
    if (value !== undefined) flags.set(flag, [String(value)])
  }
  return readValues(OPTIONS, flags, {}, camel)
}
