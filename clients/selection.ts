import { parseArgs } from 'node:util'
import { UsageError } from '../src/cli/usage-error.js'
import { LANGUAGES } from './languages.js'

/** A version of a client to be tried. */
export interface Selection {
  language: string
  version: string
}

/**
 * Reads the options of `npm run clients`: every listed version, or those that they choose.
 *
 * @throws UsageError
 */
export function readSelection(args: string[]): Selection[] {
  const { only, version } = readFlags(args)
  const all = Object.entries(LANGUAGES).flatMap(([language, { versions }]) =>
    versions.map((version) => ({ language, version })),
  )
  if (only !== undefined && !Object.hasOwn(LANGUAGES, only))
    throw new UsageError(`--only: found ${JSON.stringify(only)}; allowed: ${Object.keys(LANGUAGES).join(', ')}`)
  const ofLanguage = all.filter(({ language }) => only === undefined || language === only)
  const chosen = ofLanguage.filter((each) => version === undefined || each.version === version)
  if (chosen.length > 0) return chosen
  const known = ofLanguage.map((each) => each.version).join(', ')
  throw new UsageError(`--version: found ${JSON.stringify(version)}; allowed: ${known}`)
}

function readFlags(args: string[]): { only?: string; version?: string } {
  try {
    return parseArgs({ args, options: { only: { type: 'string' }, version: { type: 'string' } } }).values
  } catch (error) {
    const [first] = (error as Error).message.split('. ')
    throw new UsageError(`${first}; allowed: --only ${Object.keys(LANGUAGES).join('|')}, --version VERSION`)
  }
}
