import type { WireAnswer, WireRequest } from '../src/upstream/wire.js'
import { type Choice, type Form, formsIn } from './forms.js'
import { RECORDED_HOST } from './server.js'
import { type Cookies, cookieHeader, takeCookies } from './sessions.js'
import { fieldsOf, fieldsOfUrl } from './values.js'

/**
 * Walks through the pages of a sign-in, a consent or a device code as somebody would who agrees to everything.
 *
 * What the pages have to be: plain HTML. The first form with method POST that can be filled in leads on; its first
 * submit button agrees. Hidden fields are sent as they stand. A field `code` takes the code of a device. A field `user`
 * (text, radio button, option, submit button, or hidden in a form for each) takes a username or a primary key, and
 * makes the page one that asks who signs in. A page without such a form is the end of the walk.
 */
export interface Walk {
  /** The URL that left the pages, or the path of the last page. */
  end: string
  /** What was given out there: the parameters of the URL, or the fields of the form that is posted to it. */
  fields: Map<string, string>
}

export interface Walker {
  send(request: WireRequest): Promise<WireAnswer>
  cookies: Cookies
  /** The code of a device that somebody types in. */
  code?: string | undefined
  /**
   * Who signs in, where a page asks: username and primary key. The walk ends with the sign-in, for what comes
   * afterwards is a step of the recording. Undefined: nobody, and the walk ends at such a page.
   */
  user?: string[] | undefined
}

const SIGN_IN_PAGES = /^\/(?:if|flows)\//
const PAGES = /^\/(?:if\/|flows\/|device\b|application\/o\/)/
const MOST_PAGES = 12

/** @param location where the answer led that began the walk */
export async function walk(location: string, walker: Walker): Promise<Walk> {
  const pages = walker.user === undefined ? PAGES : SIGN_IN_PAGES
  let request: WireRequest = { path: location }
  for (let sent = 0; sent < MOST_PAGES; sent++) {
    const path = pathOf(request.path)
    if (path === undefined || !pages.test(path)) return ended(request)
    const answer = await walker.send({ ...request, path, headers: headersOf(request, walker.cookies) })
    takeCookies(walker.cookies, answer)
    const location = redirectOf(answer)
    const next = location === undefined ? submit(answer, path, walker) : { path: resolve(location, path) }
    if (next === undefined) return { end: path, fields: fieldsOf(answer) }
    request = next
  }
  return { end: `${request.path} after ${MOST_PAGES} pages`, fields: new Map() }
}

function ended({ path, body }: WireRequest): Walk {
  return { end: path, fields: new Map([...fieldsOfUrl(path), ...new URLSearchParams(body ?? '')]) }
}

/** Undefined: it does not lead anywhere. */
export function redirectOf({ status, headers }: WireAnswer): string | undefined {
  return status >= 300 && status < 400 && headers['location'] !== undefined ? String(headers['location']) : undefined
}

/** On the server. Undefined: the URL is somewhere else. */
function pathOf(url: string): string | undefined {
  const origin = `http://${RECORDED_HOST}`
  const path = url.startsWith(`${origin}/`) ? url.slice(origin.length) : url
  return path.startsWith('/') && !path.startsWith('//') ? path : undefined
}

function resolve(url: string, page: string): string {
  if (url === '') return page
  return /^(?:[\w+.-]+:|\/)/.test(url) ? url : new URL(url, `http://${RECORDED_HOST}${page}`).href
}

/** Undefined: there is nothing to submit. */
function submit({ body }: WireAnswer, page: string, walker: Walker): WireRequest | undefined {
  for (const form of formsIn(body).filter(({ method }) => method === 'POST')) {
    const fields = filledIn(form, walker)
    if (fields !== undefined)
      return { method: 'POST', path: resolve(form.action, page), body: new URLSearchParams(fields).toString() }
  }
  return undefined
}

/** Undefined: it asks for something that nobody said. */
function filledIn({ fields, choices }: Form, walker: Walker): [string, string][] | undefined {
  const hiddenUser = fields.find(([name]) => name === 'user')?.[1]
  if (hiddenUser !== undefined && walker.user?.includes(hiddenUser) !== true) return undefined
  const buttons = choices.filter(({ kind }) => kind === 'submit')
  const filled = [...fields]
  for (const name of new Set(
    [...choices.filter(({ kind }) => kind !== 'submit'), ...buttons.slice(0, 1)].map(({ name }) => name),
  )) {
    if (name === '') continue
    const value = chosenValue(
      name,
      choices.filter((choice) => choice.name === name),
      walker,
    )
    if (value === undefined) return undefined
    filled.push([name, value])
  }
  return filled
}

function chosenValue(name: string, offered: Choice[], { code, user }: Walker): string | undefined {
  if (name === 'code') return code
  if (name !== 'user') return offered[0]?.value
  return offered[0]?.kind === 'text' ? user?.[0] : offered.find(({ value }) => user?.includes(value))?.value
}

function headersOf({ method, body = '' }: WireRequest, cookies: Cookies): Record<string, string | null> {
  const typed = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'Content-Length': String(Buffer.byteLength(body)),
  }
  return { Accept: 'text/html', Cookie: cookieHeader(cookies), ...(method === 'POST' && typed) }
}
