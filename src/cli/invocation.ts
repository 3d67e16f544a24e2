import {
  camel,
  type OptionTable,
  readArguments,
  readValues,
  readWord,
  refuseFurtherValue,
  toggle,
  type Values,
} from './command-line.js'
import { checkVariables, type Environment, warnOfMisspelt } from './environment.js'
import { COMMANDS, type Command, type Commands, type ServeOptions } from './options.js'
import { UsageError, unknownWord } from './usage-error.js'

/** What a command line, or a caller of the library, asks for: read by the table of the command. */

/** A command with the words after it, its options, and what is odd about the variables that it was given. */
type Call<C extends Command> = {
  command: C
  words: string[]
  options: Values<Commands[C]['options']>
  warnings: string[]
}

/** Help is about a command, or about all of them. */
export type Invocation =
  | { [C in Command]: Call<C> }[Command]
  | { command: 'help'; about: Command | undefined }
  | { command: 'version' }

const ALWAYS = { help: { ...toggle('print this'), short: 'h' }, version: toggle('print the version') }
/** What is no command, but the path of fixtures. */
const FILE = /^\.{0,2}\/|(?:\/|\.json|\.ya?ml)$/i
const EVERY_OPTION: OptionTable = Object.assign({}, ...Object.values(COMMANDS).map(({ options }) => options))

/**
 * Reads a command line over its environment over the defaults.
 *
 * @throws UsageError
 */
export function readCommandLine(args: string[], environment: Environment): Invocation {
  const warnings = new Set<string>()
  const warn = (warning: string) => void warnings.add(warning)
  checkVariables(EVERY_OPTION, environment, warn)
  const word = readWord(args, EVERY_OPTION)
  // authentik's own image is started with `server`, so that a compose file works with only the image swapped.
  const command = word === undefined || word === 'server' ? 'serve' : word
  if (!isCommand(command)) {
    // After a misspelt flag its value looks like a command.
    readArguments(args, { ...EVERY_OPTION, ...ALWAYS })
    refuseFurtherValue(args, EVERY_OPTION)
    if (FILE.test(command)) throw new UsageError(howToServe(command))
    throw new UsageError(unknownWord(command, 'command', Object.keys(COMMANDS)))
  }
  const { options: table, words: known }: { options: OptionTable; words?: Known } = COMMANDS[command]
  const { words, flags } = readArguments(args, { ...table, ...ALWAYS }, word === undefined ? '' : `${command} `)
  if (flags.has('help')) return { command: 'help', about: word === undefined ? undefined : command }
  if (flags.has('version')) return { command: 'version' }
  const rest = words.slice(1)
  const [further] = rest
  if (known === undefined && further !== undefined) {
    refuseFurtherValue(args, table)
    if (command === 'serve' && FILE.test(further)) throw new UsageError(howToServe(further))
    throw new UsageError(`${command}: found ${further}; allowed: options only`)
  }
  if (known?.counts(rest.length) === false)
    throw new UsageError(`${command}: found ${rest.join(' ') || 'nothing'}; allowed: ${known.name}`)
  warnOfMisspelt(variablesOfAuthentik(table), environment, warn)
  const options = readValues(table, flags, environment, warn)
  return { command, words: rest, options, warnings: [...warnings] } as Invocation
}

function howToServe(file: string): string {
  return `found ${file}; write --fixtures ${file} to serve a file`
}

/** Those of authentik itself that a command reads. */
function variablesOfAuthentik(table: OptionTable): string[] {
  return Object.values(table).flatMap(({ also = {} }) => Object.keys(also))
}

type Known = { name: string; counts: (count: number) => boolean }

function isCommand(word: string): word is Command {
  return Object.hasOwn(COMMANDS, word)
}

/**
 * Reads the options of the library: those of `serve`, under names in camel case.
 *
 * @throws UsageError
 */
export function readSettings(given: Record<string, unknown>): ServeOptions {
  const table = COMMANDS.serve.options
  const flagOf = new Map(Object.keys(table).map((flag) => [camel(flag), flag]))
  const flags = new Map<string, string[]>()
  for (const [name, value] of Object.entries(given)) {
    const flag = flagOf.get(name)
    if (flag === undefined) throw new UsageError(unknownWord(name, 'option', [...flagOf.keys()]))
    if (value !== undefined) flags.set(flag, [value].flat().map(String))
  }
  return readValues(table, flags, undefined, () => {}, camel)
}
