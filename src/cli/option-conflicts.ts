import { STANDARD_INPUT } from '../world/load/source.js'
import { readSettings } from './invocation.js'
import type { ServeOptions } from './options.js'
import { UsageError } from './usage-error.js'

/** What options say that do nothing as long as another one is missing, or there: a sentence for each. */
export function idleOptions(options: ServeOptions): string[] {
  const { noControl, controlToken, allowHost, httpsPort, httpsHost, tlsName } = options
  const { forward, forwardCredentials, forwardTimeout, store, storeReads, storeExpiry } = options
  const usual = readSettings({})
  const idle: [isIdle: boolean, sentence: string][] = [
    [noControl && controlToken !== undefined, '--control-token does nothing with --no-control'],
    [noControl && allowHost.length > 0, '--allow-host does nothing with --no-control'],
    [forwardCredentials && forward === undefined, '--forward-credentials does nothing without --forward'],
    [
      forward === undefined && forwardTimeout !== usual.forwardTimeout,
      '--forward-timeout does nothing without --forward',
    ],
    [store === undefined && storeReads !== usual.storeReads, '--store-reads does nothing without --store'],
    [store === undefined && storeExpiry !== usual.storeExpiry, '--store-expiry does nothing without --store'],
    [httpsPort === undefined && httpsHost !== undefined, '--https-host does nothing without --https-port'],
    [httpsPort === undefined && tlsName.length > 0, '--tls-name does nothing without --https-port'],
  ]
  return idle.filter(([isIdle]) => isIdle).map(([, sentence]) => sentence)
}

/** @throws UsageError for options of which only one can be obeyed, or that need another one */
export function refuseConflicts({ watch, fixtures, store }: ServeOptions): void {
  if (watch && fixtures.length === 0) throw new UsageError('--watch needs at least one --fixtures')
  if (watch && fixtures.includes(STANDARD_INPUT))
    throw new UsageError('--watch: found --fixtures -, which can be read only once; allowed: files and folders')
  if (watch && store !== undefined)
    throw new UsageError(
      '--watch: found --store, whose mocks all begin with the same fixtures; allowed: one of the two',
    )
}
