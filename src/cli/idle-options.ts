import { readSettings } from './invocation.js'
import type { ServeOptions } from './options.js'

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
