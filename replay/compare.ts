import { resultTexts } from '../src/upstream/row-texts.js'
import type { WireAnswer } from '../src/upstream/wire.js'
import { orderingKey } from '../src/verify/comparison.js'
import { titleOf } from './forms.js'
import { commit, type Match, matchText, type Place } from './match.js'
import { bodyOf, type Recording, type Step } from './recording.js'
import { setCookies } from './sessions.js'
import { membersOf, recordedKey, sectionOf } from './values.js'
import type { Walk } from './walker.js'

/** One thing in which an answer is not as recorded. */
export interface Difference {
  /** `status`, `header vary`, `claim exp of id_token` … */
  what: string
  got: unknown
  wanted: unknown
}

export interface Comparison {
  differences: Difference[]
  /** Tokens that stand for another of the same content. */
  others: Match['others']
}

/** Never compared: they say nothing of the answer. Cookies and lengths are compared apart. */
const NOT_COMPARED = new Set(['date', 'connection', 'keep-alive', 'set-cookie', 'content-length'])
const ID_HEADER = 'x-authentik-id'

/** Holds an answer against the recorded one, but for its tokens. */
export function compareAnswer(
  step: Step,
  answer: WireAnswer,
  walk: Walk | undefined,
  recording: Recording,
  place: Place,
  twin?: WireAnswer,
): Comparison {
  const others: Match['others'] = []
  const compareText = (what: string, wanted: string, got: string, form: Place['form']): Difference[] => {
    const match =
      form === 'json' ? matchBody(step, wanted, got, { ...place, form }) : matchText(wanted, got, { ...place, form })
    commit(match, place.values)
    others.push(...match.others)
    return match.mismatch === undefined ? [] : [{ what, ...match.mismatch }]
  }
  const differences = [
    ...(step.status === answer.status ? [] : [{ what: 'status', got: answer.status, wanted: step.status }]),
    ...headerDifferences(step, answer, (name, wanted, got) => compareText(`header ${name}`, wanted, got, 'url')),
    ...lengthDifferences(step, answer, twin),
    ...cookieDifferences(step, answer),
    ...bodyDifferences(step, answer, recording, (wanted) => compareText('body', wanted, answer.body, 'json')),
    ...(step.ends === undefined ? [] : compareText('end of the walk', step.ends, walk?.end ?? '', 'url')),
  ]
  return { differences, others }
}

type CompareHeader = (name: string, wanted: string, got: string) => Difference[]

function headerDifferences(step: Step, { headers }: WireAnswer, compare: CompareHeader): Difference[] {
  const recorded = step.responseHeaders ?? {}
  return [...new Set([...Object.keys(recorded), ...Object.keys(headers)])].flatMap((name) => {
    if (NOT_COMPARED.has(name)) return []
    const [wanted, got] = [recorded[name], headers[name]]
    // Some recordings leave it out of every answer.
    if (name === ID_HEADER && (wanted === undefined || /^[0-9a-f]{32}$/.test(String(got)))) return []
    // Some recordings keep headers of one name as one.
    const joined = typeof wanted === 'string' && Array.isArray(got) ? got.join(', ') : got
    if (typeof wanted === 'string' && typeof joined === 'string') return compare(name, wanted, joined)
    return JSON.stringify(wanted) === JSON.stringify(got) ? [] : [{ what: `header ${name}`, got, wanted }]
  })
}

/**
 * A body that is as recorded is as long, so its length need only be that of itself. An answer to HEAD has none.
 *
 * @param twin the answer to GET at the same path, where keys of rows may be longer or shorter than the recorded ones
 */
function lengthDifferences(
  { method, responseHeaders }: Step,
  { headers, bytes, whole }: WireAnswer,
  twin: WireAnswer | undefined,
): Difference[] {
  const wanted = responseHeaders?.['content-length']
  const got = headers['content-length']
  if (!whole) return [{ what: 'body', got: `cut after ${bytes.length} bytes`, wanted: 'a whole answer' }]
  if (wanted === undefined || (got !== undefined && method !== 'HEAD')) return []
  const isRight = got === wanted || (twin !== undefined && got === String(twin.bytes.length))
  return isRight ? [] : [{ what: 'header content-length', got, wanted }]
}

function cookieDifferences({ setsCookies = [] }: Step, answer: WireAnswer): Difference[] {
  const hidden = (cookie: string) => cookie.replace(/^([^=]+)=[^;]*/, '$1=…').replace(/(;\s*expires)=[^;]*/i, '$1=…')
  const got = setCookies(answer).map(hidden)
  const names = new Set([...setsCookies, ...got].map((cookie) => cookie.split('=')[0] ?? ''))
  return [...names].flatMap((name) => {
    const of = (cookies: string[]) => cookies.filter((cookie) => cookie.startsWith(`${name}=`)).join(', ') || undefined
    return of(got) === of(setsCookies) ? [] : [{ what: `cookie ${name}`, got: of(got), wanted: of(setsCookies) }]
  })
}

type CompareBody = (wanted: string) => Difference[]

function bodyDifferences(step: Step, { body }: WireAnswer, recording: Recording, compare: CompareBody): Difference[] {
  if (step.html !== undefined) {
    const [got, wanted] = [titleOf(body), step.html.title]
    return step.method === 'HEAD' || got === wanted ? [] : [{ what: 'title', got, wanted }]
  }
  const wanted = bodyOf(step, recording)
  if (wanted === undefined) return []
  return isCut(step, wanted) ? countDifferences(wanted, body) : compare(wanted)
}

const ACCESS_TOKENS = '/api/v3/oauth2/access_tokens/?'
const LONGEST_PAGE = 100

/** The recorder cut lists of access tokens at 100 rows, and says so: only their count is to be held against anything. */
function isCut({ path }: Step, wanted: string): boolean {
  return path.startsWith(ACCESS_TOKENS) && countIn(wanted) > LONGEST_PAGE && resultTexts(wanted).length === LONGEST_PAGE
}

function countDifferences(recorded: string, body: string): Difference[] {
  const [got, wanted] = [countIn(body), countIn(recorded)]
  return got === wanted ? [] : [{ what: 'count of access tokens', got, wanted }]
}

function countIn(list: string): number {
  return Number((membersOf(list)['pagination'] as { count?: number } | undefined)?.count)
}

/** Rows that tie in every term come in the database's order there, so they may be in another here. */
function matchBody({ path }: Step, wanted: string, got: string, elsewhere: Place): Match {
  const place = { ...elsewhere, rows: sectionOf(path) }
  const match = matchText(wanted, got, place)
  if (match.mismatch === undefined) return match
  const reordered = inRecordedOrder(path, wanted, got, place)
  if (reordered === undefined) return onlyIds(match)
  const again = matchText(wanted, reordered, place)
  return again.mismatch === undefined ? again : onlyIds(match)
}

/** Which value has which name is not known where rows may have changed places; the id of a session is still needed. */
function onlyIds(match: Match): Match {
  return { ...match, named: [], others: [], drawn: match.drawn.filter(([recorded]) => /^[0-9a-f]{8}-/.test(recorded)) }
}

const TOKEN_LIST = /^\/api\/v3\/oauth2\/(?:refresh_tokens|access_tokens|authorization_codes)\/(?:\?|$)/

/** Undefined: the rows are others, or rows have changed places that do not tie. */
function inRecordedOrder(path: string, wanted: string, got: string, place: Place): string | undefined {
  if (!TOKEN_LIST.test(path) || !wanted.startsWith('{"pagination"') || !got.startsWith('{"pagination"'))
    return undefined
  const [there, here] = [resultTexts(wanted), resultTexts(got)]
  const rows = new Map(there.map((text) => [pkOf(text), text]))
  const mine = (text: string) => ownKey(pkOf(text), place)
  const texts = new Map(here.map((text) => [mine(text), text]))
  if (there.length !== here.length || texts.size !== here.length || here.some((text) => !rows.has(mine(text))))
    return undefined
  const key = orderingKey(path)
  const keyOf = (text: string | undefined) => key(JSON.parse(text ?? '{}'))
  if (there.some((text, i) => keyOf(text) !== keyOf(rows.get(mine(here[i] ?? ''))))) return undefined
  const begin = got.indexOf(here[0] ?? '')
  const end = got.lastIndexOf(here.at(-1) ?? '') + (here.at(-1) ?? '').length
  return got.slice(0, begin) + there.map((text) => texts.get(pkOf(text)) ?? '').join(',') + got.slice(end)
}

/** The key that the recorded row has. */
function ownKey(pk: string | undefined, { rows = '', values }: Place): string | undefined {
  return pk === undefined ? pk : recordedKey(rows, pk, values)
}

function pkOf(row: string): string | undefined {
  return /^\{"pk":([^,]*)/.exec(row)?.[1]
}
