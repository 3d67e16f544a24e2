import { type Answer, bodyOf } from './answer.js'
import type { RequestContext } from './context.js'

/** authentik's HTML pages, in our own words: status and headers are authentik's, the text is not held to be. */

const HTML = 'text/html; charset=utf-8'
const ALLOW = 'GET, HEAD, OPTIONS'

const page = (title: string, text: string) =>
  bodyOf(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`,
  )

const PAGES: Record<number, ReturnType<typeof page>> = {
  404: page('Not Found', 'There is nothing at this address.'),
  403: page('Forbidden', 'The request carries no CSRF token.'),
  500: page('authentik', 'The request could not be handled.'),
}

const API_BROWSER = page('API Browser', 'This stand-in serves the refresh tokens of OAuth2 providers.')

/** A path that no route knows, and an error that nobody handled: a page to read, nothing to write. */
export function errorPage({ method }: RequestContext, status: 404 | 500): Answer {
  if (method === 'GET' || method === 'HEAD')
    return { status, contentType: HTML, body: PAGES[status] as Answer['body'] & object }
  return { status: method === 'OPTIONS' ? 200 : 405, contentType: HTML, allow: ALLOW }
}

/** An unsafe method without a CSRF token. */
export function forbidden(): Answer {
  return { status: 403, contentType: HTML, body: PAGES[403] as Answer['body'] & object }
}

export function apiBrowser({ method }: RequestContext): Answer {
  if (method === 'OPTIONS') return { status: 200, contentType: HTML, allow: ALLOW }
  return { status: 200, contentType: HTML, body: API_BROWSER }
}

/** An answer of which only the status and the headers matter. */
export function emptyPage(status: number, headers: Record<string, string> = {}): Answer {
  return { status, contentType: HTML, headers }
}
