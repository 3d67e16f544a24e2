import { createContext, Script } from 'node:vm'
import { memoize } from '../world/memoize.js'

/** Regular expressions as Python reads them. Somebody else wrote both the expression and the text that it meets. */

/** Whether an expression matches the whole of a text. One that is none, or takes too long, matches nothing. */
export function matchesWhole(expression: string, text: string): boolean {
  const known = compile(expression)
  const matched = matchWithin(known.limitMs, known.compiled, text)
  if (matched === undefined) known.limitMs = Math.max(1, Math.floor(known.limitMs / 2))
  return matched ?? false
}

interface Known {
  compiled: RegExp
  /** Halved whenever it is reached, so that nobody can make the others wait again and again. */
  limitMs: number
}

const MAX_KNOWN = 1000
const FIRST_LIMIT_MS = 100
const NEVER = /(?!)/

const compile = memoize(MAX_KNOWN, (expression: string): Known => {
  const [, flags = ''] = /^\(\?([aimsux]+)\)/.exec(expression) ?? []
  const translated = expression
    .replace(/^\(\?[aimsux]+\)/, '')
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\A/g, '^')
    .replace(/\\Z/g, '$')
  try {
    const known = flags.replace(/[^ims]/g, '')
    // By itself: one that closes a group which it did not open would find that of the whole.
    new RegExp(translated, known)
    // The whole of the text, which `^` and `$` do not mean with the flag `m`.
    return { compiled: new RegExp(`(?<![^])(?:${translated})(?![^])`, known), limitMs: FIRST_LIMIT_MS }
  } catch {
    return { compiled: NEVER, limitMs: FIRST_LIMIT_MS }
  }
})

/** Nothing but a context of its own can break off an expression. */
const context: Record<string, unknown> = createContext({})
const script = new Script('compiled.test(text)')

/** Undefined: it takes longer, or more than there is room for. */
function matchWithin(limitMs: number, compiled: RegExp, text: string): boolean | undefined {
  Object.assign(context, { compiled, text })
  const begun = process.cpuUsage()
  for (;;)
    try {
      return script.runInContext(context, { timeout: limitMs })
    } catch (error) {
      // On a busy machine the time may be over before the expression had any of it.
      if (!isTimeout(error) || msSince(begun) >= limitMs) return undefined
    }
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

/** Of the processor, not of the clock. */
function msSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1000
}
