import { randomBytes } from 'node:crypto'
import type { RequestContext } from '../context.js'
import { CSRF_COOKIE, cookiesIn } from './browser.js'

/** The token against forged requests, as Django writes it. */

const SECRET = /^[A-Za-z0-9]{32}$/
/** Django hides a secret behind a mask of the same length. */
const MASKED = /^[A-Za-z0-9]{64}$/
const CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
export const CSRF_FIELD = 'csrfmiddlewaretoken'

/** The token for a form: that of the cookie, or a new one. */
export function csrfToken(ctx: RequestContext): string {
  return csrfSecret(ctx) ?? Array.from(randomBytes(32), (byte) => CHARACTERS[byte % CHARACTERS.length]).join('')
}

/** What the cookie says; undefined: nothing of use. */
export function csrfSecret({ request }: RequestContext): string | undefined {
  return unmasked(cookiesIn(request.headers.cookie, CSRF_COOKIE)[0] ?? '')
}

/** A token without its mask. Undefined: it is none. */
export function unmasked(token: string): string | undefined {
  if (SECRET.test(token)) return token
  if (!MASKED.test(token)) return undefined
  const places = Array.from(token, (letter) => CHARACTERS.indexOf(letter))
  return Array.from({ length: 32 }, (_, i) => {
    const difference = (places[i + 32] as number) - (places[i] as number)
    return CHARACTERS.charAt((difference + CHARACTERS.length) % CHARACTERS.length)
  }).join('')
}
