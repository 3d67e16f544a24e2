import { Crash } from './crash.js'

/** What Python's `urlparse` makes of an address, as far as authentik asks it. */
export interface PythonUrl {
  scheme: string
  hostname: string | null
  /** As it is written; null: none. See `portOf`. */
  port: string | null
}

/** @throws Crash where Python raises an error */
export function parseUrl(address: string): PythonUrl {
  const { scheme, netloc } = splitUrl(address)
  const host = netloc.slice(netloc.lastIndexOf('@') + 1)
  const bracket = host.indexOf('[')
  const [, hostname = '', port = ''] =
    bracket === -1
      ? (/^([^:]*):?(.*)$/s.exec(host) ?? [])
      : (/^([^\]]*)\]?[^:]*:?(.*)$/s.exec(host.slice(bracket + 1)) ?? [])
  return { scheme, hostname: hostname.toLowerCase() || null, port: port || null }
}

/** The parts of an address, as Python's `urlsplit` finds them. One that is missing is empty. */
export interface UrlParts {
  /** In small letters. */
  scheme: string
  netloc: string
  path: string
  query: string
  fragment: string
}

/** @throws Crash where Python raises an error */
export function splitUrl(address: string): UrlParts {
  const text = address.replace(/^[\0- ]+/, '').replace(/[\t\r\n]/g, '')
  const [, name] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? []
  const rest = name === undefined ? text : text.slice(name.length + 1)
  const [, authority, path = '', query = '', fragment = ''] =
    /^(\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest) ?? []
  const netloc = authority?.slice(2) ?? ''
  if (netloc.includes('[') !== netloc.includes(']')) throw new Crash(`an address with half an IPv6 host: ${address}`)
  if (turnsIntoMark(netloc)) throw new Crash(`an address whose host reads otherwise in its normal form: ${address}`)
  return { scheme: name?.toLowerCase() ?? '', netloc, path, query, fragment }
}

/** Whether a character of a host becomes several, of which one ends a host. */
function turnsIntoMark(netloc: string): boolean {
  const plain = netloc.replace(/[@:#?]/g, '')
  const normal = plain.normalize('NFKC')
  return normal !== plain && /[/?#@:]/.test(normal)
}

/** The schemes after which Python always writes the two slashes of a host. */
const SCHEMES_WITH_HOSTS = new Set(
  (
    'ftp http gopher nntp telnet imap wais file mms https shttp snews prospero rtsp rtsps rtspu rsync svn svn+ssh ' +
    'sftp nfs git git+ssh ws wss itms-services'
  ).split(' '),
)

/** An address of its parts, as Python's `urlunsplit` writes it: the slashes of a host that is empty get lost. */
export function joinUrl({ scheme, netloc, path, query, fragment }: UrlParts): string {
  const isRooted = path === '' || path.startsWith('/')
  const hasHost = netloc !== '' || path.startsWith('//') || (SCHEMES_WITH_HOSTS.has(scheme) && isRooted)
  return [
    ...(scheme === '' ? [] : [scheme, ':']),
    ...(hasHost ? ['//', netloc] : []),
    path,
    ...(query === '' ? [] : ['?', query]),
    ...(fragment === '' ? [] : ['#', fragment]),
  ].join('')
}

/** @throws Crash where it is no number that a port may have */
export function portOf({ port }: PythonUrl): number | null {
  if (port === null) return null
  if (!/^\d+$/.test(port) || Number(port) > 65535) throw new Crash(`port ${port}`)
  return Number(port)
}

/** As Python's `quote_plus`: what a form writes. */
export function quotePlus(text: string, safe = ''): string {
  return quote(text, `${safe} `).replaceAll(' ', '+')
}

/** As Python's `quote`: letters, digits, `_.-~` and what is safe stay, everything else is percent-encoded. */
export function quote(text: string, safe = '/'): string {
  const encoded = encodeURIComponent(wellFormed(text)).replace(/[!'()*]/g, escaped)
  return encoded.replace(/(?:%[0-9A-F]{2})/g, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return safe.includes(character) ? character : code
  })
}

/** As Python's `urlencode`: pairs as a query. */
export function urlEncode(pairs: Iterable<readonly [string, string]>): string {
  return Array.from(pairs, ([name, value]) => `${quotePlus(name)}=${quotePlus(value)}`).join('&')
}

const IRI_SAFE = "/#%[]=:;$&()+,!?*@'~"

/** As Django writes an address in a header: percent-encoded where it needs to be, and what is so already stays. */
export function iriToUri(iri: string): string {
  return quote(iri, IRI_SAFE)
}

/** Half a surrogate pair, which no UTF-8 has, is replaced. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
