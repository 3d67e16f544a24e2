import { isIPv4, isIPv6 } from 'node:net'

/**
 * The names under which a mock may be driven. A page can have any name of its own lead to this machine, and its requests
 * then look like those of a page of the mock; but it cannot name what nobody registers.
 */

/** A name or an address, and a port. Nothing else that a URL may hold: no user, no number in the place of an address. */
const AUTHORITY = /^(?:\[([\da-f:.]+)\]|([\w-]+(?:\.[\w-]+)*)\.?)(?::(\d{0,5}))?$/i
/** The last part of what URLs take for an address: 2130706433, 127.1, 0x7f.1. */
const NUMBER = /(?:^|\.)(?:\d+|0x[\da-f]*)$/
/** Nobody can register a name below them. */
const SUFFIXES = ['.localhost', '.local', '.internal', '.test', '.svc', '.svc.cluster.local']

export const ALLOWED_HOSTS = `an address, a name without a dot, or one under ${SUFFIXES.slice(0, -1).join(', ')}`

/** Whether a name may be driven under; of what `Host` says, port included. */
export type Trust = (authority: string) => boolean

/** @param allowed further names, in any case */
export function createTrust(allowed: string[]): Trust {
  const further = new Set(allowed.map(plainName))
  return (authority) => {
    const [, v6, name = '', port = ''] = AUTHORITY.exec(authority) ?? []
    if (Number(port) > 65_535) return false
    if (v6 !== undefined) return isIPv6(v6)
    const plain = name.toLowerCase()
    if (plain === '' || isIPv4(plain)) return plain !== ''
    if (NUMBER.test(plain)) return false
    return !plain.includes('.') || SUFFIXES.some((suffix) => plain.endsWith(suffix)) || further.has(plain)
  }
}

/** As names are compared: in lower case, without the dot at their end. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
