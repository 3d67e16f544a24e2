import type { Kind } from './kinds/kind.js'
import type { Kinds } from './kinds/registry.js'
import { memoizeAll } from './memoize.js'
import { isOfMadeUpToken } from './secret-forms.js'
import { cell } from './table.js'

/** Secrets of rows: their own, or those that their keys yield. */

/** What a secret is a function of. */
interface Origin {
  kinds: Kinds
  seed: number
}

/** The secret in a field of a row: its own, or the one that its key yields. Undefined: it has none. */
export function secretIn({ kinds, seed }: Origin, section: string, field: string, row: unknown): string | undefined {
  const own = cell(row, field)
  if (typeof own === 'string') return own
  const { key, secrets } = kinds[section] as Kind
  return secrets?.[field]?.of(seed, `${section} ${field}`, cell(row, key) as number)
}

/** All that nobody should read of a row in a log, but for what `madeUpToken` knows. */
export function secretsOf(origin: Origin, section: string, row: unknown): string[] {
  const secrets: string[] = []
  for (const field of secretFields(origin.kinds[section] as Kind)) {
    const secret = isMadeUp(origin, section, field, row) ? undefined : secretIn(origin, section, field, row)
    if (secret !== undefined) secrets.push(secret)
  }
  return secrets
}

function isMadeUp({ kinds }: Origin, section: string, field: string, row: unknown): boolean {
  const isDrawn = typeof cell(row, field) !== 'string'
  return isDrawn && isOfMadeUpToken(`${section} ${field}`, cell(row, kinds[section]?.key ?? '') as number)
}

export const secretFields = memoizeAll(
  ({ masked = [], secrets = {} }: Kind) => [...masked, ...Object.keys(secrets)],
  new WeakMap(),
)
