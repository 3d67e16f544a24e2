import type { Json } from '../world/json.js'
import { type Fields, type Place, type Rule, within } from './anonymizer.js'
import { scrubForeign } from './foreign.js'
import { SCOPES, USER_PATHS } from './published.js'
import { kept, odd, text } from './rule-makers.js'
import { scrubUrl, scrubUrlPattern } from './urls.js'

/** The rules of ids, secrets, scopes, paths and URLs. */

/** Drawn or chosen: nobody can tell, so it is always replaced. */
export const clientId: Rule = token('client ids')
export const clientSecret: Rule = token('client secrets')

/** Something of the same length and alphabet. */
export function token(kind: string): Rule {
  return text(kind, (given, { pseudonyms, fakeData }) => pseudonyms.of(given, () => fakeData.token(given)))
}

const oddScope: Rule = odd('the name of a scope', (words, fakeData) => fakeData.word(words))

export const scope: Rule = kept(
  'scopes',
  (value) => typeof value === 'string' && SCOPES.has(value),
  (value, place) => {
    if (typeof value !== 'string' || !/^\S+$/.test(value)) return oddScope(value, place)
    return text('scopes', (name, { pseudonyms, fakeData }) => pseudonyms.of(name, () => fakeData.word(name)))(
      value,
      place,
    )
  },
)

export const userPath: Rule = text('user paths', (path, place) =>
  path
    .split('/')
    .map((part) => pathPart(part, place))
    .join('/'),
)

function pathPart(part: string, { pseudonyms, fakeData, tally }: Place): string {
  if (part === '') return part
  return USER_PATHS.has(part) ? tally.keep('fixed texts', part) : (pseudonyms.find(part) ?? fakeData.word(part))
}

export const url: Rule = text('URLs', scrubUrl)

/** What authentik takes for any URL. */
const ANY_URL = new Set<Json>(['*', '.*'])

/** Where it is a regular expression, its parts say nothing that could be replaced one by one. */
export const redirectUrl: Rule = kept(
  'fixed texts',
  (value) => ANY_URL.has(value),
  (value, place) => {
    const isPattern = place.around['matching_mode'] !== 'strict'
    return text('URLs', isPattern ? scrubUrlPattern : scrubUrl)(value, place)
  },
)

const MARKS_OF_PATTERN = /[\\^$*+()[\]{}|]/

/** Up to 2024.10.2: one text, a URL or a regular expression a line. */
export const redirectLines: Rule = (value, place) => {
  const lines = String(value).split('\n')
  const modeOf = (line: string) => (MARKS_OF_PATTERN.test(line) ? 'regex' : 'strict')
  return lines.map((line) => redirectUrl(line, within(place, place.path, { matching_mode: modeOf(line) }))).join('\n')
}

/** A text of whatever form, an object or a list. */
export function foreign(kind: string): Rule {
  return (value, place) => scrubForeign(value, kind, place)
}

const noAttributes: Rule = odd('an object', () => ({}))

export const attributes: Rule = (value, place) => {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
  return isObject ? scrubForeign(value as Fields, 'attributes', place) : noAttributes(value, place)
}
