import type { Anonymizer } from './anonymizer.js'

/** The parts of RFC 3986, appendix B. Every text has them, if only a path. */
const PARTS = /^(?:([a-z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is
const PORT = /:\d{1,5}$/
const OWN_MACHINE = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i
const WEB = /^https?$/i
/** Where authentik's issuers are. */
const ISSUER_PATH = ['', 'application', 'o']

/** A URL of the same form: of the original, `http`, `https`, the own machine, ports and authentik's own path stay. */
export function scrubUrl(url: string, anonymizer: Anonymizer): string {
  const [, scheme, authority, path = '', query, fragment] = PARTS.exec(url) ?? []
  const part = (text: string) => partLike(text, anonymizer)
  return [
    scheme === undefined ? '' : `${schemeLike(scheme, anonymizer)}:`,
    authority === undefined ? '' : `//${authorityLike(authority, anonymizer)}`,
    pathLike(path, part),
    query === undefined ? '' : `?${queryLike(query, part)}`,
    fragment === undefined ? '' : `#${part(fragment)}`,
  ].join('')
}

/** A regular expression for URLs, of a host that was made up. What the original would match is not kept. */
export function scrubUrlPattern(pattern: string, { pseudonyms, fakeData }: Anonymizer): string {
  return pseudonyms.of(pattern, () => `https://${fakeData.host(pattern).replaceAll('.', '\\.')}/.*`)
}

export function scrubHost(host: string, { pseudonyms, fakeData, tally }: Anonymizer): string {
  if (host === '' || OWN_MACHINE.test(host)) return host
  const lower = host.toLowerCase()
  return tally.replace(
    'hosts',
    host,
    pseudonyms.of(lower, () => fakeData.host(lower)),
  )
}

function schemeLike(scheme: string, { pseudonyms, fakeData }: Anonymizer): string {
  if (WEB.test(scheme)) return scheme.toLowerCase()
  return pseudonyms.of(`${scheme}:`, () => `com.example.${fakeData.word(scheme)}`)
}

function authorityLike(authority: string, anonymizer: Anonymizer): string {
  const end = authority.lastIndexOf('@')
  const [port = ''] = PORT.exec(authority) ?? []
  const host = scrubHost(authority.slice(end + 1, authority.length - port.length), anonymizer)
  return end === -1 ? host + port : `${partLike(authority.slice(0, end), anonymizer)}@${host}${port}`
}

function pathLike(path: string, part: (text: string) => string): string {
  const segments = path.split('/')
  const isIssuer = ISSUER_PATH.every((own, i) => segments[i] === own)
  return segments.map((segment, i) => (isIssuer && i < ISSUER_PATH.length ? segment : part(segment))).join('/')
}

function queryLike(query: string, part: (text: string) => string): string {
  const pairs = query.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2))
  return pairs.map((pair) => pair.map(part).join('=')).join('&')
}

function partLike(text: string, { pseudonyms, fakeData }: Anonymizer): string {
  if (text === '') return text
  const plain = decoded(text)
  const known = pseudonyms.find(plain)
  return known === undefined ? fakeData.word(plain) : encodeURIComponent(known)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
