import { isDeepStrictEqual } from 'node:util'
import type { Plugin } from 'rolldown'

/** What the mock makes up names and texts of: a seventh of the English that faker would have each start read. */
const USED: Record<string, string[]> = {
  commerce: ['department', 'product_name'],
  lorem: ['word'],
  person: ['first_name', 'last_name', 'last_name_pattern'],
  word: ['noun'],
}

type Locale = Record<string, Record<string, unknown>>

/**
 * Bundles of faker's English only what is used, as JSON, which V8 reads faster than code. faker throws where the rest is
 * asked for.
 */
export const namesPlugin: Plugin = {
  name: 'names',
  async transform(_, id) {
    if (!/\/@faker-js\/faker\/dist\/en-[\w-]+\.js$/.test(id)) return null
    const exported = Object.entries((await import(id)) as Record<string, Locale>)
    return exported.map(([name, locale]) => `export const ${name} = JSON.parse(${literal(usedOf(locale))})`).join('\n')
  },
}

/** @throws Error where faker has it no longer, or as something that is no JSON */
function usedOf(locale: Locale): Locale {
  const used: Locale = {}
  for (const [part, names] of Object.entries(USED))
    used[part] = Object.fromEntries(names.map((name) => [name, locale[part]?.[name]]))
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(used)), used))
    throw new Error('scripts/names.ts: the English of faker is not what it was')
  return used
}

function literal(value: unknown): string {
  return JSON.stringify(JSON.stringify(value))
}
