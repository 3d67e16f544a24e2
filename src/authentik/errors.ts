import { memoize } from '../world/memoize.js'
import { type Answer, bodyOf } from './answer.js'
import { say, type Text } from './texts.js'
import type { Visit } from './visit.js'

/** Every refusal of the application: the only place that words one. */

export const notFound = (visit: Visit) => translated(visit, 404, 'notFound')
export const notAuthenticated = (visit: Visit) => translated(visit, 403, 'notAuthenticated')
export const permissionDenied = (visit: Visit) => translated(visit, 403, 'permissionDenied')
export const notAcceptable = (visit: Visit) => translated(visit, 406, 'notAcceptable')
export const invalidPage = (visit: Visit) => translated(visit, 404, 'invalidPage')

export const invalidToken = () => detail(403, 'Token invalid/expired')
export const unsupportedScheme = () => detail(403, 'Unsupported authentication type')

/** An id that is an integer, but of no row that the caller sees. */
export const missingRow = (visit: Visit) =>
  visit.release.missingRow === 'Not found.' ? notFound(visit) : detail(404, visit.release.missingRow)

export const methodNotAllowed = (visit: Visit) =>
  detail(
    405,
    say('methodNotAllowed', visit.language).replace('{method}', () => visit.method),
  )

/** `{"user":["Select a valid choice. …"]}`, for each parameter that is wrong. */
export function invalidFilters(visit: Visit, wrong: { parameter: string; text: Text }[]): Answer {
  return json(400, Object.fromEntries(wrong.map(({ parameter, text }) => [parameter, [say(text, visit.language)]])))
}

/** A bare array, unlike all the others. */
export const nullCharacters = (visit: Visit) => json(400, [say('nullCharacters', visit.language)])

function translated(visit: Visit, status: number, text: Text): Answer {
  return detail(status, say(text, visit.language))
}

function detail(status: number, sentence: string): Answer {
  return json(status, { detail: sentence })
}

/** There are few, and they are said often. */
const bodyOfRefusal = memoize(100, bodyOf)

function json(status: number, value: unknown): Answer {
  return { status, body: bodyOfRefusal(JSON.stringify(value)) }
}
