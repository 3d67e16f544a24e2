import type { Json } from '../world/json.js'
import type { Counts } from './counts.js'
import type { Fakes } from './fakes.js'
import type { Known } from './known.js'

/** Replaces what is not a field of its own: texts in attributes and claims, and addresses. */
export interface Texts {
  /** Every text and number in a value, and of its keys those that name somebody. */
  value(value: Json, own: Known | undefined, kind: string): Json
  /** What stands for a text; `otherwise` makes it where nobody is known to have it. */
  text(text: string, own: Known | undefined, kind: string, otherwise?: (text: string) => string): string
  url(url: string): string
}

const EMAIL = /^[^@\s]+@[^@\s]+$/
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i
const OWN_MACHINE = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i

export function createTexts(known: Known, fakes: Fakes, counts: Counts): Texts {
  function text(given: string, own: Known | undefined, kind: string, otherwise = other): string {
    if (given.trim() === '') return given
    return counts.note(kind, given, known.find(given, own) ?? otherwise(given))
  }

  function other(given: string): string {
    if (EMAIL.test(given)) return fakes.person(given.toLowerCase()).email
    if (ADDRESS.test(given)) return url(given)
    return /\s|^\p{L}+$/u.test(given.trim()) ? fakes.words(given) : fakes.shape(given)
  }

  function value(given: Json, own: Known | undefined, kind: string): Json {
    if (typeof given === 'string') return text(given, own, kind)
    if (typeof given === 'number') return counts.note(kind, given, numberLike(given))
    if (Array.isArray(given)) return given.map((member) => value(member, own, kind))
    if (given === null || typeof given !== 'object') return given
    const members = Object.entries(given).map(([key, member]) => [keyLike(key, own), value(member, own, kind)])
    return Object.fromEntries(members)
  }

  function numberLike(given: number): number {
    const digits = Number(fakes.shape(String(given).replace(/e.*/, '')))
    return Number.isFinite(digits) ? digits : 0
  }

  /** Keys are structure, but for those that are somebody's name or address. */
  function keyLike(key: string, own: Known | undefined): string {
    return known.find(key, own) !== undefined || EMAIL.test(key) ? text(key, own, 'keys of attributes') : key
  }

  function url(given: string): string {
    if (given === '') return given
    const [, address = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(given) ?? []
    const path = address
      .replace(/^[a-z][\w+-]*(?:\.[\w+-]+)+(?=:)/i, (scheme) => `com.example.${fakes.shape(scheme).replace(/\W/g, '')}`)
      .replace(/(:\/\/)([^/]+)/, (_, slashes, host) => `${slashes}${hostLike(host)}`)
      .split('/')
      .map((segment) => known.find(decoded(segment)) ?? segment)
      .join('/')
    return path + fakes.shape(rest)
  }

  function hostLike(authority: string): string {
    if (OWN_MACHINE.test(authority)) return authority
    const [, host = '', port = ''] = /^(.*?)(:\d+)?$/.exec(authority) ?? []
    return counts.note('hosts', host, fakes.host(host.toLowerCase())) + port
  }

  return { value, text, url }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
