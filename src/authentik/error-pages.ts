import { type Answer, bodyOf } from './answer.js'
import { localeOf } from './browser/browser.js'
import { csrfCookie, notedCookie } from './browser/cookies.js'
import { csrfToken } from './browser/csrf-token.js'
import type { RequestContext } from './context.js'

/** authentik's HTML pages, in our own words: status and headers are authentik's, the text is not held to be. */

export const HTML = 'text/html; charset=utf-8'
const ALLOW = 'GET, HEAD, OPTIONS'

const page = (title: string, heading: string, text: string) =>
  bodyOf(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${heading}</h1><p>${text}</p></body></html>\n`,
  )

const PAGES: Record<number, ReturnType<typeof page>> = {
  404: page('authentik', 'Not Found', 'There is nothing at this address.'),
  403: page(
    '403 Forbidden',
    'Forbidden',
    'This form came without the CSRF token of the page that it is on: allow cookies, and load that page again.',
  ),
  500: page('authentik', 'Server Error', 'The request could not be handled.'),
}

const API_BROWSER = page('API Browser', 'API Browser', 'This stand-in serves the refresh tokens of OAuth2 providers.')

/** A path that no route knows, and an error that nobody handled: a page to read, nothing to write. */
export function errorPage(ctx: RequestContext, status: 404 | 500): Answer {
  const { method } = ctx
  if (method !== 'GET' && method !== 'HEAD')
    return { status: method === 'OPTIONS' ? 200 : 405, contentType: HTML, allow: ALLOW }
  const answer = { status, contentType: HTML, body: PAGES[status] as Answer['body'] & object }
  // A session is not kept where the application failed.
  return status === 500 ? answer : { ...answer, cookies: messageShown(ctx) }
}

/** A request that is wrong, explained in plain words. */
export function badRequestPage(ctx: RequestContext, heading: string, text: string): Answer {
  return { status: 400, contentType: HTML, body: page('authentik', heading, text), cookies: messageShown(ctx) }
}

/** What a user is told who may not come in, in the language of that user as far as it is known. */
export function deniedPage(ctx: RequestContext, reason: string): Answer {
  ctx.reason = reason
  const title = localeOf(ctx.browser?.user) === 'de' ? 'Erlaubnis verweigert' : 'Permission denied'
  return {
    status: 200,
    contentType: HTML,
    body: page(`${title} - authentik`, title, 'Request has been denied.'),
    cookies: [csrfCookie(ctx, csrfToken(ctx)), ...messageShown(ctx)],
  }
}

/** A page shows the message about the sign-in, if there is one, and then it is gone. */
export function messageShown(ctx: RequestContext): string[] {
  return ctx.browser?.notes.message ? [notedCookie(ctx, { message: undefined })] : []
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
