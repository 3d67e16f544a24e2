import type { WireRequest } from '../src/upstream/wire.js'
import type { Step } from './recording.js'
import { type Cookies, cookieHeader } from './sessions.js'
import { mapRow, substitute, type Values } from './values.js'

const FORM_TYPE = 'application/x-www-form-urlencoded'
const inJson = (value: string) => JSON.stringify(value).slice(1, -1)

/**
 * A recorded request with this server's values.
 *
 * @throws MissingValue
 */
export function requestOf(step: Step, values: Values, cookies: Cookies): WireRequest {
  const { method, path, headers = {} } = step
  const filled = Object.entries(headers).map(([name, value]) => [
    spelt(name),
    value === null ? null : substitute(value, values),
  ])
  const body = payloadOf(step, values)
  return {
    method,
    path: mapRow(substitute(path, values, encodeURIComponent), values),
    headers: {
      ...(typeof step.form === 'object' && { 'Content-Type': FORM_TYPE }),
      ...Object.fromEntries(filled),
      ...(cookies.size > 0 && { Cookie: cookieHeader(cookies) }),
      ...(body !== undefined && { 'Content-Length': String(body.length) }),
    },
    ...(body !== undefined && { body }),
  }
}

/** Each byte of it as a letter, as it goes over the wire. Undefined: the request has none. */
function payloadOf({ form, body, headers }: Step, values: Values): string | undefined {
  const text = form === undefined ? bodyText(body, headers, values) : formText(form, values)
  return text === undefined ? undefined : Buffer.from(text).toString('latin1')
}

function formText(form: string | Record<string, string>, values: Values): string {
  if (typeof form === 'string') return substitute(form, values, encodeURIComponent)
  const fields = Object.entries(form).map(([name, value]): [string, string] => [name, substitute(value, values)])
  return new URLSearchParams(fields).toString()
}

function bodyText(body: string | undefined, headers: Step['headers'], values: Values): string | undefined {
  const type = headers?.['content-type']?.toLowerCase() ?? ''
  const encode = type.includes('json') ? inJson : type.startsWith(FORM_TYPE) ? encodeURIComponent : undefined
  return body === undefined ? undefined : substitute(body, values, encode)
}

/** Header names as `send` spells its own, so that they replace them. */
function spelt(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}
