import { IS_CLUSTER } from './connection.js'

/** What of a server's words about itself says that it is none for mocks; undefined: nothing. */
export function unfitnessOf(info: string): string | undefined {
  if (said(info, 'cluster_enabled') === '1') return IS_CLUSTER
  const version = said(info, 'redis_version')
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? []
  const isOld = version !== undefined && (major < 6 || (major === 6 && minor < 2))
  return isOld ? `is Redis ${version}; allowed: 6.2 or later, or any Valkey` : undefined
}

/** What of them its users should know: what it loses when it ends, or is full. */
export function remarksOn(info: string): string[] {
  const policy = said(info, 'maxmemory_policy')
  return [
    ...(said(info, 'aof_enabled') === '0'
      ? ['keeps no log of its own (appendonly no): what it has is lost where it ends']
      : []),
    ...(said(info, 'maxmemory') !== '0' && policy !== undefined && !/^noeviction|^volatile-ttl$/.test(policy)
      ? [`throws away what it has when it is full (maxmemory-policy ${policy}); noeviction keeps it`]
      : []),
  ]
}

const said = (info: string, name: string) => new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(info)?.[1]
