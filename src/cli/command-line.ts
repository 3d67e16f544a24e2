import { parseArgs } from 'node:util'
import { type Environment, readOwn, readTheirs, variableOf, type Warn } from './environment.js'
import { UsageError, unknownWord } from './usage-error.js'

/** How a table of options is read: from flags, else from the environment, else its defaults. */

export interface Option<T> {
  /** The letter of a short flag. */
  short?: string
  /** What stands for the value in the help. */
  value?: string
  default?: string
  help: string
  /** Its value is never shown, not even in a message. */
  secret?: boolean
  /** authentik's own variables that say the same, and the part of their value that does; undefined: it says nothing. */
  also?: Record<string, (value: string, warn: Warn) => string | undefined>
  /** Undefined: the text is not allowed. */
  read(text: string): T | undefined
  /** What is allowed, where need be in view of what was found. */
  allowed: string | ((found: string) => string)
  /** What the value is: the text once read, a list of such, or undefined where nothing is said. */
  kind: 'one' | 'list' | 'optional' | 'switch'
}

export type OptionTable = Record<string, Option<unknown>>

export type Reader<T> = Pick<Option<T>, 'read' | 'allowed'>
type Words = Pick<Option<unknown>, 'short' | 'help' | 'also' | 'secret'> & { value: string }

export const one = <T>(reader: Reader<T>, words: Words & { default: string }) => ({
  ...words,
  ...reader,
  kind: 'one' as const,
})
/** One that has no default: it must be given. */
export const required = <T>(reader: Reader<T>, words: Words) => ({ ...words, ...reader, kind: 'one' as const })
export const optional = <T>(reader: Reader<T>, words: Words) => ({ ...words, ...reader, kind: 'optional' as const })
export const list = <T>(reader: Reader<T>, words: Words) => ({ ...words, ...reader, kind: 'list' as const })
export const toggle = (help: string) => ({ ...YES_OR_NO, help, kind: 'switch' as const })

export const text: Reader<string> = {
  read: (value) => (value === '' ? undefined : value),
  allowed: 'a text that is not empty',
}

export const integer = (min: number, max: number): Reader<number> => ({
  read: (value) =>
    /^-?\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
  allowed: `an integer from ${min} to ${max}`,
})

export const seconds = (max: number): Reader<number> => ({
  read: (value) => (/^\d{1,9}(?:\.\d{1,3})?$/.test(value) && Number(value) <= max ? Number(value) : undefined),
  allowed: `seconds from 0 to ${max}, such as 1.5`,
})

export const oneOf = <T extends string>(...values: T[]): Reader<T> => ({
  read: (value) => values.find((known) => known === value),
  allowed: values.join(', '),
})

export const matching = (pattern: RegExp, allowed: string): Reader<string> => ({
  read: (value) => (pattern.test(value) ? value : undefined),
  allowed,
})

const YES = ['true', 'yes', '1']
const NO = ['false', 'no', '0']
const YES_OR_NO: Reader<boolean> = {
  read: (value) => (YES.includes(value) ? true : NO.includes(value) ? false : undefined),
  allowed: [...YES, ...NO].join(', '),
}

type Camel<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S
type Value<O> =
  O extends Option<infer T>
    ? O['kind'] extends 'list'
      ? T[]
      : O['kind'] extends 'optional'
        ? T | undefined
        : T
    : never

/** The values of a table, under names in camel case. */
export type Values<T> = { [K in keyof T & string as Camel<K>]: Value<T[K]> }

/** The words of a command line, and the texts given to each flag of a table. */
export interface Arguments {
  words: string[]
  flags: Map<string, string[]>
}

function tokensOf(args: string[], table: OptionTable) {
  const options = Object.fromEntries(
    Object.entries(table).map(([flag, { short, value }]) => [
      flag,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  return parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true }).tokens
}

/** The first word of a command line, by a table that knows which flags take a value. */
export function readWord(args: string[], table: OptionTable): string | undefined {
  return tokensOf(args, table).find((token) => token.kind === 'positional')?.value
}

/**
 * @param command what help is asked with, such as `capture `
 * @throws UsageError for flags that the table does not know
 */
export function readArguments(args: string[], table: OptionTable, command = ''): Arguments {
  const read: Arguments = { words: [], flags: new Map() }
  for (const token of tokensOf(args, table)) {
    if (token.kind === 'positional') read.words.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined
    if (option === undefined)
      throw new UsageError(
        unknownWord(
          token.rawName,
          'option',
          Object.keys(table).map((flag) => `--${flag}`),
          command,
        ),
      )
    const value = token.value ?? (option.value === undefined ? 'true' : undefined)
    if (value === undefined) throw new UsageError(`${token.rawName}: found nothing; allowed: ${allowedBy(option, '')}`)
    read.flags.set(token.name, [...(read.flags.get(token.name) ?? []), value])
  }
  return read
}

/**
 * Looks for a word where people mean a further value of an option, as a shell makes of `--fixtures *.json`.
 *
 * @throws UsageError that says how to write it
 */
export function refuseFurtherValue(args: string[], table: OptionTable): void {
  const tokens = tokensOf(args, table)
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1]
    if (token.kind !== 'option' || table[token.name]?.kind !== 'list' || next?.kind !== 'positional') continue
    const written = `${token.rawName} ${token.value} ${token.rawName} ${next.value}`
    throw new UsageError(`${token.rawName}: found a second value, ${next.value}; write ${written}`)
  }
}

/**
 * @param environment undefined: it has no say
 * @param warn is told of a value that is passed over
 * @param spell how a flag is called where it was given
 * @throws UsageError for a text that is not allowed
 */
export function readValues<T extends OptionTable>(
  table: T,
  flags: Arguments['flags'],
  environment: Environment | undefined,
  warn: Warn,
  spell = (flag: string) => `--${flag}`,
): Values<T> {
  const all: Record<string, unknown> = {}
  for (const flag in table) {
    const option = table[flag] as Option<unknown>
    const { source, texts } = textsOf(flag, option, flags, environment, warn)
    const values = texts.map((given) => {
      const value = option.read(given)
      if (value === undefined)
        throw new UsageError(
          `${source ?? spell(flag)}: found ${option.secret && given !== '' ? 'another text' : JSON.stringify(withoutPassword(given))}; allowed: ${allowedBy(option, given)}`,
        )
      return value
    })
    if (option.kind === 'one' && values.length === 0)
      throw new UsageError(`${spell(flag)}: found nothing; allowed: ${allowedBy(option, '')}`)
    const none = option.kind === 'switch' ? false : undefined
    all[camel(flag)] = option.kind === 'list' ? values : (values.at(-1) ?? none)
  }
  return all as Values<T>
}

/** Flag, environment, authentik's own variables, default: the first that says something. An empty variable says nothing. */
function textsOf(
  flag: string,
  option: Option<unknown>,
  flags: Arguments['flags'],
  environment: Environment | undefined,
  warn: Warn,
): { source?: string; texts: string[] } {
  const given = flags.get(flag)
  if (given !== undefined) return { texts: given }
  return (
    (environment && textsIn(environment, flag, option, warn)) ?? {
      texts: option.default === undefined ? [] : [option.default],
    }
  )
}

/** Undefined: the environment says nothing of it. */
function textsIn(
  environment: Environment,
  flag: string,
  option: Option<unknown>,
  warn: Warn,
): { source: string; texts: string[] } | undefined {
  const variable = variableOf(flag)
  const own = readOwn(variable, environment)
  if (own !== undefined) return { source: variable, texts: option.kind === 'list' ? partsOf(own) : [own] }
  for (const [name, part] of Object.entries(option.also ?? {})) {
    const theirs = readTheirs(name, environment)
    const text = theirs && part(theirs, warn)
    if (text !== undefined) return { source: name, texts: [text] }
  }
  return undefined
}

/** A list in a variable: `a, b` and `a,b,` are the same. */
function partsOf(list: string): string[] {
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** A URL without what may be a secret in it: a user with a password, a query, a fragment. */
function withoutPassword(text: string): string {
  return text.replace(/:\/\/.*@/s, '://…@').replace(/(:\/\/[^?#]*[?#]).+/s, '$1…')
}

function allowedBy({ allowed }: Option<unknown>, found: string): string {
  return typeof allowed === 'string' ? allowed : allowed(found)
}

const camels = new Map<string, string>()

/** `base-url` as `baseUrl`. */
export function camel(flag: string): string {
  const known = camels.get(flag)
  if (known !== undefined) return known
  const name = flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  camels.set(flag, name)
  return name
}
