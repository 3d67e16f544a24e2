import { Crash } from '../authentik/crash.js'

/** What Python's `urlparse` makes of an address, as far as authentik asks it. */
export interface PythonUrl {
  scheme: string
  hostname: string | null
  /** As it is written; null: none. See `portOf`. */
  port: string | null
}

/** @throws Crash where Python raises an error */
export function parseUrl(address: string): PythonUrl {
  const text = address.replace(/^[\0- ]+/, '').replace(/[\t\r\n]/g, '')
  const [, name] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? []
  const rest = name === undefined ? text : text.slice(name.length + 1)
  const scheme = name?.toLowerCase() ?? ''
  const netloc = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? ''
  if (netloc.includes('[') !== netloc.includes(']')) throw new Crash(`an address with half an IPv6 host: ${address}`)
  const host = netloc.slice(netloc.lastIndexOf('@') + 1)
  const bracket = host.indexOf('[')
  const [, hostname = '', port = ''] =
    bracket === -1
      ? (/^([^:]*):?(.*)$/s.exec(host) ?? [])
      : (/^([^\]]*)\]?[^:]*:?(.*)$/s.exec(host.slice(bracket + 1)) ?? [])
  return { scheme, hostname: hostname.toLowerCase() || null, port: port || null }
}

/** @throws Crash where it is no number that a port may have */
export function portOf({ port }: PythonUrl): number | null {
  if (port === null) return null
  if (!/^\d+$/.test(port) || Number(port) > 65535) throw new Crash(`port ${port}`)
  return Number(port)
}
