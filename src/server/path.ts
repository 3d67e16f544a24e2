/** The path of a request as the front server reads it. Strings of bytes hold one byte in each character. */

const SLASH = 47
/** By character code: whether it stands for itself in a segment. A pattern takes as long as all of the rest of parsing. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) => (/[\w~-]/.test(String.fromCharCode(code)) ? 1 : 0))
const UNESCAPED = /[\w.~$&+,/:;=@-]/

/** Neither escapes nor dots nor empty segments: decoded and clean as it stands. */
export function isPlain(path: string): boolean {
  if (path.charCodeAt(0) !== SLASH) return false
  for (let i = 1; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code === SLASH ? path.charCodeAt(i - 1) === SLASH : PLAIN[code] !== 1) return false
  }
  return true
}

/** The bytes that a path stands for. Undefined: it holds a broken percent escape. */
export function unescapePath(path: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return undefined
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

/** Escapes bytes as Go's URL does: what may stand in a path as a whole stays. */
export function escapePath(bytes: string): string {
  return Array.from(bytes, (byte) =>
    UNESCAPED.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}

/** Without empty, `.` and `..` segments; a slash at the end stays. */
export function cleanPath(bytes: string): string {
  const segments: string[] = []
  for (const segment of bytes.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  const clean = `/${segments.join('/')}`
  return bytes.endsWith('/') && clean !== '/' ? `${clean}/` : clean
}

/** The text that bytes stand for, as the application reads them: UTF-8, with U+FFFD for what is none. */
export function decodePath(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** A decoded path in a form that the router decodes to the same segments. */
export function routablePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
