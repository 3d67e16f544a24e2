/** Where a store is reached. */
export interface StoreAddress {
  host?: string
  port?: number
  /** The path of a Unix socket, in the place of both. */
  path?: string
  isSecure: boolean
  username?: string
  password?: string
  database: number
  /** What all of its keys begin with. */
  prefix: string
  /** As it may be shown: without user and password. */
  shown: string
}

const SCHEMES = ['redis:', 'rediss:', 'unix:']
const PARAMETERS = ['prefix', 'db']
const DEFAULT_PORT = 6379
const DEFAULT_PREFIX = 'authentik-mock:'
const MAX_DATABASE = 2 ** 31 - 1

export const STORE_ALLOWED =
  'redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], the same with rediss:// for TLS, or unix:///PATH; ?prefix=TEXT names the keys, ?db=N a database'

/** Undefined: it is none. What is wrong is told by `STORE_ALLOWED`, as the text may hold a password. */
export function readStoreAddress(text: string): StoreAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !SCHEMES.includes(url.protocol) || url.hash !== '') return undefined
  const names = [...url.searchParams.keys()]
  if (names.some((name, i) => !PARAMETERS.includes(name) || names.indexOf(name) !== i)) return undefined
  const isSocket = url.protocol === 'unix:'
  const path = decode(url.pathname)
  const [asked, below] = [url.searchParams.get('db') ?? undefined, isSocket ? '' : path?.slice(1)]
  if (asked !== undefined && below) return undefined
  const database = databaseOf(asked ?? below)
  const prefix = url.searchParams.get('prefix') ?? DEFAULT_PREFIX
  const [username, password] = [decode(url.username), decode(url.password)]
  if (path === undefined || database === undefined || username === undefined || password === undefined) return undefined
  if (isSocket ? url.host !== '' || path.length < 2 : url.hostname === '') return undefined
  return {
    ...(isSocket ? { path } : { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || DEFAULT_PORT) }),
    isSecure: url.protocol === 'rediss:',
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    database,
    prefix,
    shown: isSocket ? `unix://${path}` : `${url.protocol}//${url.host}`,
  }
}

function databaseOf(text = ''): number | undefined {
  if (text === '') return 0
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_DATABASE ? Number(text) : undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
