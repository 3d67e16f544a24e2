import { createHash } from 'node:crypto'
import { type Answer, bodyOf } from '../authentik/answer.js'
import { csrfCookie } from '../authentik/browser/cookies.js'
import { CSRF_FIELD, csrfToken } from '../authentik/browser/csrf-token.js'
import type { RequestContext } from '../authentik/context.js'
import { HTML, messageShown } from '../authentik/error-pages.js'
import { type Html, html } from './html.js'

/**
 * A page for people, at the place of one of authentik's: plain HTML that works without scripts. No other site may show it
 * in a frame, and its forms are good only with the token of the cookie.
 */
export interface Page {
  title: string
  heading?: string
  /** @param token the hidden field that each of its forms needs */
  main: (token: Html) => Html
  status?: number
  /** Runs where scripts run; the page works without. */
  script?: string
  /** Further headers. */
  headers?: Record<string, string>
  cookies?: string[]
}

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{margin:0 auto;max-width:32rem;padding:2rem 1rem}
h1{font-size:1.5rem}form{margin:1rem 0}ul{list-style:none;padding:0}li{margin:.5rem 0}label{display:block}
input{font:inherit;padding:.4rem;width:100%;box-sizing:border-box}button{font:inherit;padding:.5rem 1rem;cursor:pointer}
ul button{width:100%;text-align:start}[role=alert]{border-inline-start:.25rem solid;padding-inline-start:.75rem}
small{opacity:.8}:focus-visible{outline:.2rem solid Highlight;outline-offset:.1rem}`

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const STYLE_HASH = hashOf(STYLE)

/** Forms may lead to other sites in the end, so where they go is not restricted: no foreign text becomes one. */
function policyOf(script?: string): string {
  const scripts = script === undefined ? [] : [`script-src ${hashOf(script)}`]
  const rules = [
    "default-src 'none'",
    `style-src ${STYLE_HASH}`,
    ...scripts,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  return rules.join('; ')
}

/** The answer that shows a page. The message about the sign-in has been seen with it. */
export function pageAnswer(ctx: RequestContext, page: Page): Answer {
  const { status = 200, script, headers, cookies = [] } = page
  const token = csrfToken(ctx)
  const seen = cookies.length === 0 ? messageShown(ctx) : []
  return {
    status,
    contentType: HTML,
    body: bodyOf(documentOf(page, tokenInput(token)).html),
    headers: { 'Cache-Control': 'no-store', 'Content-Security-Policy': policyOf(script), ...headers },
    cookies: [csrfCookie(ctx, token), ...seen, ...cookies],
  }
}

function documentOf({ title, heading = title, main, script }: Page, token: Html): Html {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>`
  const style: Html = { html: `<style>${STYLE}</style>` }
  const code: Html | undefined = script === undefined ? undefined : { html: `<script>${script}</script>` }
  return html`<!doctype html><html lang="en"><head>${head}${style}</head><body><main><h1>${heading}</h1>${main(token)}</main>${code}</body></html>
`
}

function tokenInput(token: string): Html {
  return html`<input type="hidden" name="${CSRF_FIELD}" value="${token}">`
}
