import { readFileSync, statSync } from 'node:fs'
import { distance } from 'fastest-levenshtein'
import { nearest } from '../world/load/mistakes.js'
import { UsageError, unknownWord } from './usage-error.js'

/** What the variables of a process say: the mock's own, those of authentik, and those that Kubernetes adds. */

export type Environment = Record<string, string | undefined>
/** Is told of what is odd, but no reason not to start. */
export type Warn = (warning: string) => void

const PREFIX = 'AUTHENTIK_MOCK_'
/**
 * What Kubernetes puts into every pod of a cluster for a service named authentik-mock, or authentik-mock-something.
 * So is a URL in `…_PORT`.
 */
const KUBERNETES =
  /^AUTHENTIK_MOCK_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/
const KUBERNETES_PORT = /^(?:tcp|udp|sctp):\/\//
/** A file of one value; a larger one is not what was meant. */
const MAX_FILE_BYTES = 64 * 1024

/**
 * Looks for variables that look like the mock's own, and are not.
 *
 * @throws UsageError for one that is a known one misspelt
 */
export function checkVariables(table: object, environment: Environment, warn: Warn): void {
  const known = Object.keys(table).map(variableOf)
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || known.includes(variable) || isOfKubernetes(variable, value)) continue
    if (isMisspelt(variable, known)) throw new UsageError(unknownWord(variable, 'variable', known))
    warn(`unknown variable ${variable} is ignored`)
  }
}

const PREFIX_OF_AUTHENTIK = 'AUTHENTIK_'
/** So many letters of a variable of authentik may be wrong: it has others of its own that look alike. */
const MAX_WRONG_LETTERS = 2

/** Tells of variables that look like those of authentik which are used, and are none: `AUTHENTIK_LISTEN_HTTP`. */
export function warnOfMisspelt(used: string[], environment: Environment, warn: Warn): void {
  const words = used.map((name) => name.slice(PREFIX_OF_AUTHENTIK.length))
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith(PREFIX_OF_AUTHENTIK) || variable.startsWith(PREFIX) || used.includes(variable)) continue
    const word = variable.slice(PREFIX_OF_AUTHENTIK.length)
    const meant = nearest(word, words)
    if (meant === undefined || distance(word, meant) > MAX_WRONG_LETTERS) continue
    warn(`unknown variable ${variable} is ignored; did you mean ${PREFIX_OF_AUTHENTIK}${meant}?`)
  }
}

/** The environment twin of a flag. */
export function variableOf(flag: string): string {
  return `AUTHENTIK_MOCK_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** What a variable of the mock's own says; undefined: nothing, as an empty one, or one of Kubernetes. */
export function readOwn(variable: string, environment: Environment): string | undefined {
  const value = environment[variable]
  return value === undefined || value === '' || isOfKubernetes(variable, value) ? undefined : value
}

/**
 * What a variable of authentik says. As in authentik, `env://NAME` stands for the value of another variable, and
 * `file:///path` for what a file holds; what follows a `?` is taken where there is no such thing.
 *
 * @throws UsageError where there is no such thing, and nothing to take instead
 */
export function readTheirs(variable: string, environment: Environment): string | undefined {
  const value = environment[variable] || undefined
  const [, scheme, name = '', fallback] = /^(env|file):\/\/([^?]*)(?:\?(.*))?$/is.exec(value ?? '') ?? []
  if (scheme === undefined) return value
  const found = scheme.toLowerCase() === 'file' ? readContent(name) : readVariable(name, environment)
  const text = found.text ?? fallback
  if (text !== undefined) return text || undefined
  throw new UsageError(
    `${variable}: found ${JSON.stringify(value)}, but ${found.problem}; allowed: something that is there, or what to take instead after a ?`,
  )
}

type Found = { text: string; problem?: never } | { text?: never; problem: string }

function readVariable(name: string, environment: Environment): Found {
  const text = environment[name]
  return text === undefined ? { problem: `there is no variable ${JSON.stringify(name)}` } : { text }
}

/** What a file holds, without white space around it. */
function readContent(path: string): Found {
  if (!path.startsWith('/')) return { problem: 'that is no whole path, such as file:///run/secrets/token' }
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) return { problem: 'that is a folder' }
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES)
      return { problem: `that is not a file of at most ${MAX_FILE_BYTES} bytes` }
    return { text: readFileSync(path, 'utf8').trim() }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { problem: REASONS[code ?? ''] ?? `it cannot be read (${message})` }
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
}

function isOfKubernetes(variable: string, value = ''): boolean {
  return KUBERNETES.test(variable) || (variable.endsWith('_PORT') && KUBERNETES_PORT.test(value))
}

/** By what stands behind the prefix, which all have in common. Letters in another order are one mistake. */
function isMisspelt(variable: string, known: string[]): boolean {
  const word = variable.slice(PREFIX.length)
  const names = known.map((name) => name.slice(PREFIX.length))
  return nearest(word, names, 1) !== undefined || names.some((name) => sorted(name) === sorted(word))
}

function sorted(word: string): string {
  return [...word].sort().join('')
}
